// Octets written as "%" and two hexadecimal digits: parameters of MIME, paths of the web.
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_') {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      ((out += '%') += kHexDigits[octet >> 4]) += kHexDigits[octet & 15];
    }
  }
  return out;
}

}  // namespace mailscope::mail
