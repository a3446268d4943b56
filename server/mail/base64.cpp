// Base64 (RFC 4648 section 4, RFC 2045 section 6.8).
#include <array>
#include <cstdint>

#include "server/mail/encoding.hpp"

namespace mailscope::mail {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kLineOctets = 57;  // 76 characters, RFC 2045 section 6.8

constexpr std::array<std::int8_t, 256> kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

int value_of(char c) {
  return kValues[static_cast<unsigned char>(c)];
}

/// Gathers six bits at a time and gives octets.
class Quantum {
 public:
  void add(int value, std::string& out) {
    bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
    if (++count_ < 4) return;
    out += static_cast<char>(bits_ >> 16);
    out += static_cast<char>(bits_ >> 8);
    out += static_cast<char>(bits_);
    count_ = 0;
    bits_ = 0;
  }
  /// The octets of a last, short quantum. False when its unused bits are not zero.
  bool finish(std::string& out) {
    bool clean = true;
    if (count_ == 2) {
      out += static_cast<char>(bits_ >> 4);
      clean = (bits_ & 0xf) == 0;
    } else if (count_ == 3) {
      out += static_cast<char>(bits_ >> 10);
      out += static_cast<char>(bits_ >> 2);
      clean = (bits_ & 0x3) == 0;
    }
    count_ = 0;
    bits_ = 0;
    return clean;
  }

 private:
  std::uint32_t bits_ = 0;
  int count_ = 0;
};

}  // namespace

std::string base64_encode(std::string_view octets) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < have ? static_cast<unsigned char>(octets[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= have ? kAlphabet[bits >> (18 - 6 * k) & 0x3f] : '=';
    }
  }
  return out;
}

std::optional<std::string> base64_decode_strict(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  Quantum quantum;
  for (const char c : text) {
    if (value_of(c) < 0) return std::nullopt;
    quantum.add(value_of(c), out);
  }
  // RFC 4648 section 3.5: bits left over that are not zero would give one text two spellings.
  if (!quantum.finish(out)) return std::nullopt;
  return out;
}

std::string base64_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  Quantum quantum;
  for (const char c : text) {
    if (const int value = value_of(c); value >= 0) {
      quantum.add(value, out);
    } else if (c == '=') {
      // Padding ends a quantum, not the body: pieces that were encoded one by one are read through.
      quantum.finish(out);
    }
  }
  quantum.finish(out);
  return out;
}

std::string base64_encode_wrapped(std::string_view octets) {
  std::string out;
  out.reserve(octets.size() / kLineOctets * 78 + 80);
  for (std::size_t i = 0; i < octets.size(); i += kLineOctets) {
    out += base64_encode(octets.substr(i, kLineOctets));
    out += "\r\n";
  }
  return out;
}

}  // namespace mailscope::mail
