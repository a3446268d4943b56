#include "server/sieve/lexer.hpp"

#include <limits>

#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

constexpr std::string_view kSeparators = "[](){},;";

bool is_name_start(char c) {
  return mail::is_alpha(c) || c == '_';
}
bool is_name_char(char c) {
  return is_name_start(c) || mail::is_digit(c);
}

/// Power of two behind a quantifier; 0: none (RFC 5228 section 2.4.1).
unsigned quantifier_shift(char c) {
  switch (mail::to_lower(c)) {
    case 'k':
      return 10;
    case 'm':
      return 20;
    case 'g':
      return 30;
    default:
      return 0;
  }
}

}  // namespace

std::string Problem::to_string() const {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) + ": " + text;
}

std::string Token::shown() const {
  switch (kind) {
    case Kind::identifier:
      return "'" + text.substr(0, 40) + "'";
    case Kind::tag:
      return "':" + text.substr(0, 40) + "'";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::separator:
      return std::string("'") + separator + "'";
    case Kind::end:
      return "the end of the script";
    case Kind::error:
      break;
  }
  return text;
}

std::string with_crlf(std::string_view script) {
  std::string out;
  out.reserve(script.size() + script.size() / 32);
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (script[i] == '\n' && (i == 0 || script[i - 1] != '\r')) out += '\r';
    out += script[i];
  }
  return out;
}

Token Lexer::wrong(Place at, std::string text) {
  Token token;
  token.kind = Token::Kind::error;
  token.at = at;
  token.text = std::move(text);
  return token;
}

/// One octet on; continuation octets of UTF-8 are no columns of their own.
void Lexer::step() {
  const char c = script_[offset_++];
  if (c == '\n') {
    ++place_.line;
    place_.column = 1;
  } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
    ++place_.column;
  }
}

bool Lexer::take_line_end() {
  if (!has("\r\n")) return false;
  step();
  step();
  return true;
}

/// White space and comments; false with what is wrong in them.
bool Lexer::skip_blanks(Token& error) {
  for (;;) {
    if (peek() == ' ' || peek() == '\t') {
      step();
    } else if (take_line_end()) {
      continue;
    } else if (peek() == '#') {
      while (!at_end() && peek() != '\r' && peek() != '\0') step();
      if (!at_end() && !take_line_end()) {
        error = wrong(place_, "a comment holds NUL or a CR without LF");
        return false;
      }
    } else if (has("/*")) {
      const Place begin = place_;
      step();
      step();
      while (!at_end() && !has("*/")) {
        if (peek() == '\0' || (peek() == '\r' && peek(1) != '\n')) {
          error = wrong(place_, "a comment holds NUL or a CR without LF");
          return false;
        }
        step();
      }
      if (at_end()) {
        error = wrong(begin, "the comment is not closed by '*/'");
        return false;
      }
      step();
      step();
    } else {
      return true;
    }
  }
}

Token Lexer::next() {
  Token token;
  if (!skip_blanks(token)) return token;
  token.at = place_;
  if (at_end()) return token;
  const char c = peek();
  if (is_name_start(c)) return identifier();
  if (mail::is_digit(c)) return number();
  if (c == ':') return tag();
  if (c == '"') return quoted();
  if (kSeparators.find(c) != std::string_view::npos) {
    token.kind = Token::Kind::separator;
    token.separator = c;
    step();
    return token;
  }
  if (c == '\0') return wrong(place_, "NUL is never allowed in a script");
  if (c == '\r') return wrong(place_, "a CR without LF");
  if (mail::is_control(c) || !mail::is_ascii(c))
    return wrong(place_, "a character that may stand in strings and comments only");
  return wrong(place_, std::string("'") + c + "' begins nothing that Sieve knows");
}

Token Lexer::identifier() {
  Token token;
  token.kind = Token::Kind::identifier;
  token.at = place_;
  for (; is_name_char(peek()); step()) token.text += mail::to_lower(peek());
  if (token.text == "text" && peek() == ':') {
    step();
    return multi_line(token.at);
  }
  return token;
}

Token Lexer::tag() {
  Token token;
  token.kind = Token::Kind::tag;
  token.at = place_;
  step();
  if (!is_name_start(peek())) return wrong(token.at, "a ':' without the name of a tag");
  for (; is_name_char(peek()); step()) token.text += mail::to_lower(peek());
  return token;
}

Token Lexer::number() {
  Token token;
  token.kind = Token::Kind::number;
  token.at = place_;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  bool fits = true;
  for (; mail::is_digit(peek()); step()) {
    const auto digit = static_cast<std::uint64_t>(peek() - '0');
    fits = fits && token.number <= (kMax - digit) / 10;
    token.number = fits ? token.number * 10 + digit : 0;
  }
  if (const unsigned shift = quantifier_shift(peek()); shift > 0) {
    step();
    fits = fits && token.number <= (kMax >> shift);
    token.number <<= fits ? shift : 0;
  }
  if (is_name_char(peek())) return wrong(place_, "a number ends in K, M or G or nothing");
  if (!fits) return wrong(token.at, "the number is too large");
  return token;
}

/// quoted-string of RFC 5228 section 8.1: an undefined escape stands for its character.
Token Lexer::quoted() {
  Token token;
  token.kind = Token::Kind::string;
  token.at = place_;
  step();
  for (;;) {
    if (at_end()) return wrong(token.at, "the string is not closed by '\"'");
    if (peek() == '"') break;
    if (peek() == '\\') step();
    if (at_end()) continue;
    if (peek() == '\0') return wrong(place_, "NUL is never allowed in a string");
    if (peek() == '\r' && peek(1) != '\n') return wrong(place_, "a CR without LF");
    token.text += peek();
    step();
  }
  step();
  return token;
}

/// "text:" was read: lines up to one with a single dot.
Token Lexer::multi_line(Place at) {
  Token token;
  token.kind = Token::Kind::string;
  token.at = at;
  while (peek() == ' ' || peek() == '\t') step();
  if (peek() == '#') {
    while (!at_end() && peek() != '\r') step();
  }
  if (!take_line_end()) return wrong(place_, "behind 'text:' the line must end");
  for (;;) {
    if (at_end()) return wrong(at, "the text is not closed by a line with a single '.'");
    if (has(".\r\n")) break;
    // RFC 5228 section 2.4.2: only a dot before another one is stuffing.
    if (has("..")) step();
    while (!at_end() && peek() != '\r') {
      if (peek() == '\0') return wrong(place_, "NUL is never allowed in a string");
      token.text += peek();
      step();
    }
    if (at_end()) continue;
    if (!take_line_end()) return wrong(place_, "a CR without LF");
    token.text += "\r\n";
  }
  step();
  take_line_end();
  return token;
}

}  // namespace mailscope::sieve
