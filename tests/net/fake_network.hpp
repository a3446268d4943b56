// A network of two hosts in memory with its own clock, for testing sessions without the simulation:
// octets arrive `latency` after they were sent, in the cut that was asked for; each delivery is a
// turn. Much simpler than TCP, and it checks the seam's rules (no call from inside a call).
#pragma once

#include <algorithm>
#include <cassert>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/net/network.hpp"
#include "server/net/turn.hpp"

namespace mailscope::tests {

class FakeWorld final : public net::Timers {
 public:
  explicit FakeWorld(net::Time start) : now_(start) {}
  net::Turn turn;
  net::Duration latency = std::chrono::milliseconds(1);
  std::size_t cut = SIZE_MAX;  // largest piece that one on_bytes() gets

  net::Time now() const override { return now_; }
  net::TimerId set(net::Time at, std::function<void()> wake) override {
    events_.emplace(std::pair(std::max(at, now_), ++last_), std::move(wake));
    return last_;
  }
  void cancel(net::TimerId id) override {
    std::erase_if(events_, [id](const auto& event) { return event.first.second == id; });
  }
  /// Everything up to `until`, one turn each.
  void run(net::Duration span = std::chrono::seconds(1)) {
    const net::Time until = now_ + span;
    turn.end();
    while (!events_.empty() && events_.begin()->first.first <= until) {
      auto event = events_.extract(events_.begin());
      now_ = event.key().first;
      event.mapped()();
      turn.end();
    }
    now_ = until;
  }

 private:
  net::Time now_;
  net::TimerId last_ = 0;
  std::map<std::pair<net::Time, net::TimerId>, std::function<void()>> events_;
};

class FakeNetwork final : public net::Network {
 public:
  explicit FakeNetwork(FakeWorld& world) : world_(world) {}

  net::Address address() const override { return net::Address::v4(192, 0, 2, 1); }
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override {
    acceptors_[port] = std::move(acceptor);
    return std::make_unique<net::Listener>();
  }
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override {
    auto near = std::make_shared<Side>();
    auto far = std::make_shared<Side>();
    near->peer = far;
    far->peer = near;
    near->events = &events;
    near->attached = true;
    const net::ConnectionId id = ++last_id_;
    auto connection = std::make_unique<End>(world_, near, id);
    world_.set(world_.now() + world_.latency, [this, near, far, to, id] {
      const auto acceptor = acceptors_.find(to.port);
      if (acceptor == acceptors_.end()) {
        if (near->events) near->events->on_closed(net::CloseReason::refused);
        return;
      }
      world_.set(world_.now() + world_.latency, [near] {
        if (near->events) near->events->on_connected();
      });
      acceptor->second(std::make_unique<End>(world_, far, id));
    });
    return connection;
  }
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t, DatagramHandler) override {
    throw net::NetworkError("the fake network has no datagrams");
  }

 private:
  struct Side {
    std::weak_ptr<Side> peer;
    net::ConnectionEvents* events = nullptr;
    bool attached = false;  // someone listens to events (or did)
    bool paused = false;
    bool finished = false;  // our FIN was sent
    bool ended = false;     // the peer's FIN was delivered
    bool closed = false;
    std::size_t unsent = 0;
    std::string inbox;
    bool fin_in_inbox = false;
  };

  class End final : public net::Connection {
   public:
    End(FakeWorld& world, std::shared_ptr<Side> side, net::ConnectionId id)
        : world_(world), side_(std::move(side)), id_(id) {}
    ~End() override {
      side_->events = nullptr;
      if (!side_->closed) abort();
    }
    void set_events(net::ConnectionEvents& events) override {
      side_->events = &events;
      side_->attached = true;
    }
    void send(std::string_view bytes) override {
      assert(!side_->finished);
      side_->unsent += bytes.size();
      world_.set(world_.now() + world_.latency,
                 [&world = world_, side = side_, text = std::string(bytes)] {
                   if (const auto peer = side->peer.lock(); peer && !peer->closed) {
                     peer->inbox += text;
                     deliver(world, peer);
                   }
                 });
    }
    std::size_t unsent() const override { return side_->unsent; }
    void pause_reading(bool paused) override {
      side_->paused = paused;
      if (!paused) {
        world_.set(world_.now(), [&world = world_, side = side_] { deliver(world, side); });
      }
    }
    void finish() override {
      if (std::exchange(side_->finished, true)) return;
      world_.set(world_.now() + world_.latency, [&world = world_, side = side_] {
        if (const auto peer = side->peer.lock()) {
          peer->fin_in_inbox = true;
          deliver(world, peer);
        }
        close_when_done(world, side);
      });
    }
    void abort() override {
      if (std::exchange(side_->closed, true)) return;
      side_->events = nullptr;
      world_.set(world_.now() + world_.latency, [side = side_] {
        const auto peer = side->peer.lock();
        if (!peer || std::exchange(peer->closed, true)) return;
        if (peer->events) peer->events->on_closed(net::CloseReason::reset);
      });
    }
    net::Endpoint local() const override { return {}; }
    net::Endpoint remote() const override { return {}; }
    net::ConnectionId id() const override { return id_; }

   private:
    /// Hands the inbox of `side` to its user, piece by piece, one turn each.
    static void deliver(FakeWorld& world, const std::shared_ptr<Side>& side) {
      if (side->paused || side->closed) return;
      if (!side->inbox.empty()) {
        const std::string piece = side->inbox.substr(0, world.cut);
        side->inbox.erase(0, piece.size());
        if (const auto peer = side->peer.lock()) {
          peer->unsent -= piece.size();
          if (peer->unsent == 0 && !peer->closed) {
            world.set(world.now(), [peer] {
              if (peer->events && !peer->closed && peer->unsent == 0) peer->events->on_drained();
            });
          }
        }
        if (!side->inbox.empty() || side->fin_in_inbox) {
          world.set(world.now(), [&world, side] { deliver(world, side); });
        }
        if (side->events) side->events->on_bytes(piece);
        return;
      }
      if (side->fin_in_inbox && !std::exchange(side->ended, true)) {
        if (side->events) side->events->on_end();
        close_when_done(world, side);
      }
    }
    static void close_when_done(FakeWorld& world, const std::shared_ptr<Side>& side) {
      if (!side->finished || !side->ended || side->closed) return;
      world.set(world.now(), [side] {
        if (std::exchange(side->closed, true)) return;
        if (side->events) side->events->on_closed(net::CloseReason::finished);
      });
    }

    FakeWorld& world_;
    std::shared_ptr<Side> side_;
    net::ConnectionId id_;
  };

  FakeWorld& world_;
  std::map<std::uint16_t, Acceptor> acceptors_;
  net::ConnectionId last_id_ = 0;
};

}  // namespace mailscope::tests
