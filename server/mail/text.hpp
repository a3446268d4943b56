// Small tools on ASCII text that every mail parser needs. No locale: what is a letter or a space is
// fixed by the RFCs, whatever machine this runs on.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mailscope::mail {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
/// WSP of RFC 5234: what a folded line begins with.
constexpr bool is_wsp(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_space(char c) {
  return is_wsp(c) || c == '\r' || c == '\n';
}
constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
constexpr bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
/// atext of RFC 5322 section 3.2.3.
constexpr bool is_atext(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}
/// -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = to_lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}
inline constexpr std::string_view kHexDigits = "0123456789ABCDEF";

inline std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
}
/// Equal without regard to the case of ASCII letters.
inline bool iequals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}
/// Without the spaces, tabs and line ends at both ends.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}
inline bool all_ascii(std::string_view text) {
  return std::ranges::all_of(text, is_ascii);
}
/// RFC 5322 section 2.2.3: a folded value as one line; stray CR and LF are dropped too.
inline std::string unfold(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    if (c != '\r' && c != '\n') out += c;
  }
  return out;
}

}  // namespace mailscope::mail
