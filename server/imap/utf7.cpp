// Modified UTF-7, both ways.
#include "server/imap/utf7.hpp"

#include <array>
#include <cstdint>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

// Base64 with "," for "/" (RFC 3501 section 5.1.3).
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

constexpr std::array<std::int8_t, 128> make_values() {
  std::array<std::int8_t, 128> values{};
  for (auto& v : values) v = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto kValues = make_values();

bool is_direct(char32_t c) {
  return c >= 0x20 && c <= 0x7e && c != U'&';
}

// Collects UTF-16 code units and writes them as one shifted run.
class Shifter {
 public:
  explicit Shifter(std::string& out) : out_(out) {}
  void add(char32_t c) {
    if (!open_) {
      out_ += '&';
      open_ = true;
    }
    if (c >= 0x10000) {
      unit(static_cast<std::uint32_t>(0xd800 + ((c - 0x10000) >> 10)));
      unit(static_cast<std::uint32_t>(0xdc00 + ((c - 0x10000) & 0x3ff)));
    } else {
      unit(static_cast<std::uint32_t>(c));
    }
  }
  void close() {
    if (!open_) return;
    if (bits_ > 0) out_ += kAlphabet[(store_ << (6 - bits_)) & 63];
    out_ += '-';
    store_ = 0;
    bits_ = 0;
    open_ = false;
  }

 private:
  void unit(std::uint32_t value) {
    store_ = (store_ << 16) | value;
    bits_ += 16;
    while (bits_ >= 6) {
      bits_ -= 6;
      out_ += kAlphabet[(store_ >> bits_) & 63];
    }
    store_ &= (1u << bits_) - 1;
  }

  std::string& out_;
  std::uint32_t store_ = 0;
  unsigned bits_ = 0;
  bool open_ = false;
};

// Decodes the base64 run of one shift (without "&" and "-"); false when it is not well formed.
bool decode_run(std::string_view run, std::string& out) {
  std::uint32_t store = 0;
  unsigned bits = 0;
  char32_t high = 0;
  for (const char ch : run) {
    const auto octet = static_cast<unsigned char>(ch);
    if (octet >= 128 || kValues[octet] < 0) return false;
    store = (store << 6) | static_cast<std::uint32_t>(kValues[octet]);
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    const char32_t unit = (store >> bits) & 0xffff;
    store &= (1u << bits) - 1;
    if (high != 0) {
      if (unit < 0xdc00 || unit > 0xdfff) return false;
      append_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
      high = 0;
    } else if (unit >= 0xd800 && unit <= 0xdbff) {
      high = unit;
    } else if ((unit >= 0xdc00 && unit <= 0xdfff) || is_direct(unit) || unit == 0) {
      return false;  // a printable character must stand for itself
    } else {
      append_utf8(out, unit);
    }
  }
  return high == 0 && bits < 6 && store == 0 && !run.empty();
}

}  // namespace

std::string utf7_encode(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  Shifter shifter(out);
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = next_code_point(utf8, at);
    if (is_direct(c)) {
      shifter.close();
      out += static_cast<char>(c);
    } else if (c == U'&') {
      shifter.close();
      out += "&-";
    } else {
      shifter.add(c);
    }
  }
  shifter.close();
  return out;
}

std::optional<std::string> utf7_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool after_run = false;  // "&AOk-&AOk-" must be written as one run
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c != '&') {
      if (!is_direct(static_cast<unsigned char>(c))) return std::nullopt;
      out += c;
      after_run = false;
      ++i;
      continue;
    }
    const std::size_t end = text.find('-', i + 1);
    if (end == std::string_view::npos) return std::nullopt;
    if (end == i + 1) {
      out += '&';
      after_run = false;
    } else {
      if (after_run || !decode_run(text.substr(i + 1, end - i - 1), out)) return std::nullopt;
      after_run = true;
    }
    i = end + 1;
  }
  return out;
}

}  // namespace mailscope::imap
