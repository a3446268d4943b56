// Which servers could not be reached a moment ago: others of the same domain are asked first.
#pragma once

#include <chrono>
#include <map>

#include "server/net/address.hpp"
#include "server/net/time.hpp"

namespace mailscope::queue {

class HostMemory {
 public:
  /// How long a server that failed comes last: long enough to spare a queue the same wait for each
  /// of its messages, short enough to notice a repair.
  static constexpr net::Duration kAvoid = std::chrono::minutes(5);
  /// Servers remembered; beyond, the one that may be tried again soonest is forgotten.
  static constexpr std::size_t kMost = 1'000;

  void failed(const net::Address& address, net::Time now);
  void worked(const net::Address& address) { until_.erase(address); }
  bool avoids(const net::Address& address, net::Time now) const;

 private:
  std::map<net::Address, net::Time> until_;
};

}  // namespace mailscope::queue
