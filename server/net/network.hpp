// The seam to the network: everything a host may ask of the world around it. The simulated internet
// and Boost.Asio both implement it; nothing above can tell which one it is given.
//
// Rules that both sides keep:
// - Calls never re-enter: no event is delivered from inside a call to send(), connect() or
// finish().
// - The object that receives events must not be destroyed while one of its events is being
//   delivered; Turn::dispose() takes it until the turn is over.
// - Destroying a Connection, Listener, DatagramSocket or Timer ends it; no event follows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "server/net/address.hpp"
#include "server/net/time.hpp"

namespace mailscope::net {

/// Number of a TCP connection in the trace; the same at both ends. 0: none.
using ConnectionId = std::uint32_t;

/// Why a connection is over.
enum class CloseReason : std::uint8_t {
  finished,     // both sides sent FIN
  reset,        // the peer sent RST
  refused,      // RST in answer to our SYN: nobody listens
  timed_out,    // no answer to SYN or to retransmitted data
  unreachable,  // no route: the host does not exist or a link on the way is down and said so
};
std::string_view to_string(CloseReason reason);

/// What happens on a connection, told to whoever uses it.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  /// The connection that connect() began is established. Not called for accepted connections.
  virtual void on_connected() {}
  virtual void on_bytes(std::string_view bytes) = 0;
  /// The peer sends no more (FIN). We may go on sending.
  virtual void on_end() = 0;
  /// Everything given to send() has been handed over (acknowledged, or taken by the kernel).
  virtual void on_drained() {}
  /// Last call. `reason` is `finished` only after both sides ended in order.
  virtual void on_closed(CloseReason reason) = 0;
};

/// One end of a TCP connection.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Must be called on an accepted connection before the first event can arrive. Called again, it
  /// hands the connection on: later events are for the new user.
  virtual void set_events(ConnectionEvents& events) = 0;
  virtual void send(std::string_view bytes) = 0;
  /// Octets given to send() that have not been handed over yet; the user keeps it bounded.
  virtual std::size_t unsent() const = 0;
  /// While paused no on_bytes is called and the peer's window closes.
  virtual void pause_reading(bool paused) = 0;
  /// Sends FIN behind everything sent so far.
  virtual void finish() = 0;
  /// Sends RST at once; what was not sent is lost.
  virtual void abort() = 0;
  virtual Endpoint local() const = 0;
  virtual Endpoint remote() const = 0;
  virtual ConnectionId id() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
};

/// A bound UDP socket.
class DatagramSocket {
 public:
  virtual ~DatagramSocket() = default;
  virtual void send_to(Endpoint to, std::string_view payload) = 0;
  virtual Endpoint local() const = 0;
};

/// Listening or binding is not possible: the message names the endpoint and the reason.
class NetworkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The network as one host sees it.
class Network {
 public:
  using Acceptor = std::function<void(std::unique_ptr<Connection>)>;
  using DatagramHandler = std::function<void(Endpoint from, std::string_view payload)>;

  virtual ~Network() = default;
  /// Address by which other hosts reach this one.
  virtual Address address() const = 0;
  /// Throws NetworkError when the port is taken.
  virtual std::unique_ptr<Listener> listen(std::uint16_t port, Acceptor acceptor) = 0;
  /// Never fails at once: failure comes as on_closed().
  virtual std::unique_ptr<Connection> connect(Endpoint to, ConnectionEvents& events) = 0;
  /// Port 0: a free one, drawn at random (RFC 5452 section 9.2). Throws NetworkError when taken.
  virtual std::unique_ptr<DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) = 0;
};

using TimerId = std::uint64_t;

/// The clock of the world and wake-up calls on it.
class Timers {
 public:
  virtual ~Timers() = default;
  virtual Time now() const = 0;
  /// Calls `wake` once at `at` (or as soon as possible when that is past). Never from inside set().
  virtual TimerId set(Time at, std::function<void()> wake) = 0;
  /// Unknown and past ids are ignored.
  virtual void cancel(TimerId id) = 0;
};

/// One wake-up call that ends with its owner.
class Timer {
 public:
  explicit Timer(Timers& timers) : timers_(timers) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  /// Replaces the call that was set before. kNever: only cancels.
  void set(Time at, std::function<void()> wake);
  void cancel();
  Time at() const { return at_; }

 private:
  Timers& timers_;
  TimerId id_ = 0;
  Time at_ = kNever;
  std::function<void()> wake_;
};

/// Random numbers. Seeded in a simulation, from the system on the live side.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::uint64_t next() = 0;
  /// A stream of its own, determined by this stream's seed and `label` alone: drawing from one
  /// never moves another.
  virtual std::unique_ptr<Entropy> fork(std::string_view label) const = 0;
  /// Uniform in [0, bound). bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  void fill(char* out, std::size_t size);
  /// `octets` random octets as lower-case hexadecimal digits.
  std::string hex(std::size_t octets);
};

}  // namespace mailscope::net
