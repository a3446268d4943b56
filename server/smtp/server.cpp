// The life of a server session: input cut into lines and content, replies, waiting, the end. What
// the commands do is in server_commands.cpp.
#include "server/smtp/server.hpp"

#include <algorithm>

namespace mailscope::smtp {

using trace::Kind;

namespace {
/// Octets that the replies of one turn usually have.
constexpr std::size_t kUsualOutput = 512;
/// Octets of an empty input buffer that stay with a session.
constexpr std::size_t kKeptInput = 4'096;
}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::mx:
      return "mx";
    case Role::submission:
      return "submission";
    case Role::submissions:
      return "submissions";
    case Role::lmtp:
      return "lmtp";
  }
  return "";
}

ServerEngine::ServerEngine(const ServerOptions& options, ServerHandler& handler,
                           trace::Tracer tracer, net::Address client,
                           policy::SessionSwitches switches, policy::SessionGuard guard)
    : options_(options),
      handler_(handler),
      tracer_(tracer),
      switches_(std::move(switches)),
      guard_(guard),
      peer_(client) {
  envelope_.client = client;
}

void ServerEngine::start(net::Time now) {
  now_ = active_ = now;
  const trace::CauseScope scope(tracer_.sink(), tracer_.sink().cause());
  tracer_.record_cause(Kind::smtp_connected,
                       {to_string(options_.role), tls_                ? "tls"
                                                  : options_.starttls ? "starttls"
                                                                      : "plain"});
  if (faulted("CONNECT")) return;
  settle(Pending::connect, handler_.on_connect(*this));
  out_.early = true;  // a greeting promises nothing
}

void ServerEngine::connected(Answer answer) {
  if (answer.kind == Answer::Kind::accept) {
    answer.text = {220,
                   {},
                   options_.hostname +
                       (options_.role == Role::lmtp ? " LMTP "
                        : offered(Extension::esmtp) ? " ESMTP "
                                                    : " ") +
                       options_.software};
  }
  // RFC 5321 section 3.1: 554 leaves the connection open for QUIT, 421 (section 3.8) does not.
  if (answer.text.code == 220) {
    state_ = State::greeted;
  } else if (answer.text.permanent()) {
    state_ = State::refused;
  } else {
    return hang_up(answer.text, "refused at connect");
  }
  reply(answer.text);
}

void ServerEngine::receive(net::Time now, std::string_view bytes) {
  // RFC 3207 section 4.2: what comes in plaintext behind STARTTLS must never be read as commands.
  if (state_ == State::closed || state_ == State::handshake) return;
  now_ = now;
  arrival_ = tracer_.sink().cause();
  if (input_.empty()) {
    consume(bytes);
    input_.assign(bytes);
  } else {
    input_.append(bytes);
    std::string_view rest = input_;
    consume(rest);
    input_.erase(0, input_.size() - rest.size());
  }
  // Who sent much at once does not keep the room for it.
  if (input_.empty() && input_.capacity() > kKeptInput) std::string().swap(input_);
  if (waiting() && input_.size() > options_.limits.held_input) {
    limit_reached("held_input", options_.limits.held_input);
    pending_ = Pending::nothing;
    hang_up({421, {4, 7, 0}, "Too much was sent without waiting for replies"}, "held input");
  }
}

void ServerEngine::consume(std::string_view& input) {
  while (!input.empty() && !waiting()) {
    if (state_ == State::closed || state_ == State::handshake) {
      input = {};
      return;
    }
    const trace::CauseScope scope(tracer_.sink(), arrival_);
    if (state_ == State::data) {
      active_ = now_;
      const bool ended = content_.feed(input);
      if (too_much_content()) return;
      if (ended) end_of_data();
    } else if (state_ == State::chunk) {
      active_ = now_;
      take_chunk(input);
    } else if (!take_line(input)) {
      return;
    }
  }
}

/// Longest line that may come now. AUTH carries a whole SASL message (RFC 4954 section 4).
std::size_t ServerEngine::line_limit(std::string_view line) const {
  const bool is_auth = state_ == State::auth || equal_nocase(line.substr(0, 5), "AUTH ");
  return is_auth ? options_.limits.auth_line : options_.limits.command_line;
}

