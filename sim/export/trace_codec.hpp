// Numbers and strings as the trace file writes them (docs/trace.md, "Primitives"), and a reader for
// them that never runs past its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailscope::exporting {

inline void put_u16(std::string& out, std::uint16_t n) {
  out += static_cast<char>(n & 0xFF);
  out += static_cast<char>(n >> 8);
}
inline void put_u32(std::string& out, std::uint32_t n) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(n >> (8 * i) & 0xFF);
}
inline void put_u64(std::string& out, std::uint64_t n) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(n >> (8 * i) & 0xFF);
}
/// Seven bits an octet, lowest first, the top bit set on all but the last.
inline void put_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>((n & 0x7F) | 0x80);
  out += static_cast<char>(n);
}
/// A signed number: 0, -1, 1, -2... become 0, 1, 2, 3...
inline void put_signed(std::string& out, std::int64_t n) {
  put_varint(out, (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63));
}
inline void put_string(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

/// CRC-32 (the one of zlib and Ethernet) of `a` followed by `b`.
std::uint32_t crc_of(std::string_view a, std::string_view b = {});

/// Little-endian number of `size` octets at `at`; the caller has checked that they are there.
inline std::uint64_t get_little_endian(std::string_view octets, std::size_t at, int size) {
  std::uint64_t n = 0;
  for (int i = 0; i < size; ++i) {
    n |= std::uint64_t{static_cast<std::uint8_t>(octets[at + static_cast<std::size_t>(i)])}
         << (8 * i);
  }
  return n;
}

/// Reads primitives. After something that is not there or not valid, ok() is false for good and
/// everything read is zero or empty.
class OctetReader {
 public:
  explicit OctetReader(std::string_view octets) : octets_(octets) {}
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == octets_.size(); }
  std::size_t position() const { return at_; }
  std::size_t left() const { return octets_.size() - at_; }

  std::uint64_t varint() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64 && at_ < octets_.size(); shift += 7) {
      const auto octet = static_cast<std::uint8_t>(octets_[at_++]);
      if (shift == 63 && octet > 1) break;  // more than 64 bits
      n |= std::uint64_t{octet & 0x7FU} << shift;
      if (octet < 0x80) return n;
    }
    fail();
    return 0;
  }
  /// A varint of at most `limit`; what is larger is not valid.
  std::uint64_t varint_up_to(std::uint64_t limit) {
    const std::uint64_t n = varint();
    if (n <= limit) return n;
    fail();
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t n = varint();
    return static_cast<std::int64_t>((n >> 1) ^ (~(n & 1) + 1));
  }
  std::string_view octets(std::uint64_t size) {
    if (!ok_ || size > left()) {
      fail();
      return {};
    }
    const std::string_view result = octets_.substr(at_, size);
    at_ += size;
    return result;
  }
  std::string_view string() { return octets(varint()); }

 private:
  void fail() {
    ok_ = false;
    at_ = octets_.size();
  }
  std::string_view octets_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace mailscope::exporting
