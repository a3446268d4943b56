// The simulated internet: hosts that hang on a common backbone by an access link each, what may be
// wrong with the links and hosts, and the packets on their way. Faults may change at any time.
//
//     sim::Kernel kernel(start);
//     trace::Recorder recorder(kernel);
//     kernel.attach(recorder);
//     sim::Internet internet(kernel, recorder, sim::SeededEntropy(seed));
//     net::Network& mx = internet.add_host({.name = "mx.acme.example", .domain = "acme.example",
//                                           .v4 = net::Address::v4(192, 0, 2, 25)});
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/net/address.hpp"
#include "server/trace/sink.hpp"
#include "sim/kernel/entropy.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/network/link.hpp"
#include "sim/network/packet.hpp"
#include "sim/network/path.hpp"
#include "sim/network/tcp_options.hpp"
#include "sim/network/time_wait.hpp"

namespace mailscope::sim {

class HostNetwork;
class TcpSocket;

/// A link between a host and the backbone, as most hosts have it.
inline constexpr LinkOptions kDefaultAccess{.latency = std::chrono::milliseconds(10)};
/// Between two hosts of one domain: the same machine room.
inline constexpr LinkOptions kDefaultLan{.latency = std::chrono::microseconds(500)};
/// From a host to itself.
inline constexpr LinkOptions kDefaultLoopback{.latency = std::chrono::microseconds(20)};

/// What is written to the trace. Openings, closings, losses and retransmissions always are.
struct TraceOptions {
  bool segments = true;
  bool datagrams = true;
  bool payloads = false;  // with their octets, for a capture file
};

struct InternetOptions {
  LinkOptions lan = kDefaultLan;
  LinkOptions loopback = kDefaultLoopback;
  TcpOptions tcp;
  TraceOptions trace;
};

/// "192.0.2.1:25" for the trace, made without allocating.
class EndpointText {
 public:
  /// `address` as in front of a port: an IPv6 address in brackets.
  EndpointText(std::string_view address, std::uint16_t port);
  operator trace::Value() const { return std::string_view(text_.data(), size_); }  // NOLINT

 private:
  static constexpr std::size_t kMaxOctets = 48;  // "[" + 39 + "]:65535"
  std::array<char, kMaxOctets> text_;
  std::size_t size_;
};

/// Connections of a host, half-open ones too: what its ports and memory allow.
inline constexpr std::size_t kMaxConnectionsPerHost = 65'536;

struct HostOptions {
  std::string name;    // lower case, no final dot; unique
  std::string domain;  // hosts of one domain share a LAN; may be empty
  std::optional<net::Address> v4;
  std::optional<net::Address> v6;  // at least one of the two
  LinkOptions access = kDefaultAccess;
  std::size_t max_connections = kMaxConnectionsPerHost;
};

class Internet {
 public:
  /// `kernel` must not run any more once the internet is gone.
  Internet(Kernel& kernel, trace::Sink& sink, const SeededEntropy& entropy,
           InternetOptions options = {});
  ~Internet();
  Internet(const Internet&) = delete;
  Internet& operator=(const Internet&) = delete;

  /// Throws net::NetworkError when the name or an address is taken, or there is no address.
  HostNetwork& add_host(HostOptions options);
  /// nullptr when there is none.
  HostNetwork* find_host(std::string_view name);
  HostNetwork* find_host(const net::Address& address);
  const std::vector<std::unique_ptr<HostNetwork>>& hosts() const { return hosts_; }

  // The links. Each of these holds from the next packet on; what is on its way still arrives,
  // unless the link or host is down when it would.

  /// Replaces the access link's properties.
  void set_access(HostNetwork& host, const LinkOptions& options);
  /// The way between two hosts, both directions, instead of LAN or access links.
  void set_path(HostNetwork& a, HostNetwork& b, const LinkOptions& options);
  void clear_path(HostNetwork& a, HostNetwork& b);
  /// What comes on top of the normal properties: a fault. An empty LinkOptions ends it. Latency,
  /// jitter and loss add up, the least bandwidth counts.
  void impair(HostNetwork& host, const LinkOptions& extra);
  void impair(HostNetwork& a, HostNetwork& b, const LinkOptions& extra);
  void set_link_state(HostNetwork& host, LinkState state);
  void set_link_state(HostNetwork& a, HostNetwork& b, LinkState state);
  /// Loses exactly the `count` packets that follow after the next `pass` ones from `from` to `to`:
  /// for the lesson in which this one reply is lost.
  void lose_next(HostNetwork& from, HostNetwork& to, std::uint32_t count, std::uint32_t pass = 0) {
    path(from, to).lose_next(count, pass);
  }
  LinkState link_state(HostNetwork& a, HostNetwork& b) { return path(a, b).state; }
  /// What a packet from `a` to `b` meets now.
  LinkOptions effective(HostNetwork& a, HostNetwork& b);

