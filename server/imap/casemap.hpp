// What i;unicode-casemap (RFC 5051) compares: characters in title case, decomposed. For IMAP's
// collations and for Sieve's comparators.
//
//   "Straße" -> "STRAßE"      "Ångström", composed or not -> "A\u030aNGSTRO\u0308M"
#pragma once

#include <string>
#include <string_view>

namespace mailscope::imap {

/// What `c` becomes: one character or several.
void append_casemapped(std::string& out, char32_t c);
/// All of a text; what is no UTF-8 becomes U+FFFD.
std::string unicode_casemap(std::string_view utf8);

}  // namespace mailscope::imap
