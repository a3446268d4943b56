// The server engine: input, the order of commands, answers, time limits. What a command does is in
// its own file.
#include "server/imap/server.hpp"

#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/deflate.hpp"
#include "server/imap/receiver.hpp"
#include "server/imap/session.hpp"
#include "server/imap/shown_command.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {

struct ServerEngine::Impl {
  Impl(ServerEngine& engine, const ServerOptions& options, const auth::Accounts& accounts,
       store::MailStore& store, trace::Tracer tracer, policy::SessionSwitches switches,
       policy::SessionGuard guard)
      : sent(engine.out_),
        session(options, accounts, store, tracer, std::move(switches), guard, out) {
    set_limits();
  }

  // At the end of every call into the engine: what the session has said goes on its way.
  struct HandOut {
    explicit HandOut(Impl& impl) : engine(impl) {}
    ~HandOut() { engine.hand_out(); }
    HandOut(const HandOut&) = delete;
    HandOut& operator=(const HandOut&) = delete;
    Impl& engine;
  };

  void process();
  void unpack();
  bool holds_too_much();
  void hand_out();
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
  void bye(std::string_view text, std::string_view reason);
  void limit(std::string_view name, std::size_t value);
  void set_limits();
  bool may_speak() const;
  void speak();
  bool over() const { return session.state_ == State::logout; }

  net::Output& sent;  // what the connection takes
  net::Output out;    // what the session says, before compression
  Session session;
  Receiver receiver;
  const CommandInfo* info = nullptr;  // command in progress
  std::unique_ptr<Ongoing> ongoing;
  std::unique_ptr<Deflate> deflate;  // COMPRESS is in force
  std::optional<Reply> delayed;      // answer that is held back
  net::Time delayed_until = net::kNever;
  net::Time began{};
  net::Time last_heard{};  // before the login, of a whole line; then of anything
  int bad_commands = 0;
  bool started = false;
  bool tls_wanted = false;  // STARTTLS was answered
  bool updating = false;    // an idle session is being told of changes
  std::string close_reason;
};

void ServerEngine::Impl::hand_out() {
  if (out.cause != 0) sent.cause = std::exchange(out.cause, 0);
  if (out.wish != net::Wish::go_on) sent.wish = std::exchange(out.wish, net::Wish::go_on);
  if (sent.wish == net::Wish::abort) sent.bytes.clear();
  if (out.bytes.empty()) return;
  if (deflate)
    sent.bytes += deflate->pack(out.bytes);
  else if (sent.bytes.empty())
    return sent.bytes.swap(out.bytes);
  else
    sent.bytes += out.bytes;
  out.bytes.clear();
}

// ---- Input ----

// What came compressed, a piece at a time: never more of it lies here than of plain input.
void ServerEngine::Impl::unpack() {
  for (;;) {
    std::string piece;
    const Deflate::Status status = deflate->unpack(piece);
    receiver.feed(piece);
    process();
    if (over() || holds_too_much()) return;
    if (status == Deflate::Status::broken) {
      limit("imap inflated octets", piece.size());
      bye("The compressed data is broken or out of all proportion", "bad compression");
    }
    if (status != Deflate::Status::piece) return;
  }
}

bool ServerEngine::Impl::holds_too_much() {
  const std::size_t most =
      kMaxHeldInput + kMaxAppendTotal * static_cast<std::size_t>(session.options_.append_limit);
  if (over() || receiver.waiting() <= most) return false;
  limit("imap held input octets", receiver.waiting());
  bye("Too much input behind a command in progress", "too much input");
  return true;
}

void ServerEngine::Impl::set_limits() {
  ReceiverLimits limits;
  if (session.state_ != State::not_authenticated) {
    limits.line = kMaxLine;
    limits.literal = kMaxLiteral;
    limits.command = kMaxCommand;
    limits.append_literal = static_cast<std::size_t>(session.options_.append_limit);
    limits.append_total = kMaxAppendTotal * limits.append_literal;
  }
  if (!session.offers("LITERAL+"))
    limits.unasked = session.offers("LITERAL-") ? kMaxLiteralMinus : 0;
  receiver.set_limits(limits);
}

