#include "server/live/udp.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <utility>
#include <vector>

#include "server/live/endpoint.hpp"
#include "server/live/loop_impl.hpp"

namespace mailscope::live {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

/// One call of recvmmsg(2). The largest datagram of IPv4 or IPv6 fits into each buffer; pages that
/// no datagram reaches are never touched. Answers given while it is worked off wait in `out`, and
/// leave with one call of sendmmsg(2): for short answers the calls cost more than all the rest.
struct DatagramBatch {
  struct Out {
    udp::endpoint to;
    std::size_t begin, size;  // in `payloads`
  };
  std::array<std::array<char, kMaxDatagram>, kDatagramsAtOnce> buffers;
  std::array<udp::endpoint, kDatagramsAtOnce> from;
  std::array<iovec, kDatagramsAtOnce> parts;
  std::array<mmsghdr, kDatagramsAtOnce> headers;
  std::vector<Out> out;
  std::string payloads;
};

namespace {

class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(LiveLoop::Impl& loop, net::Network::DatagramHandler handler)
      : loop_(loop), handler_(std::move(handler)), socket_(loop.io) {
    if (!loop_.datagrams) loop_.datagrams = std::make_shared<DatagramBatch>();
  }

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
    const auto endpoint = to_asio<udp>(to);
    if (reading_) {
      DatagramBatch& batch = *loop_.datagrams;
      batch.out.push_back({endpoint, batch.payloads.size(), payload.size()});
      batch.payloads += payload;
      return;
    }
    error_code lost;  // as a datagram may be: full buffers, no route, the last one was refused
    socket_.send_to(asio::buffer(payload.data(), payload.size()), endpoint, 0, lost);
  }
  /// From inside one of its own events as well: the handler lives on until that returns.
  void close() {
    closed_ = true;
    if (!reading_) handler_ = {};
    error_code ignored;
    socket_.close(ignored);
  }
  net::Endpoint local() const { return local_; }

 private:
  void wait() {
    socket_.async_wait(udp::socket::wait_read,
                       [self = shared_from_this()](const error_code& error) {
                         if (error || self->closed_) return;
                         self->read();
                         if (!self->closed_) self->wait();
                       });
  }
  void read() {
    DatagramBatch& batch = *loop_.datagrams;
    for (std::size_t i = 0; i < kDatagramsAtOnce; ++i) {
      batch.parts[i] = {batch.buffers[i].data(), kMaxDatagram};
      msghdr& header = batch.headers[i].msg_hdr;
      header = {};
      header.msg_name = batch.from[i].data();
      header.msg_namelen = static_cast<socklen_t>(batch.from[i].capacity());
      header.msg_iov = &batch.parts[i];
      header.msg_iovlen = 1;
    }
    // An error is ICMP's word about an earlier datagram of ours: its sender waits for an answer and
    // times out.
    const int count = recvmmsg(socket_.native_handle(), batch.headers.data(), kDatagramsAtOnce,
                               MSG_DONTWAIT, nullptr);
    if (count <= 0) return;
    loop_.enter();
    reading_ = true;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) && !closed_; ++i) {
      batch.from[i].resize(batch.headers[i].msg_hdr.msg_namelen);
      if (loop_.sink) loop_.sink->set_cause(0);
      handler_(from_asio(batch.from[i]), {batch.buffers[i].data(), batch.headers[i].msg_len});
    }
    reading_ = false;
    if (closed_)
      handler_ = {};
    else
      send_batch();
    batch.out.clear();
    batch.payloads.clear();
  }
  void send_batch() {
    DatagramBatch& batch = *loop_.datagrams;
    for (std::size_t begin = 0; begin < batch.out.size();) {
      const std::size_t count = std::min(batch.out.size() - begin, kDatagramsAtOnce);
      for (std::size_t i = 0; i < count; ++i) {
        DatagramBatch::Out& out = batch.out[begin + i];
        batch.parts[i] = {batch.payloads.data() + out.begin, out.size};
        msghdr& header = batch.headers[i].msg_hdr;
        header = {};
        header.msg_name = out.to.data();
        header.msg_namelen = static_cast<socklen_t>(out.to.size());
        header.msg_iov = &batch.parts[i];
        header.msg_iovlen = 1;
      }
      const int sent = sendmmsg(socket_.native_handle(), batch.headers.data(),
                                static_cast<unsigned>(count), MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      // The first one cannot leave: it is lost, as a datagram may be.
      begin += sent > 0 ? static_cast<std::size_t>(sent) : 1;
    }
  }

  LiveLoop::Impl& loop_;
  net::Network::DatagramHandler handler_;
  udp::socket socket_;
  net::Endpoint local_;
  bool reading_ = false;
  bool closed_ = false;
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
