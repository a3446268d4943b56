// Before and around the login: capabilities, SASL, TLS, the end.
//
//   C: AUTHENTICATE "SCRAM-SHA-256" {40+}
//   C: (client-first, base64)
//   S: {92}
//   S: (server-first, base64)
//   C: "(client-final, base64)"
//   S: OK (SASL "(server-final, base64)")
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/managesieve/server.hpp"
#include "server/managesieve/wire.hpp"
#include "server/sieve/extensions.hpp"

namespace mailscope::managesieve {

using trace::Kind;

namespace {

constexpr std::string_view kWrong = "wrong user name or password";

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) (out += out.empty() ? "" : " ") += word;
  return out;
}

bool is_capability(std::string_view name) {
  constexpr std::string_view kNames[] = {"IMPLEMENTATION", "SASL",           "SIEVE",
                                         "STARTTLS",       "MAXREDIRECTS",   "OWNER",
                                         "VERSION",        "UNAUTHENTICATE", "NOTIFY"};
  for (const std::string_view each : kNames) {
    if (mail::iequals(each, name)) return true;
  }
  return false;
}

}  // namespace

auth::SaslContext ServerEngine::sasl_context() const {
  return {.accounts = accounts_,
          .tls = tls_ ? &*tls_ : nullptr,
          .now = active_,
          .host = options_.hostname,
          .allow_plaintext = options_.allow_plaintext_auth,
          .hidden = [this](std::string_view name) {
            return !switches_.offers("AUTH=" + std::string(name));
          }};
}

/// RFC 5804 section 1.7.
std::vector<ServerEngine::Capability> ServerEngine::capabilities() const {
  std::vector<std::string_view> extensions;
  for (const sieve::Extension& extension : sieve::extensions()) {
    if (switches_.offers("SIEVE=" + std::string(extension.name)))
      extensions.push_back(extension.name);
  }
  std::vector<Capability> out = {
      {"IMPLEMENTATION", options_.software},
      {"SIEVE", joined(extensions)},
      {"SASL", joined(auth::offered_mechanisms(sasl_context()))},
  };
  if (options_.starttls && !tls_ && account_.empty()) out.push_back({"STARTTLS", std::nullopt});
  out.push_back({"MAXREDIRECTS", std::to_string(sieve::Limits{}.redirects)});
  // RFC 5804 section 1.7: where there is "enotify".
  if (switches_.offers("SIEVE=enotify")) out.push_back({"NOTIFY", "mailto"});
  if (!account_.empty()) out.push_back({"OWNER", account_});
  out.push_back({"UNAUTHENTICATE", std::nullopt});
  out.push_back({"VERSION", "1.0"});
  return out;
}

void ServerEngine::list_capabilities() {
  const auto tell = [this](std::string_view text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    std::string line = wire_string(text.substr(0, space));
    if (space < text.size()) line += ' ' + wire_string(text.substr(space + 1));
    data(std::move(line));
  };
  for (const Capability& each : capabilities()) {
    const std::string as_is =
        std::string(each.name) + (each.value ? " " + *each.value : std::string());
    const auto announced = switches_.announced(each.name, as_is);
    if (!announced) continue;
    // An empty value is told as one: a SASL list without mechanisms.
    if (*announced == as_is && each.value)
      data(wire_string(each.name) + ' ' + wire_string(*each.value));
    else
      tell(*announced);
  }
  for (const std::string& text : switches_.announced_besides(&is_capability)) tell(text);
}

void ServerEngine::capability(const Received&) {
  list_capabilities();
  ok();
}

void ServerEngine::authenticate(const Received& command) {
  const std::string_view name = command.text(0);
  const auth::SaslChoice choice = auth::choose_mechanism(name, sasl_context());
  if (choice.refusal == auth::SaslRefusal::needs_tls) {
    tracer_.record(Kind::policy_auth, {"", choice.mechanism->name, 0, "refused before TLS"});
    return no("ENCRYPT-NEEDED", options_.starttls ? "Say STARTTLS first: no passwords without TLS"
                                                  : "No passwords without TLS");
  }
  if (choice.refusal != auth::SaslRefusal::none || choice.mechanism == nullptr)
    return no({}, "Unknown authentication mechanism");
  if (deviates(switches_.at_use("AUTH=" + std::string(choice.mechanism->name),
                                "NO \"The mechanism does not work today\"")))
    return;
  sasl_ = choice.mechanism->make(sasl_context());
  if (command.count() < 2) return sasl_step(sasl_->start(std::nullopt));
  const auto decoded = mail::base64_decode_strict(command.text(1));
  if (decoded) return sasl_step(sasl_->start(*decoded));
  sasl_.reset();
  no({}, "Not base64");
}

