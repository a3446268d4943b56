// What may be said when: the commands of POP3 and the states of a server's session. The engine
// obeys this table; the documentation and the viewer draw from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mailscope::pop3 {

class ServerEngine;

/// State of a server's session. RFC 1939 section 3 knows three: AUTHORIZATION is `authorization`
/// and `password`, TRANSACTION is `transaction` and `sending`, UPDATE is `update`.
enum class State : std::uint8_t {
  opening,        // connected, greeting not sent yet
  authorization,  // nobody is logged in
  password,       // USER was said, PASS may follow
  sasl,           // the client answers a challenge of AUTH
  handshake,      // the TLS handshake runs
  transaction,    // logged in, the maildrop is locked
  sending,        // a multi-line response is on its way; pipelined commands wait
  update,         // QUIT was said after a login: messages marked as deleted are gone
  closed,         // nothing is read any more
};
inline constexpr int kStateCount = 9;
std::string_view to_string(State state);

/// Set of states, one bit each.
using StateSet = std::uint16_t;
constexpr StateSet in(State s) {
  return static_cast<StateSet>(1u << static_cast<unsigned>(s));
}
constexpr StateSet operator|(State a, State b) {
  return static_cast<StateSet>(in(a) | in(b));
}
constexpr StateSet operator|(StateSet a, State b) {
  return static_cast<StateSet>(a | in(b));
}
constexpr bool contains(StateSet set, State s) {
  return (set & in(s)) != 0;
}

/// What stands behind a verb.
enum class ArgumentRule : std::uint8_t {
  none,
  text,               // the rest of the line: a name, a password with its spaces
  mechanism,          // nothing, or a SASL mechanism and perhaps an initial response (RFC 5034)
  name_and_digest,    // a name and 32 hexadecimal digits
  optional_word,      // a word or nothing
  optional_message,   // a message number or nothing
  message,            // a message number
  message_and_lines,  // a message number and a count
};

/// An argument that fits its rule.
struct Arguments {
  std::optional<std::uint32_t> message;
  std::uint32_t lines = 0;
  std::string_view text;    // name, password, mechanism, language
  std::string_view digest;  // of APOP
  std::optional<std::string_view> initial_response;
};

struct CommandRule {
  std::string_view verb;
  ArgumentRule argument;
  StateSet states;              // where it is legal; elsewhere the answer is -ERR
  std::string_view capability;  // that it belongs to; empty: every server has it
  void (ServerEngine::*handler)(const Arguments& arguments);
  std::string_view syntax;   // for the documentation
  std::string_view section;  // where it is specified
  bool secret;               // what stands behind the verb is not for the trace
};

/// The commands that the server knows. APOP (RFC 1939 section 7) needs the password itself on the
/// server; where it is not kept (auth::Material::apop) the greeting has no timestamp and APOP
/// fails.
std::span<const CommandRule> commands();
/// Null when there is no such verb (no regard to case).
const CommandRule* find_command(std::string_view verb);
/// Null when `text` (all behind the verb and one space) does not fit the rule.
std::optional<Arguments> parse_arguments(ArgumentRule rule, std::string_view text);

}  // namespace mailscope::pop3
