// The little of Unicode that IMAP needs: UTF-8 in and out, and the case of ASCII.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailscope::imap {

/// Code point at `at`, which moves behind it. Invalid octets give U+FFFD, one each.
char32_t next_code_point(std::string_view utf8, std::size_t& at);
void append_utf8(std::string& out, char32_t c);

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr char ascii_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
/// Equal without regard to ASCII case.
bool equal_ci(std::string_view a, std::string_view b);
std::string ascii_upper_copy(std::string_view text);

}  // namespace mailscope::imap
