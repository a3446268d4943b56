// What the sockets of this folder see of the loop. The only header that includes Boost.Asio;
// private to server/live.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <map>
#include <unordered_map>

#include "server/live/loop.hpp"

namespace mailscope::live {

/// Octets read from one socket before the next one has its turn.
inline constexpr std::size_t kReadOctets = 64 * 1024;
/// Datagrams taken from one socket before the others have their turn.
inline constexpr std::size_t kDatagramsAtOnce = 64;
/// The largest datagram: what the 16 bits of UDP's length can say.
inline constexpr std::size_t kMaxDatagram = 64 * 1024;

struct DatagramBatch;  // udp.cpp

struct LiveLoop::Impl {
  explicit Impl(net::Turn& turn_of_world) : turn(turn_of_world) {}

  /// Every handler that delivers an event calls this first: brings the world's clock to now, and
  /// forgets the cause of whatever was handled before.
  void enter();
  /// Handles what else is ready, and what that makes ready without a commit.
  void gather_batch();
  void end_batch();
  void fire_timers();
  net::Duration patience() const;  // how long to wait for sockets
  net::Time now() const;
  net::Time world_time() const;
  net::Time world_time(std::chrono::steady_clock::time_point at) const;

  struct Wake {
    std::function<void()> call;
    trace::EventId cause;
  };

  net::Turn& turn;
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io};
  std::array<char, kReadOctets> read_buffer;  // one reader at a time
  std::shared_ptr<DatagramBatch> datagrams;   // one reader at a time; made when first needed
  std::map<std::pair<net::Time, net::TimerId>, Wake> timers;
  std::unordered_map<net::TimerId, net::Time> timer_times;
  net::TimerId last_timer = 0;
  trace::Sink* sink = nullptr;
  std::function<void()> batch_hook;
  std::function<bool()> idle_work;
  bool idle_more = true;  // there may be something to do for idle_work
  bool stopped = false;
  int signal = 0;

  // The wall clock is read from the steady one, which nobody sets, and compared with the system's.
  mutable net::Time wall_anchor{};
  mutable std::chrono::steady_clock::time_point steady_anchor{};

  Driven* world = nullptr;
  double rate = 1.0;
  net::Time world_anchor{};
  std::chrono::steady_clock::time_point rate_anchor{};
};

}  // namespace mailscope::live
