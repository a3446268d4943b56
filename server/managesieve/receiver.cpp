#include "server/managesieve/receiver.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::managesieve {
namespace {

/// ATOM-CHAR of RFC 5804 section 4.
bool is_atom_char(char c) {
  return mail::is_ascii(c) && !mail::is_control(c) &&
         std::string_view(" (){\"\\").find(c) == std::string_view::npos;
}

/// number of RFC 5804 section 4: 32 bits, no leading zeros.
std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

}  // namespace

std::size_t Receiver::memory() const {
  std::size_t octets = line_.capacity();
  for (const Token& token : command_.tokens) octets += token.text.capacity();
  return octets;
}

void Receiver::reset() {
  command_ = {};
  line_.clear();
  awaited_ = 0;
  in_literal_ = skipping_ = overlong_ = false;
}

std::optional<Received> Receiver::next(std::string_view& input) {
  while (!input.empty() && !hopeless_) {
    if (in_literal_ && awaited_ > 0) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(awaited_, input.size()));
      if (!skipping_) command_.tokens.back().text += input.substr(0, part);
      input.remove_prefix(part);
      awaited_ -= part;
      continue;
    }
    const std::size_t end = input.find('\n');
    const std::string_view piece = input.substr(0, end);
    if (line_.size() + piece.size() > limits_.line) overlong_ = true;
    if (!overlong_) line_ += piece;
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\r')) line.pop_back();
    if (std::exchange(overlong_, false)) {
      wrong("The line is too long");
      return finish();
    }
    const bool goes_on = in_literal_;
    in_literal_ = false;
    if (goes_on && !line.empty() && line.front() != ' ') wrong("Expected a space");
    take_line(line);
    if (!in_literal_) return finish();
  }
  return std::nullopt;
}

Received Receiver::finish() {
  if (command_.tokens.empty() && command_.problem.empty()) wrong("The line is empty");
  in_literal_ = skipping_ = false;
  return std::exchange(command_, {});
}

void Receiver::wrong(std::string_view what) {
  if (command_.problem.empty()) command_.problem = what;
}

void Receiver::add(Token token) {
  if (command_.tokens.size() >= limits_.tokens) return wrong("Too many arguments");
  command_.tokens.push_back(std::move(token));
}

/// A line, or what of it stands before or behind a literal.
void Receiver::take_line(std::string_view line) {
  command_.shown += line;
  while (!line.empty()) {
    if (line.front() == ' ') {
      line.remove_prefix(1);
    } else if (line.front() == '"') {
      take_quoted(line);
    } else if (line.front() == '{') {
      return take_literal(line);
    } else if (is_atom_char(line.front())) {
      take_word(line);
    } else {
      return wrong("A sign that does not belong here");
    }
  }
}

void Receiver::take_word(std::string_view& line) {
  std::size_t end = 0;
  while (end < line.size() && is_atom_char(line[end])) ++end;
  Token token;
  token.text = line.substr(0, end);
  line.remove_prefix(end);
  if (const auto number = parse_number(token.text)) {
    token.kind = Token::Kind::number;
    token.number = *number;
  }
  add(std::move(token));
}

/// quoted of RFC 5804 section 4. Its limit of 1024 octets is the line's here: initial responses
/// of SASL are longer.
void Receiver::take_quoted(std::string_view& line) {
  Token token;
  token.kind = Token::Kind::string;
  std::size_t at = 1;
  for (; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\') {
      ++at;
      if (at >= line.size() || (line[at] != '"' && line[at] != '\\')) {
        wrong("A backslash quotes only '\"' and itself");
        break;
      }
    }
    if (line[at] == '\r' || line[at] == '\0') wrong("NUL and CR may stand in literals only");
    token.text += line[at];
  }
  if (at >= line.size()) wrong("The string is not closed by '\"'");
  line.remove_prefix(std::min(at + 1, line.size()));
  if (!line.empty() && line.front() != ' ') wrong("Expected a space");
  if (!mail::is_valid_utf8(token.text)) wrong("The string is not UTF-8");
  add(std::move(token));
}

/// literal-c2s: "{n+}" at the end of a line.
void Receiver::take_literal(std::string_view header) {
  const std::string_view digits = header.substr(1, header.find_first_of("+}") - 1);
  const auto octets = parse_number(digits);
  if (!octets || header.substr(1 + digits.size()) != "+}")
    return wrong("A literal of a client is \"{octets+}\" at the end of the line");
  in_literal_ = true;
  awaited_ = *octets;
  skipping_ = *octets > limits_.literal;
  if (skipping_) command_.too_large = *octets;
  hopeless_ = *octets > limits_.skipped;
  Token token;
  token.kind = Token::Kind::string;
  token.literal = true;
  if (command_.tokens.size() >= limits_.tokens) {
    wrong("Too many arguments");
    skipping_ = true;
    return;
  }
  add(std::move(token));
}

}  // namespace mailscope::managesieve
