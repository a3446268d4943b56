// The life of a server session: input cut into lines, replies, long responses, the end. What the
// commands do is in server_login.cpp and server_transaction.cpp.
#include "server/pop3/server.hpp"

#include <algorithm>
#include <utility>

#include "server/mail/text.hpp"
#include "server/pop3/capabilities.hpp"

namespace mailscope::pop3 {

using trace::Kind;

namespace {

constexpr std::string_view kRedacted = "[redacted]";
/// Octets of an empty input buffer that stay with a session.
constexpr std::size_t kKeptInput = 4'096;

/// A line that is no command, fit to be shown.
std::string printable(std::string_view line) {
  std::string out(line);
  std::ranges::replace_if(
      out, [](char c) { return mail::is_control(c) || !mail::is_ascii(c); }, '?');
  return out;
}

/// Commands that say why they are not possible now rather than being unknown.
bool explains(const CommandRule& rule) {
  return rule.capability == "USER" || rule.capability == "SASL" || rule.capability == "STLS";
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
      guard_(guard) {}

void ServerEngine::start(net::Time now) {
  active_ = began_ = now;
  const trace::CauseScope scope(tracer_.sink(), tracer_.sink().cause());
  tracer_.record_cause(Kind::pop3_connected, {tls_ ? "tls" : options_.stls ? "starttls" : "plain"});
  state_ = State::authorization;
  if (faulted("CONNECT")) return;
  // RFC 1939 section 7: the timestamp in the greeting offers APOP.
  if (accounts_.keeps(auth::Material::apop)) {
    timestamp_ = '<' + accounts_.nonce() + '.' + std::to_string(net::unix_seconds(now)) + '@' +
                 options_.hostname + '>';
  }
  ok(options_.hostname + " POP3 ready" + (timestamp_.empty() ? "" : ' ' + timestamp_));
}

void ServerEngine::receive(net::Time now, std::string_view bytes) {
  // RFC 2595 section 4: what comes in plaintext behind STLS must never be read as commands.
  if (!takes_commands()) return;
  now_ = now;
  arrival_ = tracer_.sink().cause();
  input_ += bytes;
  consume();
  if (input_.size() > options_.limits.held_input) {
    limit_reached("held_input", input_.size());
    finish(State::closed, "too much was pipelined");
    input_.clear();
  }
}

/// Handles complete lines for as long as commands may run.
void ServerEngine::consume() {
  std::string_view input = input_;
  while (!input.empty() && !busy() && takes_commands()) {
    if (!take_line(input)) break;
    blocked_ = blocked_ || out_.bytes.size() >= options_.limits.chunk;
  }
  if (!takes_commands()) input = {};
  input_.erase(0, input_.size() - input.size());
  // Who sent much at once does not keep the room for it.
  if (input_.empty() && input_.capacity() > kKeptInput) std::string().swap(input_);
  // Whoever hangs up without QUIT keeps all messages (RFC 1939 section 6).
  if (peer_finished_ && takes_commands() && !busy()) {
    finish(State::closed, "the client went away without QUIT");
  }
}

/// One line off the input; false when there is none yet.
bool ServerEngine::take_line(std::string_view& input) {
  const bool sasl = state_ == State::sasl;
  // RFC 5034 section 4 wants long initial responses to come later, but not every client obeys.
  const bool long_line = sasl || mail::iequals(input.substr(0, 5), "AUTH ");
  const std::size_t limit = long_line ? options_.limits.sasl_line : options_.limits.line;
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    if (!skipping_line_ && input.size() < limit) return false;
    input = {};
    if (!std::exchange(skipping_line_, true)) line_too_long();
    return false;
  }
  std::string_view line = input.substr(0, end);
  input.remove_prefix(end + 1);
  active_ = std::max(active_, now_);  // a part of a line is no sign of life
  if (std::exchange(skipping_line_, false)) return true;
  const trace::CauseScope scope(tracer_.sink(), arrival_);
  if (end + 1 > limit) {
    line_too_long();
    return true;
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (sasl) {
    record_command("AUTH", line == "*" || options_.show_secrets ? line : kRedacted);
    sasl_line(line);
  } else {
    command(line);
  }
  return true;
}

void ServerEngine::line_too_long() {
  limit_reached("line", state_ == State::sasl ? options_.limits.sasl_line : options_.limits.line);
  if (state_ == State::sasl) {
    sasl_.reset();
    state_ = before_login();
  }
  error("Line too long");
}

void ServerEngine::command(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const CommandRule* rule = find_command(line.substr(0, space));
  const std::string_view rest = line.substr(std::min(space + 1, line.size()));
  const bool known = rule != nullptr && (rule->capability.empty() || offers(rule->capability) ||
                                         (explains(*rule) && switches_.offers(rule->capability)));
  if (!known) {
    // What is not understood may be a password that came too late; only the first word is shown.
    record_command("unknown", printable(options_.show_secrets ? line : line.substr(0, space)));
    if (!faulted("unknown")) error("Unknown command");
    return;
  }
  // The mechanism's name is no secret.
  const std::size_t shown = rule->argument == ArgumentRule::mechanism ? rest.find(' ') : 0;
  if (rule->secret && !options_.show_secrets && shown < rest.size()) {
    record_command(rule->verb, std::string(line.substr(0, space + 1 + shown)) +
                                   (shown > 0 ? " " : "") + std::string(kRedacted));
  } else {
    record_command(rule->verb, printable(line));
  }
  if (faulted(rule->verb) || deviates(rule->capability)) return;
  if (!contains(rule->states, state_)) {
    return error(std::string(rule->verb) + (maildrop_ ? " is not possible after the login"
                                            : rule->verb == "PASS" ? " comes after USER"
                                                                   : " needs a login first"));
  }
  const auto arguments = parse_arguments(rule->argument, rest);
  if (!arguments) return error("Syntax: " + std::string(rule->syntax));
  (this->*rule->handler)(*arguments);
}

void ServerEngine::record_command(std::string_view verb, std::string_view shown) {
  tracer_.record_cause(Kind::pop3_command, {verb, shown});
}

bool ServerEngine::offers(std::string_view capability) const {
  const Capability* row = find_capability(capability);
  if (row == nullptr || !switches_.offers(capability)) return false;
  return row->available == nullptr || row->available(*this);
}

/// True when a switch answers instead of the engine.
bool ServerEngine::faulted(std::string_view verb) {
  return deviated(switches_.at_command(verb));
}

bool ServerEngine::deviates(std::string_view capability) {
  return deviated(switches_.at_use(capability, "-ERR Not possible now"));
}

bool ServerEngine::deviated(const std::optional<policy::Deviation>& deviation) {
  if (!deviation) return false;
  if (deviation->act != policy::Switch::Act::reply) {
    out_.bytes.clear();
    out_.wish = net::Wish::abort;
    close_reason_ = "reset by the scenario";
    state_ = State::closed;
  } else {
    reply(deviation->reply);
  }
  return true;
}

void ServerEngine::ok(std::string_view text) {
  reply(text.empty() ? "+OK" : "+OK " + std::string(text));
}

std::string ServerEngine::refusal(std::string_view code, std::string_view text) const {
  struct Code {
    std::string_view code, capability;
  };
  static constexpr Code kCodes[] = {{"IN-USE", "RESP-CODES"},       {"LOGIN-DELAY", "RESP-CODES"},
                                    {"SYS/TEMP", "AUTH-RESP-CODE"}, {"SYS/PERM", "AUTH-RESP-CODE"},
                                    {"AUTH", "AUTH-RESP-CODE"},     {"UTF8", "UTF8"}};
  std::string line = "-ERR ";
  for (const Code& known : kCodes) {
    if (known.code == code && offers(known.capability)) line.append("[").append(code).append("] ");
  }
  return line.append(text);
}

void ServerEngine::error(std::string_view code, std::string_view text) {
  reply(refusal(code, text));
  if (++errors_ < options_.limits.errors) return;
  limit_reached("errors", options_.limits.errors);
  finish(State::closed, "too many errors");
}

void ServerEngine::reply(std::string_view line, std::uint64_t octets,
                         trace::MessageNumber message) {
  // A scenario's line may hold anything; it stays one line.
  const std::string one = mail::unfold(line);
  out_.bytes += one;
  out_.bytes += "\r\n";
  out_.cause =
      tracer_.record(Kind::pop3_reply, message, {one.starts_with("+OK") ? 1 : 0, one, octets});
}

/// Begins a multi-line response.
void ServerEngine::send(std::string_view text, std::unique_ptr<MultiLine> lines,
                        trace::MessageNumber message) {
  // The number of octets is for the trace alone.
  const bool wanted = tracer_.sink().wants(Kind::pop3_reply);
  reply("+OK " + std::string(text), wanted ? lines->octets() : 0, message);
  lines_ = std::move(lines);
  state_ = State::sending;
  produce();
}

void ServerEngine::produce() {
  if (lines_->produce(out_.bytes, options_.limits.chunk)) {
    lines_.reset();
    state_ = maildrop_ ? State::transaction : before_login();
  }
  blocked_ = out_.bytes.size() >= options_.limits.chunk;
}

void ServerEngine::drained(net::Time now) {
  if (!blocked_ || !takes_commands()) return;
  active_ = now;
  blocked_ = false;
  const trace::CauseScope scope(tracer_.sink(), arrival_);
  if (state_ == State::sending) produce();
  consume();
}

void ServerEngine::hang_up(std::string_view refusal, std::string_view why) {
  reply(refusal);
  finish(State::closed, why);
}

void ServerEngine::limit_reached(std::string_view name, std::uint64_t value) {
  tracer_.record(Kind::policy_limit, {name, value});
}

/// No more is read, and the connection ends behind what was written.
void ServerEngine::finish(State state, std::string_view why) {
  state_ = state;
  close_reason_ = why;
  lines_.reset();
  verdict_ = nullptr;
  maildrop_.reset();  // lets go of the lock
  out_.wish = net::Wish::finish;
}

void ServerEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  // RFC 2595 section 4: what was said before TLS is forgotten. No second greeting.
  active_ = now;
  tls_ = info;
  utf8_ = false;
  user_.clear();
  input_.clear();
  if (state_ == State::handshake) state_ = State::authorization;
}

void ServerEngine::peer_finished(net::Time) {
  peer_finished_ = true;
  if (verdict_) return finish(State::closed, "the client did not wait for its login");
  consume();
}

void ServerEngine::closed(net::Time, net::CloseReason reason, std::string_view detail) {
  // RFC 1939 section 6: without QUIT nothing is removed.
  maildrop_.reset();
  lines_.reset();
  verdict_ = nullptr;
  state_ = State::closed;
  if (close_reason_.empty()) close_reason_ = detail.empty() ? to_string(reason) : detail;
  tracer_.record(Kind::pop3_closed, {close_reason_});
}

net::Time ServerEngine::deadline() const {
  if (state_ == State::closed || state_ == State::update || state_ == State::opening)
    return net::kNever;
  if (verdict_) return verdict_at_;
  const net::Time silent = active_ + options_.limits.idle;
  return maildrop_ ? silent : std::min(silent, began_ + options_.limits.login);
}

/// POP3 has no word for it: an answer to whatever the client says next, or in the place of the
/// greeting (RFC 1939 section 4), and the end. In the middle of a message nothing can be said.
void ServerEngine::turn_away(net::Time now, net::Refusal why) {
  if (state_ == State::closed || state_ == State::update) return;
  active_ = now_ = now;
  const trace::CauseScope scope(tracer_.sink(), tracer_.sink().cause());
  if (state_ == State::opening) {
    tracer_.record_cause(Kind::pop3_connected, {tls_ ? "tls" : "plain"});
    state_ = State::authorization;
  }
  std::string().swap(input_);
  sasl_.reset();
  if (state_ == State::sending) {
    out_ = {};
    finish(State::closed, to_string(why));
    out_.wish = net::Wish::abort;
    return;
  }
  reply(refusal("SYS/TEMP", to_string(why)));
  finish(State::closed, to_string(why));
}

std::size_t ServerEngine::memory() const {
  return input_.capacity() + out_.bytes.capacity() + (maildrop_ ? maildrop_->memory() : 0) +
         (lines_ ? lines_->memory() : 0);
}

void ServerEngine::expire(net::Time now) {
  if (deadline() == net::kNever || now < deadline()) return;
  if (verdict_) {
    active_ = now;
    const trace::CauseScope scope(tracer_.sink(), arrival_);
    std::exchange(verdict_, nullptr)();
    return consume();
  }
  // RFC 1939 section 3: no response is sent and nothing is removed.
  limit_reached(
      "idle", static_cast<std::uint64_t>(
                  std::chrono::duration_cast<std::chrono::seconds>(options_.limits.idle).count()));
  finish(State::closed, "the client was silent for too long");
}

}  // namespace mailscope::pop3
