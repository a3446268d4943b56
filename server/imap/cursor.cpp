// The basic grammar: atoms, strings, numbers, mailbox names.
#include "server/imap/cursor.hpp"

#include <array>

#include "server/imap/unicode.hpp"
#include "server/imap/utf7.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/normal_form.hpp"
#include "server/mail/text.hpp"

namespace mailscope::imap {
namespace {

enum CharClass : std::uint8_t { kAtom = 1, kAstring = 2, kList = 4 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 0x21; c < 0x7f; ++c) classes[c] = kAtom | kAstring | kList;
  for (const char c : {'(', ')', '{', '"', '\\'}) classes[static_cast<unsigned char>(c)] = 0;
  for (const char c : {'%', '*'}) classes[static_cast<unsigned char>(c)] = kList;
  classes[static_cast<unsigned char>(']')] = kAstring | kList;
  return classes;
}
constexpr auto kClasses = make_classes();

bool is_class(char c, CharClass wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

}  // namespace

bool is_atom_char(char c) {
  return is_class(c, kAtom);
}
bool is_astring_char(char c) {
  return is_class(c, kAstring);
}
bool is_list_char(char c) {
  return is_class(c, kList);
}

bool Cursor::expected(std::string_view what) {
  if (at_ >= expected_at_) {
    expected_ = what;
    expected_at_ = at_;
  }
  return false;
}

bool Cursor::failed_like(const Cursor& copy) {
  if (copy.expected_at_ >= expected_at_) {
    expected_ = copy.expected_;
    expected_at_ = copy.expected_at_;
  }
  return false;
}

std::string Cursor::problem() const {
  std::string text = "expected ";
  text += expected_;
  text += expected_at_ >= text_.size() ? " at the end of the command"
                                       : " at octet " + std::to_string(expected_at_ + 1);
  return text;
}

bool Cursor::end() {
  return at_end() || expected("the end of the command");
}

bool Cursor::space() {
  if (peek() != ' ') return expected("a space");
  ++at_;
  return true;
}

bool Cursor::character(char c) {
  if (at_end() || text_[at_] != c) {
    switch (c) {
      case '(':
        return expected("\"(\"");
      case ')':
        return expected("\")\"");
      case ']':
        return expected("\"]\"");
      default:
        return expected("another character");
    }
  }
  ++at_;
  return true;
}

bool Cursor::word(std::string_view wanted) {
  const std::string_view found = rest().substr(0, wanted.size());
  if (!equal_ci(found, wanted)) return expected(wanted);
  const std::size_t next = at_ + wanted.size();
  if (next < text_.size() && is_atom_char(text_[next])) return expected(wanted);
  at_ = next;
  return true;
}

bool Cursor::atom(std::string_view& out) {
  std::size_t end = at_;
  while (end < text_.size() && is_atom_char(text_[end])) ++end;
  if (end == at_) return expected("an atom");
  out = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

bool Cursor::tag(std::string_view& out) {
  std::size_t end = at_;
  while (end < text_.size() && is_astring_char(text_[end]) && text_[end] != '+') ++end;
  if (end == at_) return expected("a tag");
  out = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

bool Cursor::number(std::uint32_t& out) {
  std::uint64_t value = 0;
  std::size_t end = at_;
  for (; end < text_.size() && text_[end] >= '0' && text_[end] <= '9'; ++end) {
    value = value * 10 + static_cast<std::uint64_t>(text_[end] - '0');
    if (value > 0xffffffff) return expected("a number below 4294967296");
  }
  if (end == at_) return expected("a number");
  out = static_cast<std::uint32_t>(value);
  at_ = end;
  return true;
}

bool Cursor::nz_number(std::uint32_t& out) {
  const std::size_t before = at_;
  if (peek() == '0' || !number(out)) {
    at_ = before;
    return expected("a number greater than 0");
  }
  return true;
}

bool Cursor::number64(std::uint64_t& out) {
  constexpr std::uint64_t kMost = INT64_MAX;
  std::uint64_t value = 0;
  std::size_t end = at_;
  for (; end < text_.size() && text_[end] >= '0' && text_[end] <= '9'; ++end) {
    const auto digit = static_cast<std::uint64_t>(text_[end] - '0');
    if (value > (kMost - digit) / 10) return expected("a number below 9223372036854775808");
    value = value * 10 + digit;
  }
  if (end == at_) return expected("a number");
  out = value;
  at_ = end;
  return true;
}

bool Cursor::quoted(std::string& out) {
  if (peek() != '"') return expected("a quoted string");
  out.clear();
  // 8-bit octets are UTF-8 or a mistake (RFC 6855 section 3); RFC 3501 has none.
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    char c = text_[i];
    if (c == '"') {
      if (!mail::is_valid_utf8(out)) return expected("a quoted string in UTF-8");
      at_ = i + 1;
      return true;
    }
    if (c == '\\') {
      if (++i == text_.size() || (text_[i] != '"' && text_[i] != '\\'))
        return expected("a quoted string");
      c = text_[i];
    } else if (c == '\r' || c == '\n' || c == '\0') {
      break;
    }
    out += c;
  }
  return expected("a quoted string with its closing quote");
}

bool Cursor::literal8(std::string_view& out) {
  if (peek() != '~') return expected("a literal");
  Cursor c(text_, at_ + 1);
  if (!c.literal_octets(out)) return expected("a literal");
  at_ = c.at_;
  return true;
}

bool Cursor::literal(std::string_view& out) {
  Cursor c = *this;
  std::string_view octets;
  if (!c.literal_octets(octets)) return failed_like(c);
  if (octets.find('\0') != std::string_view::npos) return expected("a literal without NUL");
  out = octets;
  at_ = c.at_;
  return true;
}

bool Cursor::literal_octets(std::string_view& out) {
  if (peek() != '{') return expected("a literal");
  Cursor head(text_, at_ + 1);
  std::uint32_t size = 0;
  if (!head.number(size)) return expected("a literal");
  if (head.peek() == '+') ++head.at_;
  if (!head.character('}')) return expected("a literal");
  if (head.peek() == '\r') ++head.at_;
  if (!head.character('\n') || text_.size() - head.at_ < size) return expected("a literal");
  out = text_.substr(head.at_, size);
  at_ = head.at_ + size;
  return true;
}

bool Cursor::string(std::string& out) {
  if (peek() == '"') return quoted(out);
  std::string_view octets;
  if (peek() != '{') return expected("a string");
  if (!literal(octets)) return false;
  out = octets;
  return true;
}

bool Cursor::astring(std::string& out) {
  if (peek() == '"' || peek() == '{') return string(out);
  std::size_t end = at_;
  while (end < text_.size() && is_astring_char(text_[end])) ++end;
  if (end == at_) return expected("an atom or string");
  out = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

bool Cursor::mailbox(std::string& utf8, std::string* sent) {
  std::string name;
  if (!astring(name)) return expected("a mailbox name");
  // What is not coded as names are is still an astring: the command is well formed, and there is no
  // such mailbox.
  std::string decoded = decode_name(name).value_or(std::string(kNoName));
  // RFC 3501 section 5.1: INBOX in any case.
  utf8 = equal_ci(decoded, "INBOX") ? "INBOX" : mail::normal_form(decoded);
  if (sent != nullptr) *sent = std::move(decoded);
  return true;
}

std::optional<std::string> Cursor::decode_name(std::string_view name) const {
  // RFC 6855 section 3: names in UTF-8 are understood from everybody.
  if (!utf8_ && mail::all_ascii(name)) return utf7_decode(name);
  if (!mail::is_valid_utf8(name)) return std::nullopt;
  return std::string(name);
}

bool Cursor::list_mailbox(std::string& out) {
  if (peek() == '"' || peek() == '{') return string(out);
  std::size_t end = at_;
  while (end < text_.size() && is_list_char(text_[end])) ++end;
  if (end == at_) return expected("a mailbox pattern");
  out = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

}  // namespace mailscope::imap
