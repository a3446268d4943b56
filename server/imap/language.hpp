// The languages in which the server's texts can be (LANGUAGE, RFC 5255 section 3):
//
//   C: a LANGUAGE de
//   S: * LANGUAGE (DE)
//   S: a OK Ab jetzt auf Deutsch
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mailscope::imap {

/// `standard` is "i-default" (RFC 2277 section 4.5): English that everybody has to bear with.
enum class Language : std::uint8_t { standard, english, german };

struct LanguageInfo {
  std::string_view tag;
  Language language;
  std::string_view chosen;       // what is said once it is chosen
  std::string_view other_users;  // the namespace of other users' mailboxes, UTF-8
};
std::span<const LanguageInfo> languages();
const LanguageInfo& info(Language language);
/// The language that a range means: exactly, or with its last parts left out one by one
/// (RFC 4647 section 3.4). "default" is the standard.
const LanguageInfo* find_language(std::string_view range);

/// The text of a response in that language; as it is when there is no translation.
std::string translated(Language language, std::string_view text);

}  // namespace mailscope::imap
