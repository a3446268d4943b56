// Plays IMAP dialogues against the server engine:
//
//   C: a SELECT INBOX        the client sends this line
//   S: * 3 EXISTS            the server must answer with this line; "..." stands for anything
//   S: ...                   any number of lines, up to the one that the next line expects
//   2C: / 2S:                the same on a second connection; 1 to 4 are alice's, 5 to 9 bob's
//   C> abc                   sent without a line end
//   -- wait 30m              time passes (s, m); the engine is woken when its deadline has come
//   -- tls                   the TLS handshake that the server asked for succeeds
//   -- closed                the server has ended the connection
//
// Every script is played twice: once in whole lines, once octet by octet.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/accounts.hpp"
#include "server/imap/server.hpp"
#include "server/policy/switches.hpp"
#include "server/store/memory_store.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::imap::test {

/// "alice" or "bob" with the password "secret".
class TwoAccounts final : public auth::Accounts {
 public:
  std::optional<std::string> verify(std::string_view user,
                                    std::string_view password) const override;
};

/// Keeps events as lines: "imap.command|a|LOGIN|a LOGIN alice [redacted]".
class EventList final : public trace::Sink {
 public:
  trace::EventId record(trace::Kind kind, const trace::Origin& origin,
                        std::initializer_list<trace::Value> values) override;
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view) override { return 1; }
  trace::ConnectionId new_connection() override { return 1; }
  /// Events of this kind ("imap.command").
  std::vector<std::string> of(std::string_view kind) const;
  struct Event {
    std::string text;
    trace::EventId cause;
  };
  std::vector<Event> events;
};

struct World {
  World();
  store::MemoryStore store;
  TwoAccounts accounts;
  EventList trace;
  ServerOptions options;
  policy::Switches switches;
  /// Hides a capability, as a scenario does.
  void hide(std::string capability);
  /// Answers a command otherwise.
  void answer(std::string command, std::string text);
  policy::SessionSwitches session_switches() { return {switches, policy::Protocol::imap, {}}; }
  net::Time now =
      net::Time(std::chrono::sys_days(std::chrono::year{2026} / 3 / 2)) + std::chrono::hours(9);

  store::MailboxId mailbox(std::string_view name) const;
  /// Puts a message into a mailbox of alice.
  store::Uid append(std::string_view mailbox, std::string_view octets, store::Flags flags = {});
};

/// A message with CRLF line ends from text with LF.
std::string crlf(std::string_view text);

/// One connection to the server.
class Line {
 public:
  explicit Line(World& world, bool tls = false);
  void send(std::string_view bytes, bool octet_by_octet);
  /// What the server has sent so far; taken.
  std::string take();
  /// The same, but only when the engine has called for it (IDLE).
  std::string take_if_woken();
  void wait(net::Duration duration);
  void tls();
  ServerEngine& engine() { return engine_; }
  net::Wish wish() const { return wish_; }

 private:
  void collect();
  World& world_;
  ServerEngine engine_;
  std::string received_;
  bool woken_ = false;
  net::Wish wish_ = net::Wish::go_on;
};

/// Plays `script` twice, each time in a fresh world that `set_up` has filled. `logged_in`: each
/// connection begins behind a LOGIN of alice.
void play(std::string_view script, const std::function<void(World&)>& set_up = {},
          bool logged_in = true);
/// Plays on in a given world, once.
void play_in(World& world, std::string_view script, bool octet_by_octet = false,
             bool logged_in = true);

/// "..." in the pattern stands for anything.
bool line_matches(std::string_view pattern, std::string_view line);

}  // namespace mailscope::imap::test
