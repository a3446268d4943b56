// Sequence numbers are compared modulo 2^32 (RFC 9293 section 3.4).
#pragma once

#include <cstdint>

namespace mailscope::sim {

constexpr bool seq_before(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}
constexpr bool seq_at_most(std::uint32_t a, std::uint32_t b) {
  return !seq_before(b, a);
}

}  // namespace mailscope::sim
