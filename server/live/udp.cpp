#include "server/live/udp.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "server/live/endpoint.hpp"
#include "server/live/loop_impl.hpp"

namespace mailscope::live {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

namespace {

/// Datagrams taken from one socket before the others have their turn.
constexpr int kDatagramsAtOnce = 64;

class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(LiveLoop::Impl& loop, net::Network::DatagramHandler handler)
      : loop_(loop), handler_(std::move(handler)), socket_(loop.io) {}

  void bind(net::Endpoint at) {
    const auto endpoint = to_asio<udp>(at);
    error_code error;
    socket_.open(endpoint.protocol(), error);
    if (!error && at.address.is_v6()) socket_.set_option(asio::ip::v6_only(true), error);
    if (!error) socket_.bind(endpoint, error);
    if (!error) socket_.non_blocking(true, error);
    if (error) fail("bind UDP", at, error);
    local_ = from_asio(socket_.local_endpoint());
    wait();
  }
  void send(net::Endpoint to, std::string_view payload) {
    error_code lost;  // as a datagram may be: full buffers, no route, the last one was refused
    socket_.send_to(asio::buffer(payload.data(), payload.size()), to_asio<udp>(to), 0, lost);
  }
  void close() {
    handler_ = {};
    error_code ignored;
    socket_.close(ignored);
  }
  net::Endpoint local() const { return local_; }

 private:
  void wait() {
    socket_.async_wait(udp::socket::wait_read,
                       [self = shared_from_this()](const error_code& error) {
                         if (error || !self->socket_.is_open()) return;
                         self->read();
                         if (self->socket_.is_open()) self->wait();
                       });
  }
  void read() {
    for (int i = 0; i < kDatagramsAtOnce; ++i) {
      udp::endpoint from;
      error_code error;
      const std::size_t size =
          socket_.receive_from(asio::buffer(loop_.read_buffer), from, 0, error);
      if (error == asio::error::would_block || error == asio::error::try_again) return;
      // ICMP's word about an earlier datagram of ours: its sender waits for an answer and times
      // out.
      if (error) continue;
      loop_.enter();
      // The handler may close this socket, and with it drop itself.
      const auto handler = handler_;
      if (handler) handler(from_asio(from), {loop_.read_buffer.data(), size});
      if (!socket_.is_open()) return;
    }
  }

  LiveLoop::Impl& loop_;
  net::Network::DatagramHandler handler_;
  udp::socket socket_;
  net::Endpoint local_;
};

class Handle final : public net::DatagramSocket {
 public:
  explicit Handle(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}
  ~Handle() override { socket_->close(); }
  void send_to(net::Endpoint to, std::string_view payload) override { socket_->send(to, payload); }
  net::Endpoint local() const override { return socket_->local(); }

 private:
  std::shared_ptr<Socket> socket_;
};

}  // namespace

std::unique_ptr<net::DatagramSocket> bind_udp(LiveLoop& loop, net::Endpoint at,
                                              net::Network::DatagramHandler handler) {
  auto socket = std::make_shared<Socket>(loop.impl(), std::move(handler));
  socket->bind(at);
  return std::make_unique<Handle>(std::move(socket));
}

}  // namespace mailscope::live
