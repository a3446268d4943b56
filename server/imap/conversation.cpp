// Commands in, answers out. What a command does is in its own file.
#include "server/imap/conversation.hpp"

#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/shown_command.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {

Conversation::Conversation(const ServerOptions& options, const auth::Accounts& accounts,
                           store::MailStore& store, trace::Tracer tracer,
                           policy::SessionSwitches switches, policy::SessionGuard guard,
                           net::Output& sent, std::function<void()> wake)
    : channel_(sent),
      session_(options, accounts, store, tracer, std::move(switches), guard, channel_.out()) {
  set_limits();
  session_.on_change_ = [this, wake = std::move(wake)] {
    // Only an idle session speaks unasked; what it does itself it tells by itself.
    const bool speaks = idling() || (may_speak() && session_.wants_to_speak());
    if (speaks && !updating_ && !session_.notifier_.is_acting()) wake();
  };
}

void Conversation::greet() {
  session_.out().line("*", "OK [CAPABILITY " + capability_list(session_) + "] " +
                               session_.options_.hostname + " ready");
}

// ---- Input ----

void Conversation::receive(std::string_view bytes) {
  if (channel_.compressed()) {
    channel_.feed(bytes);
    unpack();
    holds_too_much();
    return;
  }
  receiver_.feed(channel_.take_plain(bytes));
  process();
  holds_too_much();
}

void Conversation::resume() {
  process();
  if (channel_.waiting() > 0) unpack();
}

void Conversation::tls_started(const net::TlsInfo& info) {
  session_.tls_ = info;
  tls_wanted_ = false;
  receiver_.clear();
}

// What came compressed, a piece at a time: never more of it lies here than of plain input, and
// nothing is unpacked that may come behind the end of compression.
void Conversation::unpack() {
  while (channel_.compressed() && !is_held_up()) {
    std::string piece;
    const Deflate::Status status = channel_.unpack(piece);
    receiver_.feed(piece);
    process();
    if (over() || holds_too_much()) return;
    if (!channel_.compressed()) break;
    if (status == Deflate::Status::broken || status == Deflate::Status::ended) {
      limit("imap inflated octets", piece.size());
      return bye("The compressed data is broken or out of all proportion", "bad compression");
    }
    if (status != Deflate::Status::piece) return;
  }
  if (channel_.compressed()) return;
  receiver_.feed(channel_.take_plain({}));
  process();
}

// A command is at work, or its answer has not gone: what follows it waits.
bool Conversation::is_held_up() const {
  const bool at_work = ongoing_ && (ongoing_->busy() || ongoing_->line_limit() == 0);
  return at_work || delayed_ || tls_wanted_ || !session_.has_room();
}

bool Conversation::holds_too_much() {
  const std::size_t most =
      kMaxHeldInput + kMaxAppendTotal * static_cast<std::size_t>(session_.options_.append_limit);
  const std::size_t held = receiver_.waiting() + channel_.waiting();
  if (over() || held <= most) return false;
  limit("imap held input octets", held);
  bye("Too much input behind a command in progress", "too much input");
  return true;
}

void Conversation::set_limits() {
  ReceiverLimits limits;
  if (session_.state_ != State::not_authenticated) {
    limits.line = kMaxLine;
    limits.literal = kMaxLiteral;
    limits.command = kMaxCommand;
    limits.append_literal = static_cast<std::size_t>(session_.options_.append_limit);
    limits.append_total = kMaxAppendTotal * limits.append_literal;
  }
  if (!session_.offers("LITERAL+"))
    limits.unasked = session_.offers("LITERAL-") ? kMaxLiteralMinus : 0;
  receiver_.set_limits(limits);
}

void Conversation::process() {
  session_.notifier().acting(true);
  while (!over() && !tls_wanted_ && !delayed_ && session_.has_room() && take_next()) {
  }
  session_.notifier().acting(false);
}

