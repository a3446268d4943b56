// Topology, faults, and packets on their way.
#include "sim/network/internet.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "sim/network/host_network.hpp"
#include "sim/network/tcp_socket.hpp"

namespace mailscope::sim {

namespace {

/// Address numbers have 16 bits; 0 is "nobody's".
constexpr std::size_t kMaxAddresses = 65'535;

/// The least of two bandwidths, of which 0 is "not limited".
std::uint64_t narrower(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return a + b;
  return std::min(a, b);
}

std::uint32_t either_lost(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t both = std::uint64_t{a} * b / kPartsPerMillion;
  return static_cast<std::uint32_t>(std::uint64_t{a} + b - both);
}

/// Two links in a row, or a link and what is wrong with it.
LinkOptions combined(const LinkOptions& a, const LinkOptions& b) {
  return {a.latency + b.latency, a.jitter + b.jitter, narrower(a.bandwidth_bps, b.bandwidth_bps),
          either_lost(a.loss_ppm, b.loss_ppm)};
}

}  // namespace

EndpointText::EndpointText(std::string_view address, std::uint16_t port) {
  char* end = std::copy(address.begin(), address.end(), text_.begin());
  *end++ = ':';
  end = std::to_chars(end, text_.data() + text_.size(), port).ptr;
  size_ = static_cast<std::size_t>(end - text_.data());
}

Internet::Internet(Kernel& kernel, trace::Sink& sink, const SeededEntropy& entropy,
                   InternetOptions options)
    : kernel_(kernel), sink_(sink), entropy_(entropy.fork_seed("internet")), options_(options) {
  addresses_.emplace_back();
}

Internet::~Internet() {
  graveyard_.clear();
  sockets_.clear();  // before the hosts that they refer to
}

HostNetwork& Internet::add_host(HostOptions options) {
  if (!options.v4 && !options.v6) {
    throw net::NetworkError("host " + options.name + " has no address");
  }
  if (hosts_by_name_.contains(options.name)) {
    throw net::NetworkError("there is a host " + options.name + " already");
  }
  for (const auto& address : {options.v4, options.v6}) {
    if (address && address_ids_.contains(*address)) {
      throw net::NetworkError("address " + address->to_string() + " of host " + options.name +
                              " belongs to " + owner(find_address(*address)).name() + " already");
    }
  }
  const auto index = static_cast<std::uint32_t>(hosts_.size());
  const trace::HostId id = sink_.host(options.name);
  const SeededEntropy entropy(entropy_.fork_seed("host " + options.name));
  hosts_.push_back(std::make_unique<HostNetwork>(*this, std::move(options), index, id, entropy));
  HostNetwork& host = *hosts_.back();
  hosts_by_name_[host.name()] = &host;
  if (host.v4()) address_ids_[*host.v4()] = host.v4_id_ = add_address(*host.v4(), host);
  if (host.v6()) address_ids_[*host.v6()] = host.v6_id_ = add_address(*host.v6(), host);
  return host;
}

AddressId Internet::add_address(const net::Address& address, HostNetwork& host) {
  if (addresses_.size() > kMaxAddresses) {
    throw net::NetworkError("too many addresses: the limit is " + std::to_string(kMaxAddresses));
  }
  std::string text = address.to_string();
  if (address.is_v6()) text = "[" + text + "]";
  addresses_.push_back({address, &host, std::move(text)});
  return static_cast<AddressId>(addresses_.size() - 1);
}

AddressId Internet::find_address(const net::Address& address) const {
  const auto found = address_ids_.find(address);
  return found == address_ids_.end() ? AddressId{0} : found->second;
}

AddressId Internet::loopback_address(HostNetwork& host, bool v6) {
  AddressId& id = v6 ? host.loopback_v6_id_ : host.loopback_v4_id_;
  if (id == 0) {
    const auto address = v6 ? net::Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
                            : net::Address::v4(127, 0, 0, 1);
    id = add_address(address, host);  // everybody has it: not in address_ids_
  }
  return id;
}

HostNetwork* Internet::find_host(std::string_view name) {
  const auto found = hosts_by_name_.find(name);
  return found == hosts_by_name_.end() ? nullptr : found->second;
}

HostNetwork* Internet::find_host(const net::Address& address) {
  const AddressId id = find_address(address);
  return id == 0 ? nullptr : &owner(id);
}

void Internet::set_access(HostNetwork& host, const LinkOptions& options) {
  host.options_.access = options;
  changed();
}

Internet::PairLink& Internet::pair(const HostNetwork& a, const HostNetwork& b) {
  changed();
  return pairs_[std::minmax(a.index_, b.index_)];
}

void Internet::set_path(HostNetwork& a, HostNetwork& b, const LinkOptions& options) {
  pair(a, b).options = options;
}

void Internet::clear_path(HostNetwork& a, HostNetwork& b) {
  pair(a, b).options.reset();
}

void Internet::impair(HostNetwork& host, const LinkOptions& extra) {
  host.extra_ = extra;
  changed();
}

void Internet::impair(HostNetwork& a, HostNetwork& b, const LinkOptions& extra) {
  pair(a, b).extra = extra;
}

void Internet::set_link_state(HostNetwork& host, LinkState state) {
  if (host.link_state_ == state) return;
  host.link_state_ = state;
  changed();
  sink_.record(trace::Kind::link_state, {host.trace_id(), 0, 0, 0},
               {host.name(), "internet", state == LinkState::up});
}

void Internet::set_link_state(HostNetwork& a, HostNetwork& b, LinkState state) {
  PairLink& link = pair(a, b);
  if (link.state == state) return;
  link.state = state;
  sink_.record(trace::Kind::link_state, {a.trace_id(), b.trace_id(), 0, 0},
               {a.name(), b.name(), state == LinkState::up});
}

void Internet::set_host_state(HostNetwork& host, HostState state) {
  if (host.state_ == state) return;
  const trace::CauseScope cause(sink_,
                                sink_.record(trace::Kind::link_host, {host.trace_id(), 0, 0, 0},
                                             {host.name(), state == HostState::up}));
  host.state_ = state;
  if (state == HostState::up) return;
  while (host.first_socket_ != nullptr) {
    host.first_socket_->host_failed(state == HostState::refusing);
  }
}

void Internet::restart_host(HostNetwork& host) {
  set_host_state(host, HostState::off);
  set_host_state(host, HostState::up);
}

Path& Internet::path(HostNetwork& from, HostNetwork& to) {
  if (paths_.size() < hosts_.size()) paths_.resize(hosts_.size());
  auto& row = paths_[from.index_];
  if (row.size() <= to.index_) row.resize(hosts_.size());
  auto& path = row[to.index_];
  if (!path) {
    path = std::make_unique<Path>(from, to,
                                  entropy_.fork_seed("path " + from.name() + " " + to.name()));
  }
  refresh(*path);
  return *path;
}

LinkOptions Internet::base_options(const HostNetwork& from, const HostNetwork& to) const {
  if (!from.domain().empty() && from.domain() == to.domain()) return options_.lan;
  LinkOptions sum = combined(from.options_.access, to.options_.access);
  sum.bandwidth_bps = 0;  // each access link has a queue of its own for all its traffic
  return sum;
}

void Internet::refresh(Path& path) {
  if (path.version == version_) return;
  path.version = version_;
  const HostNetwork& from = path.from;
  const HostNetwork& to = path.to;
  if (&from == &to) {  // never leaves the host: no link's faults reach it
    path.options = options_.loopback;
    path.state = LinkState::up;
    return;
  }
  const auto found = pairs_.find(std::minmax(from.index_, to.index_));
  const PairLink* link = found == pairs_.end() ? nullptr : &found->second;
  path.options = link != nullptr && link->options ? *link->options : base_options(from, to);
  LinkOptions faults = combined(from.extra_, to.extra_);
  faults.bandwidth_bps = 0;  // as above
  if (link != nullptr) faults = combined(faults, link->extra);
  path.options = combined(path.options, faults);
  path.state = std::max(from.link_state_, to.link_state_);
  if (link != nullptr) path.state = std::max(path.state, link->state);
  // A link that vanishes in silence hides a router further on that would speak.
  for (const LinkState state : {from.link_state_, to.link_state_}) {
    if (state == LinkState::down) path.state = LinkState::down;
  }
}

LinkOptions Internet::effective(HostNetwork& a, HostNetwork& b) {
  LinkOptions options = path(a, b).options;
  if (&a != &b) {
    options.bandwidth_bps =
        narrower(options.bandwidth_bps, narrower(a.access_bandwidth(), b.access_bandwidth()));
  }
  return options;
}

void Internet::send(Segment& segment, const trace::Origin& origin) {
  ++segments_sent_;
  segment.event = sink_.cause();
  if (options_.trace.segments) {
    const std::string_view payload = options_.trace.payloads ? segment.data() : std::string_view();
    segment.event =
        sink_.record(trace::Kind::transport_segment, origin,
                     {flag_names(segment.flags), segment.seq - segment.seq_base,
                      segment.ack - segment.ack_base, segment.window, segment.size, payload});
  }
  const Flow flow = segment.flow;
  const Path& way = *segment.path;
  const bool opening = segment.flags == flag::kSyn;
  if (launch(segment, segments_) == Verdict::refused_by_router && opening) {
    tell_unreachable(flow, way);
  }
}

void Internet::send(Datagram& datagram) {
  datagram.event = sink_.cause();
  if (options_.trace.datagrams) {
    const std::string_view payload =
        options_.trace.payloads ? std::string_view(datagram.payload) : std::string_view();
    datagram.event =
        sink_.record(trace::Kind::transport_datagram,
                     {datagram.path->from.trace_id(), datagram.path->to.trace_id(), 0, 0},
                     {endpoint(datagram.flow.local, datagram.flow.local_port).to_string(),
                      endpoint(datagram.flow.remote, datagram.flow.remote_port).to_string(),
                      datagram.payload.size(), payload});
  }
  launch(datagram, datagrams_);
}

template <typename P>
Internet::Verdict Internet::launch(P& packet, Pool<P>& pool) {
  net::Time at;
  const Verdict verdict = route(packet, at);
  if (verdict == Verdict::sent) {
    schedule_arrival(packet, at, pool);
  } else {
    pool.give(&packet);
  }
  return verdict;
}

Internet::Verdict Internet::route(const Packet& packet, net::Time& at) {
  Path& path = *packet.path;
  refresh(path);
  if (path.from.state_ == HostState::off) {
    lose(packet, "host down");
    return Verdict::lost;
  }
  if (path.state != LinkState::up) {
    lose(packet, "link down");
    return path.state == LinkState::down ? Verdict::lost : Verdict::refused_by_router;
  }
  if (path.draw_loss()) {
    lose(packet, "loss");
    return Verdict::lost;
  }
  at = kernel_.now();
  if (&path.from != &path.to) {
    at = path.from.up_.pass(at, packet.wire_octets, path.from.access_bandwidth());
  }
  if (at != net::kNever) at = path.queue.pass(at, packet.wire_octets, path.options.bandwidth_bps);
  if (at == net::kNever) {
    lose(packet, "queue full");
    return Verdict::lost;
  }
  at += path.draw_latency();
  return Verdict::sent;
}

template <typename P>
void Internet::schedule_arrival(P& packet, net::Time at, Pool<P>& pool) {
  P* const p = &packet;
  HostNetwork& receiver = packet.path->to;
  if (receiver.access_bandwidth() == 0 || &receiver == &packet.path->from) {
    kernel_.schedule(at, packet.event, [this, p] { arrive(*p); });
    return;
  }
  // It comes to the receiver's access link together with packets from elsewhere.
  kernel_.schedule(at, packet.event, [this, p, &pool] {
    HostNetwork& to = p->path->to;
    const net::Time through = to.down_.pass(kernel_.now(), p->wire_octets, to.access_bandwidth());
    if (through == net::kNever) {
      lose(*p, "queue full");
      pool.give(p);
      return;
    }
    kernel_.schedule(through, p->event, [this, p] { arrive(*p); });
  });
}

bool Internet::may_arrive(const Packet& packet) {
  refresh(*packet.path);
  if (packet.path->to.state_ == HostState::off) {
    lose(packet, "host down");
    return false;
  }
  if (packet.path->state != LinkState::up) {
    lose(packet, "link down");
    return false;
  }
  return true;
}

void Internet::lose(const Packet& packet, std::string_view reason) {
  const trace::CauseScope cause(sink_, packet.event);
  sink_.record(trace::Kind::link_lost,
               {packet.path->from.trace_id(), packet.path->to.trace_id(), packet.connection, 0},
               {packet.wire_octets, reason});
}

void Internet::tell_unreachable(const Flow& flow, const Path& path) {
  // The router next to the sender knows; its word takes the sender's access link there and back.
  kernel_.schedule(kernel_.now() + 2 * path.from.options_.access.latency, [this, flow] {
    if (TcpSocket* socket = find_socket(flow)) socket->unreachable();
  });
}

void Internet::arrive(Segment& segment) {
  graveyard_.clear();  // no socket is running now
  if (may_arrive(segment)) segment.path->to.receive(segment);
  segments_.give(&segment);
}

void Internet::arrive(Datagram& datagram) {
  if (may_arrive(datagram)) {
    if (!datagram.path->to.receive(datagram)) lose(datagram, "port closed");
  }
  datagrams_.give(&datagram);
}

TcpSocket* Internet::find_socket(const Flow& flow) const {
  const auto found = sockets_.find(flow.key());
  return found == sockets_.end() ? nullptr : found->second.get();
}

bool Internet::flow_in_use(const Flow& flow) {
  return sockets_.contains(flow.key()) || time_wait_.find(flow.key(), kernel_.now()) != nullptr;
}

void Internet::adopt(std::unique_ptr<TcpSocket> socket) {
  TcpSocket& adopted = *socket;
  sockets_[adopted.flow().key()] = std::move(socket);
}

void Internet::bury(TcpSocket& socket) {
  const auto found = sockets_.find(socket.flow().key());
  assert(found != sockets_.end() && found->second.get() == &socket);
  graveyard_.push_back(std::move(found->second));
  sockets_.erase(found);
}

}  // namespace mailscope::sim
