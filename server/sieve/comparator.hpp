// Comparators of Sieve (RFC 5228 section 2.7.3, RFC 4790, RFC 5051), in one table.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

namespace mailscope::sieve {

struct Comparator {
  enum class Kind : std::uint8_t { octet, ascii_casemap, ascii_numeric, unicode_casemap } kind;
  std::string_view name;
  std::string_view extension;  // to be required, or empty
  bool substring;              // can do :contains and :matches
};

inline constexpr std::string_view kDefaultComparator = "i;ascii-casemap";

std::span<const Comparator> comparators();
/// Null when there is no such comparator.
const Comparator* find_comparator(std::string_view name);

std::strong_ordering compare(const Comparator& comparator, std::string_view a, std::string_view b);

}  // namespace mailscope::sieve
