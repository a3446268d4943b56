// The header that a proxy puts in front of a connection to tell on whose behalf it was opened (the
// PROXY protocol of HAProxy, versions 1 and 2):
//
//   PROXY TCP4 192.0.2.7 198.51.100.25 56324 25<CR><LF>                    version 1
//   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A  21 11 00 0C  addresses, ports     version 2, IPv4
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/net/address.hpp"

namespace mailscope::net {

/// Octets of the longest version 1 header with CRLF (the protocol's section 2.1).
inline constexpr std::size_t kMaxProxyLine = 107;
/// Octets of the longest version 2 header: its fixed part, and what 16 bits can say.
inline constexpr std::size_t kMaxProxyHeader = 16 + 65'535;

struct ProxyHeader {
  enum class Status : std::uint8_t {
    need_more,  // so far it is the beginning of one
    complete,
    broken,  // `problem` says why: the connection must end
  };
  Status status = Status::need_more;
  std::size_t size = 0;  // octets of the header, when it is complete
  /// Both ends of the connection that the proxy has accepted. Empty: the proxy speaks for itself (a
  /// health check), or cannot say for whom; then the real ends count.
  struct Ends {
    Endpoint client, server;
    bool operator==(const Ends&) const = default;
  };
  std::optional<Ends> ends;
  std::string_view problem;
};

/// Looks at what has come of a connection. Never looks behind the header.
ProxyHeader parse_proxy_header(std::string_view input);

/// The checksum of version 2 (CRC-32C, RFC 9260 appendix A), going on from `before`.
std::uint32_t crc32c(std::string_view octets, std::uint32_t before = 0);

}  // namespace mailscope::net
