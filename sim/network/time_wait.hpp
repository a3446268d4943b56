// TIME-WAIT: a closed connection is remembered for two segment lifetimes (RFC 9293 section 3.4.2),
// so that a repeated FIN is acknowledged and its ports are not used too soon. Kept as small records
// without timers: they fall out when the next one comes or is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "server/net/network.hpp"
#include "server/net/time.hpp"

namespace mailscope::sim {

class TimeWaitTable {
 public:
  struct Record {
    std::uint32_t send_next = 0;
    std::uint32_t receive_next = 0;
    std::uint32_t send_base = 0;  // initial numbers, for the trace
    std::uint32_t receive_base = 0;
    net::ConnectionId connection = 0;
    net::Time until;
  };

  void insert(std::uint64_t key, const Record& record, net::Time now);
  /// nullptr when there is none, or its time is over.
  const Record* find(std::uint64_t key, net::Time now);
  void erase(std::uint64_t key) { records_.erase(key); }
  std::size_t size() const { return records_.size(); }

 private:
  /// As Linux's tcp_max_tw_buckets: beyond it the oldest go early. About 10 MiB.
  static constexpr std::size_t kMaxRecords = 131'072;

  struct Due {
    net::Time until;
    std::uint64_t key;
  };
  void expire(net::Time now);

  std::unordered_map<std::uint64_t, Record> records_;  // looked up only
  std::deque<Due> due_;                                // in order of insertion, so of `until`
};

}  // namespace mailscope::sim
