#include "server/live/network.hpp"

#include "server/live/udp.hpp"

namespace mailscope::live {

namespace {

constexpr std::uint32_t kHighestPort = 65535;

}  // namespace

AsioNetwork::AsioNetwork(LiveLoop& loop, trace::Sink& sink, AsioNetworkOptions options)
    : loop_(loop), sink_(sink), options_(std::move(options)) {}

net::Endpoint AsioNetwork::mapped(std::uint16_t port) const {
  if (port == 0) return {options_.bind_address, 0};
  const std::uint32_t real = std::uint32_t{port} + options_.port_base;
  if (real > kHighestPort) {
    throw net::NetworkError("port " + std::to_string(port) + " and the port base " +
                            std::to_string(options_.port_base) + " are more than 65535");
  }
  return {options_.bind_address, static_cast<std::uint16_t>(real)};
}

net::Endpoint AsioNetwork::routed(net::Endpoint to) const {
  return options_.route ? options_.route(to) : to;
}

std::unique_ptr<net::Listener> AsioNetwork::listen(std::uint16_t port, Acceptor acceptor) {
  return listen_tcp(loop_, sink_, mapped(port), std::move(acceptor), options_.accept);
}

std::unique_ptr<net::Connection> AsioNetwork::connect(net::Endpoint to,
                                                      net::ConnectionEvents& events) {
  return connect_tcp(loop_, sink_, routed(to), events);
}

std::unique_ptr<net::DatagramSocket> AsioNetwork::bind(std::uint16_t port,
                                                       DatagramHandler handler) {
  return bind_udp(loop_, mapped(port), std::move(handler));
}

}  // namespace mailscope::live
