// A small world for the network's tests: kernel, internet, a client and a server, a sink that keeps
// what was recorded as lines of text, and users that note what they are told.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/kernel/kernel.hpp"
#include "sim/network/host_network.hpp"
#include "sim/network/internet.hpp"

namespace mailscope::sim::test {

using namespace std::chrono_literals;

inline constexpr net::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

/// Keeps each event as "+<milliseconds> <host> <kind> <values>".
class NotingSink final : public trace::Sink {
 public:
  explicit NotingSink(const net::Timers& clock) : clock_(clock) {}
  trace::EventId record(trace::Kind kind, const trace::Origin& origin,
                        std::initializer_list<trace::Value> values) override;
  trace::HostId host(std::string_view name) override {
    hosts_.emplace_back(name);
    return static_cast<trace::HostId>(hosts_.size());
  }
  trace::MessageNumber message(std::string_view) override { return ++messages_; }
  trace::ConnectionId new_connection() override { return ++connections_; }

  struct Event {
    trace::Kind kind;
    trace::EventId cause;
    trace::Origin origin;
    std::string line;
  };
  std::vector<Event> events;
  /// The lines of one kind, or of all.
  std::vector<std::string> lines() const;
  std::vector<std::string> lines(trace::Kind kind) const;
  std::size_t count(trace::Kind kind) const { return lines(kind).size(); }

 private:
  const net::Timers& clock_;
  std::vector<std::string> hosts_;
  trace::MessageNumber messages_ = 0;
  trace::ConnectionId connections_ = 0;
};

/// A user of one connection, who notes everything.
class User final : public net::ConnectionEvents {
 public:
  void on_connected() override {
    connected = true;
    if (when_connected) when_connected();
  }
  void on_bytes(std::string_view bytes) override {
    received += bytes;
    ++reads;
    if (when_bytes) when_bytes(bytes);
  }
  void on_end() override {
    ++ends;
    if (when_end) when_end();
  }
  void on_drained() override { ++drained; }
  void on_closed(net::CloseReason reason) override {
    ++closings;
    closed_for = reason;
    closed_at = clock != nullptr ? clock->now() : net::Time{};
    if (when_closed) when_closed();
  }
  bool ended_well() const { return closings == 1 && closed_for == net::CloseReason::finished; }

  std::unique_ptr<net::Connection> connection;
  const net::Timers* clock = nullptr;
  std::string received;
  bool connected = false;
  int reads = 0;
  int ends = 0;
  int drained = 0;
  int closings = 0;
  net::CloseReason closed_for{};
  net::Time closed_at{};
  std::function<void()> when_connected, when_end, when_closed;
  std::function<void(std::string_view)> when_bytes;
};

struct Lab {
  explicit Lab(std::uint64_t seed = 1, InternetOptions options = {});

  /// `server` listens on port 25 and hands its connection to `at_server`.
  void listen();
  /// `client` connects to it.
  void connect();
  /// Both, and run until they are connected.
  void establish();
  /// Runs for so long.
  void run(net::Duration duration);
  /// Runs until nothing is left.
  void run_out();
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(kernel.now() - kStart).count();
  }

  Kernel kernel{kStart};
  NotingSink sink{kernel};
  Internet internet;
  HostNetwork& client_host;
  HostNetwork& server_host;
  std::unique_ptr<net::Listener> listener;
  User client;
  User server;
};

/// Text that shows misplaced octets: numbered, never periodic in a segment's size.
std::string sample_text(std::size_t octets);

}  // namespace mailscope::sim::test
