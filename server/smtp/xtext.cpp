#include "server/smtp/xtext.hpp"

#include <algorithm>
#include <cstdint>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/smtp/grammar.hpp"

namespace mailscope::smtp {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

int digit(char c) {
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

/// The code point at the start of valid UTF-8; `length` says how many octets it has.
std::uint32_t first_point(std::string_view text, std::size_t& length) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = octet(0);
  length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  length = std::min(length, text.size());
  std::uint32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) point = point << 6 | (octet(i) & 0x3Fu);
  return point;
}

/// QCHAR of RFC 6533 section 3: printable ASCII but "+", "\" and "=".
bool is_qchar(char c) {
  return c > ' ' && c < 0x7f && c != '+' && c != '\\' && c != '=';
}

/// "x{F8}" behind a backslash: takes it off `text`. HEXPOINT has two to six capital digits, no
/// zero in front of more than two, and is no surrogate.
std::optional<std::uint32_t> take_hexpoint(std::string_view& text) {
  if (!text.starts_with("x{")) return std::nullopt;
  const std::size_t close = text.find('}');
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(2, close - 2);
  if (digits.size() < 2 || digits.size() > 6) return std::nullopt;
  if (digits.size() > 2 && digits[0] == '0') return std::nullopt;
  std::uint32_t point = 0;
  for (const char c : digits) {
    if (digit(c) < 0) return std::nullopt;
    point = point << 4 | static_cast<std::uint32_t>(digit(c));
  }
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return std::nullopt;
  text.remove_prefix(close + 1);
  return point;
}

}  // namespace

std::optional<std::string> decode_xtext(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || c >= 0x7f || c == '=') return std::nullopt;
    if (c != '+') {
      out += c;
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit(text[i + 1]);
    const int low = digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string encode_xtext(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    if (c > ' ' && c < 0x7f && c != '+' && c != '=') {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '+';
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

std::optional<std::string> decode_utf8_address(std::string_view text, bool unicode) {
  std::string out;
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '\\') {
      const auto point = take_hexpoint(text);
      if (!point) return std::nullopt;
      append_utf8(out, *point);
    } else if (is_qchar(c) || (unicode && static_cast<unsigned char>(c) >= 0x80)) {
      out += c;
    } else {
      return std::nullopt;
    }
  }
  if (!mail::is_valid_utf8(out)) return std::nullopt;
  return out;
}

std::string encode_utf8_address(std::string_view text, bool unicode) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    const std::uint32_t point = first_point(text, length);
    if (is_qchar(text[0]) || (unicode && point >= 0x80)) {
      out += text.substr(0, length);
    } else {
      std::string digits;
      for (std::uint32_t rest = point; rest != 0; rest >>= 4) {
        digits.insert(digits.begin(), kDigits[rest & 15]);
      }
      while (digits.size() < 2) digits.insert(digits.begin(), '0');
      out.append("\\x{").append(digits).append("}");
    }
    text.remove_prefix(length);
  }
  return out;
}

std::optional<std::string> decode_orcpt(std::string_view value, bool unicode) {
  const std::size_t semicolon = value.find(';');
  if (semicolon == 0 || semicolon == std::string_view::npos) return std::nullopt;
  std::string out;
  for (const char c : value.substr(0, semicolon)) {
    // addr-type is an atom (RFC 3461 section 4.2), and keeps its case (section 5.2.1).
    if (!mail::is_atext(c)) return std::nullopt;
    out += c;
  }
  const std::string_view encoded = value.substr(semicolon + 1);
  const auto address =
      equal_nocase(out, "utf-8") ? decode_utf8_address(encoded, unicode) : decode_xtext(encoded);
  if (!address) return std::nullopt;
  // It comes back in a notification's header-like fields: no control characters.
  if (std::ranges::any_of(
          *address, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
    return std::nullopt;
  }
  return out + ";" + *address;
}

std::string encode_orcpt(std::string_view orcpt, bool unicode) {
  const std::size_t semicolon = std::min(orcpt.find(';'), orcpt.size());
  const std::string_view type = orcpt.substr(0, semicolon);
  const std::string_view address = orcpt.substr(std::min(semicolon + 1, orcpt.size()));
  return std::string(type) + ";" +
         (equal_nocase(type, "utf-8") ? encode_utf8_address(address, unicode)
                                      : encode_xtext(address));
}

std::string typed_address(std::string_view type, std::string_view address, bool utf8) {
  if (mail::all_ascii(address)) return std::string(type) + "; " + std::string(address);
  return "utf-8; " + (utf8 ? std::string(address) : encode_utf8_address(address, false));
}

std::string typed_orcpt(std::string_view orcpt, bool utf8) {
  const std::size_t semicolon = std::min(orcpt.find(';'), orcpt.size());
  const std::string_view address = orcpt.substr(std::min(semicolon + 1, orcpt.size()));
  return typed_address(orcpt.substr(0, semicolon), address, utf8 && mail::is_valid_utf8(address));
}

}  // namespace mailscope::smtp
