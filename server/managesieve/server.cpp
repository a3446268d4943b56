// The life of a server session: commands, replies, the end. What the commands do is in
// server_login.cpp and server_scripts.cpp.
#include "server/managesieve/server.hpp"

#include <algorithm>
#include <utility>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/managesieve/wire.hpp"

namespace mailscope::managesieve {

using trace::Kind;

namespace {

constexpr std::string_view kRedacted = "[redacted]";
/// Octets of an empty input buffer that stay with a session.
constexpr std::size_t kKeptInput = 4'096;

/// What a client sent, fit to be shown.
std::string printable(std::string_view line) {
  std::string out = mail::repair_utf8(line);
  std::ranges::replace_if(out, mail::is_control, '?');
  return out;
}

}  // namespace

ServerEngine::ServerEngine(const ServerOptions& options, const auth::Accounts& accounts,
                           store::MailStore& store, trace::Tracer tracer,
                           policy::SessionSwitches switches, policy::SessionGuard guard)
    : options_(options),
      accounts_(accounts),
      store_(store),
      tracer_(tracer),
      switches_(std::move(switches)),
      guard_(guard),
      receiver_(options.limits.receiver) {}

void ServerEngine::start(net::Time now) {
  active_ = began_ = now;
  const trace::CauseScope scope(tracer_.sink(), tracer_.sink().cause());
  tracer_.record_cause(Kind::sieve_connected, {tls_                ? "tls"
                                               : options_.starttls ? "starttls"
                                                                   : "plain"});
  state_ = State::unauthenticated;
  if (deviates(switches_.at_command("CONNECT"))) return;
  list_capabilities();
  ok({}, options_.hostname + " ManageSieve ready");
}

void ServerEngine::receive(net::Time now, std::string_view bytes) {
  // RFC 5804 section 2.2: what comes in plaintext behind STARTTLS must never be read as commands.
  if (!takes_commands()) return;
  now_ = now;
  if (!account_.empty()) active_ = now;  // a script may take its time
  arrival_ = tracer_.sink().cause();
  input_ += bytes;
  consume();
  if (input_.size() > options_.limits.held_input) {
    limit_reached("held_input", input_.size());
    finish("too much was pipelined");
    input_.clear();
  }
}

/// Handles complete commands for as long as they may run.
void ServerEngine::consume() {
  std::string_view input = input_;
  while (!input.empty() && !blocked_ && !verdict_ && takes_commands()) {
    const std::optional<Received> received = receiver_.next(input);
    if (receiver_.hopeless()) {
      limit_reached("literal", options_.limits.receiver.skipped);
      bye({}, "The literal is far too large", "a literal that is far too large");
      break;
    }
    if (!received) break;
    active_ = std::max(active_, now_);  // before the login, a part of a command is no sign of life
    const trace::CauseScope scope(tracer_.sink(), arrival_);
    if (state_ == State::sasl)
      sasl_line(*received);
    else
      command(*received);
    blocked_ = blocked_ || out_.bytes.size() >= options_.limits.pending_output;
  }
  if (!takes_commands()) input = {};
  input_.erase(0, input_.size() - input.size());
  // Who sent much at once does not keep the room for it.
  if (input_.empty() && input_.capacity() > kKeptInput) std::string().swap(input_);
  if (peer_finished_ && takes_commands() && !blocked_ && !verdict_) {
    finish("the client went away without LOGOUT");
  }
}

void ServerEngine::command(const Received& received) {
  const bool named = !received.tokens.empty() && received.tokens[0].kind == Token::Kind::atom;
  const CommandRule* rule = named ? find_command(received.tokens[0].text) : nullptr;
  if (rule != nullptr && !rule->capability.empty() && !switches_.offers(rule->capability))
    rule = nullptr;
  if (rule == nullptr) {
    record_command("unknown", received, !options_.show_secrets);
    if (deviates(switches_.at_command("unknown"))) return;
    return no({}, received.problem.empty() ? "Unknown command" : received.problem);
  }
  record_command(rule->verb, received, rule->secret);
  if (deviates(switches_.at_command(rule->verb))) return;
  if (!rule->capability.empty() &&
      deviates(switches_.at_use(rule->capability, "NO \"Not possible\"")))
    return;
  if (!received.problem.empty()) return no({}, received.problem);
  if (!contains(rule->states, state_)) {
    const bool user = state_ == State::authenticated;
    return no({}, std::string(rule->verb) +
                      (user ? " is not possible after the login" : " needs a login first"));
  }
  if (!fits(*rule, received.tokens)) return no({}, "Syntax: " + std::string(rule->syntax));
  // RFC 5804 section 1.3: the script was read past, and nothing of it was kept.
  if (received.too_large > 0) {
    limit_reached("literal", received.too_large);
    return no("QUOTA/MAXSIZE", "A script has at most " +
                                   std::to_string(options_.limits.receiver.literal) + " octets");
  }
  (this->*rule->handler)(received);
}

/// Of a secret command only the verb and the first argument are shown.
void ServerEngine::record_command(std::string_view verb, const Received& received, bool secret) {
  std::string shown = received.shown;
  if (secret && !options_.show_secrets && received.tokens.size() != 1) {
    shown = received.tokens.empty() ? std::string() : received.tokens[0].text;
    if (received.tokens.size() > 1 && verb != "unknown")
      shown += " \"" + received.tokens[1].text + "\"";
    if (received.tokens.size() > 2 || !received.problem.empty() || verb == "unknown")
      shown += (shown.empty() ? "" : " ") + std::string(kRedacted);
  }
  tracer_.record_cause(Kind::sieve_command, {verb, printable(shown)});
}

/// True when a scenario answers instead of the engine.
bool ServerEngine::deviates(const std::optional<policy::Deviation>& deviation) {
  if (!deviation) return false;
  if (deviation->act != policy::Switch::Act::reply) {
    out_.bytes.clear();
    out_.wish = net::Wish::abort;
    close_reason_ = "reset by the scenario";
    state_ = State::closed;
  } else {
    // A scenario's line may hold anything; it stays one line.
    const std::string one = mail::unfold(deviation->reply);
    line(one, one.starts_with("OK"));
  }
  return true;
}

void ServerEngine::ok(std::string_view code, std::string_view text) {
  reply("OK", code, text);
}

void ServerEngine::no(std::string_view code, std::string_view text) {
  reply("NO", code, text);
  if (++errors_ < options_.limits.errors) return;
  limit_reached("errors", options_.limits.errors);
  bye({}, "Too many errors", "too many errors");
}

void ServerEngine::bye(std::string_view code, std::string_view text, std::string_view why) {
  reply("BYE", code, text);
  finish(why);
}

/// A line of data before the reply; not an event of its own.
void ServerEngine::data(std::string bytes) {
  out_.bytes += bytes + "\r\n";
  data_octets_ += bytes.size() + 2;
}

void ServerEngine::reply(std::string_view status, std::string_view code, std::string_view text) {
  std::string out(status);
  if (!code.empty()) out += " (" + std::string(code) + ")";
  if (!text.empty()) out += ' ' + wire_string(text);
  line(out, status == "OK");
}

void ServerEngine::line(std::string_view bytes, bool good) {
  out_.bytes += bytes;
  out_.bytes += "\r\n";
  out_.cause = tracer_.record(
      Kind::sieve_reply, {good ? 1 : 0, mail::repair_utf8(bytes), std::exchange(data_octets_, 0)});
}

void ServerEngine::limit_reached(std::string_view name, std::uint64_t value) {
  tracer_.record(Kind::policy_limit, {name, value});
}

/// No more is read, and the connection ends behind what was written.
void ServerEngine::finish(std::string_view why) {
  state_ = State::closed;
  close_reason_ = why;
  sasl_.reset();
  verdict_ = nullptr;
  out_.wish = net::Wish::finish;
}

void ServerEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  // Everything learnt before TLS is void; the capabilities are told again (RFC 5804 section 2.2).
  active_ = now;
  tls_ = info;
  input_.clear();
  receiver_.reset();
  if (state_ != State::handshake) return;
  state_ = State::unauthenticated;
  list_capabilities();
  ok({}, "TLS is active");
}

