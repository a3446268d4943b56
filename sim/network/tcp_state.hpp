// The states of a TCP connection and the moves between them that RFC 9293 section 3.3.2 allows. The
// socket moves along this table only; the documentation and the viewer draw their diagram from it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace mailscope::sim {

enum class TcpState : std::uint8_t {
  closed,
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
};
std::string_view to_string(TcpState state);

/// One arrow of the diagram.
struct TcpMove {
  TcpState from;
  TcpState to;
  std::string_view event;   // what arrives or is called
  std::string_view action;  // what is sent; may be empty
};

inline constexpr std::array kTcpMoves = {
    TcpMove{TcpState::closed, TcpState::listen, "listen()", ""},
    TcpMove{TcpState::closed, TcpState::syn_sent, "connect()", "SYN"},
    TcpMove{TcpState::closed, TcpState::syn_received, "SYN for a listener", "SYN ACK"},
    TcpMove{TcpState::listen, TcpState::closed, "close", ""},
    TcpMove{TcpState::syn_sent, TcpState::syn_received, "SYN (both opened)", "SYN ACK"},
    TcpMove{TcpState::syn_sent, TcpState::established, "SYN ACK", "ACK"},
    TcpMove{TcpState::syn_sent, TcpState::closed, "RST, no answer, abort()", ""},
    TcpMove{TcpState::syn_received, TcpState::established, "ACK of SYN", ""},
    TcpMove{TcpState::syn_received, TcpState::fin_wait_1, "finish()", "FIN"},
    TcpMove{TcpState::syn_received, TcpState::closed, "RST, no answer, abort()", "RST"},
    TcpMove{TcpState::established, TcpState::fin_wait_1, "finish()", "FIN"},
    TcpMove{TcpState::established, TcpState::close_wait, "FIN", "ACK"},
    TcpMove{TcpState::established, TcpState::closed, "RST, no answer, abort()", "RST"},
    TcpMove{TcpState::fin_wait_1, TcpState::fin_wait_2, "ACK of FIN", ""},
    TcpMove{TcpState::fin_wait_1, TcpState::closing, "FIN", "ACK"},
    TcpMove{TcpState::fin_wait_1, TcpState::closed, "RST, no answer, abort()", "RST"},
    TcpMove{TcpState::fin_wait_2, TcpState::time_wait, "FIN", "ACK"},
    TcpMove{TcpState::fin_wait_2, TcpState::closed, "RST, no answer, abort()", "RST"},
    TcpMove{TcpState::close_wait, TcpState::last_ack, "finish()", "FIN"},
    TcpMove{TcpState::close_wait, TcpState::closed, "RST, no answer, abort()", "RST"},
    TcpMove{TcpState::closing, TcpState::time_wait, "ACK of FIN", ""},
    TcpMove{TcpState::closing, TcpState::closed, "RST, no answer, abort()", "RST"},
    TcpMove{TcpState::last_ack, TcpState::closed, "ACK of FIN, RST, no answer", ""},
    TcpMove{TcpState::time_wait, TcpState::closed, "2 MSL are over", ""},
};

constexpr bool may_move(TcpState from, TcpState to) {
  for (const TcpMove& move : kTcpMoves) {
    if (move.from == from && move.to == to) return true;
  }
  return false;
}

/// The peer may still send data to us.
constexpr bool receives_data(TcpState state) {
  return state == TcpState::established || state == TcpState::fin_wait_1 ||
         state == TcpState::fin_wait_2;
}

/// We may still send data to the peer.
constexpr bool sends_data(TcpState state) {
  return state == TcpState::established || state == TcpState::close_wait;
}

}  // namespace mailscope::sim
