// The order of commands and answers on one connection (RFC 3501 section 2.2): one command after the
// other, its literals agreed to, its answer behind what the client has to hear first, and what is
// said without being asked. The engine (server.cpp) tells it what comes and what time it is.
//
//   C: a APPEND INBOX {4}
//   S: + Ready for literal data       or the refusal, before the literal is sent
//   C: text
//   S: * 5 EXISTS                     what has changed
//   S: a OK Appended                  the answer
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/imap/channel.hpp"
#include "server/imap/receiver.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {

class Conversation {
 public:
  /// `sent`: what the connection takes. `wake`: called when there is something to say although
  /// nothing was asked.
  Conversation(const ServerOptions& options, const auth::Accounts& accounts,
               store::MailStore& store, trace::Tracer tracer, policy::SessionSwitches switches,
               policy::SessionGuard guard, net::Output& sent, std::function<void()> wake);

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  Channel& channel() { return channel_; }
  bool over() const { return session_.state() == State::logout; }
  bool waits_for_tls() const { return tls_wanted_; }
  /// The client waits in IDLE (RFC 2177).
  bool idling() const;
  /// Why it ended; empty: it was not ended from here.
  const std::string& close_reason() const { return close_reason_; }

  void greet();
  /// Octets of the client, packed or not.
  void receive(std::string_view bytes);
  void tls_started(const net::TlsInfo& info);
  /// Works off what has come, as far as there is room for the answers.
  void resume();
  /// When something is due without the client: an answer that was held back, the next slice of a
  /// long command, changes to tell.
  net::Time due() const;
  /// The first two of these; false: neither was due.
  bool go_on();
  /// The third; false: there was nothing to tell.
  bool tell_changes();
  /// The client is gone; an empty reason leaves the one that there is.
  void leave(std::string_view reason);
  /// Sends the client away.
  void bye(std::string_view text, std::string_view reason);
  /// The same whatever is going on. Inside a literal nothing can be said.
  void interrupt(std::string_view text, std::string_view reason);
  /// When the last whole line of the client was taken.
  net::Time last_line() const { return last_line_; }
  /// Octets of what has come and what has not left.
  std::size_t memory() const;
  /// Records that a limit was met.
  void limit(std::string_view name, std::size_t value);

 private:
  void process();
  void unpack();
  bool is_held_up() const;
  bool holds_too_much();
  bool take_next();
  void command();
  void run(const CommandInfo& command_info, Cursor& cursor);
  void client_line();
  void continue_ongoing();
  void outcome(Outcome result);
  void finish(const Reply& reply);
  void answer(const Reply& reply);
  bool scripted(std::string_view verb);
  void switched(const Reply& reply);
  void literal();
  void literal_too_big();
  void line_too_long();
  void bad_command(std::string_view at_tag, std::string text);
  void set_limits();
  bool may_speak() const;
  void speak();

  Channel channel_;
  Session session_;
  Receiver receiver_;
  const CommandInfo* info_ = nullptr;  // command in progress
  std::unique_ptr<Ongoing> ongoing_;
  std::optional<Reply> delayed_;  // answer that is held back
  net::Time delayed_until_ = net::kNever;
  net::Time last_line_{};
  int bad_commands_ = 0;
  bool tls_wanted_ = false;  // STARTTLS was answered
  bool updating_ = false;    // the client is being told of changes
  std::string close_reason_;
};

}  // namespace mailscope::imap
