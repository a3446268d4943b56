// What travels: TCP segments and UDP datagrams, taken from pools, so that sending allocates
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/network.hpp"
#include "server/trace/event.hpp"
#include "sim/network/tcp_options.hpp"

namespace mailscope::sim {

class Path;

/// Number of an address in the Internet's table of addresses.
using AddressId = std::uint16_t;

/// Both ends of a connection as one end sees them, or of a packet as its sender does.
struct Flow {
  AddressId local = 0;
  AddressId remote = 0;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;

  std::uint64_t key() const {
    return static_cast<std::uint64_t>(local) << 48 | static_cast<std::uint64_t>(remote) << 32 |
           static_cast<std::uint64_t>(local_port) << 16 | remote_port;
  }
  Flow reversed() const { return {remote, local, remote_port, local_port}; }
};

struct Packet {
  Path* path = nullptr;  // from the sending to the receiving host
  Flow flow;
  trace::EventId event = 0;  // the packet's own event: the cause of what its arrival leads to
  net::ConnectionId connection = 0;
  std::uint32_t wire_octets = 0;  // with the headers of IP and TCP or UDP
};

/// Control bits of RFC 9293 section 3.1, with their values on the wire.
namespace flag {
inline constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16;
}
/// "SYN ACK", "PSH ACK", "FIN ACK"...
std::string_view flag_names(std::uint8_t flags);

struct Segment : Packet {
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint32_t seq_base = 0;  // the initial numbers, for the trace only
  std::uint32_t ack_base = 0;
  std::uint32_t window = 0;
  std::uint16_t size = 0;
  std::uint8_t flags = 0;
  std::array<char, kMssV4> payload;  // NOLINT: the first `size` octets hold something

  bool has(std::uint8_t bits) const { return (flags & bits) != 0; }
  std::string_view data() const { return {payload.data(), size}; }
  /// What it takes of the sequence numbers: data, SYN and FIN.
  std::uint32_t length() const {
    return size + (has(flag::kSyn) ? 1u : 0u) + (has(flag::kFin) ? 1u : 0u);
  }
};

struct Datagram : Packet {
  std::string payload;
};

/// Takes and gives back objects; owns them all, also those that are out.
template <typename T>
class Pool {
 public:
  T* take() {
    if (free_.empty()) {
      blocks_.push_back(std::make_unique<std::array<T, kBlock>>());
      for (T& item : *blocks_.back()) free_.push_back(&item);
    }
    T* item = free_.back();
    free_.pop_back();
    return item;
  }
  void give(T* item) { free_.push_back(item); }

 private:
  static constexpr std::size_t kBlock = 32;
  std::vector<std::unique_ptr<std::array<T, kBlock>>> blocks_;
  std::vector<T*> free_;
};

}  // namespace mailscope::sim
