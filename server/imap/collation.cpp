// Keys by which texts are compared.
#include "server/imap/collation.hpp"

#include <algorithm>

#include "server/imap/casemap.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/unicode.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

constexpr CollationInfo kCollations[] = {
    {"i;unicode-casemap", Collation::unicode_casemap},
    {"i;ascii-casemap", Collation::ascii_casemap},
    {"i;octet", Collation::octet},
};

}  // namespace

std::span<const CollationInfo> collations() {
  return kCollations;
}

std::string_view name_of(Collation collation) {
  const auto* at =
      std::find_if(std::begin(kCollations), std::end(kCollations),
                   [collation](const CollationInfo& c) { return c.collation == collation; });
  return at->name;
}

std::string collation_key(Collation collation, std::string_view utf8) {
  switch (collation) {
    case Collation::unicode_casemap:
      return unicode_casemap(utf8);
    case Collation::ascii_casemap:
      return ascii_upper_copy(utf8);
    case Collation::octet:
      break;
  }
  return std::string(utf8);
}

std::string sorting_key(Collation collation, std::string_view utf8) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  const bool ascii = std::all_of(utf8.begin(), utf8.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii || (mail::is_valid_utf8(utf8) && utf8.find(kReplacement) == std::string_view::npos)) {
    return collation_key(collation, utf8);
  }
  // No UTF-8 begins with this octet, so that it is behind all that does.
  return '\xff' + std::string(utf8);
}

bool collation_matches(std::string_view pattern, std::string_view name) {
  std::string wanted = ascii_upper_copy(pattern);
  if (wanted.find('%') != std::string::npos) return false;  // not a wildcard here
  return ListPattern(wanted).matches(ascii_upper_copy(name));
}

}  // namespace mailscope::imap