/// An answer to a challenge: a string alone on its line.
void ServerEngine::sasl_line(const Received& received) {
  const bool cancel = received.tokens.size() == 1 && received.tokens[0].text == "*";
  const std::string shown = cancel                  ? "\"*\""
                            : options_.show_secrets ? received.shown
                                                    : std::string("[redacted]");
  tracer_.record_cause(Kind::sieve_command, {"AUTHENTICATE", shown});
  state_ = State::unauthenticated;
  const bool sound = received.problem.empty() && received.too_large == 0 &&
                     received.tokens.size() == 1 && received.tokens[0].kind == Token::Kind::string;
  const auto decoded =
      sound && !cancel ? mail::base64_decode_strict(received.tokens[0].text) : std::nullopt;
  if (decoded) return sasl_step(sasl_->respond(*decoded));
  sasl_.reset();
  no({}, cancel ? "Authentication cancelled" : sound ? "Not base64" : "Expected a string");
}

void ServerEngine::sasl_step(auth::SaslStep step) {
  if (step.kind == auth::SaslStep::Kind::challenge && step.last) {
    // RFC 5804 section 2.1: what the mechanism says last goes along with the success.
    std::string said = std::move(step.challenge);
    step = sasl_->respond({});
    step.challenge = std::move(said);
  }
  if (step.kind == auth::SaslStep::Kind::challenge) {
    state_ = State::sasl;
    return line(wire_string(mail::base64_encode(step.challenge)), true);
  }
  const std::string mechanism(sasl_->mechanism());
  sasl_.reset();
  state_ = State::unauthenticated;
  const bool good = step.kind == auth::SaslStep::Kind::success;
  // Whoever guesses passwords waits longer each time.
  const net::Duration wait = guard_.login(good, active_);
  if (wait == net::Duration{}) return verdict(step, mechanism);
  limit_reached(
      "login_wait_seconds",
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(wait).count()));
  verdict_ = [this, step, mechanism] { verdict(step, mechanism); };
  verdict_at_ = active_ + wait;
}

void ServerEngine::verdict(const auth::SaslStep& step, std::string_view mechanism) {
  if (step.kind == auth::SaslStep::Kind::success) return logged_in(step, mechanism);
  login_failed(step, mechanism);
}

void ServerEngine::login_failed(const auth::SaslStep& step, std::string_view mechanism) {
  const std::string_view why =
      step.kind == auth::SaslStep::Kind::malformed ? "malformed authentication message" : kWrong;
  tracer_.record(Kind::policy_auth,
                 {step.user, mechanism, 0, step.reason.empty() ? why : step.reason});
  if (++auth_failures_ < options_.limits.auth_failures) return no({}, why);
  limit_reached("auth_failures", auth_failures_);
  bye({}, "Too many failed authentication attempts", "too many failed logins");
}

void ServerEngine::logged_in(const auth::SaslStep& step, std::string_view mechanism) {
  tracer_.record(Kind::policy_auth, {step.user, mechanism, 1, ""});
  if (!store_.has_account(step.account)) return no("TRYLATER", "There is no mailbox here");
  account_ = step.account;
  switches_.set_user(account_);
  state_ = State::authenticated;
  // As in the example of RFC 5804 section 2.1, without a text: sieve-connect reads no more.
  if (!step.challenge.empty())
    return ok("SASL " + wire_string(mail::base64_encode(step.challenge)));
  ok({}, "Logged in");
}

void ServerEngine::starttls(const Received&) {
  if (tls_) return no({}, "TLS is active already");
  if (!options_.starttls) return no({}, "STARTTLS is not offered");
  ok({}, "Begin TLS negotiation");
  state_ = State::handshake;  // from here on the input is thrown away
  out_.wish = net::Wish::start_tls;
}

void ServerEngine::logout(const Received&) {
  ok({}, "Bye");
  finish("LOGOUT");
}

void ServerEngine::noop(const Received& command) {
  if (command.count() == 0) return ok({}, "Done");
  ok("TAG " + wire_string(command.text(0)), "Done");
}

void ServerEngine::unauthenticate(const Received&) {
  account_.clear();
  switches_.set_user({});
  state_ = State::unauthenticated;
  ok();
}

}  // namespace mailscope::managesieve
