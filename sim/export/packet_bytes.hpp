// The octets of a packet as they would be on an Ethernet: headers of Ethernet, IPv4 or IPv6, TCP or
// UDP around a payload, with right checksums.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/net/address.hpp"

namespace mailscope::exporting {

/// Who sends a packet to whom. The numbers of the hosts make their Ethernet addresses.
struct PacketEnds {
  net::Endpoint from, to;
  std::uint16_t from_host = 0, to_host = 0;
};

/// Control bits of RFC 9293 section 3.1.
enum TcpFlag : std::uint8_t { kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16 };

struct TcpFields {
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint8_t flags = 0;
  std::uint32_t window = 0;  // octets; written with the scale that our SYN announces
};

/// Octets of payload that fit into one packet behind any of the headers (IP's length has 16 bits).
inline constexpr std::size_t kMaxTcpPayload = 65'000;
inline constexpr std::size_t kMaxUdpPayload = 65'507;

/// A packet and its size on the wire: `missing` octets of its payload were not captured.
std::string tcp_packet(const PacketEnds& ends, const TcpFields& tcp, std::string_view payload,
                       std::size_t missing = 0);
std::string udp_packet(const PacketEnds& ends, std::string_view payload, std::size_t missing = 0);

}  // namespace mailscope::exporting
