#include "server/net/proxy_door.hpp"

#include <string>
#include <utility>

#include "server/net/proxy_header.hpp"

namespace mailscope::net {
namespace {

/// A connection whose ends are those that a proxy has announced.
class Proxied final : public Connection {
 public:
  /// Who gets the events now; lives as long as anybody asks.
  struct User {
    ConnectionEvents* events = nullptr;
  };
  Proxied(std::unique_ptr<Connection> real, std::optional<ProxyHeader::Ends> ends,
          std::shared_ptr<User> user)
      : real_(std::move(real)), ends_(std::move(ends)), user_(std::move(user)) {}
  ~Proxied() override { user_->events = nullptr; }
  void set_events(ConnectionEvents& events) override {
    user_->events = &events;
    real_->set_events(events);
  }
  void send(std::string_view bytes) override { real_->send(bytes); }
  std::size_t unsent() const override { return real_->unsent(); }
  void pause_reading(bool paused) override { real_->pause_reading(paused); }
  void finish() override { real_->finish(); }
  void abort() override {
    user_->events = nullptr;
    real_->abort();
  }
  Endpoint local() const override { return ends_ ? ends_->server : real_->local(); }
  Endpoint remote() const override { return ends_ ? ends_->client : real_->remote(); }
  ConnectionId id() const override { return real_->id(); }

 private:
  std::unique_ptr<Connection> real_;
  std::optional<ProxyHeader::Ends> ends_;
  std::shared_ptr<User> user_;
};

}  // namespace

/// One connection before its header is whole.
class ProxyDoor::Visit final : public ConnectionEvents, public std::enable_shared_from_this<Visit> {
 public:
  Visit(ProxyDoor& door, std::unique_ptr<Connection> connection, Admit admit, Refuse refuse)
      : door_(door),
        connection_(std::move(connection)),
        admit_(std::move(admit)),
        refuse_(std::move(refuse)),
        patience_(door.timers_) {
    connection_->set_events(*this);
    patience_.set(door_.timers_.now() + kProxyPatience, [this] { turn_away("it came too late"); });
  }

  void on_bytes(std::string_view bytes) override {
    if (!connection_) return;
    input_ += bytes;
    const ProxyHeader header = parse_proxy_header(input_);
    if (header.status == ProxyHeader::Status::broken) return turn_away(header.problem);
    if (header.status == ProxyHeader::Status::complete) admit(header);
  }
  void on_end() override { turn_away("the connection ended before it was whole"); }
  void on_closed(CloseReason) override { turn_away("the connection ended before it was whole"); }

 private:
  void admit(const ProxyHeader& header) {
    const auto self = shared_from_this();
    patience_.cancel();
    door_.leave(*this);
    const auto user = std::make_shared<Proxied::User>();
    admit_(std::make_unique<Proxied>(std::move(connection_), header.ends, user));
    // What came behind the header is the client's.
    const std::string_view rest = std::string_view(input_).substr(header.size);
    if (user->events && !rest.empty()) user->events->on_bytes(rest);
  }
  void turn_away(std::string_view problem) {
    if (!connection_) return;
    const auto self = shared_from_this();
    patience_.cancel();
    refuse_(*connection_, problem);
    std::exchange(connection_, nullptr)->abort();
    door_.leave(*this);
  }

  ProxyDoor& door_;
  std::unique_ptr<Connection> connection_;
  Admit admit_;
  Refuse refuse_;
  Timer patience_;
  std::string input_;
};

ProxyDoor::ProxyDoor(Timers& timers, Turn& turn) : timers_(timers), turn_(turn) {}

ProxyDoor::~ProxyDoor() = default;

void ProxyDoor::wait(std::unique_ptr<Connection> connection, Admit admit, Refuse refuse) {
  if (visits_.size() >= kMaxProxyWaiting) return;  // destroying the connection resets it
  auto visit =
      std::make_shared<Visit>(*this, std::move(connection), std::move(admit), std::move(refuse));
  const Visit* key = visit.get();
  visits_.emplace(key, std::move(visit));
}

void ProxyDoor::clear() {
  visits_.clear();
}

/// It receives events no longer, but one of them may be on the stack.
void ProxyDoor::leave(const Visit& visit) {
  const auto found = visits_.find(&visit);
  if (found == visits_.end()) return;
  turn_.after([gone = std::move(found->second)] {});
  visits_.erase(found);
}

}  // namespace mailscope::net
