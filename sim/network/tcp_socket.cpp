// What the user and the host ask of a TCP socket, and how it ends.
#include "sim/network/tcp_socket.hpp"

#include <cassert>
#include <utility>

#include "sim/network/tcp_connection.hpp"

namespace mailscope::sim {

TcpSocket::TcpSocket(HostNetwork& host, const Flow& flow, net::ConnectionId connection)
    : host_(host),
      peer_(host.internet().owner(flow.remote)),
      path_(host.internet().path(host_, peer_)),
      flow_(flow),
      connection_(connection),
      origin_{host_.trace_id(), peer_.trace_id(), connection, 0},
      mss_(host.internet().address(flow.remote).is_v6() ? kMssV6 : kMssV4),
      congestion_(mss_),
      rtt_(host.internet().options().tcp) {}

TcpSocket::~TcpSocket() {
  stop_timers();
  if (user_ != nullptr) user_->detach();
}

TcpInfo TcpSocket::info() const {
  const Internet& internet = host_.internet();
  TcpInfo info;
  info.connection = connection_;
  info.local = internet.endpoint(flow_.local, flow_.local_port);
  info.remote = internet.endpoint(flow_.remote, flow_.remote_port);
  info.state = state_;
  info.send_next = send_next_;
  info.receive_next = receive_next_;
  info.in_flight = in_flight();
  info.unsent = out_.size();
  info.congestion_window = congestion_.window();
  info.slow_start_threshold = congestion_.threshold();
  info.peer_window = peer_window_;
  info.smoothed_rtt = rtt_.smoothed();
  info.rto = rtt_.rto();
  return info;
}

void TcpSocket::move_to(TcpState state) {
  assert(may_move(state_, state));
  state_ = state;
}

net::ConnectionEvents* TcpSocket::events() {
  return user_ == nullptr ? nullptr : user_->events();
}

void TcpSocket::cancel(net::TimerId& timer) {
  if (timer != 0) kernel().cancel(std::exchange(timer, 0));
}

void TcpSocket::stop_timers() {
  cancel(retransmission_);
  cancel(delayed_ack_);
  cancel(delivery_);
  cancel(orphan_);
}

void TcpSocket::send(std::string_view bytes) {
  if (over() || fin_wanted_ || bytes.empty()) return;
  out_.append(bytes);
  drain_due_ = true;
  output();
}

void TcpSocket::finish() {
  if (over() || fin_wanted_) return;
  fin_wanted_ = true;
  if (state_ == TcpState::established) {
    move_to(TcpState::fin_wait_1);
  } else if (state_ == TcpState::close_wait) {
    move_to(TcpState::last_ack);
  }
  output();  // while the handshake lasts, establish() comes back to this
}

void TcpSocket::pause_reading(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  if (!paused) deliver_later();
}

void TcpSocket::abort() {
  end_by_user("aborted", true);
}

void TcpSocket::host_failed(bool tell_peer) {
  end_by_user("host down", tell_peer);
}

void TcpSocket::end_by_user(std::string_view words, bool tell_peer) {
  if (over()) return;
  if (tell_peer && synchronised()) send_control(flag::kRst | flag::kAck, send_max_);
  TcpConnection* user = user_;
  end(words);
  if (user != nullptr) user->close_later(kernel().now(), net::CloseReason::reset, {});
}

void TcpSocket::release() {
  user_ = nullptr;
  if (over()) return;
  // Closing in order goes on without a user; anything that he has not read ends it, because a FIN
  // would say that all was well (RFC 9293 section 3.6.1).
  const bool orderly = fin_wanted_ && state_ >= TcpState::established && in_.empty();
  if (!orderly) {
    abort();
    return;
  }
  if (state_ == TcpState::fin_wait_2) wait_as_orphan();
  end_if_finished();
}

void TcpSocket::wait_as_orphan() {
  // The peer may never finish, and nobody is left here to lose patience.
  orphan_ = kernel().schedule(kernel().now() + host_.internet().options().tcp.orphan_wait, [this] {
    orphan_ = 0;
    abort();
  });
}

void TcpSocket::unreachable() {
  if (state_ == TcpState::syn_sent) close(net::CloseReason::unreachable);
}

void TcpSocket::close(net::CloseReason reason) {
  TcpConnection* user = user_;
  const trace::EventId event = end(net::to_string(reason));
  if (user == nullptr || user->events() == nullptr) return;
  host_.internet().sink().set_cause(event);
  user->events()->on_closed(reason);
}

void TcpSocket::end_if_finished() {
  if (!fin_acked_ || !fin_received_) return;
  if (user_ != nullptr && !end_told_) return;  // data and FIN wait for a paused reader
  if (state_ == TcpState::time_wait) remember_time_wait();
  close(net::CloseReason::finished);
}

void TcpSocket::remember_time_wait() {
  const net::Time now = kernel().now();
  TimeWaitTable::Record record;
  record.send_next = send_max_;
  record.receive_next = receive_next_;
  record.send_base = send_base_;
  record.receive_base = receive_base_;
  record.connection = connection_;
  record.until = now + host_.internet().options().tcp.time_wait;
  host_.internet().time_wait().insert(flow_.key(), record, now);
}

trace::EventId TcpSocket::end(std::string_view words) {
  stop_timers();
  move_to(TcpState::closed);
  if (user_ != nullptr) std::exchange(user_, nullptr)->detach();
  Internet& internet = host_.internet();
  const trace::EventId event =
      internet.sink().record(trace::Kind::transport_closed, origin_, {words});
  host_.unlink(*this);
  internet.bury(*this);
  return event;
}

}  // namespace mailscope::sim
