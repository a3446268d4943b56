// What every DNS server does with a message before it looks at the question: is it a query at all,
// is it well formed, is it something that we serve?
#pragma once

#include <optional>
#include <string_view>

#include "server/dns/message.hpp"

namespace mailscope::dns {

enum class Transport : std::uint8_t { udp, tcp };
/// "udp", "tcp": the words of the trace.
std::string_view to_string(Transport transport);

struct Intake {
  std::optional<Message> query;    // one question of class IN, ready to be answered
  std::optional<Message> refusal;  // the answer to anything else; neither: say nothing
};

/// Sorts a message that came to a server.
Intake take_in(std::string_view wire);

/// Octets that the response to `query` may have (RFC 6891 section 6.2.3).
std::size_t response_limit(const Message& query, Transport transport);

}  // namespace mailscope::dns
