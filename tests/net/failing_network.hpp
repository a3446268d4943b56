// A network on which the n-th call fails: listen, connect, accept, bind, send, finish, what
// arrives, datagrams either way; and a clock whose n-th timer rings late. Put between a host and
// any other network; run a dialogue with n = 1, 2, ... until none fails.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "server/net/network.hpp"

namespace mailscope::tests {

/// Counts calls, of all networks and clocks that share it.
struct Failures {
  std::size_t at = 0;  // which call fails; 0: none
  std::size_t calls = 0;
  std::string failed;  // what failed, for the test's words
  bool next(const char* what) {
    if (++calls != at) return false;
    failed = what;
    return true;
  }
  bool happened() const { return !failed.empty(); }
};

/// An end that is reset when one of its calls fails. What the peer had sent and we did not see is
/// lost with it.
class FailingConnection final : public net::Connection, public net::ConnectionEvents {
 public:
  FailingConnection(Failures& failures, net::Timers& timers,
                    std::unique_ptr<net::Connection> accepted)
      : failures_(failures), timers_(timers), end_(timers), real_(std::move(accepted)) {}
  /// Opens a connection.
  FailingConnection(Failures& failures, net::Timers& timers, net::Network& network,
                    net::Endpoint to, net::ConnectionEvents& events)
      : failures_(failures), timers_(timers), end_(timers), user_(&events) {
    if (failures_.next("connect"))
      die(failures_.at % 2 == 0 ? net::CloseReason::refused : net::CloseReason::timed_out);
    else
      real_ = network.connect(to, *this);
  }

  void set_events(net::ConnectionEvents& events) override {
    user_ = &events;
    real_->set_events(*this);
  }
  void send(std::string_view bytes) override {
    if (!dead_ && !fails("send")) real_->send(bytes);
  }
  std::size_t unsent() const override { return dead_ ? 0 : real_->unsent(); }
  void pause_reading(bool paused) override {
    if (!dead_) real_->pause_reading(paused);
  }
  void finish() override {
    if (!dead_ && !fails("finish")) real_->finish();
  }
  void abort() override {
    user_ = nullptr;
    end_.cancel();
    if (real_) real_->abort();
    dead_ = true;
  }
  net::Endpoint local() const override { return real_ ? real_->local() : net::Endpoint{}; }
  net::Endpoint remote() const override { return real_ ? real_->remote() : net::Endpoint{}; }
  net::ConnectionId id() const override { return real_ ? real_->id() : 9'999; }

  void on_connected() override {
    if (user_) user_->on_connected();
  }
  void on_bytes(std::string_view bytes) override {
    if (!arrives("receive")) return;
    if (user_) user_->on_bytes(bytes);
  }
  void on_end() override {
    if (!arrives("receive the end")) return;
    if (user_) user_->on_end();
  }
  void on_drained() override {
    if (user_ && !dead_) user_->on_drained();
  }
  void on_closed(net::CloseReason reason) override {
    if (std::exchange(dead_, true)) return;
    if (user_) user_->on_closed(reason);
  }

 private:
  /// From inside a call by the user: the end is told later.
  bool fails(const char* what) {
    if (!failures_.next(what)) return false;
    real_->abort();
    die(net::CloseReason::reset);
    return true;
  }
  /// From inside an event: false when it is a reset that arrives instead.
  bool arrives(const char* what) {
    if (dead_) return false;
    if (!failures_.next(what)) return true;
    dead_ = true;
    real_->abort();
    if (user_) user_->on_closed(net::CloseReason::reset);
    return false;
  }
  void die(net::CloseReason reason) {
    dead_ = true;
    end_.set(timers_.now(), [this, reason] {
      if (user_) user_->on_closed(reason);
    });
  }

  Failures& failures_;
  net::Timers& timers_;
  net::Timer end_;
  std::unique_ptr<net::Connection> real_;
  net::ConnectionEvents* user_ = nullptr;
  bool dead_ = false;
};

class FailingNetwork final : public net::Network {
 public:
  FailingNetwork(Failures& failures, net::Timers& timers, net::Network& real)
      : failures_(failures), timers_(timers), real_(real) {}
  net::Address address() const override { return real_.address(); }
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override {
    if (failures_.next("listen")) throw net::NetworkError("cannot listen: the test says so");
    return real_.listen(port, [this, accept = std::move(acceptor)](auto connection) {
      if (failures_.next("accept")) return;  // it is reset
      accept(std::make_unique<FailingConnection>(failures_, timers_, std::move(connection)));
    });
  }
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override {
    return std::make_unique<FailingConnection>(failures_, timers_, real_, to, events);
  }
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) override {
    if (failures_.next("bind")) throw net::NetworkError("cannot bind: the test says so");
    auto socket = std::make_unique<Socket>(failures_);
    socket->real = real_.bind(
        port, [this, take = std::move(handler)](net::Endpoint from, std::string_view payload) {
          if (!failures_.next("receive a datagram")) take(from, payload);
        });
    return socket;
  }

 private:
  struct Socket final : net::DatagramSocket {
    explicit Socket(Failures& f) : failures(f) {}
    void send_to(net::Endpoint to, std::string_view payload) override {
      if (!failures.next("send a datagram")) real->send_to(to, payload);
    }
    net::Endpoint local() const override { return real->local(); }
    Failures& failures;
    std::unique_ptr<net::DatagramSocket> real;
  };

  Failures& failures_;
  net::Timers& timers_;
  net::Network& real_;
};

/// A clock whose timers may ring late, as after a machine has slept.
class LateTimers final : public net::Timers {
 public:
  LateTimers(Failures& failures, net::Timers& real, net::Duration delay = std::chrono::hours(1))
      : failures_(failures), real_(real), delay_(delay) {}
  net::Time now() const override { return real_.now(); }
  net::TimerId set(net::Time at, std::function<void()> wake) override {
    const bool late = failures_.next("ring in time");
    return real_.set(late ? at + delay_ : at, std::move(wake));
  }
  void cancel(net::TimerId id) override { real_.cancel(id); }

 private:
  Failures& failures_;
  net::Timers& real_;
  net::Duration delay_;
};

}  // namespace mailscope::tests
