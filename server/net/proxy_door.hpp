// Where connections wait until the proxy that opened them has told for whom. The header comes
// before everything else, TLS included; behind it the connection is as if the client itself had
// opened it.
//
//   proxy: PROXY TCP4 192.0.2.7 198.51.100.25 56324 25
//   server: 220 ...                        (Received, limits, switches and trace say 192.0.2.7)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "server/net/network.hpp"
#include "server/net/turn.hpp"

namespace mailscope::net {

/// How long a header may take. The protocol's section 2 asks for at least three seconds, in which
/// TCP sends a segment again.
inline constexpr Duration kProxyPatience = std::chrono::seconds(10);
/// Connections that wait at a time; more are reset.
inline constexpr std::size_t kMaxProxyWaiting = 1'000;

class ProxyDoor {
 public:
  /// Takes the connection, which tells the announced ends.
  using Admit = std::function<void(std::unique_ptr<Connection>)>;
  /// Hears why a connection was not admitted.
  using Refuse = std::function<void(const Connection&, std::string_view problem)>;

  /// Both outlive the door.
  ProxyDoor(Timers& timers, Turn& turn);
  ~ProxyDoor();
  ProxyDoor(const ProxyDoor&) = delete;
  ProxyDoor& operator=(const ProxyDoor&) = delete;

  /// Waits for the header. One that is broken, incomplete or late ends the connection.
  void wait(std::unique_ptr<Connection> connection, Admit admit, Refuse refuse);
  std::size_t waiting() const { return visits_.size(); }
  /// Resets those that wait.
  void clear();

 private:
  class Visit;
  void leave(const Visit& visit);

  Timers& timers_;
  Turn& turn_;
  std::map<const Visit*, std::shared_ptr<Visit>> visits_;  // looked up, never walked
};

}  // namespace mailscope::net