bool ServerEngine::take_line(std::string_view& input) {
  if (skipping_line_) return skip_line(input);
  const std::size_t end = input.find('\n');
  const bool complete = end != std::string_view::npos;
  const std::size_t size = complete ? end + 1 : input.size();
  std::string_view line = input.substr(0, size);
  if (size > line_limit(line)) {
    line_too_long(line);
    begin_skipping();
    return true;
  }
  if (!complete) return false;
  active_ =
      now_;  // a part of a line is no sign of life: whoever sends it octet by octet has no end
  input.remove_prefix(size);
  line.remove_suffix(1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  } else {
    // LF alone ends no line: what follows it is the rest of this one and no command.
    begin_skipping();
  }
  // RFC 5321 section 2.3.8: a line ends with CRLF, and neither character stands anywhere else. No
  // command holds a NUL either.
  const std::size_t control = line.find_first_of(std::string_view("\r\0", 2));
  if (control != std::string_view::npos || line.size() + 2 != size) {
    if (state_ == State::auth) {
      sasl_.reset();
      state_ = State::ready;
      record_command("AUTH", "[broken line]");
    } else {
      record_command("unknown", printable(line));
    }
    refuse({500, {5, 5, 2}, "Lines must end with CR LF and hold neither alone, nor NUL"});
    return true;
  }
  if (state_ == State::auth) {
    auth_response(line);
  } else {
    command(line);
  }
  return true;
}

void ServerEngine::line_too_long(std::string_view line) {
  limit_reached("line", line_limit(line));
  record_command("unknown", "[line too long]");
  if (state_ == State::auth) {
    // RFC 4954 section 4: 500 5.5.6 for a line that is too long.
    sasl_.reset();
    state_ = State::ready;
    return refuse({500, {5, 5, 6}, "Authentication exchange line is too long"});
  }
  refuse({500, {5, 5, 2}, "Line too long"});
}

void ServerEngine::begin_skipping() {
  skipping_line_ = true;
  skipped_ = 0;
  skipped_last_ = '\0';
}

/// Throws away the rest of a line that was refused, up to its CRLF; but neither for ever, nor for a
/// client that goes on with LF alone.
bool ServerEngine::skip_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const bool complete = end != std::string_view::npos;
  const std::size_t size = complete ? end + 1 : input.size();
  const char before = size >= 2 ? input[size - 2] : skipped_last_;
  const bool bare = complete && before != '\r';
  skipped_last_ = input[size - 1];
  skipped_ += size;
  input.remove_prefix(size);
  if (skipped_ > options_.limits.skipped_line) {
    limit_reached("skipped_line", options_.limits.skipped_line);
    hang_up({421, {4, 7, 0}, "This line does not end"}, "endless line");
  } else if (bare) {
    hang_up({421, {4, 7, 0}, "Lines must end with CR LF"}, "LF without CR");
  }
  skipping_line_ = !complete;
  return complete || state_ == State::closed;
}

void ServerEngine::settle(Pending what, Answer answer) {
  if (answer.kind == Answer::Kind::later) {
    pending_ = what;
    return;
  }
  switch (what) {
    case Pending::nothing:
      return;
    case Pending::connect:
      return connected(std::move(answer));
    case Pending::mail:
      return mail_answered(answer);
    case Pending::rcpt:
      return rcpt_answered(answer);
    case Pending::verify:
      return verify_answered(answer);
    case Pending::message:
      return message_answered(answer);
    case Pending::login:
      return login_answered();
  }
}

void ServerEngine::resume(net::Time now, Answer answer) {
  const Pending what = std::exchange(pending_, Pending::nothing);
  if (what == Pending::nothing || state_ == State::closed) return;
  now_ = active_ = now;
  settle(what, std::move(answer));
  if (!waiting()) {
    std::string held = std::exchange(input_, {});
    std::string_view rest = held;
    consume(rest);
    held.erase(0, held.size() - rest.size());
    input_ = std::move(held);
    end_if_peer_finished();
  }
  wake();
}

void ServerEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  now_ = active_ = now;
  tls_ = info;
  if (state_ != State::handshake) return;  // implicit TLS: start() follows
  // RFC 3207 section 4.2: everything learnt from the client in plaintext is forgotten.
  const net::Address client = envelope_.client;
  envelope_ = {};
  envelope_.client = client;
  input_.clear();
  state_ = State::greeted;
}

void ServerEngine::end_if_peer_finished() {
  if (!peer_finished_ || waiting() || state_ == State::closed) return;
  close_reason_ = "the client ended the connection";
  state_ = State::closed;
  out_.wish = net::Wish::finish;
}

void ServerEngine::peer_finished(net::Time now) {
  now_ = now;
  peer_finished_ = true;
  end_if_peer_finished();
}

void ServerEngine::closed(net::Time now, net::CloseReason reason, std::string_view detail) {
  now_ = now;
  state_ = State::closed;
  pending_ = Pending::nothing;
  if (close_reason_.empty()) close_reason_ = detail.empty() ? to_string(reason) : detail;
  tracer_.record(Kind::smtp_closed, {close_reason_});
  handler_.on_closed(*this);
}

void ServerEngine::expire(net::Time now) {
  now_ = now;
  if (now < deadline()) return;
  if (pending_ == Pending::login) return resume(now, Answer::accept());
  limit_reached("idle_seconds",
                std::chrono::duration_cast<std::chrono::seconds>(options_.limits.idle).count());
  // RFC 5321 section 4.5.3.2.7; RFC 5321 section 3.8: 421 announces the end.
  hang_up({421, {4, 4, 2}, options_.hostname + " Timeout, closing the connection"}, "timeout");
}

