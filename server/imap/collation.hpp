// How texts are compared by SEARCH, SORT and THREAD (RFC 5255 section 4, RFC 4790):
//
//   i;unicode-casemap   "Straße", "Ångström": characters decomposed, in title case (RFC 5051)
//   i;ascii-casemap     only A-Z and a-z are the same
//   i;octet             octet by octet
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mailscope::imap {

enum class Collation : std::uint8_t { unicode_casemap, ascii_casemap, octet };

/// Those that this server has, the default first. All of them can order, compare and find
/// substrings, as RFC 5255 section 4.4 asks for.
struct CollationInfo {
  std::string_view name;
  Collation collation;
};
std::span<const CollationInfo> collations();
std::string_view name_of(Collation collation);

/// The octets that stand for `utf8`: texts are equal, ordered and contained as these are.
std::string collation_key(Collation collation, std::string_view utf8);
/// The same for sorting, where texts that are no good UTF-8 (or hold U+FFFD in the place of what
/// was not) come behind all others (RFC 5255 section 4.6).
std::string sorting_key(Collation collation, std::string_view utf8);
/// Whether `pattern` with "*" for any octets (RFC 4790 section 3.2) fits the name of a collation.
bool collation_matches(std::string_view pattern, std::string_view name);

}  // namespace mailscope::imap