// One command, one client line, or one step of a long answer; false when nothing can be done now.
bool Conversation::take_next() {
  if (ongoing_ && ongoing_->busy()) return false;  // goes on in the next turn
  if (ongoing_ && ongoing_->line_limit() == 0) {
    continue_ongoing();
    return !ongoing_;
  }
  switch (ongoing_ ? receiver_.next_line(ongoing_->line_limit()) : receiver_.next()) {
    case Receiver::Status::need_more:
      return false;
    case Receiver::Status::command:
      last_line_ = session_.now_;
      if (ongoing_)
        client_line();
      else
        command();
      return true;
    case Receiver::Status::literal:
      literal();
      return true;
    case Receiver::Status::literal_too_big:
      literal_too_big();
      return true;
    case Receiver::Status::line_too_long:
      line_too_long();
      return false;
  }
  return false;
}

void Conversation::literal() {
  if (session_.state_ != State::not_authenticated && receiver_.is_append()) {
    // Better to refuse a message before it is sent than after.
    if (const auto reply =
            append_refusal(session_, receiver_.partial(), receiver_.append_octets())) {
      session_.tag_ = receiver_.tag();
      const bool show = session_.options_.show_secrets;
      session_.tracer_.record_cause(
          trace::Kind::imap_command,
          {session_.tag_, "APPEND", shown_command(receiver_.partial(), show)});
      receiver_.refuse_literal();
      answer(*reply);
      return;
    }
  }
  receiver_.accept_literal();
  session_.out().line("+", "Ready for literal data");
}

void Conversation::literal_too_big() {
  limit("imap literal octets", receiver_.literal_size());
  // RFC 7889 section 4: a message above the limit is refused with TOOBIG.
  const bool message = receiver_.is_append();
  if (receiver_.tag().empty()) {
    bad_command("*", "Literal too long");
  } else if (message && receiver_.sent_unasked()) {
    // RFC 7888 section 5.
    bad_command(std::string(receiver_.tag()),
                "[TOOBIG] Non-synchronizing literals are smaller here");
  } else if (message) {
    const std::string most = std::to_string(session_.options_.append_limit);
    session_.tag_ = receiver_.tag();
    answer(no("A message may have at most " + most + " octets", "TOOBIG"));
  } else {
    bad_command(std::string(receiver_.tag()), "Literal too long");
  }
}

void Conversation::line_too_long() {
  limit("imap line octets", receiver_.waiting());
  bye("Line too long", "line too long");
}

void Conversation::command() {
  const std::string_view text = receiver_.command();
  Cursor cursor(text);
  session_.settle_style();
  cursor.set_utf8(session_.style().utf8());
  std::string_view tag_text, verb;
  const bool tagged = cursor.tag(tag_text);
  if (!tagged || !cursor.space()) {
    session_.tracer_.record_cause(trace::Kind::imap_command,
                                  {"", "", shown_command(text, session_.options_.show_secrets)});
    const bool alone = tagged && cursor.at_end();
    bad_command(alone ? tag_text : "*", "Syntax error: a command begins with a tag and a space");
    return;
  }
  session_.tag_ = tag_text;
  std::string name;
  if (cursor.atom(verb)) name = ascii_upper_copy(verb);
  if (name == "UID" && cursor.space() && cursor.atom(verb)) name += ' ' + ascii_upper_copy(verb);
  session_.tracer_.record_cause(
      trace::Kind::imap_command,
      {session_.tag_, name, shown_command(text, session_.options_.show_secrets)});
  info_ = find_command(name);
  if (scripted(name)) return;
  if (info_ == nullptr || !session_.offers(info_->capability)) {
    info_ = nullptr;
    bad_command(session_.tag_, name.empty() ? "Syntax error: no command" : "Unknown command");
    return;
  }
  run(*info_, cursor);
}

void Conversation::run(const CommandInfo& command_info, Cursor& cursor) {
  if (!command_info.legal_in(session_.state_)) {
    const bool early = session_.state_ == State::not_authenticated;
    bad_command(session_.tag_, early ? "Log in first"
                               : command_info.legal_in(State::not_authenticated)
                                   ? "Already logged in"
                                   : "Select a mailbox first");
    return;
  }
  Uses uses;
  uses.add(command_info.capability);
  if (const auto reply = session_.unusable(uses)) return answer(*reply);
  if (command_info.by_number && session_.style().uid_only()) {
    answer(bad("Message numbers are not in use: say UID " + std::string(command_info.name),
               "UIDREQUIRED"));
    return;
  }
  const Numbering numbering =
      command_info.name.starts_with("UID ") ? Numbering::uid : Numbering::sequence;
  outcome(command_info.run(session_, cursor, numbering));
}

