// The user's end of a TCP socket. The socket may be gone before it (closed) and may outlive it
// (finishing in the background).
#pragma once

#include "server/net/network.hpp"
#include "sim/kernel/kernel.hpp"

namespace mailscope::sim {

class TcpSocket;

class TcpConnection final : public net::Connection {
 public:
  TcpConnection(Kernel& kernel, net::Endpoint local, net::Endpoint remote, net::ConnectionId id)
      : kernel_(kernel), local_(local), remote_(remote), id_(id) {}
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
  net::ConnectionId id() const override { return id_; }

  void attach(TcpSocket& socket) { socket_ = &socket; }
  /// The socket is over. `events` hears nothing more through it.
  void detach() { socket_ = nullptr; }
  net::ConnectionEvents* events() { return events_; }
  /// Tells on_closed() at `at`, from no call of the user.
  void close_later(net::Time at, net::CloseReason reason);

 private:
  Kernel& kernel_;
  net::Endpoint local_;
  net::Endpoint remote_;
  net::ConnectionId id_;
  TcpSocket* socket_ = nullptr;
  net::ConnectionEvents* events_ = nullptr;
  net::TimerId closing_ = 0;
};

}  // namespace mailscope::sim
