// The network as one simulated host has it: addresses, ports, listeners, bound sockets.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/net/network.hpp"
#include "server/trace/event.hpp"
#include "sim/network/internet.hpp"
#include "sim/network/link.hpp"
#include "sim/network/tcp_state.hpp"

namespace mailscope::sim {

class TcpSocket;

/// RFC 6335 section 6: ports for connections that a host opens.
inline constexpr std::uint16_t kFirstEphemeralPort = 49152;
inline constexpr std::uint16_t kLastEphemeralPort = 65535;
/// Query ports are drawn from all that need no privilege (RFC 5452 section 9.2).
inline constexpr std::uint16_t kFirstUserPort = 1024;
/// UDP over IPv4: 65,535 octets without both headers.
inline constexpr std::size_t kMaxDatagramOctets = 65'507;

/// A connection as it stands: for the viewer and for tests.
struct TcpInfo {
  net::ConnectionId connection = 0;
  net::Endpoint local;
  net::Endpoint remote;
  TcpState state = TcpState::closed;
  std::uint32_t send_next = 0;  // sequence numbers as on the wire, not relative
  std::uint32_t receive_next = 0;
  std::uint32_t in_flight = 0;          // octets sent and not acknowledged
  std::size_t unsent = 0;               // octets given to send() and not acknowledged
  std::uint32_t congestion_window = 0;  // octets
  std::uint32_t slow_start_threshold = 0;
  std::uint32_t peer_window = 0;
  net::Duration smoothed_rtt{};
  net::Duration rto{};
};

class HostNetwork final : public net::Network {
 public:
  HostNetwork(Internet& internet, HostOptions options, std::uint32_t index, trace::HostId trace_id,
              const SeededEntropy& entropy);
  ~HostNetwork() override;

  /// The IPv4 address where there is one.
  net::Address address() const override;
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override;
  /// A loopback address is this host. From an address of the family of `to`; without one the
  /// connection closes as unreachable.
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override;
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) override;

  const std::string& name() const { return options_.name; }
  const std::string& domain() const { return options_.domain; }
  const std::optional<net::Address>& v4() const { return options_.v4; }
  const std::optional<net::Address>& v6() const { return options_.v6; }
  trace::HostId trace_id() const { return trace_id_; }
  HostState state() const { return state_; }
  LinkState link_state() const { return link_state_; }
  /// Open connections, in the order in which they were opened; not those in TIME-WAIT.
  std::vector<TcpInfo> connections() const;
  std::size_t connection_count() const { return socket_count_; }

  // For the other classes of this folder.

  Internet& internet() { return internet_; }
  void receive(const Segment& segment);
  /// False: nobody is bound to the port.
  bool receive(const Datagram& datagram);
  /// nullptr: nobody listens there.
  std::shared_ptr<Acceptor> listener(std::uint16_t port) const;
  std::uint32_t initial_sequence() { return static_cast<std::uint32_t>(entropy_.next()); }
  void unlink(TcpSocket& socket);
  /// RST in answer to a segment that belongs to no connection.
  void answer_with_reset(const Segment& segment);

 private:
  friend class Internet;
  class ListenerHandle;
  class DatagramHandle;

  /// One that makes `flow` a new one; 0: none is left.
  std::uint16_t ephemeral_port(Flow flow);
  void send_datagram(std::uint16_t port, const net::Endpoint& to, std::string_view payload);
  /// The number of the address to send from; 0: none of that family.
  AddressId source_for(AddressId destination, bool v6) const;
  AddressId resolve(const net::Address& address);
  std::unique_ptr<net::Connection> fail_to_connect(net::Endpoint to, net::ConnectionEvents& events,
                                                   const trace::Origin& origin, AddressId source);
  void receive_syn(const Segment& segment);
  void acknowledge_in_time_wait(const Segment& segment, const TimeWaitTable::Record& record);
  void link(TcpSocket& socket);
  bool at_connection_limit(const trace::Origin& origin);
  std::uint64_t access_bandwidth() const;

  Internet& internet_;
  HostOptions options_;
  std::uint32_t index_;
  trace::HostId trace_id_;
  SeededEntropy entropy_;        // initial sequence numbers and TCP ports
  SeededEntropy query_entropy_;  // UDP ports
  HostState state_ = HostState::up;
  LinkState link_state_ = LinkState::up;
  LinkOptions extra_;  // a fault on the access link
  LinkQueue up_;
  LinkQueue down_;
  AddressId v4_id_ = 0;
  AddressId v6_id_ = 0;
  AddressId loopback_v4_id_ = 0;  // made at first use
  AddressId loopback_v6_id_ = 0;
  std::uint16_t next_port_;
  std::map<std::uint16_t, std::shared_ptr<Acceptor>> listeners_;
  std::map<std::uint16_t, std::shared_ptr<DatagramHandler>> bound_;
  TcpSocket* first_socket_ = nullptr;
  TcpSocket* last_socket_ = nullptr;
  std::size_t socket_count_ = 0;
};

}  // namespace mailscope::sim
