// Packet headers. Everything in network order.
#include "sim/export/packet_bytes.hpp"

#include <algorithm>

namespace mailscope::exporting {

namespace {

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kProtocolUdp = 17;
constexpr std::uint8_t kHopLimit = 64;
/// Shift of the window (RFC 7323 section 2.2); announced in SYN, applied everywhere else.
constexpr std::uint8_t kWindowShift = 7;
constexpr std::uint16_t kMss = 1460;  // announced in SYN (RFC 9293 section 3.7.1)

void put16(std::string& out, std::uint32_t n) {
  out += static_cast<char>(n >> 8 & 0xFF);
  out += static_cast<char>(n & 0xFF);
}
void put32(std::string& out, std::uint32_t n) {
  put16(out, n >> 16);
  put16(out, n & 0xFFFF);
}

/// Sum of 16-bit words for the Internet checksum (RFC 1071 section 1).
std::uint32_t add_words(std::uint32_t sum, std::string_view octets) {
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const auto high = static_cast<std::uint8_t>(octets[i]);
    const auto low = i + 1 < octets.size() ? static_cast<std::uint8_t>(octets[i + 1]) : 0U;
    sum += static_cast<std::uint32_t>(high) << 8 | low;
  }
  return sum;
}

std::uint16_t folded(std::uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void set16(std::string& octets, std::size_t at, std::uint16_t n) {
  octets[at] = static_cast<char>(n >> 8);
  octets[at + 1] = static_cast<char>(n & 0xFF);
}

/// Sum over the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1).
std::uint32_t pseudo_header(const PacketEnds& ends, std::uint8_t protocol, std::size_t length) {
  std::uint32_t sum = add_words(0, ends.from.address.bytes());
  sum = add_words(sum, ends.to.address.bytes());
  return sum + protocol + static_cast<std::uint32_t>(length);
}

/// A locally administered unicast address: 02:00:00:00 and the number of the host.
void put_mac(std::string& out, std::uint16_t host) {
  out += '\x02';
  out.append(3, '\0');
  put16(out, host);
}

/// Ethernet and IP headers in front of `rest`, which is `length` octets long on the wire.
std::string with_headers(const PacketEnds& ends, std::uint8_t protocol, std::string_view rest,
                         std::size_t length) {
  const bool is_v6 = ends.from.address.is_v6();
  std::string packet;
  put_mac(packet, ends.to_host);
  put_mac(packet, ends.from_host);
  put16(packet, is_v6 ? 0x86DD : 0x0800);
  if (is_v6) {
    put32(packet, 0x60000000);  // version 6, no traffic class, no flow label
    put16(packet, static_cast<std::uint32_t>(length));
    packet += static_cast<char>(protocol);
    packet += static_cast<char>(kHopLimit);
    packet += ends.from.address.bytes();
    packet += ends.to.address.bytes();
  } else {
    std::string ip;
    put16(ip, 0x4500);  // version 4, five words
    put16(ip, static_cast<std::uint32_t>(length + 20));
    put16(ip, 0);       // identification: unused in what is not fragmented (RFC 6864 section 4.1)
    put16(ip, 0x4000);  // do not fragment
    ip += static_cast<char>(kHopLimit);
    ip += static_cast<char>(protocol);
    put16(ip, 0);
    ip += ends.from.address.bytes();
    ip += ends.to.address.bytes();
    set16(ip, 10, folded(add_words(0, ip)));
    packet += ip;
  }
  packet += rest;
  return packet;
}

}  // namespace

std::string tcp_packet(const PacketEnds& ends, const TcpFields& tcp, std::string_view payload,
                       std::size_t missing) {
  const bool is_syn = tcp.flags & kSyn;
  std::string segment;
  put16(segment, ends.from.port);
  put16(segment, ends.to.port);
  put32(segment, tcp.seq);
  put32(segment, tcp.flags & kAck ? tcp.ack : 0);
  const std::uint32_t words = is_syn ? 7 : 5;
  put16(segment, words << 12 | tcp.flags);
  put16(segment, std::min<std::uint32_t>(is_syn ? tcp.window : tcp.window >> kWindowShift, 0xFFFF));
  put16(segment, 0);  // checksum
  put16(segment, 0);  // urgent pointer
  if (is_syn) {
    put16(segment, 0x0204);  // maximum segment size
    put16(segment, kMss);
    put32(segment, 0x01030300U | kWindowShift);  // no operation, window scale
  }
  segment += payload;
  const std::size_t length = segment.size() + missing;
  if (missing == 0) {
    set16(segment, 16, folded(add_words(pseudo_header(ends, kProtocolTcp, length), segment)));
  }
  return with_headers(ends, kProtocolTcp, segment, length);
}

std::string udp_packet(const PacketEnds& ends, std::string_view payload, std::size_t missing) {
  std::string datagram;
  put16(datagram, ends.from.port);
  put16(datagram, ends.to.port);
  const std::size_t length = 8 + payload.size() + missing;
  put16(datagram, static_cast<std::uint32_t>(length));
  put16(datagram, 0);
  datagram += payload;
  if (missing == 0) {
    const std::uint16_t sum =
        folded(add_words(pseudo_header(ends, kProtocolUdp, length), datagram));
    set16(datagram, 6, sum == 0 ? 0xFFFF : sum);  // zero means "no checksum" (RFC 768)
  }
  return with_headers(ends, kProtocolUdp, datagram, length);
}

}  // namespace mailscope::exporting
