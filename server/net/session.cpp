#include "server/net/session.hpp"

#include <algorithm>
#include <utility>

namespace mailscope::net {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// "STARTTLS" (SMTP, IMAP) and "STLS" (POP3) are the only commands that begin TLS, and both stand
/// at the end of their line.
bool may_begin_tls(std::string_view line) {
  while (!line.empty() && static_cast<unsigned char>(line.back()) <= ' ') line.remove_suffix(1);
  constexpr std::string_view ending = "tls";
  if (line.size() < ending.size()) return false;
  line.remove_prefix(line.size() - ending.size());
  return std::equal(line.begin(), line.end(), ending.begin(),
                    [](char a, char b) { return lower(a) == b; });
}

/// How much of `bytes` an engine may have at once, so that what stands behind the line that begins
/// TLS is still ours to refuse. A server's commands are cut behind lines that may begin TLS only,
/// because message content comes this way too; the first line of a read may have begun in the one
/// before. A client begins TLS on a reply, which is any line.
std::size_t plaintext_cut(std::string_view bytes, TlsEngine::Role role) {
  std::size_t begin = 0;
  while (begin < bytes.size()) {
    const std::size_t end = bytes.find('\n', begin);
    if (end == std::string_view::npos) break;
    if (role == TlsEngine::Role::client || begin == 0 ||
        may_begin_tls(bytes.substr(begin, end - begin))) {
      return end + 1;
    }
    begin = end + 1;
  }
  return bytes.size();
}

}  // namespace

Session::Session(Environment environment, std::unique_ptr<Engine> engine, SessionTls tls,
                 std::function<void(Session&)> on_over)
    : environment_(std::move(environment)),
      engine_(std::move(engine)),
      tls_options_(std::move(tls)),
      on_over_(std::move(on_over)),
      timer_(environment_.timers) {
  engine_->set_wake([this] {
    if (!engine_over_) take_output();
  });
  if (environment_.memory) {
    share_ = std::make_unique<MemoryBudget::Share>(*environment_.memory,
                                                   [this] { at_end_of_turn([this] { evict(); }); });
  }
}

Session::~Session() {
  environment_.turn.forget(*this);
  engine_->set_wake({});
}

void Session::accept(std::unique_ptr<Connection> connection, std::optional<Refusal> refusal) {
  connection_ = std::move(connection);
  refusal_ = refusal;
  connection_->set_events(*this);
  begin();
}

void Session::connect(Network& network, Endpoint to) {
  connection_ = network.connect(to, *this);
  if (environment_.origin.connection == 0) environment_.origin.connection = connection_->id();
  set_deadline();
}

void Session::on_connected() {
  begin();
}

void Session::begin() {
  if (environment_.origin.connection == 0) environment_.origin.connection = connection_->id();
  open_ = true;
  if (tls_options_.implicit) {
    begin_tls();
    want_flush();
    set_deadline();
    return;
  }
  start_engine(environment_.timers.now());
  take_output();
}

void Session::start_engine(Time now) {
  if (refusal_)
    engine_->turn_away(now, *refusal_);
  else
    engine_->start(now);
}

/// Tells the budget what is held now. Called behind every call of the engine and every flush.
void Session::weigh() {
  if (!share_) return;
  std::size_t octets = kSessionOctets + (tls_ ? kTlsOctets : 0) + held_.bytes.capacity();
  if (connection_ && !over_) octets += connection_->unsent();
  if (!over_) octets += engine_->memory();
  share_->hold(octets);
}

/// The budget is used up, and nobody holds more than we do.
void Session::evict() {
  if (over_) return;
  environment_.sink.record(trace::Kind::policy_limit, environment_.origin,
                           {"memory_octets", environment_.memory->limit()});
  const bool deaf = connection_ && connection_->unsent() > kFarewellBehind;
  if (finishing_ || engine_over_ || deaf || (tls_ && !tls_announced_)) {
    reset(CloseReason::reset, "no memory was left for it");
    return weigh();
  }
  engine_->turn_away(environment_.timers.now(), Refusal::memory);
  take_output();
}

void Session::on_bytes(std::string_view bytes) {
  if (!engine_listens()) return;
  if (tls_) {
    tls_->receive(bytes);
    pump();
  } else {
    receive_plaintext(bytes);
  }
}

