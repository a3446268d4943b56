#include "server/pop3/languages.hpp"

#include <array>

#include "server/mail/text.hpp"

namespace mailscope::pop3 {
namespace {

// RFC 2277 section 4.5: i-default is English that everybody can read.
constexpr auto kLanguages = std::to_array<Language>({
    {"i-default", "Default language"},
    {"en", "English"},
});

}  // namespace

std::span<const Language> languages() {
  return kLanguages;
}

const Language* find_language(std::string_view range) {
  if (range == "*") return &kLanguages.front();
  while (!range.empty()) {
    for (const Language& language : kLanguages) {
      if (mail::iequals(language.tag, range)) return &language;
    }
    const std::size_t hyphen = range.rfind('-');
    range = range.substr(0, hyphen == std::string_view::npos ? 0 : hyphen);
  }
  return nullptr;
}

}  // namespace mailscope::pop3
