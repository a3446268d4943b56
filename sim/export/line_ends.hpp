// Mail has CRLF at the end of a line, files of mail often LF alone.
#pragma once

#include <string>
#include <string_view>

namespace mailscope::exporting {

/// Every line feed gets its carriage return, unless it has one.
inline std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  char last = 0;
  for (const char c : text) {
    if (c == '\n' && last != '\r') out += '\r';
    out += c;
    last = c;
  }
  return out;
}

/// As mail is: whole lines with CRLF at their ends, and neither octet anywhere else.
inline bool has_mail_lines(std::string_view text) {
  if (!text.ends_with("\r\n")) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return false;
    if (text[i] == '\r' && text[i + 1] != '\n') return false;
  }
  return true;
}

}  // namespace mailscope::exporting