// A switch may answer in the place of the command.
bool Conversation::scripted(std::string_view verb) {
  const auto deviation = session_.switches().at_command(verb);
  if (!deviation) return false;
  switched(deviated(*deviation));
  return true;
}

void Conversation::client_line() {
  const std::string line(receiver_.command());
  const bool show = session_.options_.show_secrets;
  session_.tracer_.record_cause(
      trace::Kind::imap_command,
      {session_.tag_, ongoing_->verb(), show ? line : ongoing_->shown_line(line)});
  if (auto reply = ongoing_->on_line(session_, line)) {
    ongoing_.reset();
    finish(*reply);
  }
}

void Conversation::continue_ongoing() {
  if (auto reply = ongoing_->on_room(session_)) {
    ongoing_.reset();
    finish(*reply);
  }
}

// ---- Answers ----

void Conversation::outcome(Outcome result) {
  if (auto* reply = std::get_if<Reply>(&result)) {
    finish(*reply);
  } else {
    ongoing_ = std::get<std::unique_ptr<Ongoing>>(std::move(result));
  }
}

void Conversation::finish(const Reply& reply) {
  if (reply.delay > net::Duration::zero()) {
    delayed_ = reply;
    delayed_until_ = session_.now_ + reply.delay;
    return;
  }
  answer(reply);
}

// What a switch has put in the place of an answer.
void Conversation::switched(const Reply& reply) {
  info_ = nullptr;
  if (reply.then == Reply::Then::reset) {
    session_.log_out();
    session_.unselect();
    close_reason_ = "reset by a switch";
    channel_.out().bytes.clear();
    channel_.out().wish = net::Wish::abort;
  } else if (reply.switched.starts_with("BYE")) {
    bye(std::string_view(reply.switched).substr(std::min<std::size_t>(4, reply.switched.size())),
        "ended by a switch");
  } else {
    session_.out().line(session_.tag_, reply.switched);
  }
}

void Conversation::answer(const Reply& reply) {
  if (!reply.switched.empty() || reply.then == Reply::Then::reset) return switched(reply);
  if (info_ != nullptr) {
    session_.send_updates(info_->may_expunge && !reply.keeps_numbers);
    session_.tell_modseq();
  }
  session_.notifier().flush();
  info_ = nullptr;
  if (session_.mailbox_gone_) {
    bye("The selected mailbox was deleted", "mailbox deleted");
    return;
  }
  if (reply.status == Reply::Status::bad) {
    bad_command(session_.tag_,
                reply.code.empty()
                    ? reply.text
                    : "[" + reply.code + "] " + translated(session_.language(), reply.text));
    return;
  }
  auto& line = session_.out().begin(session_.tag_);
  line.text(reply.status == Reply::Status::ok ? "OK " : "NO ");
  if (!reply.code.empty()) line.text("[").text(reply.code).text("] ");
  line.text(translated(session_.language(), reply.text)).end();
  bad_commands_ = 0;
  set_limits();
  if (session_.auth_failures_ >= session_.options_.auth_failures) {
    limit("imap login failures", static_cast<std::size_t>(session_.auth_failures_));
    bye("Too many failed logins", "too many failed logins");
  } else if (reply.then == Reply::Then::start_tls) {
    // What the client has pipelined behind STARTTLS came in the clear: nobody may act on it.
    receiver_.clear();
    tls_wanted_ = true;
    channel_.out().wish = net::Wish::start_tls;
  } else if (reply.then == Reply::Then::compress) {
    channel_.compress(receiver_.take_rest());
    session_.compressed_ = true;
    unpack();
  } else if (reply.then == Reply::Then::uncompress) {
    channel_.end_compression();
    session_.compressed_ = false;
    receiver_.clear();  // what was packed behind the command belongs to nobody
  } else if (reply.then == Reply::Then::log_out) {
    session_.log_out();
    session_.unselect();
    close_reason_ = "logout";
    channel_.out().wish = net::Wish::finish;
  }
}

