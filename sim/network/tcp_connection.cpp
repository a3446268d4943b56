// The user's end of a TCP socket.
#include "sim/network/tcp_connection.hpp"

#include <utility>

#include "sim/network/tcp_socket.hpp"

namespace mailscope::sim {

TcpConnection::TcpConnection(Internet& internet, const Flow& flow, const trace::Origin& origin)
    : internet_(internet),
      local_(internet.endpoint(flow.local, flow.local_port)),
      remote_(internet.endpoint(flow.remote, flow.remote_port)),
      origin_(origin) {}

TcpConnection::TcpConnection(Internet& internet, net::Endpoint local, net::Endpoint remote,
                             const trace::Origin& origin)
    : internet_(internet), local_(local), remote_(remote), origin_(origin) {}

TcpConnection::~TcpConnection() {
  if (closing_ != 0) internet_.kernel().cancel(closing_);
  if (socket_ != nullptr) std::exchange(socket_, nullptr)->release();
}

void TcpConnection::set_events(net::ConnectionEvents& events) {
  events_ = &events;
  if (socket_ != nullptr) socket_->events_set();
}

void TcpConnection::send(std::string_view bytes) {
  if (socket_ != nullptr) socket_->send(bytes);
}

std::size_t TcpConnection::unsent() const {
  return socket_ == nullptr ? 0 : socket_->unsent();
}

void TcpConnection::pause_reading(bool paused) {
  if (socket_ != nullptr) socket_->pause_reading(paused);
}

void TcpConnection::finish() {
  if (socket_ != nullptr) socket_->finish();
}

void TcpConnection::abort() {
  if (socket_ != nullptr) socket_->abort();
}

void TcpConnection::close_later(net::Time at, net::CloseReason reason, std::string_view words) {
  // `words` are literals: they outlive the event.
  closing_ = internet_.kernel().schedule(at, [this, reason, words] {
    closing_ = 0;
    trace::Sink& sink = internet_.sink();
    if (!words.empty()) {
      sink.set_cause(sink.record(trace::Kind::transport_closed, origin_, {words}));
    }
    if (events_ != nullptr) events_->on_closed(reason);
  });
}

}  // namespace mailscope::sim
