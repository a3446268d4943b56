// The way from one host to another, in one direction: what the access links of both, the link
// between them and the faults on any of these come to.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "server/net/time.hpp"
#include "sim/kernel/entropy.hpp"
#include "sim/network/link.hpp"

namespace mailscope::sim {

class HostNetwork;

/// A queue in front of a link that sends so many bits per second.
class LinkQueue {
 public:
  /// When the last bit of a packet that comes at `at` has been sent; net::kNever: there was no
  /// room.
  net::Time pass(net::Time at, std::uint32_t octets, std::uint64_t bandwidth_bps);

 private:
  net::Time free_at_{};
};

class Path {
 public:
  Path(HostNetwork& sender, HostNetwork& receiver, std::uint64_t entropy_seed)
      : from(sender), to(receiver), entropy_(entropy_seed) {}

  HostNetwork& from;
  HostNetwork& to;

  // Worked out by the Internet from its links whenever one of them changes.
  LinkOptions options;
  LinkState state = LinkState::up;
  std::uint64_t version = 0;

  LinkQueue queue;

  /// Lets `pass` packets through, then loses `count`.
  void lose_next(std::uint32_t count, std::uint32_t pass) {
    condemned_ = count;
    spared_ = pass;
  }
  bool draw_loss() {
    if (condemned_ != 0) {
      if (spared_ == 0) {
        --condemned_;
        return true;
      }
      --spared_;
    }
    return options.loss_ppm != 0 && entropy_.below(kPartsPerMillion) < options.loss_ppm;
  }
  net::Duration draw_latency() {
    if (options.jitter <= net::Duration::zero()) return options.latency;
    const auto extra = entropy_.below(static_cast<std::uint64_t>(options.jitter.count()) + 1);
    return options.latency + net::Duration(static_cast<std::int64_t>(extra));
  }

 private:
  std::uint32_t condemned_ = 0;
  std::uint32_t spared_ = 0;
  SeededEntropy entropy_;  // of this path alone: traffic elsewhere does not change its losses
};

}  // namespace mailscope::sim
