// Modified UTF-7: how mailbox names travel (RFC 3501 section 5.1.3).
//
//   "Entwürfe" <-> "Entw&APw-rfe",  "R&D" <-> "R&-D"
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::imap {

/// `utf8` must be valid UTF-8; what is not is written as U+FFFD.
std::string utf7_encode(std::string_view utf8);
/// nullopt when `text` is not in the one form that utf7_encode gives (or holds 8-bit octets):
/// two spellings of one name must not exist.
std::optional<std::string> utf7_decode(std::string_view text);

}  // namespace mailscope::imap
