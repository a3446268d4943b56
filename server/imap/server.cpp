// The server engine: what the connection does, and what time it is. What is said on it is the
// conversation's matter.
#include "server/imap/server.hpp"

#include <algorithm>
#include <utility>

#include "server/imap/conversation.hpp"

namespace mailscope::imap {

struct ServerEngine::Impl {
  Impl(ServerEngine& engine, const ServerOptions& options, const auth::Accounts& accounts,
       store::MailStore& store, trace::Tracer tracer, policy::SessionSwitches switches,
       policy::SessionGuard guard)
      : talk(options, accounts, store, tracer, std::move(switches), guard, engine.out_,
             [&engine] { engine.wake(); }) {}

  // A call into the engine: at its end what was said goes on its way, caused by what was going on
  // when it began.
  struct Call {
    Call(Impl& impl, net::Time now)
        : talk(impl.talk),
          cause(talk.session().tracer().sink(), talk.session().tracer().sink().cause()) {
      talk.session().set_now(now);
    }
    ~Call() { talk.channel().hand_out(); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    Conversation& talk;
    trace::CauseScope cause;
  };

  bool over() const { return talk.over(); }
  void time_out(net::Time now);

  Conversation talk;
  net::Time began{};
  net::Time last_heard{};  // before the login, of a whole line; then of anything
  bool started = false;
};

ServerEngine::ServerEngine(const ServerOptions& options, const auth::Accounts& accounts,
                           store::MailStore& store, trace::Tracer tracer,
                           policy::SessionSwitches switches, policy::SessionGuard guard)
    : impl_(std::make_unique<Impl>(*this, options, accounts, store, tracer, std::move(switches),
                                   guard)) {}

ServerEngine::~ServerEngine() = default;

void ServerEngine::start(net::Time now) {
  Impl& me = *impl_;
  const Impl::Call call(me, now);
  me.began = me.last_heard = now;
  me.started = true;
  const Session& session = me.talk.session();
  session.tracer().record_cause(trace::Kind::imap_connected,
                                {session.secure()             ? "tls"
                                 : session.options().starttls ? "starttls"
                                                              : "plain"});
  me.talk.greet();
}

void ServerEngine::receive(net::Time now, std::string_view bytes) {
  Impl& me = *impl_;
  const Impl::Call call(me, now);
  if (me.over() || me.talk.waits_for_tls()) return;
  if (me.talk.session().state() != State::not_authenticated) me.last_heard = now;
  me.talk.receive(bytes);
  me.last_heard = std::max(me.last_heard, me.talk.last_line());
}

void ServerEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  Impl& me = *impl_;
  me.talk.session().set_now(now);
  me.last_heard = now;
  me.talk.tls_started(info);
}

void ServerEngine::peer_finished(net::Time now) {
  Impl& me = *impl_;
  const Impl::Call call(me, now);
  if (me.over()) return;
  me.talk.leave("the client left without LOGOUT");
  me.talk.channel().out().wish = net::Wish::finish;
}

void ServerEngine::closed(net::Time now, net::CloseReason reason, std::string_view detail) {
  Impl& me = *impl_;
  me.talk.session().set_now(now);
  me.talk.leave({});
  if (!me.started) return;
  std::string text = me.talk.close_reason();
  if (text.empty())
    text = detail.empty() ? std::string(net::to_string(reason)) : std::string(detail);
  me.talk.session().tracer().record(trace::Kind::imap_closed, {text});
}

void ServerEngine::drained(net::Time now) {
  Impl& me = *impl_;
  const Impl::Call call(me, now);
  me.last_heard = now;
  me.talk.session().out().pump(kHighWater);
  me.talk.resume();
}

void ServerEngine::expire(net::Time now) {
  Impl& me = *impl_;
  const Impl::Call call(me, now);
  if (me.over()) return;
  if (me.talk.go_on()) {
    me.last_heard = now;
    return;
  }
  if (me.talk.tell_changes() || now < deadline()) return;
  me.time_out(now);
}

// RFC 3501 section 5.4: the autologout.
void ServerEngine::Impl::time_out(net::Time now) {
  const auto silence = std::chrono::duration_cast<std::chrono::seconds>(now - last_heard);
  talk.limit("imap seconds without a command", static_cast<std::size_t>(silence.count()));
  talk.bye("Autologout: nothing was heard for too long", "autologout");
}

net::Time ServerEngine::deadline() const {
  const Impl& me = *impl_;
  if (!me.started || me.over() || me.talk.waits_for_tls()) return net::kNever;
  if (const net::Time due = me.talk.due(); due != net::kNever) return due;
  const ServerOptions& options = me.talk.session().options();
  if (me.talk.session().state() != State::not_authenticated)
    return me.last_heard + options.idle_timeout;
  return std::min(me.last_heard + options.login_timeout, me.began + options.login_total);
}

/// RFC 3501 section 7.1.5: BYE in the place of a greeting, or at any time.
void ServerEngine::turn_away(net::Time now, net::Refusal why) {
  Impl& me = *impl_;
  const Impl::Call call(me, now);
  if (me.over()) return;
  const Session& session = me.talk.session();
  if (!std::exchange(me.started, true))
    session.tracer().record_cause(trace::Kind::imap_connected,
                                  {session.secure() ? "tls" : "plain"});
  // RFC 5530 section 3: what is unavailable now may be there later.
  me.talk.interrupt("[UNAVAILABLE] " + std::string(to_string(why)), to_string(why));
}

std::size_t ServerEngine::memory() const {
  return impl_->talk.memory();
}

State ServerEngine::state() const {
  return impl_->talk.session().state();
}
std::string_view ServerEngine::account() const {
  return impl_->talk.session().account();
}
bool ServerEngine::idling() const {
  return impl_->talk.idling();
}

}  // namespace mailscope::imap
