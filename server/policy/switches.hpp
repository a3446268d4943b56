// Lesson switches: what an operator changed about a server that its protocol would not say. Any
// capability of any protocol can be hidden, announced in other words, broken, or answered with a
// chosen reply; any command can be answered with a chosen reply or with a reset; for everybody, for
// one user, or for clients of some addresses. Client developers test old and odd servers with it.
//
//   hide      "IDLE"        not announced, not known
//   announce  "SIZE 1000"   announced so, works as ever; also for what the server does not have
//   reply     "IDLE"        announced, but its use is answered with the text
//   drop      "RCPT"        the connection is reset instead of an answer
//   lose      "."           done, and then the connection is reset (RFC 1047)
//
// In the DNS a command is the type that is asked for ("MX", or "QUERY" for all), narrowed to names.
//
// A server without switches pays one test of a pointer a command.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/prefix.hpp"

namespace mailscope::policy {

enum class Protocol : std::uint8_t { smtp, imap, pop3, sieve, lmtp, dns };
std::string_view to_string(Protocol protocol);
/// "smtp", "imap", "pop3", "sieve", "lmtp", "dns"; nullopt for anything else.
std::optional<Protocol> parse_protocol(std::string_view name);

struct Switch {
  enum class Act : std::uint8_t {
    hide,      // capability: as if the server did not have it
    announce,  // capability: announced as `text`
    reply,     // command, or use of a capability: answered with `text`, nothing else is done
    drop,      // command, or use of a capability: the connection is reset
    lose,      // SMTP command: it is done, but the connection is reset instead of an answer
  };
  Protocol protocol = Protocol::smtp;
  /// Keyword without arguments: "PIPELINING", "AUTH=PLAIN" (all protocols write mechanisms so),
  /// "STATUS=SIZE". Empty: the switch is about `command`.
  std::string capability;
  /// In capitals: "RCPT", "UID FETCH"; "CONNECT" is the greeting, "." the end of data.
  std::string command;
  std::string name;                    // DNS: asked for; "*.x": all below x; empty: any
  std::string user;                    // account; empty: anybody, also before login
  std::optional<net::Prefix> clients;  // addresses of clients; nullopt: from anywhere
  Act act = Act::hide;
  /// `announce`: keyword and arguments. `reply`: the line as it stands on the wire without tag and
  /// CRLF: "451 4.3.0 Later", "NO [UNAVAILABLE] Later", "-ERR Later"; empty: a refusal that fits.
  std::string text;
  int times = 0;  // of reply, drop and lose; 0: until it is taken away
};

/// What to do instead of what the client asked for.
struct Deviation {
  Switch::Act act = Switch::Act::reply;  // reply, drop or lose
  std::string reply;
};

/// In words for the trace: "hides IDLE of imap for bob@globex.example".
std::string describe(const Switch& what);

/// The answer to a DNS query that says: ask again over TCP.
inline constexpr std::string_view kTruncated = "TRUNCATED";

/// The switches of one host. Sessions look them up each time, so that a change holds at once.
class Switches {
 public:
  using Handle = std::list<Switch>::iterator;
  Handle add(Switch added) { return switches_.insert(switches_.end(), std::move(added)); }
  void remove(Handle handle) { switches_.erase(handle); }
  const std::list<Switch>& all() const { return switches_; }
  std::list<Switch>& all() { return switches_; }

 private:
  std::list<Switch> switches_;
};

/// The switches as one session meets them.
class SessionSwitches {
 public:
  /// Of a server that nobody changed.
  SessionSwitches() = default;
  /// `table` outlives the session.
  SessionSwitches(Switches& table, Protocol protocol, const net::Address& client)
      : table_(&table), protocol_(protocol), client_(client) {}

  /// The account that has logged in; empty: none (any more).
  void set_user(std::string_view account) { user_ = account; }

  /// False when the capability is hidden: it is not announced, and its commands, parameters and
  /// arguments are unknown.
  bool offers(std::string_view capability) const;
  /// What a server announces for `capability`, which it has: nothing when hidden, else the text of
  /// the last switch that announces it, else `as_is` ("SIZE 1000").
  std::optional<std::string> announced(std::string_view capability, std::string as_is) const;
  /// What is announced beyond what the server has: the texts whose keyword `has` does not know.
  std::vector<std::string> announced_besides(bool (*has)(std::string_view capability)) const;
  /// Asked when a command arrives, before anything is done about it.
  std::optional<Deviation> at_command(std::string_view command);
  /// The same for a DNS query. `datagram`: over UDP, where alone an answer can be cut off.
  std::optional<Deviation> at_query(std::string_view type, std::string_view name, bool datagram);
  /// Asked when a capability is used: its command, parameter or argument. `refusal` is answered
  /// where the switch has no text of its own.
  std::optional<Deviation> at_use(std::string_view capability, std::string_view refusal);

 private:
  bool concerns(const Switch& each) const;
  const Switch* last(std::string_view capability, Switch::Act act) const;
  std::optional<Deviation> take(Switch& each, std::string_view refusal);

  Switches* table_ = nullptr;
  Protocol protocol_ = Protocol::smtp;
  net::Address client_;
  std::string user_;
};

}  // namespace mailscope::policy
