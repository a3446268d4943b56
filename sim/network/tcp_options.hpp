// The numbers that TCP runs on: what the standards fix, and what hosts choose.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "server/net/time.hpp"

namespace mailscope::sim {

/// Octets of data in a segment on an Ethernet path (MTU 1500), RFC 9293 section 3.7.1.
inline constexpr std::uint32_t kMssV4 = 1460;
inline constexpr std::uint32_t kMssV6 = 1440;

/// Octets that a host buffers for a reader: the largest window without window scaling.
inline constexpr std::uint32_t kReceiveBufferOctets = 65535;

/// RFC 6928: segments that may be sent before the first acknowledgement.
inline constexpr std::uint32_t kInitialWindowSegments = 10;

/// Duplicate acknowledgements that stand for a lost segment, RFC 5681 section 3.2.
inline constexpr int kDuplicateAcks = 3;

/// Chosen by the host; the defaults are those of common systems.
struct TcpOptions {
  /// First retransmission time-out, and after any the least one (RFC 6298 sections 2.1 and 2.4).
  net::Duration initial_rto = std::chrono::seconds(1);
  net::Duration min_rto = std::chrono::seconds(1);
  net::Duration max_rto = std::chrono::seconds(60);
  /// An acknowledgement waits this long for data to ride on (RFC 1122 section 4.2.3.2: < 0.5 s).
  net::Duration delayed_ack = std::chrono::milliseconds(40);
  /// SYN is repeated after 1, 2, 4, 8, 16 s; given up after 63 s in all. RFC 9293 section 3.8.3
  /// asks for three minutes, but lets the user give up sooner, and mail servers do.
  int syn_retries = 5;
  /// Data is repeated after 1, 2, 4 ... 60, 60 s; given up after four minutes (RFC 1122 section
  /// 4.2.3.5 asks for at least 100 s).
  int data_retries = 8;
  /// How long a closed socket nobody holds waits for the peer's FIN.
  net::Duration orphan_wait = std::chrono::seconds(60);
  /// 2 MSL, RFC 9293 section 3.4.2; the 60 s of common systems.
  net::Duration time_wait = std::chrono::seconds(60);
};

}  // namespace mailscope::sim
