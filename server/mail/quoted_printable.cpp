// Quoted-printable (RFC 2045 section 6.7).
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::size_t kMaxLine = 76;  // characters with the "=" of a soft line break, rule 5

/// Octets of the line end at `at`: 0, 1 (LF) or 2 (CRLF).
std::size_t line_end_at(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '\n') return 1;
  return at + 1 < text.size() && text[at] == '\r' && text[at + 1] == '\n' ? 2 : 0;
}

std::size_t skip_wsp(std::string_view text, std::size_t at) {
  while (at < text.size() && is_wsp(text[at])) ++at;
  return at;
}

}  // namespace

std::string quoted_printable_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t column = 0;
  const auto put = [&](std::string_view piece, bool ends_line) {
    // The last piece of a line may fill it; another must leave room for the soft break.
    if (column + piece.size() > (ends_line ? kMaxLine : kMaxLine - 1)) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t end = line_end_at(text, i)) {
      out += "\r\n";
      column = 0;
      i += end;
      continue;
    }
    const char c = text[i];
    const bool ends_line = i + 1 == text.size() || line_end_at(text, i + 1) > 0;
    // "From " at the start of a line would be changed by mbox files on the way (RFC 2049 section
    // 3).
    const bool from = c == 'F' && column == 0 && text.substr(i).starts_with("From ");
    const bool literal = !from && ((c >= '!' && c <= '~' && c != '=') || (is_wsp(c) && !ends_line));
    if (literal) {
      put({&c, 1}, ends_line);
    } else {
      const auto octet = static_cast<unsigned char>(c);
      const char quoted[] = {'=', kHexDigits[octet >> 4], kHexDigits[octet & 0xf]};
      put({quoted, 3}, ends_line);
    }
    ++i;
  }
  return out;
}

std::string quoted_printable_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_wsp(c)) {
      // Rule 3: white space at the end of a line was added on the way.
      const std::size_t next = skip_wsp(text, i);
      if (next < text.size() && line_end_at(text, next) == 0) out += text.substr(i, next - i);
      i = next;
    } else if (c != '=') {
      out += c;
      ++i;
    } else if (i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 3;
    } else {
      // A soft line break, with or without padding; anything else is not ours to guess: kept.
      const std::size_t next = skip_wsp(text, i + 1);
      const std::size_t end = line_end_at(text, next);
      if (end > 0 || next == text.size()) {
        i = next + end;
      } else {
        out += c;
        ++i;
      }
    }
  }
  return out;
}

}  // namespace mailscope::mail
