// Match types of Sieve: :is, :contains, :matches (RFC 5228 section 2.7.1), :value and :count
// (RFC 5231).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/sieve/comparator.hpp"

namespace mailscope::sieve {

enum class MatchType : std::uint8_t { is, contains, matches, value, count };
enum class Relation : std::uint8_t { gt, ge, lt, le, eq, ne };
/// relational-match of RFC 5231 section 4; nullopt for any other word.
std::optional<Relation> find_relation(std::string_view word);
bool holds(Relation relation, std::strong_ordering order);

/// How a test compares.
struct Matcher {
  MatchType type = MatchType::is;
  Relation relation = Relation::eq;  // of :value and :count
  const Comparator* comparator = nullptr;
};

/// Whether `value` matches `key`. What is compared is taken off `work`; at 0 nothing matches any
/// more. `captures` (may be null) gets the whole value and what each wildcard stands for, when a
/// :matches succeeds (RFC 5229 section 3.2).
bool matches(const Matcher& matcher, std::string_view value, std::string_view key,
             std::uint64_t& work, std::vector<std::string>* captures);

}  // namespace mailscope::sieve
