// What a TCP socket does with a segment that arrives, in the order of RFC 9293 section 3.10.7.
#include <algorithm>
#include <utility>

#include "sim/network/sequence.hpp"
#include "sim/network/tcp_connection.hpp"
#include "sim/network/tcp_socket.hpp"

namespace mailscope::sim {

void TcpSocket::receive(const Segment& segment) {
  if (state_ == TcpState::syn_sent) {
    receive_in_syn_sent(segment);
    return;
  }
  if (state_ == TcpState::syn_received && segment.has(flag::kSyn) && !segment.has(flag::kRst) &&
      segment.seq == receive_base_ && !segment.has(flag::kAck)) {
    resend_handshake();  // the peer repeats its SYN: our answer was lost
    return;
  }
  if (segment.has(flag::kRst)) {
    receive_reset(segment);
    return;
  }
  if (!acceptable(segment) || segment.has(flag::kSyn)) {
    // A SYN in the window gets an acknowledgement too (RFC 5961 section 4.2): whoever sent it in
    // earnest answers with a RST that we can trust.
    send_ack();
    return;
  }
  if (!segment.has(flag::kAck)) return;
  if (state_ == TcpState::syn_received && !receive_ack_of_syn(segment)) return;
  if (over() || !receive_ack(segment) || over()) return;
  if (segment.size > 0 || segment.has(flag::kFin)) receive_text(segment);
  if (!over()) output();
}

void TcpSocket::receive_in_syn_sent(const Segment& segment) {
  const bool acknowledged = segment.has(flag::kAck);
  if (acknowledged && segment.ack != send_max_) {
    if (!segment.has(flag::kRst)) host_.answer_with_reset(segment);
    return;
  }
  if (segment.has(flag::kRst)) {
    if (acknowledged) close(net::CloseReason::refused);
    return;
  }
  if (!segment.has(flag::kSyn)) return;
  receive_base_ = segment.seq;
  receive_next_ = segment.seq + 1;
  advertised_ = receive_next_ + kReceiveBufferOctets;
  peer_window_ = max_peer_window_ = segment.window;
  window_seq_ = segment.seq;
  window_ack_ = segment.ack;
  if (!acknowledged) {  // both opened at once, RFC 9293 section 3.5
    move_to(TcpState::syn_received);
    send_control(flag::kSyn | flag::kAck, send_base_);
    arm_retransmission();
    return;
  }
  establish();
}

bool TcpSocket::acceptable(const Segment& segment) const {
  // RFC 9293 section 3.10.7.4, first check.
  const std::uint32_t window = advertised_ - receive_next_;
  const std::uint32_t offset = segment.seq - receive_next_;
  const std::uint32_t length = segment.length();
  if (length == 0) {
    // Acknowledgements that were overtaken are old but true. One octet before the next is a probe
    // of our window: it wants an answer.
    if (seq_before(segment.seq, receive_next_)) return segment.seq + 1 != receive_next_;
    return offset < window || offset == 0;
  }
  if (window == 0) return false;
  return offset < window || offset + length - 1 < window;
}

void TcpSocket::receive_reset(const Segment& segment) {
  // Both have finished, only our reader has not: nothing is left to reset (RFC 1337).
  if (fin_acked_ && fin_received_) return;
  const std::uint32_t window = std::max(1u, advertised_ - receive_next_);
  if (segment.seq - receive_next_ >= window) return;
  if (segment.seq != receive_next_) {
    send_ack();  // a guess, perhaps: RFC 5961 section 3.2
    return;
  }
  close(state_ == TcpState::syn_received && active_ ? net::CloseReason::refused
                                                    : net::CloseReason::reset);
}

bool TcpSocket::receive_ack_of_syn(const Segment& segment) {
  if (segment.ack != send_max_) {
    host_.answer_with_reset(segment);
    return false;
  }
  window_seq_ = segment.seq;
  window_ack_ = segment.ack;
  peer_window_ = segment.window;
  max_peer_window_ = std::max(max_peer_window_, peer_window_);
  establish();
  return true;
}

void TcpSocket::establish() {
  send_una_ = send_max_;
  if (attempts_ > 0) {
    rtt_.syn_was_lost();
  } else if (timed_at_ != net::kNever) {
    rtt_.sample(kernel().now() - timed_at_);
  }
  timed_at_ = net::kNever;
  attempts_ = 0;
  cancel(retransmission_);
  const bool answer_needed = state_ == TcpState::syn_sent;
  move_to(TcpState::established);
  if (answer_needed) send_ack();
  Internet& internet = host_.internet();
  const EndpointText mine = internet.endpoint_text(flow_.local, flow_.local_port);
  const EndpointText theirs = internet.endpoint_text(flow_.remote, flow_.remote_port);
  internet.sink().set_cause(
      internet.sink().record(trace::Kind::transport_established, origin_,
                             {active_ ? mine : theirs, active_ ? theirs : mine}));
  if (active_) {
    if (auto* listening = events()) listening->on_connected();
  } else {
    hand_to_listener();
  }
  if (over()) return;
  if (fin_wanted_ && state_ == TcpState::established) move_to(TcpState::fin_wait_1);
  output();
}

void TcpSocket::hand_to_listener() {
  const auto acceptor = host_.listener(flow_.local_port);
  if (!acceptor) {  // closed since the SYN came
    abort();
    return;
  }
  auto user = std::make_unique<TcpConnection>(host_.internet(), flow_, origin_);
  user->attach(*this);
  user_ = user.get();
  (*acceptor)(std::move(user));
}

bool TcpSocket::receive_ack(const Segment& segment) {
  if (seq_before(send_max_, segment.ack)) {  // of something that we never sent
    send_ack();
    return false;
  }
  probes_ = 0;
  if (seq_before(send_una_, segment.ack)) {
    update_peer_window(segment);
    receive_new_ack(segment.ack);
  } else if (segment.ack == send_una_) {
    // RFC 5681 section 2: nothing new in it, while something is on its way.
    const bool duplicate =
        segment.length() == 0 && send_una_ != send_max_ && segment.window == peer_window_;
    update_peer_window(segment);
    if (duplicate) receive_duplicate_ack();
  }
  return true;
}

void TcpSocket::update_peer_window(const Segment& segment) {
  const bool newer = seq_before(window_seq_, segment.seq) ||
                     (window_seq_ == segment.seq && seq_at_most(window_ack_, segment.ack));
  if (!newer) return;
  peer_window_ = segment.window;
  max_peer_window_ = std::max(max_peer_window_, peer_window_);
  window_seq_ = segment.seq;
  window_ack_ = segment.ack;
}

void TcpSocket::receive_new_ack(std::uint32_t ack) {
  const std::uint32_t octets = ack - send_una_;
  if (timed_at_ != net::kNever && seq_at_most(timed_seq_, ack)) {
    rtt_.sample(kernel().now() - timed_at_);
    timed_at_ = net::kNever;
  }
  const bool fin_now = fin_outstanding() && ack == end_of_data() + 1;
  out_.drop(octets - (fin_now ? 1u : 0u));
  send_una_ = ack;
  if (seq_before(send_next_, ack)) send_next_ = ack;
  if (fin_now) fin_acked_ = true;
  attempts_ = 0;
  duplicate_acks_ = 0;
  if (!congestion_.in_recovery()) {
    congestion_.on_ack(octets);
  } else if (seq_at_most(recover_, ack)) {
    congestion_.on_recovered(send_max_ - ack);
  } else {
    // RFC 6582 section 3.2, step 3: the next hole is known, too.
    congestion_.on_partial_ack(octets);
    retransmit_first();
  }
  arm_retransmission();
  if (out_.empty() && drain_due_) {
    drain_due_ = false;
    if (auto* listening = events()) listening->on_drained();
  }
  if (fin_now && !over()) own_fin_acknowledged();
}

void TcpSocket::receive_duplicate_ack() {
  if (congestion_.in_recovery()) {
    congestion_.on_duplicate();
    return;  // receive() goes on to output()
  }
  if (++duplicate_acks_ != kDuplicateAcks) return;
  // Not again for losses of a window that was dealt with (RFC 6582 section 3.2, step 1).
  if (seq_before(send_una_, recover_)) return;
  recover_ = send_max_;
  congestion_.on_loss(send_max_ - send_una_);
  retransmit_first();
  arm_retransmission();
}

void TcpSocket::own_fin_acknowledged() {
  if (state_ == TcpState::fin_wait_1) {
    move_to(TcpState::fin_wait_2);
    if (user_ == nullptr) wait_as_orphan();
  } else if (state_ == TcpState::closing) {
    move_to(TcpState::time_wait);
  }
  end_if_finished();
}

void TcpSocket::receive_text(const Segment& segment) {
  std::string_view bytes = segment.data();
  std::uint32_t seq = segment.seq;
  if (user_ == nullptr && seq_before(receive_next_, seq + segment.size)) {
    abort();  // nobody will read it: RFC 9293 section 3.6.1
    return;
  }
  if (segment.has(flag::kFin) && !fin_known_) {
    fin_known_ = true;
    fin_at_ = seq + segment.size;
  }
  if (seq_before(seq, receive_next_)) {
    const std::uint32_t known = receive_next_ - seq;
    bytes.remove_prefix(std::min<std::size_t>(known, bytes.size()));
    seq = receive_next_;
  }
  const std::uint32_t room = advertised_ - seq;
  bytes = bytes.substr(0, room);
  // RFC 5681 section 4.2: gaps, and what fills them, are acknowledged at once.
  bool at_once = bytes.size() < segment.size || !early_.empty();
  if (seq != receive_next_) {
    if (receives_data(state_)) early_.insert(seq, bytes);
    at_once = true;
  } else if (!bytes.empty() && receives_data(state_)) {
    unacked_octets_ += static_cast<std::uint32_t>(bytes.size());
    receive_next_ += static_cast<std::uint32_t>(bytes.size());
    if (early_.empty() && in_.empty() && !paused_ && events() != nullptr) {
      hand_over(bytes);
    } else {
      in_ += bytes;
      early_.take(receive_next_, in_);
    }
    if (over()) return;
  }
  if (fin_known_ && !fin_received_ && receive_next_ == fin_at_) {
    receive_fin();
    at_once = true;
  }
  if (in_.empty() || paused_ || fin_received_) {
    plan_ack(at_once);
    deliver();
  } else {
    deliver();  // first, so that the acknowledgement carries the window that it leaves
    if (!over()) plan_ack(at_once);
  }
}

void TcpSocket::receive_fin() {
  fin_received_ = true;
  ++receive_next_;
  ++advertised_;  // FIN takes a number, but no room
  if (state_ == TcpState::established) {
    move_to(TcpState::close_wait);
  } else if (state_ == TcpState::fin_wait_1) {
    move_to(TcpState::closing);
  } else if (state_ == TcpState::fin_wait_2) {
    cancel(orphan_);
    move_to(TcpState::time_wait);
  }
}

void TcpSocket::plan_ack(bool at_once) {
  // RFC 9293 section 3.8.6.3: at least every second full segment at once; else it may wait for data
  // to ride on.
  if (at_once || unacked_octets_ >= 2u * mss_) {
    send_ack();
  } else if (acknowledged_ != receive_next_ && delayed_ack_ == 0) {
    delayed_ack_ =
        kernel().schedule(kernel().now() + host_.internet().options().tcp.delayed_ack, [this] {
          delayed_ack_ = 0;
          send_ack();
        });
  }
}

void TcpSocket::hand_over(std::string_view bytes) {
  events()->on_bytes(bytes);
}

void TcpSocket::deliver() {
  while (!in_.empty() && !paused_ && !over() && events() != nullptr) {
    const std::string bytes = std::exchange(in_, {});
    hand_over(bytes);
  }
  if (over()) return;
  if (!paused_) update_own_window();
  if (in_.empty() && !paused_ && fin_received_ && !end_told_) {
    if (auto* listening = events()) {
      end_told_ = true;
      listening->on_end();
      if (over()) return;
    }
  }
  end_if_finished();
}

void TcpSocket::update_own_window() {
  // Only a peer that was slowed down is waiting for this.
  if (fin_received_ || advertised_ - receive_next_ >= kReceiveBufferOctets / 2) return;
  const auto free = kReceiveBufferOctets - static_cast<std::uint32_t>(in_.size());
  if (receive_next_ + free - advertised_ >= 2u * mss_) send_ack();
}

void TcpSocket::deliver_later() {
  if (over() || delivery_ != 0) return;
  if (in_.empty() && !(fin_received_ && !end_told_)) return;
  delivery_ = kernel().schedule(kernel().now(), [this] {
    delivery_ = 0;
    deliver();
  });
}

}  // namespace mailscope::sim
