// What a TCP socket sends: new data as far as the windows allow, acknowledgements, and again what
// was lost (RFC 9293 section 3.8, RFC 6298, RFC 5681).
#include <algorithm>
#include <cstring>

#include "sim/network/sequence.hpp"
#include "sim/network/tcp_socket.hpp"

namespace mailscope::sim {

namespace {

constexpr std::uint32_t kIpTcpHeadersV4 = 40;
constexpr std::uint32_t kIpTcpHeadersV6 = 60;
constexpr std::uint32_t kMssOption = 4;  // on SYN only

std::int64_t microseconds(net::Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

void TcpSocket::open_active(TcpConnection& user) {
  user_ = &user;
  active_ = true;
  Internet& internet = host_.internet();
  const trace::EventId opened =
      internet.sink().record(trace::Kind::transport_open, origin_,
                             {internet.endpoint_text(flow_.local, flow_.local_port),
                              internet.endpoint_text(flow_.remote, flow_.remote_port)});
  const trace::CauseScope cause(internet.sink(), opened);
  move_to(TcpState::syn_sent);
  send_base_ = host_.initial_sequence();
  send_una_ = send_base_;
  send_next_ = send_max_ = recover_ = send_base_ + 1;
  timed_seq_ = send_max_;
  timed_at_ = kernel().now();
  send_control(flag::kSyn, send_base_);
  arm_retransmission();
}

void TcpSocket::open_passive(const Segment& syn) {
  move_to(TcpState::syn_received);
  receive_base_ = syn.seq;
  receive_next_ = syn.seq + 1;
  advertised_ = receive_next_ + kReceiveBufferOctets;
  peer_window_ = max_peer_window_ = syn.window;
  send_base_ = host_.initial_sequence();
  send_una_ = send_base_;
  send_next_ = send_max_ = recover_ = send_base_ + 1;
  timed_seq_ = send_max_;
  timed_at_ = kernel().now();
  send_control(flag::kSyn | flag::kAck, send_base_);
  arm_retransmission();
}

void TcpSocket::output() {
  if (state_ < TcpState::established) return;
  if (out_.empty() && !fin_outstanding()) return;
  const net::Time now = kernel().now();
  if (send_una_ == send_max_ && now - last_sent_ > rtt_.rto()) congestion_.on_idle();
  while (send_next()) {
  }
  // Nothing is on its way whose acknowledgement could open the peer's window: ask for it from time
  // to time (RFC 9293 section 3.8.6.1).
  const bool blocked = send_una_ == send_max_ && (!out_.empty() || fin_outstanding());
  if (blocked && !probing_) {
    probing_ = true;
    probes_ = probe_backoff_ = 0;
    arm_retransmission();
  } else if (!blocked && probing_) {
    probing_ = false;
    arm_retransmission();
  }
}

bool TcpSocket::send_next() {
  const std::uint32_t end = end_of_data();
  const std::uint32_t available = seq_before(send_next_, end) ? end - send_next_ : 0;
  const bool fin_due = fin_outstanding() && seq_at_most(send_next_, end);
  if (available == 0 && !fin_due) return false;
  const std::uint32_t flight = in_flight();
  const std::uint32_t window = std::min(congestion_.window(), peer_window_);
  const std::uint32_t usable = window > flight ? window - flight : 0;
  const std::uint32_t octets = std::min({available, std::uint32_t{mss_}, usable});
  const bool fin = fin_due && octets == available && peer_window_ > flight + octets;
  if (octets == 0 && !fin) return false;
  if (octets < available && octets < mss_) {
    // Silly window avoidance: part of a segment is worth sending only into a window that is small
    // altogether (RFC 9293 section 3.8.6.2.1).
    if (flight > 0 || octets < max_peer_window_ / 2) return false;
  }
  send_data(send_next_, octets, fin);
  return true;
}

void TcpSocket::send_data(std::uint32_t seq, std::uint32_t octets, bool fin) {
  Internet& internet = host_.internet();
  const trace::EventId cause = internet.sink().cause();
  const std::uint32_t behind = seq + octets + (fin ? 1u : 0u);
  if (seq_before(seq, send_max_)) {
    note_retransmission(seq, octets);
    timed_at_ = net::kNever;  // Karn: the answer could be to either copy
  } else if (timed_at_ == net::kNever) {
    timed_at_ = kernel().now();
    timed_seq_ = behind;
  }
  Segment& segment = internet.new_segment();
  segment.size = static_cast<std::uint16_t>(octets);
  std::uint8_t flags = flag::kAck;
  if (octets > 0) {
    const std::string_view bytes = out_.view(seq - send_una_, octets);
    std::memcpy(segment.payload.data(), bytes.data(), bytes.size());
    if (seq + octets == end_of_data()) flags |= flag::kPsh;
  }
  if (fin) flags |= flag::kFin;
  if (seq == send_next_) send_next_ = behind;
  if (seq_before(send_max_, behind)) send_max_ = behind;
  fill_and_send(segment, flags, seq);
  internet.sink().set_cause(cause);
  if (retransmission_ == 0 || probing_) {
    probing_ = false;
    arm_retransmission();
  }
}

void TcpSocket::send_control(std::uint8_t flags, std::uint32_t seq) {
  Segment& segment = host_.internet().new_segment();
  segment.size = 0;
  fill_and_send(segment, flags, seq);
}

void TcpSocket::fill_and_send(Segment& segment, std::uint8_t flags, std::uint32_t seq) {
  Internet& internet = host_.internet();
  segment.path = &path_;
  segment.flow = flow_;
  segment.connection = connection_;
  segment.flags = flags;
  segment.seq = seq;
  segment.seq_base = send_base_;
  segment.ack_base = receive_base_;
  if ((flags & flag::kAck) != 0) {
    segment.ack = acknowledged_ = receive_next_;
    segment.window = receive_window();
    unacked_octets_ = 0;
    cancel(delayed_ack_);
  } else {
    segment.ack = receive_base_;  // shows as 0
    segment.window = kReceiveBufferOctets;
  }
  segment.wire_octets = segment.size + (mss_ == kMssV6 ? kIpTcpHeadersV6 : kIpTcpHeadersV4) +
                        ((flags & flag::kSyn) != 0 ? kMssOption : 0);
  last_sent_ = kernel().now();
  internet.send(segment, origin_);
}

std::uint32_t TcpSocket::receive_window() {
  // The right edge never moves back, and forward only by a step that is worth a segment
  // (RFC 9293 section 3.8.6.2.2).
  const auto free = kReceiveBufferOctets - static_cast<std::uint32_t>(in_.size());
  const std::uint32_t edge = receive_next_ + free;
  const auto gain = static_cast<std::int32_t>(edge - advertised_);
  if (gain >= static_cast<std::int32_t>(mss_)) advertised_ = edge;
  return advertised_ - receive_next_;
}

void TcpSocket::note_retransmission(std::uint32_t seq, std::uint32_t octets) {
  // A time-out of 0 says that it was not the timer: duplicate acknowledgements told of the loss, or
  // it follows what the timer sent again.
  const bool by_timer = attempts_ > 0;
  trace::Sink& sink = host_.internet().sink();
  sink.set_cause(sink.record(trace::Kind::transport_retransmit, origin_,
                             {seq - send_base_, octets, by_timer ? attempts_ : 1,
                              by_timer ? microseconds(rtt_.rto()) : 0}));
}

void TcpSocket::retransmit_first() {
  const std::uint32_t octets = std::min<std::uint32_t>(mss_, end_of_data() - send_una_);
  const bool fin_was_sent = fin_outstanding() && send_max_ == end_of_data() + 1;
  send_data(send_una_, octets, fin_was_sent && octets == out_.size());
}

void TcpSocket::arm_retransmission() {
  cancel(retransmission_);
  net::Duration wait = rtt_.rto();
  if (probing_) {
    wait = std::min(wait * (std::int64_t{1} << probe_backoff_),
                    host_.internet().options().tcp.max_rto);
  } else if (send_una_ == send_max_) {
    return;  // everything was acknowledged
  }
  retransmission_ = kernel().schedule(kernel().now() + wait, [this] {
    retransmission_ = 0;
    if (probing_) {
      probe_window();
    } else {
      on_retransmission_timer();
    }
  });
}

void TcpSocket::on_retransmission_timer() {
  const bool handshake = state_ < TcpState::established;
  const TcpOptions& tcp = host_.internet().options().tcp;
  if (attempts_ >= (handshake ? tcp.syn_retries : tcp.data_retries)) {
    close(net::CloseReason::timed_out);
    return;
  }
  ++attempts_;
  rtt_.back_off();
  timed_at_ = net::kNever;
  if (handshake) {
    resend_handshake();
  } else {
    congestion_.on_timeout(send_max_ - send_una_, attempts_ == 1);
    recover_ = send_max_;  // RFC 6582 section 4: no fast retransmit for what was sent before
    duplicate_acks_ = 0;
    send_next_ = send_una_;
    retransmit_first();
  }
  arm_retransmission();
}

void TcpSocket::resend_handshake() {
  congestion_.on_handshake_loss();
  const trace::CauseScope cause(host_.internet().sink(), host_.internet().sink().cause());
  note_retransmission(send_base_, 0);
  if (state_ == TcpState::syn_sent) {
    send_control(flag::kSyn, send_base_);
  } else {
    send_control(flag::kSyn | flag::kAck, send_base_);
  }
}

void TcpSocket::probe_window() {
  if (peer_window_ > 0) {
    // It has room for less than a segment, and has had time to make more: RFC 9293 section
    // 3.8.6.2.1 sends what fits.
    const auto octets = std::min(static_cast<std::uint32_t>(out_.size()), peer_window_);
    const bool fin = fin_outstanding() && octets == out_.size() && octets < peer_window_;
    send_data(send_una_, std::min<std::uint32_t>(octets, mss_), fin && octets <= mss_);
    return;
  }
  if (probes_ >= host_.internet().options().tcp.data_retries) {
    close(net::CloseReason::timed_out);
    return;
  }
  ++probes_;
  if (probe_backoff_ < 6) ++probe_backoff_;  // 2^6 s is beyond the longest time-out
  // An old sequence number: outside of any window, so the peer has to answer with its own.
  send_control(flag::kAck, send_una_ - 1);
  arm_retransmission();
}

}  // namespace mailscope::sim
