#include "tests/dns/fake_world.hpp"

#include <cassert>
#include <optional>

#include "server/dns/name.hpp"

namespace mailscope::dns::test {

net::TimerId FakeTimers::set(net::Time at, std::function<void()> wake) {
  queue_.emplace(std::pair(std::max(at, now_), ++last_), std::move(wake));
  return last_;
}

void FakeTimers::cancel(net::TimerId id) {
  std::erase_if(queue_, [id](const auto& entry) { return entry.first.second == id; });
}

void FakeTimers::run_for(net::Duration by, bool stop_when_idle) {
  const net::Time end = now_ + by;
  while (!queue_.empty() && queue_.begin()->first.first <= end) {
    auto node = queue_.extract(queue_.begin());
    now_ = node.key().first;
    node.mapped()();
  }
  if (!stop_when_idle) now_ = end;
}

std::uint64_t FakeEntropy::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;  // splitmix64
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

std::unique_ptr<net::Entropy> FakeEntropy::fork(std::string_view label) const {
  return std::make_unique<FakeEntropy>(seed_ ^ hash_octets(label));
}

trace::EventId KeepingSink::record(trace::Kind kind, const trace::Origin& origin,
                                   std::initializer_list<trace::Value> values) {
  const auto id = static_cast<trace::EventId>(events.size() + 1);
  assert(values.size() == trace::info(kind).fields.size());
  Event event{id, kind, origin, cause(), {}};
  for (const auto& value : values) {
    event.values.push_back(value.is_number ? std::to_string(value.number)
                                           : std::string(value.text));
  }
  events.push_back(std::move(event));
  return id;
}

std::size_t KeepingSink::count(trace::Kind kind) const {
  return all(kind).size();
}

std::vector<Event> KeepingSink::all(trace::Kind kind) const {
  std::vector<Event> found;
  for (const auto& event : events) {
    if (event.kind == kind) found.push_back(event);
  }
  return found;
}

World::~World() = default;

FakeNetwork& World::host(const std::string& text) {
  const auto address = net::Address::parse(text);
  assert(address);
  auto& host = hosts_[*address];
  if (!host) {
    host =
        std::make_unique<FakeNetwork>(*this, *address, static_cast<trace::HostId>(hosts_.size()));
  }
  return *host;
}

Environment World::environment(const std::string& address) {
  FakeNetwork& network = host(address);
  return {network, timers,      entropy,
          sink,    network.id_, [this](const net::Address& peer) { return id_of(peer); }};
}

trace::HostId World::id_of(const net::Address& address) const {
  const auto found = hosts_.find(address);
  return found != hosts_.end() ? found->second->id_ : trace::HostId{0};
}

void World::later(std::function<void()> action) {
  timers.set(timers.now() + latency, [this, cause = sink.cause(), action = std::move(action)] {
    const trace::CauseScope scope(sink, cause);
    action();
  });
}

class FakeNetwork::Socket final : public net::DatagramSocket {
 public:
  Socket(FakeNetwork& network, std::uint16_t port, DatagramHandler handler)
      : network_(network), port_(port), handler_(std::move(handler)) {}
  ~Socket() override {
    assert(!delivering_);  // the rule of network.hpp
    network_.sockets_.erase(port_);
  }
  void send_to(net::Endpoint to, std::string_view payload) override {
    World& world = network_.world_;
    ++world.datagrams;
    if (world.lose && world.lose(local(), to, payload)) return;
    world.later([&world, to, from = local(), text = std::string(payload)] {
      const auto host = world.hosts_.find(to.address);
      if (host == world.hosts_.end()) return;
      const auto socket = host->second->sockets_.find(to.port);
      if (socket == host->second->sockets_.end()) return;
      Socket& target = *socket->second;
      target.delivering_ = true;
      target.handler_(from, text);
      target.delivering_ = false;
    });
  }
  net::Endpoint local() const override { return {network_.address_, port_}; }

 private:
  FakeNetwork& network_;
  std::uint16_t port_;
  DatagramHandler handler_;
  bool delivering_ = false;
};

class FakeNetwork::PortListener final : public net::Listener {
 public:
  PortListener(FakeNetwork& network, std::uint16_t port) : network_(network), port_(port) {}
  ~PortListener() override { network_.acceptors_.erase(port_); }

