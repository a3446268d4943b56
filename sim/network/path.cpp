// Waiting in front of a link.
#include "sim/network/path.hpp"

#include <algorithm>

namespace mailscope::sim {

net::Time LinkQueue::pass(net::Time at, std::uint32_t octets, std::uint64_t bandwidth_bps) {
  constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
  if (bandwidth_bps == 0) return at;
  const auto sending_time = [&](std::uint64_t count) {
    // 64 bits suffice: the queue's 2^21 bits times 10^9 is less than 2^51.
    return net::Duration(
        static_cast<std::int64_t>(count * 8 * kNanosecondsPerSecond / bandwidth_bps));
  };
  const net::Time begin = std::max(at, free_at_);
  if (begin - at > sending_time(kLinkQueueOctets)) return net::kNever;
  free_at_ = begin + sending_time(octets);
  return free_at_;
}

}  // namespace mailscope::sim
