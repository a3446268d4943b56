// The one table of capabilities (RFC 2449): what CAPA announces and when. Commands and response
// codes name the capability that they belong to, and exist where it is offered.
//
//   C: CAPA
//   S: +OK Capabilities follow
//   S: TOP
//   S: SASL SCRAM-SHA-256 PLAIN            name and arguments
//   S: .
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/pop3/commands.hpp"

namespace mailscope::pop3 {

struct Capability {
  std::string_view name;
  std::string_view section;  // where it is specified
  StateSet states;           // in which it is announced
  /// Whether the session as it stands has it; null: always.
  bool (*available)(const ServerEngine& session);
  /// What stands behind the name; null: nothing.
  std::string (*argument)(const ServerEngine& session);
};

/// The table, in the order of CAPA.
std::span<const Capability> capabilities();
/// Null when there is no such row (no regard to case).
const Capability* find_capability(std::string_view name);

}  // namespace mailscope::pop3
