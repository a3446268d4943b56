// What every actor of the DNS (resolver, server) needs of the host that it runs on.
#pragma once

#include <functional>

#include "server/net/network.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::dns {

struct Environment {
  net::Network& network;
  net::Timers& timers;
  net::Entropy& entropy;  // forked by each actor under a label of its own
  trace::Sink& sink;
  trace::HostId self = 0;
  /// Which host has this address, for the trace; 0 when unknown. May be empty.
  std::function<trace::HostId(const net::Address&)> host_of;

  trace::Origin origin(const net::Address& peer) const {
    return {self, host_of ? host_of(peer) : trace::HostId{0}, 0, 0};
  }
};

inline constexpr std::uint16_t kPort = 53;

}  // namespace mailscope::dns
