// Ports, listeners and bound sockets of a host; what arrives for none of its connections.
#include "sim/network/host_network.hpp"

#include <utility>

#include "sim/network/sequence.hpp"
#include "sim/network/tcp_connection.hpp"
#include "sim/network/tcp_socket.hpp"

namespace mailscope::sim {

namespace {

constexpr std::uint32_t kIpUdpHeadersV4 = 28;
constexpr std::uint32_t kIpUdpHeadersV6 = 48;
constexpr std::uint32_t kEphemeralPorts = kLastEphemeralPort - kFirstEphemeralPort + 1u;

/// Draws for a free query port before the host is taken to have none.
constexpr int kPortDraws = 1000;

}  // namespace

class HostNetwork::ListenerHandle final : public net::Listener {
 public:
  ListenerHandle(HostNetwork& host, std::uint16_t port) : host_(host), port_(port) {}
  ~ListenerHandle() override { host_.listeners_.erase(port_); }

 private:
  HostNetwork& host_;
  std::uint16_t port_;
};

class HostNetwork::DatagramHandle final : public net::DatagramSocket {
 public:
  DatagramHandle(HostNetwork& host, std::uint16_t port) : host_(host), port_(port) {}
  ~DatagramHandle() override { host_.bound_.erase(port_); }
  void send_to(net::Endpoint to, std::string_view payload) override {
    host_.send_datagram(port_, to, payload);
  }
  net::Endpoint local() const override { return {host_.address(), port_}; }

