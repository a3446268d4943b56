// One end of a TCP connection (RFC 9293): the state, the numbers, what it does with each segment.
//
//     client                                   server
//     SYN-SENT      -- SYN seq=0 ------------>  SYN-RECEIVED
//     ESTABLISHED   <- SYN ACK seq=0 ack=1 ---
//                   -- ACK seq=1 ack=1 ------>  ESTABLISHED
//                   <- PSH ACK 220 mx... -----
//
// tcp_input.cpp: what arrives. tcp_output.cpp: what is sent, and sent again. tcp_socket.cpp: what
// the user and the host ask for, and the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/net/network.hpp"
#include "server/trace/sink.hpp"
#include "sim/network/buffers.hpp"
#include "sim/network/congestion.hpp"
#include "sim/network/host_network.hpp"
#include "sim/network/packet.hpp"
#include "sim/network/rtt.hpp"
#include "sim/network/tcp_state.hpp"

namespace mailscope::sim {

class TcpConnection;

class TcpSocket {
 public:
  TcpSocket(HostNetwork& host, const Flow& flow, net::ConnectionId connection);
  ~TcpSocket();
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  const Flow& flow() const { return flow_; }
  net::ConnectionId connection() const { return connection_; }
  TcpState state() const { return state_; }
  TcpInfo info() const;

  // The host.
  void open_active(TcpConnection& user);
  void open_passive(const Segment& syn);
  void receive(const Segment& segment);
  /// A router says that there is no way to the peer. Only an opening ends at that (RFC 5461).
  void unreachable();
  /// The host lost its power (no word to the peer) or its processes (`tell_peer`).
  void host_failed(bool tell_peer);

  // The user.
  void events_set() { deliver_later(); }
  void send(std::string_view bytes);
  std::size_t unsent() const { return out_.size(); }
  void pause_reading(bool paused);
  void finish();
  void abort();
  /// The user's object is gone.
  void release();

 private:
  friend class HostNetwork;  // the list of its sockets

  bool over() const { return state_ == TcpState::closed; }
  void move_to(TcpState state);
  net::ConnectionEvents* events();
  bool synchronised() const { return state_ >= TcpState::syn_received; }
  Kernel& kernel() { return host_.internet().kernel(); }

  // tcp_input.cpp
  void receive_in_syn_sent(const Segment& segment);
  bool acceptable(const Segment& segment) const;
  void receive_reset(const Segment& segment);
  bool receive_ack_of_syn(const Segment& segment);
  bool receive_ack(const Segment& segment);
  void receive_text(const Segment& segment);
  void receive_new_ack(std::uint32_t ack);
  void receive_duplicate_ack();
  void own_fin_acknowledged();
  void update_peer_window(const Segment& segment);
  void receive_fin();
  void plan_ack(bool at_once);
  void establish();
  void hand_to_listener();
  void hand_over(std::string_view bytes);
  void deliver();
  void update_own_window();
  void deliver_later();

  // tcp_output.cpp
  void output();
  bool send_next();
  void send_data(std::uint32_t seq, std::uint32_t octets, bool fin);
  void send_control(std::uint8_t flags, std::uint32_t seq);
  void send_ack() { send_control(flag::kAck, send_max_); }
  void fill_and_send(Segment& segment, std::uint8_t flags, std::uint32_t seq);
  void note_retransmission(std::uint32_t seq, std::uint32_t octets);
  void retransmit_first();
  void arm_retransmission();
  void on_retransmission_timer();
  void probe_window();
  void resend_handshake();
  std::uint32_t receive_window();
  std::uint32_t end_of_data() const { return send_una_ + static_cast<std::uint32_t>(out_.size()); }
  std::uint32_t in_flight() const { return send_next_ - send_una_; }
  bool fin_outstanding() const { return fin_wanted_ && !fin_acked_; }

  // tcp_socket.cpp
  void close(net::CloseReason reason);
  /// Both sides have finished: the end, as soon as the user has read everything.
  void end_if_finished();
  void wait_as_orphan();
  void remember_time_wait();
  /// Records the end and leaves all tables; returns the event.
  trace::EventId end(std::string_view words);
  void end_by_user(std::string_view words, bool tell_peer);
  void stop_timers();
  void cancel(net::TimerId& timer);

  HostNetwork& host_;
  HostNetwork& peer_;
  Path& path_;
  TcpConnection* user_ = nullptr;
  TcpSocket* next_ = nullptr;  // in the host's list
  TcpSocket* previous_ = nullptr;
  Flow flow_;
  net::ConnectionId connection_;
  trace::Origin origin_;
  TcpState state_ = TcpState::closed;
  std::uint16_t mss_;

  // Send side, RFC 9293 section 3.3.1.
  std::uint32_t send_base_ = 0;  // ISS
  std::uint32_t send_una_ = 0;   // oldest that is not acknowledged
  std::uint32_t send_next_ = 0;
  std::uint32_t send_max_ = 0;  // behind the highest ever sent; send_next_ goes back at a time-out
  std::uint32_t peer_window_ = 0;
  std::uint32_t max_peer_window_ = 0;
  std::uint32_t window_seq_ = 0;  // SND.WL1
  std::uint32_t window_ack_ = 0;  // SND.WL2
  std::uint32_t recover_ = 0;     // RFC 6582: end of what was sent when a loss was noticed
  SendBuffer out_;                // from send_una_ on
  Congestion congestion_;
  RttEstimator rtt_;
  std::uint32_t timed_seq_ = 0;       // the segment whose round trip is being measured ends here
  net::Time timed_at_ = net::kNever;  // kNever: none is
  net::Time last_sent_{};
  std::uint8_t attempts_ = 0;  // retransmissions of what is at send_una_
  std::uint8_t duplicate_acks_ = 0;
  std::uint8_t probes_ = 0;  // window probes that got no answer
  std::uint8_t probe_backoff_ = 0;
  bool probing_ = false;  // the timer is that of a closed window
  bool fin_wanted_ = false;
  bool fin_acked_ = false;
  bool drain_due_ = false;  // on_drained() is owed

  // Receive side.
  std::uint32_t receive_base_ = 0;  // IRS
  std::uint32_t receive_next_ = 0;
  std::uint32_t advertised_ = 0;    // right edge of the window that the peer knows
  std::uint32_t acknowledged_ = 0;  // receive_next_ as the peer was told it last
  std::uint32_t fin_at_ = 0;        // where the peer's FIN stands, if fin_known_
  std::string in_;                  // in order, not yet taken by the user
  Reassembly early_;
  std::uint32_t unacked_octets_ = 0;  // received since we last acknowledged
  bool fin_known_ = false;
  bool fin_received_ = false;  // in order: receive_next_ is behind it
  bool end_told_ = false;
  bool paused_ = false;
  bool active_ = false;  // we opened it

  net::TimerId retransmission_ = 0;
  net::TimerId delayed_ack_ = 0;
  net::TimerId delivery_ = 0;
  net::TimerId orphan_ = 0;
};

}  // namespace mailscope::sim
