// Charsets to UTF-8, and what is valid UTF-8 (RFC 3629).
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::size_t kMaxCharsetName = 40;                // characters; RFC 2978 section 2.3
constexpr std::size_t kBlock = 4096;                       // octets that iconv writes at a time

/// Octets of the UTF-8 sequence at `at`, 0 when there is no valid one (RFC 3629 section 4: neither
/// overlong forms nor surrogates nor anything above U+10FFFF).
std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = octet(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < length) return 0;
  unsigned char low = 0x80, high = 0xbf;  // of the second octet
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (octet(1) < low || octet(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

/// An iconv descriptor from `charset` to UTF-8.
class Converter {
 public:
  explicit Converter(const std::string& charset)
      : descriptor_(iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (*this) iconv_close(descriptor_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  explicit operator bool() const { return descriptor_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view octets) {
    std::string out;
    std::array<char, kBlock> block;
    char* from = const_cast<char*>(octets.data());  // iconv does not write there
    std::size_t left = octets.size();
    while (left > 0) {
      char* to = block.data();
      std::size_t room = block.size();
      const std::size_t result = iconv(descriptor_, &from, &left, &to, &room);
      const int error = errno;
      out.append(block.data(), block.size() - room);
      if (result != static_cast<std::size_t>(-1) || error == E2BIG) continue;
      out += kReplacement;
      if (error == EINVAL) break;  // the input ends inside a character
      ++from;
      --left;
    }
    char* to = block.data();
    std::size_t room = block.size();
    iconv(descriptor_, nullptr, nullptr, &to, &room);  // what a stateful charset held back
    out.append(block.data(), block.size() - room);
    return out;
  }

 private:
  iconv_t descriptor_;
};

struct Alias {
  std::string_view name, used;
};
// Names under which mail sends more than the charset of that name holds (WHATWG Encoding,
// "labels").
constexpr Alias kAliases[] = {
    {"gb2312", "gb18030"}, {"gbk", "gb18030"},     {"ks_c_5601-1987", "cp949"},
    {"euc-kr", "cp949"},   {"shift_jis", "cp932"}, {"iso-8859-1", "cp1252"},
    {"latin1", "cp1252"},  {"x-sjis", "cp932"},    {"iso-8859-8-i", "iso-8859-8"},
};

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::size_t plain = i;
    while (plain < text.size() && is_ascii(text[plain])) ++plain;
    out += text.substr(i, plain - i);
    i = plain;
    if (i == text.size()) break;
    const std::size_t length = utf8_sequence(text, i);
    out += length > 0 ? text.substr(i, length) : kReplacement;
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset) {
  std::string name = lower(charset);
  // iconv reads options behind a slash ("//IGNORE"); a message may not set them.
  const bool sound =
      !name.empty() && name.size() <= kMaxCharsetName && std::ranges::all_of(name, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':' ||
               c == '+';
      });
  if (!sound) return std::nullopt;
  // Converted here, so that the common case is the same on every machine.
  if (name == "utf-8" || name == "utf8") return repair_utf8(octets);
  if (name == "us-ascii" || name == "ascii") {
    std::string out;
    for (const char c : octets) {
      if (is_ascii(c)) {
        out += c;
      } else {
        out += kReplacement;
      }
    }
    return out;
  }
  for (const Alias& alias : kAliases) {
    if (name != alias.name) continue;
    name = alias.used;
    break;
  }
  Converter converter(name);
  if (!converter) return std::nullopt;
  return converter.convert(octets);
}

}  // namespace mailscope::mail