  /// off: its connections vanish; its own users are told (reset), its peers are not. Listeners and
  /// bound sockets stay: they work again when it is up. refusing: its connections are reset.
  void set_host_state(HostNetwork& host, HostState state);
  /// Off and on again in one moment: what its peers send to old connections is answered with RST.
  void restart_host(HostNetwork& host);

  TraceOptions& trace_options() { return options_.trace; }
  const InternetOptions& options() const { return options_; }
  Kernel& kernel() { return kernel_; }
  trace::Sink& sink() { return sink_; }
  std::uint64_t segments_sent() const { return segments_sent_; }

  // For the hosts and sockets of this folder.

  Path& path(HostNetwork& from, HostNetwork& to);
  AddressId find_address(const net::Address& address) const;  // 0: nobody has it
  AddressId loopback_address(HostNetwork& host, bool v6);
  const net::Address& address(AddressId id) const { return addresses_[id].address; }
  HostNetwork& owner(AddressId id) const { return *addresses_[id].host; }
  net::Endpoint endpoint(AddressId id, std::uint16_t port) const { return {address(id), port}; }
  EndpointText endpoint_text(AddressId id, std::uint16_t port) const {
    return {addresses_[id].text, port};
  }
  Segment& new_segment() { return *segments_.take(); }
  /// Records and sends; `origin` is the sender's.
  void send(Segment& segment, const trace::Origin& origin);
  void send(Datagram& datagram);
  Datagram& new_datagram() { return *datagrams_.take(); }
  TcpSocket* find_socket(const Flow& flow) const;
  bool flow_in_use(const Flow& flow);
  void adopt(std::unique_ptr<TcpSocket> socket);
  /// Takes the socket out of the tables; it is destroyed when nothing of it runs any more.
  void bury(TcpSocket& socket);
  TimeWaitTable& time_wait() { return time_wait_; }

 private:
  struct AddressRecord {
    net::Address address;
    HostNetwork* host = nullptr;
    std::string text;  // in front of a port
  };
  struct PairLink {
    std::optional<LinkOptions> options;
    LinkOptions extra;
    LinkState state = LinkState::up;
  };
  enum class Verdict : std::uint8_t { sent, lost, refused_by_router };

  AddressId add_address(const net::Address& address, HostNetwork& host);
  PairLink& pair(const HostNetwork& a, const HostNetwork& b);
  void refresh(Path& path);
  LinkOptions base_options(const HostNetwork& from, const HostNetwork& to) const;
  void changed() { ++version_; }
  /// Whether the packet leaves, and when it arrives.
  Verdict route(const Packet& packet, net::Time& at);
  bool may_arrive(const Packet& packet);
  void lose(const Packet& packet, std::string_view reason);
  void arrive(Segment& segment);
  void arrive(Datagram& datagram);
  template <typename P>
  Verdict launch(P& packet, Pool<P>& pool);
  template <typename P>
  void schedule_arrival(P& packet, net::Time at, Pool<P>& pool);
  void tell_unreachable(const Flow& flow, const Path& path);

  Kernel& kernel_;
  trace::Sink& sink_;
  SeededEntropy entropy_;
  InternetOptions options_;
  std::vector<std::unique_ptr<HostNetwork>> hosts_;
  std::map<std::string, HostNetwork*, std::less<>> hosts_by_name_;
  std::vector<AddressRecord> addresses_;
  std::map<net::Address, AddressId> address_ids_;
  std::vector<std::vector<std::unique_ptr<Path>>> paths_;  // [from][to], made at first use
  std::map<std::pair<std::uint32_t, std::uint32_t>, PairLink> pairs_;
  std::uint64_t version_ = 1;  // of everything that paths are worked out from
  std::unordered_map<std::uint64_t, std::unique_ptr<TcpSocket>> sockets_;  // looked up only
  std::vector<std::unique_ptr<TcpSocket>> graveyard_;
  TimeWaitTable time_wait_;
  Pool<Segment> segments_;
  Pool<Datagram> datagrams_;
  std::uint64_t segments_sent_ = 0;
};

}  // namespace mailscope::sim
