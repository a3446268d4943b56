// What a DNS server does instead of answering when a lesson switch says so
// (server/policy/switches.hpp).
//
//   answer "MX" with "SERVFAIL"    NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED or BADVERS
//                                  without a record, or TRUNCATED: "ask again over TCP"
//   drop "QUERY"                   no word over UDP, a reset over TCP
//   hide "EDNS"                    a server from before RFC 6891: no OPT record, 512 octets
//   break "EDNS"                   one that answers FORMERR to it
//   hide, break "UDP" or "TCP"     a firewall that lets only the other one through
//   hide "RECURSION"               a resolver that refuses the client
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "server/dns/intake.hpp"
#include "server/dns/message.hpp"
#include "server/policy/switches.hpp"

namespace mailscope::dns {

/// What switches of a DNS server may name as a capability.
inline constexpr std::array<std::string_view, 4> kCapabilities = {"EDNS", "UDP", "TCP",
                                                                  "RECURSION"};

/// The code that a switch's reply names, or nothing.
std::optional<Rcode> parse_rcode(std::string_view word);

struct Instead {
  /// Without it nothing is said: silence over UDP, a reset over TCP.
  std::optional<Message> answer;
};

/// Looks whether a switch concerns the query `wire`. May take EDNS out of the query, whose answer
/// is then the server's own.
std::optional<Instead> deviate(policy::Switches& switches, std::string& wire, Transport transport,
                               const net::Address& client);

}  // namespace mailscope::dns