 private:
  HostNetwork& host_;
  std::uint16_t port_;
};

HostNetwork::HostNetwork(Internet& internet, HostOptions options, std::uint32_t index,
                         trace::HostId trace_id, const SeededEntropy& entropy)
    : internet_(internet),
      options_(std::move(options)),
      index_(index),
      trace_id_(trace_id),
      entropy_(entropy.fork_seed("tcp")),
      query_entropy_(entropy.fork_seed("udp ports")),
      next_port_(
          static_cast<std::uint16_t>(kFirstEphemeralPort + entropy_.below(kEphemeralPorts))) {}

HostNetwork::~HostNetwork() = default;

net::Address HostNetwork::address() const {
  return options_.v4 ? *options_.v4 : *options_.v6;
}

std::uint64_t HostNetwork::access_bandwidth() const {
  const std::uint64_t normal = options_.access.bandwidth_bps;
  const std::uint64_t fault = extra_.bandwidth_bps;
  return normal == 0 || fault == 0 ? normal + fault : std::min(normal, fault);
}

std::unique_ptr<net::Listener> HostNetwork::listen(std::uint16_t port, Acceptor acceptor) {
  if (listeners_.contains(port)) {
    throw net::NetworkError("TCP port " + std::to_string(port) + " of " + name() +
                            " is taken already");
  }
  listeners_[port] = std::make_shared<Acceptor>(std::move(acceptor));
  return std::make_unique<ListenerHandle>(*this, port);
}

std::shared_ptr<net::Network::Acceptor> HostNetwork::listener(std::uint16_t port) const {
  const auto found = listeners_.find(port);
  return found == listeners_.end() ? nullptr : found->second;
}

std::unique_ptr<net::DatagramSocket> HostNetwork::bind(std::uint16_t port,
                                                       DatagramHandler handler) {
  if (port == 0) {
    const std::uint64_t range = 65536u - kFirstUserPort;
    for (int draw = 0; port == 0 && draw < kPortDraws; ++draw) {
      const auto drawn = static_cast<std::uint16_t>(kFirstUserPort + query_entropy_.below(range));
      if (!bound_.contains(drawn)) port = drawn;
    }
    if (port == 0) throw net::NetworkError("no UDP port of " + name() + " is free");
  } else if (bound_.contains(port)) {
    throw net::NetworkError("UDP port " + std::to_string(port) + " of " + name() +
                            " is taken already");
  }
  bound_[port] = std::make_shared<DatagramHandler>(std::move(handler));
  return std::make_unique<DatagramHandle>(*this, port);
}

AddressId HostNetwork::resolve(const net::Address& address) {
  if (address.is_loopback()) return internet_.loopback_address(*this, address.is_v6());
  return internet_.find_address(address);
}

AddressId HostNetwork::source_for(AddressId destination, bool v6) const {
  // To itself a host speaks from the address that it speaks to.
  if (destination != 0 && &internet_.owner(destination) == this) return destination;
  return v6 ? v6_id_ : v4_id_;
}

std::unique_ptr<net::Connection> HostNetwork::connect(net::Endpoint to,
                                                      net::ConnectionEvents& events) {
  Flow flow;
  flow.remote = resolve(to.address);
  flow.remote_port = to.port;
  flow.local = source_for(flow.remote, to.address.is_v6());
  trace::Origin origin{trace_id_, 0, internet_.sink().new_connection(), 0};
  if (flow.remote != 0) origin.peer = internet_.owner(flow.remote).trace_id();
  const bool possible = flow.local != 0 && flow.remote != 0 && state_ != HostState::off;
  if (possible && !at_connection_limit(origin)) {
    flow.local_port = ephemeral_port(flow);
  }
  if (flow.local_port == 0) return fail_to_connect(to, events, origin, flow.local);
  auto user = std::make_unique<TcpConnection>(internet_, flow, origin);
  user->set_events(events);
  auto socket = std::make_unique<TcpSocket>(*this, flow, origin.connection);
  TcpSocket& opened = *socket;
  user->attach(opened);
  internet_.adopt(std::move(socket));
  link(opened);
  opened.open_active(*user);
  return user;
}

std::unique_ptr<net::Connection> HostNetwork::fail_to_connect(net::Endpoint to,
                                                              net::ConnectionEvents& events,
                                                              const trace::Origin& origin,
                                                              AddressId source) {
  net::Endpoint local;
  if (source != 0) local.address = internet_.address(source);
  trace::Sink& sink = internet_.sink();
  const trace::CauseScope cause(
      sink, sink.record(trace::Kind::transport_open, origin, {local.to_string(), to.to_string()}));
  auto user = std::make_unique<TcpConnection>(internet_, local, to, origin);
  user->set_events(events);
  net::Time at = internet_.kernel().now();
  // Our own stack knows what it lacks; that nobody has the address only a router can tell.
  if (source != 0) at += 2 * options_.access.latency;
  user->close_later(at, net::CloseReason::unreachable,
                    net::to_string(net::CloseReason::unreachable));
  return user;
}

bool HostNetwork::at_connection_limit(const trace::Origin& origin) {
  if (socket_count_ < options_.max_connections) return false;
  internet_.sink().record(trace::Kind::policy_limit, origin,
                          {"TCP connections of the host", options_.max_connections});
  return true;
}

std::uint16_t HostNetwork::ephemeral_port(Flow flow) {
  for (std::uint32_t tried = 0; tried < kEphemeralPorts; ++tried) {
    flow.local_port = next_port_;
    next_port_ = next_port_ == kLastEphemeralPort ? kFirstEphemeralPort
                                                  : static_cast<std::uint16_t>(next_port_ + 1);
    if (!internet_.flow_in_use(flow)) return flow.local_port;
  }
  return 0;
}

void HostNetwork::send_datagram(std::uint16_t port, const net::Endpoint& to,
                                std::string_view payload) {
  Flow flow;
  flow.remote = resolve(to.address);
  flow.local = source_for(flow.remote, to.address.is_v6());
  flow.local_port = port;
  flow.remote_port = to.port;
  const std::string_view problem = flow.remote == 0 || flow.local == 0   ? "no route"
                                   : payload.size() > kMaxDatagramOctets ? "too long"
                                                                         : "";
  if (!problem.empty()) {  // the sender of a datagram is not told
    internet_.sink().record(trace::Kind::link_lost, {trace_id_, 0, 0, 0},
                            {payload.size(), problem});
    return;
  }
  Datagram& datagram = internet_.new_datagram();
  datagram.path = &internet_.path(*this, internet_.owner(flow.remote));
  datagram.flow = flow;
  datagram.payload.assign(payload);
  datagram.wire_octets = static_cast<std::uint32_t>(payload.size()) +
                         (to.address.is_v6() ? kIpUdpHeadersV6 : kIpUdpHeadersV4);
  internet_.send(datagram);
}

bool HostNetwork::receive(const Datagram& datagram) {
  if (state_ != HostState::up) return false;
  const auto found = bound_.find(datagram.flow.remote_port);
  if (found == bound_.end()) return false;
  const auto handler = found->second;  // it may unbind itself
  (*handler)(internet_.endpoint(datagram.flow.local, datagram.flow.local_port), datagram.payload);
  return true;
}

void HostNetwork::receive(const Segment& segment) {
  if (state_ == HostState::refusing) {
    answer_with_reset(segment);
    return;
  }
  const Flow flow = segment.flow.reversed();
  if (TcpSocket* socket = internet_.find_socket(flow)) {
    socket->receive(segment);
    return;
  }
  const bool opens = segment.flags == flag::kSyn;
  TimeWaitTable& waiting = internet_.time_wait();
  if (const auto* record = waiting.find(flow.key(), internet_.kernel().now())) {
    // A SYN behind everything that was received may reuse the ports (RFC 9293 section 3.6.1).
    if (!opens || !seq_before(record->receive_next, segment.seq)) {
      acknowledge_in_time_wait(segment, *record);
      return;
    }
    waiting.erase(flow.key());
  }
  if (opens) {
    receive_syn(segment);
  } else {
    answer_with_reset(segment);
  }
}

void HostNetwork::receive_syn(const Segment& segment) {
  if (!listener(segment.flow.remote_port)) {
    answer_with_reset(segment);
    return;
  }
  const Flow flow = segment.flow.reversed();
  const trace::Origin origin{trace_id_, segment.path->from.trace_id(), segment.connection, 0};
  if (at_connection_limit(origin)) return;  // the peer tries again
  auto socket = std::make_unique<TcpSocket>(*this, flow, segment.connection);
  TcpSocket& opened = *socket;
  internet_.adopt(std::move(socket));
  link(opened);
  opened.open_passive(segment);
}

void HostNetwork::answer_with_reset(const Segment& segment) {
  if (segment.has(flag::kRst)) return;
  // RFC 9293 section 3.10.7.1.
  Segment& reset = internet_.new_segment();
  reset.flow = segment.flow.reversed();
  reset.connection = segment.connection;
  reset.path = &internet_.path(*this, segment.path->from);
  reset.size = 0;
  reset.window = 0;
  reset.seq_base = segment.ack_base;
  reset.ack_base = segment.seq_base;
  if (segment.has(flag::kAck)) {
    reset.flags = flag::kRst;
    reset.seq = segment.ack;
    reset.ack = reset.ack_base;
  } else {
    reset.flags = flag::kRst | flag::kAck;
    reset.seq = reset.seq_base = 0;
    reset.ack = segment.seq + segment.length();
  }
  reset.wire_octets = internet_.address(reset.flow.remote).is_v6() ? 60 : 40;
  internet_.send(reset, {trace_id_, segment.path->from.trace_id(), segment.connection, 0});
}

void HostNetwork::acknowledge_in_time_wait(const Segment& segment,
                                           const TimeWaitTable::Record& record) {
  // A RST must not end TIME-WAIT (RFC 1337), and plain acknowledgements want no answer.
  if (segment.has(flag::kRst) || segment.length() == 0) return;
  Segment& answer = internet_.new_segment();
  answer.flow = segment.flow.reversed();
  answer.connection = record.connection;
  answer.path = &internet_.path(*this, segment.path->from);
  answer.size = 0;
  answer.flags = flag::kAck;
  answer.seq = record.send_next;
  answer.ack = record.receive_next;
  answer.seq_base = record.send_base;
  answer.ack_base = record.receive_base;
  answer.window = kReceiveBufferOctets;
  answer.wire_octets = internet_.address(answer.flow.remote).is_v6() ? 60 : 40;
  internet_.send(answer, {trace_id_, segment.path->from.trace_id(), record.connection, 0});
}

std::vector<TcpInfo> HostNetwork::connections() const {
  std::vector<TcpInfo> all;
  for (const TcpSocket* socket = first_socket_; socket != nullptr; socket = socket->next_) {
    all.push_back(socket->info());
  }
  return all;
}

void HostNetwork::link(TcpSocket& socket) {
  socket.previous_ = last_socket_;
  (last_socket_ != nullptr ? last_socket_->next_ : first_socket_) = &socket;
  last_socket_ = &socket;
  ++socket_count_;
}

void HostNetwork::unlink(TcpSocket& socket) {
  (socket.previous_ != nullptr ? socket.previous_->next_ : first_socket_) = socket.next_;
  (socket.next_ != nullptr ? socket.next_->previous_ : last_socket_) = socket.previous_;
  socket.next_ = socket.previous_ = nullptr;
  --socket_count_;
}

}  // namespace mailscope::sim
