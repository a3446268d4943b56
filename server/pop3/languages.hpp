// The languages of replies (RFC 6856 section 3): tags and their names, and how a client's wish
// finds one of them.
#pragma once

#include <span>
#include <string_view>

namespace mailscope::pop3 {

struct Language {
  std::string_view tag;   // RFC 5646
  std::string_view name;  // in the language itself
};

/// The default first.
std::span<const Language> languages();
/// "*" means the default; "en-GB" finds "en" (RFC 4647 section 3.4). Null when there is none.
const Language* find_language(std::string_view range);

}  // namespace mailscope::pop3
