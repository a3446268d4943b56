// Letters to rights and back.
#include "server/imap/rights.hpp"

namespace mailscope::imap {
namespace {

// RFC 4314 section 2.1.1: rights of RFC 2086 that have become several.
struct OldRight {
  char letter;
  std::string_view means;
};
constexpr OldRight kOldRights[] = {{'c', "kx"}, {'d', "te"}};

}  // namespace

std::optional<Rights> Rights::parse(std::string_view letters) {
  Rights out;
  for (const char letter : letters) {
    std::string_view means(&letter, 1);
    for (const OldRight& old : kOldRights) {
      if (old.letter == letter) means = old.means;
    }
    for (const char one : means) {
      const std::size_t at = kRightLetters.find(one);
      if (at == std::string_view::npos) return std::nullopt;
      out.bits_ |= 1u << at;
    }
  }
  return out;
}

std::string Rights::letters() const {
  std::string out;
  for (std::size_t i = 0; i < kRightLetters.size(); ++i) {
    if ((bits_ >> i & 1u) != 0) out += kRightLetters[i];
  }
  return out;
}

std::string Rights::shown() const {
  std::string out = letters();
  for (const OldRight& old : kOldRights) {
    if (any_of(*parse(old.means))) out += old.letter;
  }
  return out;
}

Rights RightsChange::apply(Rights before) const {
  switch (kind) {
    case Kind::add:
      return before | rights;
    case Kind::remove:
      return before.without(rights);
    case Kind::replace:
      break;
  }
  return rights;
}

std::optional<std::string> parse_rights_change(std::string_view text, RightsChange& out) {
  if (text.starts_with('+') || text.starts_with('-')) {
    out.kind = text.starts_with('+') ? RightsChange::Kind::add : RightsChange::Kind::remove;
    text.remove_prefix(1);
  }
  for (const char letter : text) {
    if (letter >= 'A' && letter <= 'Z') return "Uppercase rights are not allowed";
    if (Rights::parse({&letter, 1})) continue;
    if ((letter < 'a' || letter > 'z') && (letter < '0' || letter > '9'))
      return "Rights are lowercase letters";
    return std::string("The ") + letter + " right is not supported";
  }
  out.rights = *Rights::parse(text);
  return std::nullopt;
}

}  // namespace mailscope::imap
