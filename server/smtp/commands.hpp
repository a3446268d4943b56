// What may be said when: the commands of SMTP, the states of a server's session and the legal moves
// between them. The engine obeys these tables; the documentation and the viewer draw from them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/smtp/extensions.hpp"

namespace mailscope::smtp {

/// State of a server's session.
enum class State : std::uint8_t {
  opening,    // connected, greeting not sent yet
  greeted,    // greeting sent, waiting for EHLO or HELO
  ready,      // between transactions
  mail,       // a transaction has begun, no recipient yet
  rcpt,       // at least one recipient was accepted
  data,       // message content arrives
  chunk,      // octets of a BDAT chunk arrive (RFC 3030)
  chunks,     // between the chunks of a message
  auth,       // the client answers a SASL challenge
  handshake,  // TLS handshake runs
  refused,    // greeted with 554: everything but QUIT gets 503 (RFC 5321 section 3.1)
  closed,     // nothing is read any more
};
inline constexpr int kStateCount = 12;
std::string_view to_string(State state);

enum class Verb : std::uint8_t {
  ehlo,
  helo,
  mail,
  rcpt,
  data,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  etrn,
  help,
  starttls,
  auth,
  bdat,
  lhlo,
  xclient,
  unknown,
};
std::string_view to_string(Verb verb);

enum class ArgumentRule : std::uint8_t { none, optional, required };

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

/// What a command needs besides a legal state; checked by the engine against its options.
enum class Need : std::uint8_t {
  nothing,
  permission,  // TLS and a login where the role asks for them
};

struct CommandRule {
  Verb verb;
  std::string_view name;
  ArgumentRule argument;
  StateSet states;      // where it is legal; elsewhere the answer is 503
  Extension extension;  // which it belongs to and which must be offered
  Need need;
  std::string_view syntax;   // for HELP and the documentation
  std::string_view section;  // where it is specified
};

inline constexpr StateSet kAnyCommandState =
    State::greeted | State::ready | State::mail | State::rcpt | State::chunks;

/// The commands that the server knows.
inline constexpr auto kCommands = std::to_array<CommandRule>({
    {Verb::mail, "MAIL", ArgumentRule::required, in(State::ready), Extension::base,
     Need::permission, "MAIL FROM:<reverse-path>", "RFC 5321 section 4.1.1.2"},
    {Verb::rcpt, "RCPT", ArgumentRule::required, State::mail | State::rcpt, Extension::base,
     Need::nothing, "RCPT TO:<forward-path>", "RFC 5321 section 4.1.1.3"},
    {Verb::data, "DATA", ArgumentRule::none, in(State::rcpt), Extension::base, Need::nothing,
     "DATA", "RFC 5321 section 4.1.1.4"},
    // RFC 3030 section 2: the chunk follows at once, whether the command is refused or not.
    {Verb::bdat, "BDAT", ArgumentRule::required, State::rcpt | State::chunks, Extension::chunking,
     Need::nothing, "BDAT octets [LAST]", "RFC 3030 section 2"},
    {Verb::ehlo, "EHLO", ArgumentRule::required, kAnyCommandState, Extension::esmtp, Need::nothing,
     "EHLO domain", "RFC 5321 section 4.1.1.1"},
    {Verb::helo, "HELO", ArgumentRule::required, kAnyCommandState, Extension::base, Need::nothing,
     "HELO domain", "RFC 5321 section 4.1.1.1"},
    {Verb::lhlo, "LHLO", ArgumentRule::required, kAnyCommandState, Extension::lmtp, Need::nothing,
     "LHLO domain", "RFC 2033 section 4.1"},
    {Verb::rset, "RSET", ArgumentRule::none, kAnyCommandState, Extension::base, Need::nothing,
     "RSET", "RFC 5321 section 4.1.1.5"},
    {Verb::quit, "QUIT", ArgumentRule::none, kAnyCommandState | State::refused, Extension::base,
     Need::nothing, "QUIT", "RFC 5321 section 4.1.1.10"},
    {Verb::noop, "NOOP", ArgumentRule::optional, kAnyCommandState, Extension::base, Need::nothing,
     "NOOP [text]", "RFC 5321 section 4.1.1.9"},
    {Verb::starttls, "STARTTLS", ArgumentRule::none, State::greeted | State::ready,
     Extension::starttls, Need::nothing, "STARTTLS", "RFC 3207 section 4"},
    {Verb::auth, "AUTH", ArgumentRule::required, in(State::ready), Extension::auth, Need::nothing,
     "AUTH mechanism [initial-response]", "RFC 4954 section 4"},
    {Verb::vrfy, "VRFY", ArgumentRule::required, kAnyCommandState, Extension::base, Need::nothing,
     "VRFY user", "RFC 5321 section 3.5.3"},
    {Verb::expn, "EXPN", ArgumentRule::required, kAnyCommandState, Extension::base, Need::nothing,
     "EXPN list", "RFC 5321 section 3.5.2"},
    // RFC 1985 section 5: at any time but inside a transaction.
    {Verb::etrn, "ETRN", ArgumentRule::required, in(State::ready), Extension::etrn, Need::nothing,
     "ETRN [@|#]node", "RFC 1985 section 5"},
    {Verb::xclient, "XCLIENT", ArgumentRule::required, State::greeted | State::ready,
     Extension::xclient, Need::nothing, "XCLIENT attribute=value ...",
     "the XCLIENT page of Postfix"},
    {Verb::help, "HELP", ArgumentRule::optional, kAnyCommandState, Extension::base, Need::nothing,
     "HELP [command]", "RFC 5321 section 4.1.1.8"},
});

/// The rule of a verb (no regard to case); nullptr when the server does not know it.
const CommandRule* find_command(std::string_view name);

/// A move of the session: in `from`, when `event` is answered as `outcome` says, on to `to`.
struct Move {
  State from;
  std::string_view event;    // a verb, or what else happens: "connect", ".", "TLS up"
  std::string_view outcome;  // the reply that goes with it: "250", "354", "4xx 5xx"
  State to;
};

/// Every legal move that changes the state (or begins a transaction anew); what is not here leaves
/// the state alone.
inline constexpr auto kMoves = std::to_array<Move>({
    {State::opening, "connect", "220", State::greeted},
    {State::opening, "connect", "554", State::refused},
    {State::opening, "connect", "421", State::closed},
    {State::greeted, "EHLO", "250", State::ready},
    {State::greeted, "HELO", "250", State::ready},
    {State::greeted, "LHLO", "250", State::ready},
    {State::greeted, "STARTTLS", "220", State::handshake},
    {State::ready, "STARTTLS", "220", State::handshake},
    {State::handshake, "TLS up", "", State::greeted},
    {State::handshake, "TLS failed", "", State::closed},
    {State::ready, "XCLIENT", "220", State::greeted},
    {State::ready, "AUTH", "334", State::auth},
    {State::auth, "response", "235", State::ready},
    {State::auth, "response", "4xx 5xx", State::ready},
    {State::ready, "MAIL", "250", State::mail},
    {State::mail, "RCPT", "250", State::rcpt},
    {State::mail, "RSET", "250", State::ready},
    {State::mail, "EHLO", "250", State::ready},
    {State::mail, "HELO", "250", State::ready},
    {State::mail, "LHLO", "250", State::ready},
    {State::rcpt, "RSET", "250", State::ready},
    {State::rcpt, "EHLO", "250", State::ready},
    {State::rcpt, "HELO", "250", State::ready},
    {State::rcpt, "LHLO", "250", State::ready},
    {State::rcpt, "DATA", "354", State::data},
    {State::data, ".", "250", State::ready},
    {State::data, ".", "4xx 5xx", State::ready},
    {State::rcpt, "BDAT", "", State::chunk},
    {State::chunks, "BDAT", "", State::chunk},
    {State::chunk, "chunk", "250", State::chunks},
    {State::chunk, "chunk, LAST", "250", State::ready},
    {State::chunk, "chunk", "4xx 5xx", State::ready},
    {State::chunks, "RSET", "250", State::ready},
    {State::chunks, "EHLO", "250", State::ready},
    {State::chunks, "HELO", "250", State::ready},
    {State::chunks, "LHLO", "250", State::ready},
    {State::greeted, "QUIT", "221", State::closed},
    {State::ready, "QUIT", "221", State::closed},
    {State::mail, "QUIT", "221", State::closed},
    {State::rcpt, "QUIT", "221", State::closed},
    {State::chunks, "QUIT", "221", State::closed},
    {State::refused, "QUIT", "221", State::closed},
});

}  // namespace mailscope::smtp
