// TCP over real sockets: listening for a gateway or a host, and opening connections.
#pragma once

#include <memory>

#include "server/live/loop.hpp"
#include "server/net/network.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::live {

/// How one listener accepts.
struct AcceptOptions {
  /// Connections open at once; more wait in the kernel's backlog until one of these is closed. Each
  /// takes a descriptor, of which a process has 1,024 by default (see descriptors.hpp).
  std::size_t max_connections = 900;
  /// Connections that several listeners have together, to which max_connections applies then: it is
  /// their process that has so many descriptors. Each may have one more, for which it has waited
  /// already. Null: this listener's own count.
  std::shared_ptr<std::size_t> together = {};
};

class TcpListener : public net::Listener {
 public:
  /// Where it listens; tells the port when 0 was asked for.
  virtual net::Endpoint local() const = 0;
  virtual std::size_t open_connections() const = 0;
};

/// Accepts on a real port. Throws net::NetworkError when that is not possible. Connections get
/// their numbers from `sink`.
std::unique_ptr<TcpListener> listen_tcp(LiveLoop& loop, trace::Sink& sink, net::Endpoint at,
                                        net::Network::Acceptor acceptor,
                                        const AcceptOptions& options = {});

/// Never fails at once: failure comes as on_closed().
std::unique_ptr<net::Connection> connect_tcp(LiveLoop& loop, trace::Sink& sink, net::Endpoint to,
                                             net::ConnectionEvents& events);

}  // namespace mailscope::live
