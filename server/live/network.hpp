// The seam's network on real sockets, for hosts that run without the simulated internet.
#pragma once

#include <functional>

#include "server/live/loop.hpp"
#include "server/live/tcp.hpp"
#include "server/net/network.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::live {

struct AsioNetworkOptions {
  /// Where servers listen and clients come from.
  net::Address bind_address = net::Address::v4(127, 0, 0, 1);
  /// Added to every port that is listened on or bound (but 0), for who may not use those below
  /// 1024.
  std::uint16_t port_base = 0;
  /// Where a connection to this endpoint really goes; unset: there. (Datagrams go where they are
  /// sent: their answers must come from the same place.)
  std::function<net::Endpoint(net::Endpoint)> route = {};
  AcceptOptions accept = {};
};

class AsioNetwork final : public net::Network {
 public:
  AsioNetwork(LiveLoop& loop, trace::Sink& sink, AsioNetworkOptions options);

  net::Address address() const override { return options_.bind_address; }
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override;
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override;
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) override;

 private:
  net::Endpoint mapped(std::uint16_t port) const;
  net::Endpoint routed(net::Endpoint to) const;

  LiveLoop& loop_;
  trace::Sink& sink_;
  AsioNetworkOptions options_;
};

}  // namespace mailscope::live