net::Time ServerEngine::deadline() const {
  // During a handshake, be it the first thing of all, the session has a limit of its own.
  const bool handshake = state_ == State::opening || state_ == State::handshake;
  if (pending_ == Pending::login) return login_at_;
  if (state_ == State::closed || handshake || waiting()) return net::kNever;
  const net::Time silent = active_ + options_.limits.idle;
  if (state_ != State::data && state_ != State::chunk) return silent;
  const std::uint64_t come = state_ == State::data ? content_.octets() : chunk_.size - chunk_.left;
  const auto earned = std::chrono::seconds(come / options_.limits.slowest);
  return std::min(silent, content_since_ + options_.limits.idle + earned);
}

/// RFC 5321 section 3.8: a server may end a session with 421 at any time.
void ServerEngine::turn_away(net::Time now, net::Refusal why) {
  now_ = now;
  if (state_ == State::closed) return;
  const trace::CauseScope scope(tracer_.sink(), tracer_.sink().cause());
  if (state_ == State::opening) {
    tracer_.record_cause(Kind::smtp_connected, {to_string(options_.role), tls_ ? "tls" : "plain"});
  }
  pending_ = Pending::nothing;
  lose_reply_ = false;
  content_ = {};
  sasl_.reset();
  std::string().swap(input_);
  const bool memory = why == net::Refusal::memory;
  hang_up({421, memory ? EnhancedStatus{4, 3, 1} : EnhancedStatus{4, 7, 0},
           options_.hostname + " " + std::string(to_string(why))},
          to_string(why));
  reset_transaction();
  state_ = State::closed;
}

std::size_t ServerEngine::memory() const {
  return input_.capacity() + content_.content().capacity() + out_.bytes.capacity() +
         envelope_.recipients.size() * sizeof(Recipient);
}

void ServerEngine::reply(const Reply& reply) {
  if (lose_reply_) return drop("the scenario lost the reply");
  Reply told;
  const Reply* say = &reply;
  if (reply.status.present() && !offered(Extension::enhanced_status_codes)) {
    // RFC 2034 section 4: status codes belong to the extension, which an old server lacks.
    told = reply;
    told.status = {};
    say = &told;
  }
  const auto event =
      tracer_.record(Kind::smtp_reply, {say->code, say->status.to_string(), say->text});
  // Of the answers to a pipelined group the first refusal is what the client will act upon.
  refusal_told_ = refusal_told_ && !out_.bytes.empty();
  if (!refusal_told_) out_.cause = event;
  refusal_told_ = refusal_told_ || say->code >= 400;
  out_.early = false;  // unless command() knows better
  // Most replies of a turn fit; growing a string in small steps costs more than all the rest here.
  if (out_.bytes.empty()) out_.bytes.reserve(kUsualOutput);
  say->append_wire(out_.bytes);
}

void ServerEngine::refuse(const Reply& refusal) {
  if (++errors_ >= options_.limits.errors) {
    limit_reached("errors", errors_);
    return hang_up({421, {4, 7, 0}, options_.hostname + " Too many errors, closing the connection"},
                   "too many errors");
  }
  reply(refusal);
}

void ServerEngine::hang_up(const Reply& last, std::string_view why) {
  reply(last);
  if (state_ == State::closed) return;  // the reply was lost, and the connection with it
  close_reason_ = why;
  state_ = State::closed;
  out_.wish = net::Wish::finish;
}

void ServerEngine::drop(std::string_view why) {
  lose_reply_ = false;
  close_reason_ = why;
  state_ = State::closed;
  out_.wish = net::Wish::abort;
}

void ServerEngine::limit_reached(std::string_view name, std::uint64_t value) {
  tracer_.record(Kind::policy_limit, {name, value});
}

void ServerEngine::reset_transaction() {
  envelope_.queue_id.clear();
  envelope_.reverse_path = {};
  envelope_.recipients.clear();
  envelope_.asked = {};
  envelope_.declared_size = 0;
  envelope_.message_id.clear();
  envelope_.message = 0;
  tracer_.set_message(0);
  state_ = State::ready;
}

/// True when a switch took the place of what `verb` would do.
bool ServerEngine::faulted(std::string_view verb) {
  const auto deviation = switches_.at_command(verb);
  return deviation && deviated(*deviation);
}

bool ServerEngine::deviated(const policy::Deviation& deviation) {
  if (deviation.act == policy::Switch::Act::drop) return drop("dropped by a switch"), true;
  if (deviation.act == policy::Switch::Act::lose) return lose_reply_ = true, false;
  Reply text = parse_reply_line(deviation.reply);
  if (state_ == State::opening) {
    connected(Answer::reply(std::move(text)));
  } else if (text.code == 421) {
    hang_up(text, "closed by a switch");
  } else {
    reply(text);
  }
  return true;
}

}  // namespace mailscope::smtp