// Works off what has come, as far as there is room for the answers.
void ServerEngine::Impl::process() {
  session.notifier().acting(true);
  while (!over() && !tls_wanted && !delayed && session.has_room() && take_next()) {
  }
  session.notifier().acting(false);
}

// One command, one client line, or one step of a long answer; false when nothing can be done now.
bool ServerEngine::Impl::take_next() {
  if (ongoing && ongoing->busy()) return false;  // goes on in the next turn
  if (ongoing && ongoing->line_limit() == 0) {
    continue_ongoing();
    return !ongoing;
  }
  switch (ongoing ? receiver.next_line(ongoing->line_limit()) : receiver.next()) {
    case Receiver::Status::need_more:
      return false;
    case Receiver::Status::command:
      last_heard = session.now_;
      if (ongoing)
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

void ServerEngine::Impl::literal() {
  if (session.state_ != State::not_authenticated && receiver.is_append()) {
    // Better to refuse a message before it is sent than after.
    if (const auto reply = append_refusal(session, receiver.partial(), receiver.append_octets())) {
      session.tag_ = receiver.tag();
      const bool show = session.options_.show_secrets;
      session.tracer_.record_cause(
          trace::Kind::imap_command,
          {session.tag_, "APPEND", shown_command(receiver.partial(), show)});
      receiver.refuse_literal();
      answer(*reply);
      return;
    }
  }
  receiver.accept_literal();
  session.out().line("+", "Ready for literal data");
}

void ServerEngine::Impl::literal_too_big() {
  limit("imap literal octets", receiver.literal_size());
  // RFC 7889 section 4: a message above the limit is refused with TOOBIG.
  const bool message = receiver.is_append();
  if (receiver.tag().empty()) {
    bad_command("*", "Literal too long");
  } else if (message) {
    const std::string most = std::to_string(session.options_.append_limit);
    session.tag_ = receiver.tag();
    answer(no("A message may have at most " + most + " octets", "TOOBIG"));
  } else {
    bad_command(std::string(receiver.tag()), "Literal too long");
  }
}

void ServerEngine::Impl::line_too_long() {
  limit("imap line octets", receiver.waiting());
  bye("Line too long", "line too long");
}

void ServerEngine::Impl::command() {
  const std::string_view text = receiver.command();
  Cursor cursor(text);
  session.settle_style();
  cursor.set_utf8(session.style().utf8());
  std::string_view tag_text, verb;
  if (!cursor.tag(tag_text) || !cursor.space()) {
    session.tracer_.record_cause(trace::Kind::imap_command,
                                 {"", "", shown_command(text, session.options_.show_secrets)});
    bad_command("*", "Syntax error: a command begins with a tag and a space");
    return;
  }
  session.tag_ = tag_text;
  std::string name;
  if (cursor.atom(verb)) name = ascii_upper_copy(verb);
  if (name == "UID" && cursor.space() && cursor.atom(verb)) name += ' ' + ascii_upper_copy(verb);
  session.tracer_.record_cause(
      trace::Kind::imap_command,
      {session.tag_, name, shown_command(text, session.options_.show_secrets)});
  info = find_command(name);
  if (scripted(name)) return;
  if (info == nullptr || !session.offers(info->capability)) {
    info = nullptr;
    bad_command(session.tag_, name.empty() ? "Syntax error: no command" : "Unknown command");
    return;
  }
  run(*info, cursor);
}

void ServerEngine::Impl::run(const CommandInfo& command_info, Cursor& cursor) {
  if (!command_info.legal_in(session.state_)) {
    const bool early = session.state_ == State::not_authenticated;
    bad_command(session.tag_, early ? "Log in first"
                              : command_info.legal_in(State::not_authenticated)
                                  ? "Already logged in"
                                  : "Select a mailbox first");
    return;
  }
  Uses uses;
  uses.add(command_info.capability);
  if (const auto reply = session.unusable(uses)) return answer(*reply);
  if (command_info.by_number && session.style().uid_only()) {
    answer(bad("Message numbers are not in use: say UID " + std::string(command_info.name),
               "UIDREQUIRED"));
    return;
  }
  const Numbering numbering =
      command_info.name.starts_with("UID ") ? Numbering::uid : Numbering::sequence;
  outcome(command_info.run(session, cursor, numbering));
}

// A switch may answer in the place of the command.
bool ServerEngine::Impl::scripted(std::string_view verb) {
  const auto deviation = session.switches().at_command(verb);
  if (!deviation) return false;
  switched(deviated(*deviation));
  return true;
}

void ServerEngine::Impl::client_line() {
  const std::string line(receiver.command());
  const bool show = session.options_.show_secrets;
  session.tracer_.record_cause(
      trace::Kind::imap_command,
      {session.tag_, ongoing->verb(), show ? line : ongoing->shown_line(line)});
  if (auto reply = ongoing->on_line(session, line)) {
    ongoing.reset();
    finish(*reply);
  }
}

void ServerEngine::Impl::continue_ongoing() {
  if (auto reply = ongoing->on_room(session)) {
    ongoing.reset();
    finish(*reply);
  }
}

// ---- Answers ----

void ServerEngine::Impl::outcome(Outcome result) {
  if (auto* reply = std::get_if<Reply>(&result)) {
    finish(*reply);
  } else {
    ongoing = std::get<std::unique_ptr<Ongoing>>(std::move(result));
  }
}

void ServerEngine::Impl::finish(const Reply& reply) {
  if (reply.delay > net::Duration::zero()) {
    delayed = reply;
    delayed_until = session.now_ + reply.delay;
    return;
  }
  answer(reply);
}

// What a switch has put in the place of an answer.
void ServerEngine::Impl::switched(const Reply& reply) {
  info = nullptr;
  if (reply.then == Reply::Then::reset) {
    session.log_out();
    session.unselect();
    close_reason = "reset by a switch";
    out.bytes.clear();
    out.wish = net::Wish::abort;
  } else if (reply.switched.starts_with("BYE")) {
    bye(std::string_view(reply.switched).substr(std::min<std::size_t>(4, reply.switched.size())),
        "ended by a switch");
  } else {
    session.out().line(session.tag_, reply.switched);
  }
}

void ServerEngine::Impl::answer(const Reply& reply) {
  if (!reply.switched.empty() || reply.then == Reply::Then::reset) return switched(reply);
  if (info != nullptr) session.send_updates(info->may_expunge);
  session.notifier().flush();
  info = nullptr;
  if (session.mailbox_gone_) {
    bye("The selected mailbox was deleted", "mailbox deleted");
    return;
  }
  if (reply.status == Reply::Status::bad) {
    bad_command(session.tag_,
                reply.code.empty() ? reply.text : "[" + reply.code + "] " + reply.text);
    return;
  }
  auto& line = session.out().begin(session.tag_);
  line.text(reply.status == Reply::Status::ok ? "OK " : "NO ");
  if (!reply.code.empty()) line.text("[").text(reply.code).text("] ");
  line.text(translated(session.language(), reply.text)).end();
  bad_commands = 0;
  set_limits();
  if (session.auth_failures_ >= session.options_.auth_failures) {
    limit("imap login failures", static_cast<std::size_t>(session.auth_failures_));
    bye("Too many failed logins", "too many failed logins");
  } else if (reply.then == Reply::Then::start_tls) {
    // What the client has pipelined behind STARTTLS came in the clear: nobody may act on it.
    receiver.clear();
    tls_wanted = true;
    out.wish = net::Wish::start_tls;
  } else if (reply.then == Reply::Then::compress) {
    hand_out();  // the answer itself is the last that leaves as it is
    deflate = std::make_unique<Deflate>();
    session.compressed_ = true;
    deflate->feed(receiver.take_rest());
    unpack();
  } else if (reply.then == Reply::Then::log_out) {
    session.log_out();
    session.unselect();
    close_reason = "logout";
    out.wish = net::Wish::finish;
  }
}

void ServerEngine::Impl::bad_command(std::string_view at_tag, std::string text) {
  info = nullptr;
  session.out().begin(at_tag).text("BAD ").text(translated(session.language(), text)).end();
  const int most =
      session.state_ == State::not_authenticated ? kMaxBadCommandsBeforeLogin : kMaxBadCommands;
  if (++bad_commands < most) return;
  limit("imap bad commands", static_cast<std::size_t>(bad_commands));
  bye("Too many bad commands", "too many bad commands");
}

void ServerEngine::Impl::limit(std::string_view name, std::size_t value) {
  session.tracer_.record(trace::Kind::policy_limit, {name, value});
}

void ServerEngine::Impl::bye(std::string_view text, std::string_view reason) {
  if (over()) return;
  session.out().line("*", "BYE " + std::string(text));
  session.log_out();
  session.unselect();
  ongoing.reset();
  close_reason = reason;
  out.wish = net::Wish::finish;
}

// Between commands, or while the client idles, NOTIFY lets the server speak (RFC 5465 section 3.1).
bool ServerEngine::Impl::may_speak() const {
  const bool between = ongoing == nullptr && !delayed;
  const bool idles = ongoing != nullptr && info != nullptr && info->name == "IDLE";
  return !over() && !tls_wanted && (between || idles);
}

void ServerEngine::Impl::speak() {
  updating = true;
  const NotifyGroup* selected = session.notifier().selected();
  // SELECTED-DELAYED keeps the numbers of messages until a command lets them go.
  if (selected != nullptr)
    session.send_updates(selected->filter.kind == MailboxFilter::Kind::selected);
  session.notifier().flush();
  updating = false;
  if (session.mailbox_gone_) bye("The selected mailbox was deleted", "mailbox deleted");
}

// ---- The engine ----

ServerEngine::ServerEngine(const ServerOptions& options, const auth::Accounts& accounts,
                           store::MailStore& store, trace::Tracer tracer,
                           policy::SessionSwitches switches, policy::SessionGuard guard)
    : impl_(std::make_unique<Impl>(*this, options, accounts, store, tracer, std::move(switches),
                                   guard)) {
  impl_->session.on_change_ = [this] {
    // Only an idle session speaks unasked; what it does itself it tells by itself.
    const bool speaks = idling() || (impl_->may_speak() && impl_->session.wants_to_speak());
    if (speaks && !impl_->updating && !impl_->session.notifier_.is_acting()) wake();
  };
}

ServerEngine::~ServerEngine() = default;

void ServerEngine::start(net::Time now) {
  Impl& me = *impl_;
  const Impl::HandOut hand_out(me);
  me.session.now_ = me.began = me.last_heard = now;
  me.started = true;
  const trace::CauseScope scope(me.session.tracer_.sink(), me.session.tracer_.sink().cause());
  me.session.tracer_.record_cause(trace::Kind::imap_connected,
                                  {me.session.secure()            ? "tls"
                                   : me.session.options_.starttls ? "starttls"
                                                                  : "plain"});
  me.session.out().line("*", "OK [CAPABILITY " + capability_list(me.session) + "] " +
                                 me.session.options_.hostname + " ready");
}

void ServerEngine::receive(net::Time now, std::string_view bytes) {
  Impl& me = *impl_;
  const Impl::HandOut hand_out(me);
  if (me.over() || me.tls_wanted) return;
  const trace::CauseScope scope(me.session.tracer_.sink(), me.session.tracer_.sink().cause());
  me.session.now_ = now;
  if (me.session.state_ != State::not_authenticated) me.last_heard = now;
  if (me.deflate) {
    me.deflate->feed(bytes);
    me.unpack();
    return;
  }
  me.receiver.feed(bytes);
  me.process();
  me.holds_too_much();
}

void ServerEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  Impl& me = *impl_;
  me.session.now_ = me.last_heard = now;
  me.session.tls_ = info;
  me.tls_wanted = false;
  me.receiver.clear();
}

void ServerEngine::peer_finished(net::Time now) {
  Impl& me = *impl_;
  const Impl::HandOut hand_out(me);
  me.session.now_ = now;
  if (me.over()) return;
  me.close_reason = "the client left without LOGOUT";
  me.session.log_out();
  me.session.unselect();
  me.ongoing.reset();
  me.out.wish = net::Wish::finish;
}

void ServerEngine::closed(net::Time now, net::CloseReason reason, std::string_view detail) {
  Impl& me = *impl_;
  me.session.now_ = now;
  me.session.log_out();
  me.session.unselect();
  me.ongoing.reset();
  if (!me.started) return;
  std::string text = me.close_reason;
  if (text.empty())
    text = detail.empty() ? std::string(net::to_string(reason)) : std::string(detail);
  me.session.tracer_.record(trace::Kind::imap_closed, {text});
}

void ServerEngine::drained(net::Time now) {
  Impl& me = *impl_;
  const Impl::HandOut hand_out(me);
  const trace::CauseScope scope(me.session.tracer_.sink(), me.session.tracer_.sink().cause());
  me.session.now_ = me.last_heard = now;
  me.session.out().pump(kHighWater);
  me.process();
}

void ServerEngine::expire(net::Time now) {
  Impl& me = *impl_;
  const Impl::HandOut hand_out(me);
  me.session.now_ = now;
  if (me.over()) return;
  const trace::CauseScope scope(me.session.tracer_.sink(), me.session.tracer_.sink().cause());
  if (me.delayed && now >= me.delayed_until) {
    const Reply reply = *std::exchange(me.delayed, std::nullopt);
    me.delayed_until = net::kNever;
    me.last_heard = now;
    me.answer(reply);
    me.process();
    return;
  }
  if (me.ongoing && me.ongoing->busy()) {
    me.last_heard = now;
    me.continue_ongoing();
    me.process();
    return;
  }
  if (me.ongoing && me.session.has_updates() && me.ongoing->line_limit() > 0) {
    const trace::CauseScope changed(me.session.tracer_.sink(), me.session.change_cause_);
    me.updating = true;
    me.ongoing->on_change(me.session);
    me.updating = false;
    if (me.session.mailbox_gone_) me.bye("The selected mailbox was deleted", "mailbox deleted");
    return;
  }
  if (me.may_speak() && me.session.wants_to_speak()) {
    const trace::CauseScope changed(me.session.tracer_.sink(), me.session.change_cause_);
    me.speak();
    return;
  }
  if (now < deadline()) return;
  // RFC 3501 section 5.4: the autologout.
  me.limit("imap seconds without a command",
           static_cast<std::size_t>(
               std::chrono::duration_cast<std::chrono::seconds>(now - me.last_heard).count()));
  me.bye("Autologout: nothing was heard for too long", "autologout");
}

net::Time ServerEngine::deadline() const {
  const Impl& me = *impl_;
  if (!me.started || me.over() || me.tls_wanted) return net::kNever;
  if (me.delayed) return me.delayed_until;
  if (me.ongoing && me.ongoing->busy()) return me.session.now_;
  // Updates to an idle session are due at once: the end of this turn is soon enough.
  if (idling() && me.session.has_updates()) return me.session.now_;
  if (me.may_speak() && me.session.wants_to_speak()) return me.session.now_;
  const ServerOptions& options = me.session.options_;
  if (me.session.state_ != State::not_authenticated) return me.last_heard + options.idle_timeout;
  return std::min(me.last_heard + options.login_timeout, me.began + options.login_total);
}

/// RFC 3501 section 7.1.5: BYE in the place of a greeting, or at any time. Inside a literal nothing
/// can be said.
void ServerEngine::turn_away(net::Time now, net::Refusal why) {
  Impl& me = *impl_;
  const Impl::HandOut hand_out(me);
  me.session.now_ = now;
  if (me.over()) return;
  const trace::CauseScope scope(me.session.tracer_.sink(), me.session.tracer_.sink().cause());
  if (!std::exchange(me.started, true))
    me.session.tracer_.record_cause(trace::Kind::imap_connected,
                                    {me.session.secure() ? "tls" : "plain"});
  const bool inside = me.session.out().streaming();
  me.receiver = {};
  me.delayed.reset();
  // RFC 5530 section 3: what is unavailable now may be there later.
  me.bye("[UNAVAILABLE] " + std::string(to_string(why)), to_string(why));
  if (!inside) return;
  me.session.out().drop();
  me.out.bytes.clear();
  me.out.wish = net::Wish::abort;
}

std::size_t ServerEngine::memory() const {
  const Impl& me = *impl_;
  return me.receiver.memory() + me.sent.bytes.capacity() + me.out.bytes.capacity() +
         me.session.memory() + (me.deflate ? kDeflateOctets : 0);
}

State ServerEngine::state() const {
  return impl_->session.state_;
}
std::string_view ServerEngine::account() const {
  return impl_->session.account_;
}
bool ServerEngine::idling() const {
  return impl_->ongoing != nullptr && impl_->info != nullptr && impl_->info->name == "IDLE";
}

}  // namespace mailscope::imap
