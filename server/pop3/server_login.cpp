// AUTHORIZATION: who the client is, and the lock on the maildrop.
//
//   C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9...      (RFC 5034, with an initial response)
//   S: + cj1yT3ByTkdmd0ViZVJXZ2JORWtxTy...
//   C: Yz1iaXdzLHI9...
//   S: + dj02cnJpVFJCaTIz...                        (the server proves itself)
//   C:
//   S: +OK 2 messages (320 octets)
#include <memory>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/pop3/server.hpp"

namespace mailscope::pop3 {

using trace::Kind;

namespace {
constexpr std::string_view kWrong = "wrong user name or password";
constexpr std::string_view kUserPass = "USER";  // mechanism in the trace, RFC 2449 section 6.2
}  // namespace

/// A secret would be shown before TLS.
void ServerEngine::refuse_login(std::string_view mechanism) {
  tracer_.record(Kind::policy_auth, {"", mechanism, 0, "refused before TLS"});
  error("AUTH",
        offers("STLS") ? "Say STLS first: no passwords without TLS" : "No passwords without TLS");
}

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

void ServerEngine::user(const Arguments& arguments) {
  if (!offers("USER")) return refuse_login(kUserPass);
  const std::string_view name = mail::trim(arguments.text);
  if (name.empty()) return error("Syntax: USER name");
  // RFC 6856 section 2.2: what is not UTF-8 is refused.
  if (!mail::is_valid_utf8(name)) return error("The name is not UTF-8");
  user_ = std::string(name);
  state_ = State::password;
  // RFC 1939 section 7 and 13: an unknown name is not told before the password.
  ok("");
}

void ServerEngine::pass(const Arguments& arguments) {
  const std::string name = std::exchange(user_, {});
  state_ = State::authorization;
  auto account = accounts_.verify(name, arguments.text);
  checked(account.has_value(), [this, name, account = std::move(account)] {
    account ? logged_in(name, kUserPass, *account) : login_failed(name, kUserPass, kWrong);
  });
}

void ServerEngine::apop(const Arguments& arguments) {
  if (timestamp_.empty()) return error("The greeting had no timestamp: APOP is not offered");
  const std::string name(arguments.text);
  user_.clear();
  state_ = State::authorization;
  auto account = accounts_.verify_apop(name, timestamp_, mail::lower(arguments.digest));
  checked(account.has_value(), [this, name, account = std::move(account)] {
    account ? logged_in(name, "APOP", *account) : login_failed(name, "APOP", kWrong);
  });
}

void ServerEngine::auth(const Arguments& arguments) {
  // An old custom: AUTH alone lists the mechanisms, as CAPA does.
  if (arguments.text.empty()) return mechanism_list();
  const auth::SaslContext context = sasl_context();
  const auth::SaslChoice choice = auth::choose_mechanism(arguments.text, context);
  if (choice.refusal == auth::SaslRefusal::unknown) {
    return error("Unknown authentication mechanism");
  }
  if (deviates("AUTH=" + std::string(choice.mechanism->name))) return;
  if (choice.refusal == auth::SaslRefusal::needs_tls) return refuse_login(choice.mechanism->name);
  sasl_ = choice.mechanism->make(context);
  if (!arguments.initial_response) return sasl_step(sasl_->start(std::nullopt));
  // RFC 5034 section 4: "=" is an initial response of no octets.
  const std::string_view initial = *arguments.initial_response;
  const auto decoded = initial == "=" ? std::string() : mail::base64_decode_strict(initial);
  if (decoded) return sasl_step(sasl_->start(*decoded));
  sasl_.reset();
  state_ = before_login();
  error("Not base64");
}

void ServerEngine::sasl_line(std::string_view line) {
  state_ = before_login();
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
  state_ = before_login();
  if (step.kind == auth::SaslStep::Kind::malformed) {
    tracer_.record(Kind::policy_auth, {step.user, mechanism, 0, step.reason});
    return error("The response does not fit the mechanism");
  }
  const bool good = step.kind == auth::SaslStep::Kind::success;
  checked(good, [this, step, mechanism, good] {
    good ? logged_in(step.user, mechanism, step.account)
         : login_failed(step.user, mechanism, step.reason);
  });
}

/// The verdict about a login, at once or after the wait that the client has earned.
void ServerEngine::checked(bool ok, std::function<void()> verdict) {
  const net::Duration wait = guard_.login(ok, active_);
  if (wait == net::Duration{}) return verdict();
  limit_reached(
      "login_wait_seconds",
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(wait).count()));
  verdict_ = std::move(verdict);
  verdict_at_ = active_ + wait;
}

void ServerEngine::login_failed(std::string_view name, std::string_view mechanism,
                                std::string_view reason) {
  tracer_.record(Kind::policy_auth, {name, mechanism, 0, reason});
  if (++auth_failures_ < options_.limits.auth_failures) {
    return error("AUTH", kWrong);  // RFC 3206 section 5
  }
  limit_reached("auth_failures", auth_failures_);
  hang_up(refusal("AUTH", std::string(kWrong) + ", too often"), "too many failed logins");
}

void ServerEngine::logged_in(std::string_view name, std::string_view mechanism,
                             std::string account) {
  tracer_.record(Kind::policy_auth, {name, mechanism, 1, ""});
  const net::Duration delay = options_.login_delay;
  if (delay > net::Duration{} && !options_.login_times->let_in(account, active_, delay)) {
    return error("LOGIN-DELAY", "Too soon after the last login");  // RFC 2449 section 8.1.1
  }
  switches_.set_user(account);
  Maildrop::Opened opened =
      Maildrop::open(store_, std::move(account),
                     // RFC 6856 section 2.1: whoever has not said UTF8 gets no UTF-8 in headers.
                     utf8_ || !offers("UTF8") ? Maildrop::Reader::utf8 : Maildrop::Reader::older);
  if (opened.trouble != Maildrop::Trouble::none) switches_.set_user({});
  switch (opened.trouble) {
    case Maildrop::Trouble::in_use:  // RFC 2449 section 8.1.2
      return error("IN-USE", "Another session has the maildrop");
    case Maildrop::Trouble::missing:  // RFC 3206 section 4
      return error("SYS/TEMP", "There is no maildrop for this account");
    case Maildrop::Trouble::none:
      break;
  }
  maildrop_ = std::move(opened.maildrop);
  state_ = State::transaction;
  const Maildrop::Total total = maildrop_->total();
  ok(std::to_string(total.messages) + (total.messages == 1 ? " message (" : " messages (") +
     std::to_string(total.octets) + " octets)");
}

void ServerEngine::stls(const Arguments&) {
  if (tls_) return error("TLS is active already");
  if (!options_.stls) return error("STLS is not offered");
  // RFC 6856 section 2.1: a client must not, and what it said before TLS would be forgotten.
  if (utf8_) return error("STLS comes before UTF8");
  ok("Begin TLS negotiation");
  user_.clear();
  state_ = State::handshake;  // from here on consume() throws the input away
  out_.wish = net::Wish::start_tls;
}

}  // namespace mailscope::pop3
