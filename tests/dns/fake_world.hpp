// A world in memory for the tests of the DNS: a clock that jumps from event to event, hosts that
// reach each other after a fixed latency, a trace that is kept as plain values.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/dns/environment.hpp"
#include "server/net/network.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::dns::test {

class FakeTimers final : public net::Timers {
 public:
  net::Time now() const override { return now_; }
  net::TimerId set(net::Time at, std::function<void()> wake) override;
  void cancel(net::TimerId id) override;
  /// Runs until nothing is left to do, an hour at most.
  void run() { run_for(std::chrono::hours(1), true); }
  void advance(net::Duration by) { run_for(by, false); }

 private:
  void run_for(net::Duration by, bool stop_when_idle);
  std::map<std::pair<net::Time, net::TimerId>, std::function<void()>> queue_;
  net::Time now_{std::chrono::seconds(1'700'000'000)};
  net::TimerId last_ = 0;
};

class FakeEntropy final : public net::Entropy {
 public:
  explicit FakeEntropy(std::uint64_t seed) : seed_(seed), state_(seed) {}
  std::uint64_t next() override;
  std::unique_ptr<net::Entropy> fork(std::string_view label) const override;

 private:
  std::uint64_t seed_;
  std::uint64_t state_;
};

struct Event {
  trace::EventId id;
  trace::Kind kind;
  trace::Origin origin;
  trace::EventId cause;
  std::vector<std::string> values;
};

class KeepingSink final : public trace::Sink {
 public:
  trace::EventId record(trace::Kind kind, const trace::Origin& origin,
                        std::initializer_list<trace::Value> values) override;
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view) override { return 1; }
  trace::ConnectionId new_connection() override { return ++connections_; }

  std::vector<Event> events;
  std::size_t count(trace::Kind kind) const;
  std::vector<Event> all(trace::Kind kind) const;

 private:
  trace::ConnectionId connections_ = 0;
};

class FakeNetwork;
class FakeConnection;

class World {
 public:
  World() = default;
  ~World();
  /// The network of the host with this address; made at first sight.
  FakeNetwork& host(const std::string& address);
  Environment environment(const std::string& address);
  trace::HostId id_of(const net::Address& address) const;

  FakeTimers timers;
  FakeEntropy entropy{42};
  KeepingSink sink;
  net::Duration latency = std::chrono::milliseconds(10);
  /// True for datagrams that are to be lost.
  std::function<bool(net::Endpoint from, net::Endpoint to, std::string_view payload)> lose;
  std::size_t datagrams = 0;

 private:
  friend class FakeNetwork;
  friend class FakeConnection;
  /// Calls `action` after the latency, with the trace's cause as it is now.
  void later(std::function<void()> action);
  std::map<net::Address, std::unique_ptr<FakeNetwork>> hosts_;
};

class FakeNetwork final : public net::Network {
 public:
  FakeNetwork(World& world, net::Address address, trace::HostId id)
      : world_(world), address_(address), id_(id) {}
  net::Address address() const override { return address_; }
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override;
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override;
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) override;

  std::vector<std::uint16_t> ports_bound;  // in order, for tests of their randomness
  std::size_t open_sockets() const { return sockets_.size(); }
  bool tcp_works = true;

 private:
  friend class World;
  friend class FakeConnection;
  class Socket;
  class PortListener;
  World& world_;
  net::Address address_;
  trace::HostId id_;
  std::map<std::uint16_t, Socket*> sockets_;
  std::map<std::uint16_t, Acceptor> acceptors_;
};

}  // namespace mailscope::dns::test
