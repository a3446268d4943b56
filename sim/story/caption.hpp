// What a step means, in words: one bold sentence, one supporting sentence, one RFC section. The
// terminal and the viewer say the same, because both ask here.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/story/world.hpp"

namespace mailscope::story {

struct Caption {
  std::string bold;
  std::string support;
  std::string rfc;  // "RFC 5321 section 4.2.5", or empty
};

Caption caption(const World& world, const trace::Log& log, trace::EventId id);

/// One row of the catalogue. Placeholders in braces are names of the event's fields, or host, peer,
/// client, server, host_org, peer_org, client_org, server_org, message.
struct Entry {
  trace::Kind kind;
  std::string_view variant;  // "" fits every event of the kind; see variant()
  std::string_view bold;
  std::string_view support;
  std::string_view rfc;
};
std::span<const Entry> catalogue();

/// The variants of an event from the most special to the most general, for example "RCPT.550",
/// "RCPT.5", "5"; the catalogue is searched in this order and then for "".
std::vector<std::string> variants(const World& world, const trace::Log& log, trace::EventId id);

}  // namespace mailscope::story