void Session::receive_plaintext(std::string_view bytes) {
  while (!bytes.empty() && engine_listens()) {
    if (held_.wish == Wish::start_tls) {
      // RFC 3207 section 4.2 voids what was learnt before TLS. Whoever speaks in plaintext between
      // the command and our answer to it (or behind the server's answer) is not the peer that will
      // be authenticated, or hopes that we take him for it.
      const std::string reason = "plaintext was sent behind STARTTLS";
      environment_.sink.record(trace::Kind::tls_failed, environment_.origin, {reason});
      reset(CloseReason::reset, reason);
      return;
    }
    if (held_.wish != Wish::go_on) return;
    const std::size_t cut =
        tls_options_.context ? plaintext_cut(bytes, tls_options_.role) : bytes.size();
    engine_->receive(environment_.timers.now(), bytes.substr(0, cut));
    bytes.remove_prefix(cut);
    take_output();
  }
}

void Session::pump() {
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  if (const auto hello = tls_->take_client_hello()) {
    environment_.sink.set_cause(environment_.sink.record(
        trace::Kind::tls_hello, environment_.origin, {hello->server_name, hello->versions}));
  }
  if (tls_->established() && !tls_announced_) announce_tls();
  const std::string plaintext = tls_->take_plaintext();
  if (!plaintext.empty() && engine_listens() && held_.wish == Wish::go_on) {
    engine_->receive(environment_.timers.now(), plaintext);
    take_output();
  }
  if (tls_->error()) {
    tls_failed(*tls_->error());
  } else if (tls_->peer_finished()) {
    tell_finished();
  }
  want_flush();
}

void Session::announce_tls() {
  tls_announced_ = true;
  session_deadline_ = kNever;
  const TlsInfo& info = tls_->info();
  environment_.sink.set_cause(
      environment_.sink.record(trace::Kind::tls_established, environment_.origin,
                               {info.version, info.cipher, info.group, tls_->certificate_subject(),
                                tls_->certificate_issuer(), info.verified, info.verify_error}));
  const Time now = environment_.timers.now();
  engine_->tls_started(now, info);
  if (tls_options_.implicit) start_engine(now);
  take_output();
}

void Session::tell_finished() {
  if (end_told_ || !engine_listens()) return;
  end_told_ = true;
  engine_->peer_finished(environment_.timers.now());
  take_output();
}

void Session::on_end() {
  if (!engine_listens()) return;
  if (tls_ && !tls_announced_) {
    tls_failed("the peer ended the connection during the handshake");
    return;
  }
  // A FIN without close_notify may be a truncation. No mail protocol needs the difference: each
  // counts or dot-stuffs what it sends, so that a cut message is never taken for a whole one.
  tell_finished();
}

void Session::on_drained() {
  if (paused_) {
    paused_ = false;
    connection_->pause_reading(false);
  }
  weigh();
  if (!engine_listens() || (tls_ && !tls_announced_)) return;
  engine_->drained(environment_.timers.now());
  take_output();
}

void Session::on_closed(CloseReason reason) {
  if (over_) return;
  if (tls_ && !tls_announced_ && !engine_over_) {
    environment_.sink.record(
        trace::Kind::tls_failed, environment_.origin,
        {"the connection ended during the handshake: " + std::string(to_string(reason))});
  }
  over_ = true;
  close_engine(reason, {});
  announce_over();
}

void Session::take_output() {
  // Behind a wish the engine speaks to another state of the connection: that has to wait for
  // flush().
  if (held_.wish == Wish::go_on && engine_->has_output()) {
    Output output = engine_->take_output();
    cause_ = output.cause != 0 ? output.cause : environment_.sink.cause();
    if (held_.bytes.empty()) {
      // What flush() was asked for without bytes is TLS's, and waits like everything.
      held_.early = output.early && !flush_wanted_;
      held_.bytes = std::move(output.bytes);
    } else {
      held_.early = held_.early && output.early;
      held_.bytes += output.bytes;
    }
    held_.wish = output.wish;
    want_flush();
  }
  set_deadline();
  weigh();
}

void Session::want_flush() {
  if (flush_wanted_ || over_) return;
  flush_wanted_ = true;
  if (held_.bytes.empty()) cause_ = environment_.sink.cause();  // TLS has something to say
  environment_.turn.flush_later(*this);
}

void Session::flush() {
  flush_wanted_ = false;
  if (over_ || !open_) return;
  const trace::CauseScope scope(environment_.sink, cause_);
  if (!finishing_) send_pending();
  if (over_) return;
  if (!paused_ && connection_->unsent() > kSessionHighWater) {
    paused_ = true;
    connection_->pause_reading(true);
  }
  set_deadline();
  weigh();
}

