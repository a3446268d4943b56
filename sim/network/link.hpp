// What a link between hosts is like, and what may be wrong with it.
#pragma once

#include <chrono>
#include <cstdint>

#include "server/net/time.hpp"

namespace mailscope::sim {

/// Chances are counted in parts per million, so that they are exact and equal on every machine.
inline constexpr std::uint32_t kPartsPerMillion = 1'000'000;

struct LinkOptions {
  net::Duration latency{};          // one way
  net::Duration jitter{};           // up to this much is added, per packet: packets overtake
  std::uint64_t bandwidth_bps = 0;  // bits per second, each way; 0: not limited
  std::uint32_t loss_ppm = 0;       // chance that a packet is lost, each way
};

enum class LinkState : std::uint8_t {
  up,
  down,         // packets vanish
  unreachable,  // packets vanish, and a router says so (ICMP): opening a connection fails at once
};

enum class HostState : std::uint8_t {
  up,
  off,       // no power: packets to it vanish, its connections are gone without a word
  refusing,  // it runs, but nothing on it does: each SYN is answered with RST
};

/// Octets that wait in front of a link of limited bandwidth; what comes on top is lost (drop tail).
inline constexpr std::uint64_t kLinkQueueOctets = 256 * 1024;

}  // namespace mailscope::sim