void ServerEngine::peer_finished(net::Time) {
  peer_finished_ = true;
  consume();
}

void ServerEngine::drained(net::Time now) {
  if (!blocked_ || !takes_commands()) return;
  active_ = now;
  blocked_ = false;
  consume();
}

void ServerEngine::closed(net::Time, net::CloseReason reason, std::string_view detail) {
  sasl_.reset();
  verdict_ = nullptr;
  state_ = State::closed;
  if (close_reason_.empty()) close_reason_ = detail.empty() ? to_string(reason) : detail;
  tracer_.record(Kind::sieve_closed, {close_reason_});
}

net::Time ServerEngine::deadline() const {
  if (state_ == State::closed || state_ == State::opening) return net::kNever;
  if (verdict_) return verdict_at_;
  if (!account_.empty()) return active_ + options_.limits.idle;
  return std::min(active_ + options_.limits.login_idle, began_ + options_.limits.login);
}

/// RFC 5804 section 1.2: BYE may come at any time, in the place of the greeting too.
void ServerEngine::turn_away(net::Time now, net::Refusal why) {
  if (state_ == State::closed) return;
  active_ = now_ = now;
  const trace::CauseScope scope(tracer_.sink(), tracer_.sink().cause());
  if (state_ == State::opening)
    tracer_.record_cause(Kind::sieve_connected, {tls_ ? "tls" : "plain"});
  std::string().swap(input_);
  receiver_.reset();
  bye("TRYLATER", to_string(why), to_string(why));
}

std::size_t ServerEngine::memory() const {
  return input_.capacity() + receiver_.memory() + out_.bytes.capacity();
}

void ServerEngine::expire(net::Time now) {
  if (deadline() == net::kNever || now < deadline()) return;
  if (verdict_) {
    active_ = now;
    const trace::CauseScope scope(tracer_.sink(), arrival_);
    std::exchange(verdict_, nullptr)();
    return consume();
  }
  const net::Duration idle = account_.empty() ? options_.limits.login_idle : options_.limits.idle;
  limit_reached("idle", static_cast<std::uint64_t>(
                            std::chrono::duration_cast<std::chrono::seconds>(idle).count()));
  bye("TRYLATER", "Silent for too long", "the client was silent for too long");
}

}  // namespace mailscope::managesieve
