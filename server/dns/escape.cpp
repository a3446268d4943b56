#include "server/dns/escape.hpp"

namespace mailscope::dns {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<char> take_octet(std::string_view text, std::size_t& at) {
  if (text[at] != '\\') return text[at++];
  if (++at >= text.size()) return std::nullopt;
  if (!is_digit(text[at])) return text[at++];
  if (at + 2 >= text.size() || !is_digit(text[at + 1]) || !is_digit(text[at + 2])) {
    return std::nullopt;
  }
  const int number = (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
  if (number > 255) return std::nullopt;
  at += 3;
  return static_cast<char>(number);
}

std::optional<std::string> unescape(std::string_view text) {
  std::string octets;
  octets.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto octet = take_octet(text, at);
    if (!octet) return std::nullopt;
    octets += *octet;
  }
  return octets;
}

void append_decimal_escape(std::string& out, char octet) {
  const auto number = static_cast<unsigned char>(octet);
  out += '\\';
  out += static_cast<char>('0' + number / 100);
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace mailscope::dns
