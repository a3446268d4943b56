// What may be said when: the commands of ManageSieve and the states of a server's session. The
// engine obeys this table; the documentation and the viewer draw from it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/managesieve/receiver.hpp"

namespace mailscope::managesieve {

class ServerEngine;

/// State of a server's session (RFC 5804 section 2).
enum class State : std::uint8_t {
  opening,          // connected, greeting not sent yet
  unauthenticated,  // nobody is logged in
  sasl,             // the client answers a challenge of AUTHENTICATE
  handshake,        // the TLS handshake runs
  authenticated,    // logged in
  closed,           // nothing is read any more
};
inline constexpr int kStateCount = 6;
std::string_view to_string(State state);

/// Set of states, one bit each.
using StateSet = std::uint8_t;
constexpr StateSet in(State s) {
  return static_cast<StateSet>(1u << static_cast<unsigned>(s));
}
constexpr StateSet operator|(State a, State b) {
  return static_cast<StateSet>(in(a) | in(b));
}
constexpr bool contains(StateSet set, State s) {
  return (set & in(s)) != 0;
}

/// What stands behind a verb, argument by argument.
enum class Want : std::uint8_t { nothing, string, number, optional_string };

struct CommandRule {
  std::string_view verb;
  std::array<Want, 2> arguments;
  StateSet states;  // where it is legal; elsewhere the answer is NO
  void (ServerEngine::*handler)(const Received& command);
  std::string_view syntax;      // for the documentation
  std::string_view section;     // where it is specified
  std::string_view capability;  // that it belongs to, or empty
  bool secret;                  // its last argument is not for the trace
};

std::span<const CommandRule> commands();
/// Null when there is no such verb (no regard to case).
const CommandRule* find_command(std::string_view verb);
/// Whether the arguments are what the rule wants.
bool fits(const CommandRule& rule, const std::vector<Token>& arguments);

}  // namespace mailscope::managesieve
