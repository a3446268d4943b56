// Names of the TCP states, as RFC 9293 section 3.3.2 writes them.
#include "sim/network/tcp_state.hpp"

namespace mailscope::sim {

std::string_view to_string(TcpState state) {
  constexpr std::array<std::string_view, 11> names = {
      "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
      "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace mailscope::sim
