// AUTHORIZATION: who the client is, and the lock on the maildrop.
//
//   C: AUTH PLAIN AGJvYgBzZWNyZXQ=      (RFC 5034, with an initial response)
//   S: +OK 2 messages (320 octets)
#include <memory>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/pop3/server.hpp"

namespace mailscope::pop3 {

using trace::Kind;

namespace {
constexpr std::string_view kWrong = "wrong user name or password";
constexpr std::string_view kUserPass = "USER";  // mechanism in the trace, RFC 2449 section 6.3
}  // namespace

/// RFC 2595 section 2.2 (and RFC 8314): no password in clear text unless the site wants it so.
bool ServerEngine::may_log_in(std::string_view mechanism) {
  if (login_offered()) return true;
  refuse_login(mechanism);
  return false;
}

void ServerEngine::refuse_login(std::string_view mechanism) {
  tracer_.record(Kind::policy_auth, {"", mechanism, 0, "refused before TLS"});
  error(options_.stls ? "[AUTH] Say STLS first: no passwords without TLS"
                      : "[AUTH] No passwords without TLS");
}

auth::SaslContext ServerEngine::sasl_context() const {
  return {.accounts = accounts_,
          .tls = tls_ ? &*tls_ : nullptr,
          .now = active_,
          .host = options_.hostname,
          .allow_plaintext = options_.allow_plaintext_auth};
}

void ServerEngine::user(const Arguments& arguments) {
  if (!may_log_in(kUserPass)) return;
  user_ = std::string(mail::trim(arguments.text));
  if (user_.empty()) return error("Syntax: USER name");
  state_ = State::password;
  // RFC 1939 section 7 and 13: an unknown name is not told before the password.
  ok("");
}

void ServerEngine::pass(const Arguments& arguments) {
  const std::string name = std::exchange(user_, {});
  state_ = State::authorization;
  if (auto account = accounts_.verify(name, arguments.text)) {
    logged_in(name, kUserPass, std::move(*account));
  } else {
    login_failed(name, kUserPass, kWrong, kWrong);
  }
}

void ServerEngine::auth(const Arguments& arguments) {
  const auth::SaslContext context = sasl_context();
  const auth::SaslChoice choice = auth::choose_mechanism(arguments.text, context);
  if (choice.refusal == auth::SaslRefusal::unknown) {
    return error("Unknown authentication mechanism");
  }
  if (choice.refusal == auth::SaslRefusal::needs_tls) return refuse_login(choice.mechanism->name);
  user_.clear();
  sasl_ = choice.mechanism->make(context);
  if (!arguments.initial_response) return sasl_step(sasl_->start(std::nullopt));
  // RFC 5034 section 4: "=" is an initial response of no octets.
  const std::string_view initial = *arguments.initial_response;
  const auto decoded = initial == "=" ? std::string() : mail::base64_decode_strict(initial);
  if (decoded) return sasl_step(sasl_->start(*decoded));
  sasl_.reset();
  state_ = State::authorization;
  error("Not base64");
}

void ServerEngine::sasl_line(std::string_view line) {
  state_ = State::authorization;
  const auto decoded = mail::base64_decode_strict(line);
  if (line != "*" && decoded) return sasl_step(sasl_->respond(*decoded));
  sasl_.reset();
  error(line == "*" ? "Authentication cancelled" : "Not base64");
}

void ServerEngine::sasl_step(const auth::SaslStep& step) {
  if (step.kind == auth::SaslStep::Kind::challenge) {
    state_ = State::sasl;
    return reply("+ " + mail::base64_encode(step.challenge));
  }
  const std::string mechanism(sasl_->mechanism());
  sasl_.reset();
  state_ = State::authorization;
  if (step.kind == auth::SaslStep::Kind::success)
    return logged_in(step.user, mechanism, step.account);
  const bool malformed = step.kind == auth::SaslStep::Kind::malformed;
  login_failed(step.user, mechanism, step.reason, malformed ? step.reason : kWrong);
}

void ServerEngine::login_failed(std::string_view name, std::string_view mechanism,
                                std::string_view reason, std::string_view told) {
  tracer_.record(Kind::policy_auth, {name, mechanism, 0, reason});
  if (++auth_failures_ < options_.limits.auth_failures) {
    return error("[AUTH] " + std::string(told));  // RFC 3206 section 5
  }
  limit_reached("auth_failures", auth_failures_);
  hang_up("[AUTH] " + std::string(told) + ", too often", "too many failed logins");
}

void ServerEngine::logged_in(std::string_view name, std::string_view mechanism,
                             std::string account) {
  tracer_.record(Kind::policy_auth, {name, mechanism, 1, ""});
  Maildrop::Opened opened = Maildrop::open(store_, std::move(account));
  switch (opened.trouble) {
    case Maildrop::Trouble::in_use:  // RFC 2449 section 8.1.1
      return error("[IN-USE] Another session has the maildrop");
    case Maildrop::Trouble::missing:  // RFC 3206 section 4
      return error("[SYS/TEMP] There is no maildrop for this account");
    case Maildrop::Trouble::none:
      break;
  }
  maildrop_ = std::move(opened.maildrop);
  switches_.set_user(maildrop_->account());
  state_ = State::transaction;
  const Maildrop::Total total = maildrop_->total();
  ok(std::to_string(total.messages) + (total.messages == 1 ? " message (" : " messages (") +
     std::to_string(total.octets) + " octets)");
}

void ServerEngine::stls(const Arguments&) {
  if (tls_) return error("TLS is active already");
  if (!options_.stls) return error("STLS is not offered");
  ok("Begin TLS negotiation");
  user_.clear();
  state_ = State::handshake;  // from here on consume() throws the input away
  out_.wish = net::Wish::start_tls;
}

void ServerEngine::capa(const Arguments&) {
  std::vector<std::string> capabilities = {
      "TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER"};
  if (options_.stls && !tls_ && !maildrop_) capabilities.emplace_back("STLS");
  std::string sasl;
  for (const std::string_view name : auth::offered_mechanisms(sasl_context())) {
    (sasl += ' ') += name;
  }
  if (login_offered()) capabilities.emplace_back("USER");
  if (!sasl.empty()) capabilities.push_back("SASL" + sasl);
  // RFC 2449 section 6.9: what the program is called helps attackers more than strangers.
  if (maildrop_) capabilities.push_back("IMPLEMENTATION " + options_.software);
  const auto last = static_cast<std::uint32_t>(capabilities.size());
  send("Capabilities follow",
       listing(1, last, [capabilities](std::uint32_t i) { return capabilities[i - 1]; }));
}

}  // namespace mailscope::pop3