// The engine is not called from here: what it changed now would miss the turn's commit.
void Session::send_pending() {
  Output output = std::exchange(held_, {});
  if (output.wish == Wish::abort) {
    connection_->abort();
    over_ = true;
    at_end_of_turn([this] {
      close_engine(CloseReason::reset, {});
      announce_over();
    });
    return;
  }
  if (tls_) {
    if (!output.bytes.empty()) tls_->send(output.bytes);
    if (output.wish == Wish::finish) tls_->finish();
    output.bytes = tls_->take_ciphertext();
    if (environment_.key_log) {
      if (const std::string lines = tls_->take_key_log(); !lines.empty()) {
        environment_.key_log(lines);
      }
    }
  }
  if (!output.bytes.empty()) connection_->send(output.bytes);
  if (output.wish == Wish::start_tls) {
    if (tls_ || !tls_options_.context) {
      at_end_of_turn([this] { tls_failed("TLS is not available on this connection"); });
      return;
    }
    begin_tls();
    if (const std::string hello = tls_->take_ciphertext(); !hello.empty()) connection_->send(hello);
  }
  if (output.wish == Wish::finish || engine_over_) {
    finishing_ = true;
    session_deadline_ = environment_.timers.now() + kLingerLimit;
    connection_->finish();
  }
  // Held back by take_output() while the wish was pending.
  if (!finishing_ && engine_->has_output()) {
    at_end_of_turn([this] {
      if (engine_listens()) take_output();
    });
  }
}

void Session::begin_tls() {
  if (!tls_options_.context) {
    at_end_of_turn([this] { tls_failed("TLS is not available on this connection"); });
    return;
  }
  const bool client = tls_options_.role == TlsEngine::Role::client;
  const std::string label =
      (client ? "tls client " : "tls server ") + std::to_string(connection_->id());
  const Time now = environment_.timers.now();
  tls_ =
      std::make_unique<TlsEngine>(tls_options_.context, tls_options_.role, tls_options_.server_name,
                                  environment_.entropy.fork(label), now);
  session_deadline_ = now + kTlsHandshakeLimit;
  tls_->start();
}

void Session::tls_failed(std::string_view reason) {
  if (engine_over_) return;
  environment_.sink.record(trace::Kind::tls_failed, environment_.origin, {reason});
  held_ = {};
  // The alert still has to leave: flush() sends it and our FIN, on_closed() ends the session.
  close_engine(CloseReason::reset, std::string("TLS: ").append(reason));
  want_flush();
}

void Session::abort() {
  if (over_) return;
  if (connection_) connection_->abort();
  over_ = true;
  at_end_of_turn([this] {
    close_engine(CloseReason::reset, "aborted");
    announce_over();
  });
}

void Session::reset(CloseReason reason, std::string_view detail) {
  connection_->abort();
  over_ = true;
  close_engine(reason, detail);
  announce_over();
}

void Session::close_engine(CloseReason reason, std::string_view detail) {
  if (engine_over_) return;
  engine_over_ = true;
  timer_.cancel();
  engine_->closed(environment_.timers.now(), reason, detail);
}

void Session::announce_over() {
  timer_.cancel();
  at_end_of_turn([this] {
    // The session is destroyed in there, and with it the member.
    if (auto on_over = std::exchange(on_over_, {})) on_over(*this);
  });
}

void Session::at_end_of_turn(std::function<void()> action) {
  environment_.turn.after([alive = std::weak_ptr<int>(alive_), call = std::move(action)] {
    if (!alive.expired()) call();
  });
}

Time Session::deadline() const {
  if (over_) return kNever;
  return engine_listens() ? std::min(session_deadline_, engine_->deadline()) : session_deadline_;
}

void Session::set_deadline() {
  const Time next = deadline();
  // A deadline that moved away is left to on_timer(): engines move theirs with every command.
  if (next == kNever) {
    timer_.cancel();
  } else if (next < timer_.at()) {
    timer_.set(next, [this] { on_timer(); });
  }
}

void Session::on_timer() {
  const Time now = environment_.timers.now();
  if (!over_ && now >= session_deadline_) {
    if (finishing_ || engine_over_) {
      reset(CloseReason::timed_out, "the peer did not close the connection");
    } else {
      tls_failed("the handshake took too long");
    }
  } else if (engine_listens() && now >= engine_->deadline()) {
    engine_->expire(now);
    take_output();
  }
  set_deadline();
}

}  // namespace mailscope::net
