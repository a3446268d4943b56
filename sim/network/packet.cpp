// Names of the control bits.
#include "sim/network/packet.hpp"

namespace mailscope::sim {

std::string_view flag_names(std::uint8_t flags) {
  // Fin 1, Syn 2, Rst 4, Psh 8, Ack 16: the index is the flags octet.
  static constexpr std::array<std::string_view, 32> names = {"",
                                                             "FIN",
                                                             "SYN",
                                                             "FIN SYN",
                                                             "RST",
                                                             "FIN RST",
                                                             "SYN RST",
                                                             "FIN SYN RST",
                                                             "PSH",
                                                             "FIN PSH",
                                                             "SYN PSH",
                                                             "FIN SYN PSH",
                                                             "RST PSH",
                                                             "FIN RST PSH",
                                                             "SYN RST PSH",
                                                             "FIN SYN RST PSH",
                                                             "ACK",
                                                             "FIN ACK",
                                                             "SYN ACK",
                                                             "FIN SYN ACK",
                                                             "RST ACK",
                                                             "FIN RST ACK",
                                                             "SYN RST ACK",
                                                             "FIN SYN RST ACK",
                                                             "PSH ACK",
                                                             "FIN PSH ACK",
                                                             "SYN PSH ACK",
                                                             "FIN SYN PSH ACK",
                                                             "RST PSH ACK",
                                                             "FIN RST PSH ACK",
                                                             "SYN RST PSH ACK",
                                                             "FIN SYN RST PSH ACK"};
  return names[flags & 31];
}

}  // namespace mailscope::sim