void Conversation::bad_command(std::string_view at_tag, std::string text) {
  info_ = nullptr;
  session_.out().begin(at_tag).text("BAD ").text(translated(session_.language(), text)).end();
  const int most =
      session_.state_ == State::not_authenticated ? kMaxBadCommandsBeforeLogin : kMaxBadCommands;
  if (++bad_commands_ < most) return;
  limit("imap bad commands", static_cast<std::size_t>(bad_commands_));
  bye("Too many bad commands", "too many bad commands");
}

void Conversation::limit(std::string_view name, std::size_t value) {
  session_.tracer_.record(trace::Kind::policy_limit, {name, value});
}

void Conversation::bye(std::string_view text, std::string_view reason) {
  if (over()) return;
  session_.out().line("*", "BYE " + translated(session_.language(), text));
  leave(reason);
  channel_.out().wish = net::Wish::finish;
}

void Conversation::interrupt(std::string_view text, std::string_view reason) {
  const bool inside = session_.out().streaming();
  receiver_ = {};
  delayed_.reset();
  bye(text, reason);
  if (!inside) return;
  session_.out().drop();
  channel_.out().bytes.clear();
  channel_.out().wish = net::Wish::abort;
}

std::size_t Conversation::memory() const {
  return receiver_.memory() + channel_.memory() + session_.memory();
}

void Conversation::leave(std::string_view reason) {
  session_.log_out();
  session_.unselect();
  ongoing_.reset();
  if (!reason.empty()) close_reason_ = reason;
}

// Between commands, or while the client idles, NOTIFY lets the server speak (RFC 5465 section 3.1).
bool Conversation::may_speak() const {
  const bool between = ongoing_ == nullptr && !delayed_;
  return !over() && !tls_wanted_ && (between || idling());
}

void Conversation::speak() {
  updating_ = true;
  const NotifyGroup* selected = session_.notifier().selected();
  // SELECTED-DELAYED keeps the numbers of messages until a command lets them go.
  if (session_.notifier().used()) {
    session_.send_updates(selected != nullptr &&
                          selected->filter.kind == MailboxFilter::Kind::selected);
    session_.tell_modseq();
  }
  session_.notifier().flush();
  updating_ = false;
  if (session_.mailbox_gone_) bye("The selected mailbox was deleted", "mailbox deleted");
}

bool Conversation::idling() const {
  return ongoing_ != nullptr && info_ != nullptr && info_->name == "IDLE";
}

// ---- What is due without the client ----

bool Conversation::go_on() {
  if (delayed_ && session_.now_ >= delayed_until_) {
    const Reply reply = *std::exchange(delayed_, std::nullopt);
    delayed_until_ = net::kNever;
    answer(reply);
    resume();
    return true;
  }
  if (ongoing_ && ongoing_->busy()) {
    continue_ongoing();
    resume();
    return true;
  }
  return false;
}

bool Conversation::tell_changes() {
  if (ongoing_ && session_.has_updates() && ongoing_->line_limit() > 0) {
    const trace::CauseScope changed(session_.tracer_.sink(), session_.change_cause_);
    updating_ = true;
    ongoing_->on_change(session_);
    updating_ = false;
    if (session_.mailbox_gone_) bye("The selected mailbox was deleted", "mailbox deleted");
    return true;
  }
  if (!may_speak() || !session_.wants_to_speak()) return false;
  const trace::CauseScope changed(session_.tracer_.sink(), session_.change_cause_);
  speak();
  return true;
}

net::Time Conversation::due() const {
  if (delayed_) return delayed_until_;
  if (ongoing_ && ongoing_->busy()) return session_.now_;
  // Updates to an idle session are due at once: the end of this turn is soon enough.
  if (idling() && session_.has_updates()) return session_.now_;
  if (may_speak() && session_.wants_to_speak()) return session_.now_;
  return net::kNever;
}

}  // namespace mailscope::imap