 private:
  FakeNetwork& network_;
  std::uint16_t port_;
};

/// What both ends of a connection share.
struct Wire {
  FakeConnection* ends[2] = {nullptr, nullptr};
};

class FakeConnection final : public net::Connection {
 public:
  FakeConnection(World& world, std::shared_ptr<Wire> wire, int side, net::Endpoint local,
                 net::Endpoint remote, trace::ConnectionId id)
      : world_(world),
        wire_(std::move(wire)),
        side_(side),
        local_(local),
        remote_(remote),
        id_(id) {
    wire_->ends[side_] = this;
  }
  ~FakeConnection() override {
    assert(!delivering_);  // the rule of network.hpp
    if (wire_->ends[side_] == this) wire_->ends[side_] = nullptr;
  }
  void set_events(net::ConnectionEvents& events) override { events_ = &events; }
  void send(std::string_view bytes) override {
    unsent_ += bytes.size();
    to_peer([text = std::string(bytes)](FakeConnection& peer) { peer.receive(text); });
    to_self([size = bytes.size()](FakeConnection& self) {
      self.unsent_ -= size;
      if (self.unsent_ == 0) self.events_->on_drained();
    });
  }
  std::size_t unsent() const override { return unsent_; }
  void pause_reading(bool paused) override {
    paused_ = paused;
    if (!paused_ && !held_.empty()) {
      to_self([](FakeConnection& self) { self.receive({}); });
    }
  }
  void finish() override {
    ended_ = true;
    to_peer([](FakeConnection& peer) {
      peer.peer_ended_ = true;
      peer.events_->on_end();
    });
    close_if_done();
  }
  void abort() override {
    to_peer([](FakeConnection& peer) { peer.close(net::CloseReason::reset); });
    closed_ = true;
  }
  net::Endpoint local() const override { return local_; }
  net::Endpoint remote() const override { return remote_; }
  net::ConnectionId id() const override { return id_; }

  void connected() {
    deliver([](FakeConnection& self) { self.events_->on_connected(); });
  }
  void close(net::CloseReason reason) {
    if (std::exchange(closed_, true)) return;
    events_->on_closed(reason);
  }

  template <typename Action>
  void deliver(Action action) {
    if (closed_ || events_ == nullptr) return;
    const bool before = std::exchange(delivering_, true);
    action(*this);
    delivering_ = before;
  }

 private:
  void receive(const std::string& text) {
    held_ += text;
    if (paused_) return;
    const std::string bytes = std::exchange(held_, {});
    if (!bytes.empty()) events_->on_bytes(bytes);
  }
  void to_peer(std::function<void(FakeConnection&)> action) { post(1 - side_, std::move(action)); }
  void to_self(std::function<void(FakeConnection&)> action) { post(side_, std::move(action)); }
  void post(int side, std::function<void(FakeConnection&)> action) {
    world_.later([wire = wire_, side, action = std::move(action)] {
      FakeConnection* end = wire->ends[side];
      if (end == nullptr) return;
      end->deliver(action);
      for (FakeConnection* each : wire->ends) {
        if (each != nullptr) each->close_if_done();
      }
    });
  }
  void close_if_done() {
    if (!ended_ || !peer_ended_ || closed_ || closing_) return;
    closing_ = true;
    to_self([](FakeConnection& self) { self.close(net::CloseReason::finished); });
  }

  World& world_;
  std::shared_ptr<Wire> wire_;
  int side_;
  net::Endpoint local_;
  net::Endpoint remote_;
  trace::ConnectionId id_;
  net::ConnectionEvents* events_ = nullptr;
  std::size_t unsent_ = 0;
  std::string held_;
  bool paused_ = false;
  bool ended_ = false;
  bool peer_ended_ = false;
  bool closing_ = false;
  bool closed_ = false;
  bool delivering_ = false;
};

std::unique_ptr<net::Listener> FakeNetwork::listen(std::uint16_t port, Acceptor acceptor) {
  if (acceptors_.contains(port)) throw net::NetworkError("port taken");
  acceptors_[port] = std::move(acceptor);
  return std::make_unique<PortListener>(*this, port);
}

std::unique_ptr<net::Connection> FakeNetwork::connect(net::Endpoint to,
                                                      net::ConnectionEvents& events) {
  auto wire = std::make_shared<Wire>();
  const auto id = world_.sink.new_connection();
  const auto port = static_cast<std::uint16_t>(1024 + world_.entropy.below(60000));
  const net::Endpoint local{address_, port};
  auto connection = std::make_unique<FakeConnection>(world_, wire, 0, local, to, id);
  connection->set_events(events);
  world_.later([this, wire, local, to, id] {
    const auto host = world_.hosts_.find(to.address);
    FakeNetwork* target = host != world_.hosts_.end() ? host->second.get() : nullptr;
    const bool open =
        target != nullptr && target->tcp_works && target->acceptors_.contains(to.port);
    if (!open) {
      world_.later([wire] {
        if (wire->ends[0] == nullptr) return;
        wire->ends[0]->deliver([](FakeConnection& self) { self.close(net::CloseReason::refused); });
      });
      return;
    }
    target->acceptors_[to.port](std::make_unique<FakeConnection>(world_, wire, 1, to, local, id));
    world_.later([wire] {
      if (wire->ends[0] != nullptr) wire->ends[0]->connected();
    });
  });
  return connection;
}

std::unique_ptr<net::DatagramSocket> FakeNetwork::bind(std::uint16_t port,
                                                       DatagramHandler handler) {
  while (port == 0) {
    const auto drawn = static_cast<std::uint16_t>(1024 + world_.entropy.below(60000));
    if (!sockets_.contains(drawn)) port = drawn;
  }
  if (sockets_.contains(port)) throw net::NetworkError("port taken");
  auto socket = std::make_unique<Socket>(*this, port, std::move(handler));
  sockets_[port] = socket.get();
  ports_bound.push_back(port);
  return socket;
}

}  // namespace mailscope::dns::test
