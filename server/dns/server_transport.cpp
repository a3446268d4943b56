// The sockets of a DNS server: UDP, and TCP with several queries on a connection (RFC 7766).
#include <algorithm>
#include <utility>

#include "server/dns/framing.hpp"
#include "server/dns/server.hpp"

namespace mailscope::dns {

struct ServerTransport::Shared : std::enable_shared_from_this<ServerTransport::Shared> {
  Shared(const Environment& e, const ServerOptions& o, Handler h)
      : environment(e), options(o), handler(std::move(h)), sweep(e.timers) {}

  void listen();
  void accept(std::unique_ptr<net::Connection> connection);
  void on_datagram(net::Endpoint from, std::string_view payload);
  /// The connection is over; the object goes when none of its events can be on the stack.
  void retire(std::uint64_t number);

  Environment environment;
  ServerOptions options;
  Handler handler;
  std::unique_ptr<net::DatagramSocket> udp;
  std::unique_ptr<net::Listener> tcp;
  std::map<std::uint64_t, std::unique_ptr<TcpClient>> clients;
  std::vector<std::unique_ptr<TcpClient>> retired;
  net::Timer sweep;
  std::uint64_t last = 0;
};

/// One client's connection.
class ServerTransport::TcpClient final : public net::ConnectionEvents {
 public:
  TcpClient(Shared& shared, std::uint64_t number, std::unique_ptr<net::Connection> connection)
      : shared_(shared),
        number_(number),
        connection_(std::move(connection)),
        idle_(shared.environment.timers) {
    connection_->set_events(*this);
    wait();
  }

  void on_bytes(std::string_view bytes) override {
    deframer_.feed(bytes);
    serve();
  }
  void on_end() override {
    ended_ = true;
    finish_if_done();
  }
  void on_drained() override { serve(); }
  void on_closed(net::CloseReason) override { over(); }

  void reply(std::string_view wire) {
    if (over_ || finishing_) return;
    --waiting_;
    connection_->send(frame(wire));
    wait();
    serve();
  }

  void drop() {
    if (over_) return;
    connection_->abort();
    over();
  }

 private:
  bool busy() const {
    return waiting_ >= shared_.options.max_pipelined ||
           connection_->unsent() > shared_.options.max_unsent;
  }

  /// Hands on whole queries while there is room for their answers.
  void serve() {
    // An answer given at once comes back here through reply(); one loop is enough.
    if (serving_) return;
    serving_ = true;
    while (!over_ && !finishing_ && !busy()) {
      auto message = deframer_.next();
      if (!message) break;
      ++waiting_;
      wait();
      hand_on(*std::move(message));
    }
    serving_ = false;
    if (over_ || finishing_) return;
    const bool pause = busy();
    if (pause != paused_) connection_->pause_reading(paused_ = pause);
    finish_if_done();
  }

  void hand_on(std::string wire) {
    ServerQuery query;
    query.wire = std::move(wire);
    query.transport = Transport::tcp;
    query.client = connection_->remote();
    query.connection = connection_->id();
    query.cause = shared_.environment.sink.cause();
    query.reply = [weak = shared_.weak_from_this(), number = number_](std::string_view answer) {
      const auto shared = weak.lock();
      if (!shared) return;
      const auto found = shared->clients.find(number);
      if (found != shared->clients.end()) found->second->reply(answer);
    };
    query.drop = [weak = shared_.weak_from_this(), number = number_] {
      const auto shared = weak.lock();
      if (!shared) return;
      const auto found = shared->clients.find(number);
      if (found != shared->clients.end()) found->second->drop();
    };
    shared_.handler(std::move(query));
  }

  /// The client sent its last query and has all the answers.
  void finish_if_done() {
    if (ended_ && waiting_ == 0 && !over_ && !finishing_) finish();
  }

  void finish() {
    finishing_ = true;
    connection_->finish();
    wait();
  }

  void wait() {
    idle_.set(shared_.environment.timers.now() + shared_.options.idle_timeout, [this] {
      if (finishing_) {
        connection_->abort();
        over();
      } else if (waiting_ > 0 && connection_->unsent() == 0) {
        wait();  // it is we who are late
      } else if (connection_->unsent() > 0) {
        connection_->abort();  // it does not fetch its answers
        over();
      } else {
        finish();
      }
    });
  }

  void over() {
    if (over_) return;
    over_ = true;
    idle_.cancel();
    shared_.retire(number_);
  }

  Shared& shared_;
  std::uint64_t number_;
  std::unique_ptr<net::Connection> connection_;
  net::Timer idle_;
  Deframer deframer_;
  std::size_t waiting_ = 0;  // queries without an answer so far
  bool serving_ = false;
  bool paused_ = false;
  bool ended_ = false;      // the client sends no more
  bool finishing_ = false;  // we send no more
  bool over_ = false;
};

void ServerTransport::Shared::listen() {
  udp = environment.network.bind(
      options.port,
      [this](net::Endpoint from, std::string_view payload) { on_datagram(from, payload); });
  tcp = environment.network.listen(
      options.port != 0 ? options.port : udp->local().port,
      [this](std::unique_ptr<net::Connection> connection) { accept(std::move(connection)); });
}

void ServerTransport::Shared::on_datagram(net::Endpoint from, std::string_view payload) {
  ServerQuery query;
  query.wire = payload;
  query.client = from;
  query.cause = environment.sink.cause();
  query.reply = [weak = weak_from_this(), from](std::string_view answer) {
    if (const auto shared = weak.lock()) shared->udp->send_to(from, answer);
  };
  handler(std::move(query));
}

void ServerTransport::Shared::accept(std::unique_ptr<net::Connection> connection) {
  const std::uint64_t number = ++last;
  const bool full = clients.size() >= options.max_connections;
  if (full) {
    // RFC 7766 section 6.2.2 leaves it to us whom to turn away: the newcomer, who loses least.
    connection->abort();
    return;
  }
  clients.emplace(number, std::make_unique<TcpClient>(*this, number, std::move(connection)));
}

void ServerTransport::Shared::retire(std::uint64_t number) {
  const auto found = clients.find(number);
  if (found == clients.end()) return;
  retired.push_back(std::move(found->second));
  clients.erase(found);
  sweep.set(environment.timers.now(), [this] { retired.clear(); });
}

ServerTransport::ServerTransport(const Environment& environment, const ServerOptions& options,
                                 Handler handler)
    : shared_(std::make_shared<Shared>(environment, options, std::move(handler))) {
  shared_->listen();
}

ServerTransport::~ServerTransport() = default;

net::Endpoint ServerTransport::local() const {
  return shared_->udp->local();
}

std::size_t ServerTransport::connections() const {
  return shared_->clients.size();
}

}  // namespace mailscope::dns
