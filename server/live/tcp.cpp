#include "server/live/tcp.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/live/endpoint.hpp"
#include "server/live/loop_impl.hpp"
#include "server/live/stream.hpp"

namespace mailscope::live {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// How long a listener rests when the system has no descriptor or memory left: accepting at once
/// would fail at once, and spin.
constexpr auto kAcceptRest = std::chrono::milliseconds(200);

/// What a listener's handlers share with it; outlives it while one of them is pending.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(LiveLoop::Impl& loop, trace::Sink& sink, net::Network::Acceptor user,
           const AcceptOptions& options)
      : loop_(loop),
        sink_(sink),
        user_(std::move(user)),
        options_(options),
        socket_(loop.io),
        rest_(loop.io) {}

  void listen(net::Endpoint at) {
    const auto endpoint = to_asio<tcp>(at);
    error_code error;
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.set_option(tcp::acceptor::reuse_address(true), error);
    // IPv4 has listeners of its own.
    if (!error && at.address.is_v6()) socket_.set_option(asio::ip::v6_only(true), error);
    if (!error) socket_.bind(endpoint, error);
    if (!error) socket_.listen(asio::socket_base::max_listen_connections, error);
    if (error) fail("listen on", at, error);
    local_ = from_asio(socket_.local_endpoint());
    accept();
  }
  void close() {
    user_ = {};
    error_code ignored;
    socket_.close(ignored);
    rest_.cancel();
  }
  net::Endpoint local() const { return local_; }
  std::size_t open() const { return open_; }

 private:
  void accept() {
    if (accepting_ || !socket_.is_open() || open_ >= options_.max_connections) return;
    // A seat that becomes free at another listener tells nobody here.
    if (options_.together && *options_.together >= options_.max_connections) return rest();
    accepting_ = true;
    socket_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      self->accepting_ = false;
      if (!self->socket_.is_open()) return;
      if (!error) {
        self->take(std::move(socket));
        self->accept();
      } else if (error == asio::error::connection_aborted) {
        self->accept();  // the peer gave up while it waited: says nothing about the next one
      } else {
        self->rest();
      }
    });
  }
  void rest() {
    rest_.expires_after(kAcceptRest);
    rest_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->accept();
    });
  }
  void take(tcp::socket socket) {
    auto stream = std::make_shared<Stream>(loop_, std::move(socket), sink_.new_connection());
    ++open_;
    if (options_.together) ++*options_.together;
    stream->set_seat(std::shared_ptr<void>(this, [self = shared_from_this()](void*) {
      --self->open_;
      if (self->options_.together) --*self->options_.together;
      self->accept();
    }));
    auto connection = Stream::connection(stream);
    if (!stream->open()) return;
    loop_.enter();
    user_(std::move(connection));
  }

  LiveLoop::Impl& loop_;
  trace::Sink& sink_;
  net::Network::Acceptor user_;
  AcceptOptions options_;
  tcp::acceptor socket_;
  asio::steady_timer rest_;
  net::Endpoint local_;
  std::size_t open_ = 0;
  bool accepting_ = false;
};

class Listener final : public TcpListener {
 public:
  explicit Listener(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}
  ~Listener() override { acceptor_->close(); }
  net::Endpoint local() const override { return acceptor_->local(); }
  std::size_t open_connections() const override { return acceptor_->open(); }

 private:
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace

std::unique_ptr<TcpListener> listen_tcp(LiveLoop& loop, trace::Sink& sink, net::Endpoint at,
                                        net::Network::Acceptor acceptor,
                                        const AcceptOptions& options) {
  auto shared = std::make_shared<Acceptor>(loop.impl(), sink, std::move(acceptor), options);
  shared->listen(at);
  return std::make_unique<Listener>(std::move(shared));
}

std::unique_ptr<net::Connection> connect_tcp(LiveLoop& loop, trace::Sink& sink, net::Endpoint to,
                                             net::ConnectionEvents& events) {
  auto stream =
      std::make_shared<Stream>(loop.impl(), tcp::socket(loop.impl().io), sink.new_connection());
  auto connection = Stream::connection(stream);
  connection->set_events(events);
  stream->connect(to);
  return connection;
}

}  // namespace mailscope::live
