// The user's end of a TCP socket. The socket may be gone before it (closed) and may outlive it
// (finishing in the background).
#pragma once

#include "server/net/network.hpp"
#include "server/trace/event.hpp"
#include "sim/network/internet.hpp"

namespace mailscope::sim {

class TcpSocket;

class TcpConnection final : public net::Connection {
 public:
  TcpConnection(Internet& internet, const Flow& flow, const trace::Origin& origin);
  /// One that will never have a socket: there is no way to `remote`.
  TcpConnection(Internet& internet, net::Endpoint local, net::Endpoint remote,
                const trace::Origin& origin);
  ~TcpConnection() override;

  void set_events(net::ConnectionEvents& events) override;
  void send(std::string_view bytes) override;
  std::size_t unsent() const override;
  void pause_reading(bool paused) override;
  void finish() override;
  /// on_closed(reset) follows as an event of its own, unless the connection is destroyed before.
  void abort() override;
  net::Endpoint local() const override { return local_; }
  net::Endpoint remote() const override { return remote_; }
  net::ConnectionId id() const override { return origin_.connection; }

  void attach(TcpSocket& socket) { socket_ = &socket; }
  /// The socket is over. `events` hears nothing more through it.
  void detach() { socket_ = nullptr; }
  net::ConnectionEvents* events() { return events_; }
  /// Tells on_closed() at `at`, from no call of the user. `words` are for the trace; empty: it
  /// knows.
  void close_later(net::Time at, net::CloseReason reason, std::string_view words);

 private:
  Internet& internet_;
  net::Endpoint local_;
  net::Endpoint remote_;
  trace::Origin origin_;
  TcpSocket* socket_ = nullptr;
  net::ConnectionEvents* events_ = nullptr;
  net::TimerId closing_ = 0;
};

}  // namespace mailscope::sim
