// UTF-8, and the letters of ASCII.
#include "server/imap/unicode.hpp"

#include <algorithm>

namespace mailscope::imap {
namespace {

constexpr char32_t kReplacement = 0xfffd;

}  // namespace

char32_t next_code_point(std::string_view s, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(s[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 && lead <= 0xf4  ? 3
                   : lead >= 0xe0 && lead < 0xf0 ? 2
                   : lead >= 0xc2 && lead < 0xe0 ? 1
                                                 : 0;
  if (more == 0 || s.size() - at < static_cast<std::size_t>(more)) return kReplacement;
  char32_t c = lead & (0x3fu >> more);
  for (int i = 0; i < more; ++i) {
    const auto octet = static_cast<unsigned char>(s[at + static_cast<std::size_t>(i)]);
    if ((octet & 0xc0) != 0x80) return kReplacement;
    c = (c << 6) | (octet & 0x3f);
  }
  const bool overlong = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
  if (overlong || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return kReplacement;
  at += static_cast<std::size_t>(more);
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t octet) {
    out += static_cast<char>(static_cast<unsigned char>(octet));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

bool equal_ci(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return ascii_lower(x) == ascii_lower(y);
         });
}

std::string ascii_upper_copy(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), ascii_upper);
  return out;
}

}  // namespace mailscope::imap
