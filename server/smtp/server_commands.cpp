// The commands of an SMTP server, one handler each (RFC 5321 section 4.1.1), and the answers of the
// host to what they ask.
#include <algorithm>

#include "server/mail/encoding.hpp"
#include "server/smtp/server.hpp"

namespace mailscope::smtp {

using trace::Kind;

namespace {

constexpr std::string_view kRedacted = "[redacted]";
/// Octets of a refused command line that the trace keeps.
constexpr std::size_t kShownLine = 512;

/// An AUTH command without its secret: "AUTH PLAIN [redacted]".
std::string redacted(std::string_view line) {
  const std::size_t mechanism = line.find_first_not_of(' ', std::min<std::size_t>(4, line.size()));
  if (mechanism == std::string_view::npos) return std::string(line);
  const std::size_t space = line.find(' ', mechanism);
  if (space == std::string_view::npos) return std::string(line);
  return std::string(line.substr(0, space + 1)).append(kRedacted);
}

/// Commands whose replies promise nothing that a disk must hold.
bool is_early(Verb verb) {
  return verb == Verb::mail || verb == Verb::rcpt || verb == Verb::data || verb == Verb::ehlo ||
         verb == Verb::helo || verb == Verb::rset || verb == Verb::quit;
}

}  // namespace

bool ServerEngine::offered(Extension extension) const {
  if (extension == Extension::base) return true;
  // Whoever has no EHLO has no extension (RFC 5321 section 2.2.1).
  const ExtensionRule& rule = extension_rule(extension);
  if (!switches_.offers(rule.keyword) || !switches_.offers("EHLO")) return false;
  return rule.available == nullptr || rule.available(*this);
}

/// True when a switch answered the use of an extension.
bool ServerEngine::broken(Extension extension) {
  if (extension == Extension::base) return false;
  const auto deviation =
      switches_.at_use(extension_rule(extension).keyword, "502 5.5.1 Not possible now");
  return deviation && deviated(*deviation);
}

auth::SaslContext ServerEngine::sasl_context() const {
  return {.accounts = *options_.accounts,
          .tls = tls_ ? &*tls_ : nullptr,
          .now = now_,
          .host = options_.hostname,
          .allow_plaintext = options_.allow_plaintext_auth,
          .hidden = [this](std::string_view name) {
            return !switches_.offers("AUTH=" + std::string(name));
          }};
}

std::vector<std::string_view> ServerEngine::auth_mechanisms() const {
  if (options_.accounts == nullptr) return {};
  if (is_submission() && options_.require_tls && !tls_) return {};
  return auth::offered_mechanisms(sasl_context());
}

void ServerEngine::record_command(std::string_view verb, std::string_view line) {
  tracer_.record_cause(Kind::smtp_command, {verb, line.substr(0, kShownLine)});
}

void ServerEngine::command(std::string_view line) {
  const CommandLine parts = split_command(line);
  const CommandRule* rule = find_command(parts.verb);
  // LMTP has its own greeting and neither HELO nor EHLO (RFC 2033 section 4.1); SMTP has no LHLO.
  // What a server does not have at all it does not know.
  const bool unknown =
      rule != nullptr && ((rule->verb == Verb::ehlo && !offered(Extension::esmtp)) ||
                          (rule->verb == Verb::lhlo && !offered(Extension::lmtp)) ||
                          (rule->verb == Verb::helo && options_.role == Role::lmtp) ||
                          (rule->verb == Verb::xclient && !may_xclient()));
  if (unknown) rule = nullptr;
  if (rule == nullptr) {
    record_command("unknown", printable(line));
    if (faulted("unknown")) return;
  } else {
    if (rule->verb == Verb::auth && !options_.show_secrets) {
      record_command(rule->name, redacted(line));
    } else {
      record_command(rule->name, line);
    }
    if (faulted(rule->name)) {
      if (rule->verb == Verb::bdat && state_ != State::closed) bdat(parts.argument, true);
      return;
    }
  }
  if (++commands_ > options_.limits.commands) {
    limit_reached("commands", options_.limits.commands);
    return hang_up({421, {4, 7, 0}, "Too many commands in one session"}, "too many commands");
  }
  if (rule == nullptr) {
    // RFC 5321 section 3.1: 503 to everything after a greeting of 554; else section 4.2.4: 500.
    if (state_ == State::refused) return refuse({503, {5, 5, 1}, "No service here, only QUIT"});
    return refuse({500, {5, 5, 1}, "Command not recognised"});
  }
  // The chunk of a BDAT that is refused comes all the same.
  if (rule->verb == Verb::bdat && offered(Extension::chunking)) {
    const bool answered = broken(Extension::chunking);
    if (state_ != State::closed) bdat(parts.argument, answered);
    return;
  }
  if (!allowed(*rule, parts.argument)) return;
  // See Output::early: the next commands of these clients may join this turn's commit.
  const bool early = out_.bytes.empty() || out_.early;
  run(rule->verb, parts.argument);
  out_.early = early && is_early(rule->verb);
}

void ServerEngine::wrong_state(const CommandRule& rule) {
  if (state_ == State::refused) return refuse({503, {5, 5, 1}, "No service here, only QUIT"});
  if (state_ == State::greeted) return refuse({503, {5, 5, 1}, "Send EHLO first"});
  if (state_ == State::chunks && rule.verb != Verb::mail) {
    return refuse({503, {5, 5, 1}, "After BDAT only BDAT, RSET or QUIT"});
  }
  if (rule.verb == Verb::mail) return refuse({503, {5, 5, 1}, "A transaction is open already"});
  if (rule.verb == Verb::rcpt) return refuse({503, {5, 5, 1}, "Send MAIL first"});
  if (rule.verb == Verb::data) {
    // RFC 5321 section 3.3: 503 without MAIL, 554 when no recipient was accepted.
    // RFC 2033 section 4.2: with LMTP it is always 503.
    if (state_ == State::mail) {
      const std::uint16_t code = options_.role == Role::lmtp ? 503 : 554;
      return refuse({code, {5, 5, 1}, "No valid recipients"});
    }
    return refuse({503, {5, 5, 1}, "Send MAIL and RCPT first"});
  }
  refuse({503, {5, 5, 1}, std::string(rule.name) + " is not possible now"});
}

/// The tables' part: legal here, needs met, argument there or not.
bool ServerEngine::allowed(const CommandRule& rule, std::string_view argument) {
  if (!contains(rule.states, state_)) return wrong_state(rule), false;
  if (rule.argument == ArgumentRule::none && !argument.empty()) {
    return refuse({501, {5, 5, 4}, std::string(rule.name) + " takes no argument"}), false;
  }
  if (rule.argument == ArgumentRule::required && argument.empty()) {
    return refuse({501, {5, 5, 4}, "Syntax: " + std::string(rule.syntax)}), false;
  }
  if (!offered(rule.extension)) return not_offered(rule.extension), false;
  if (broken(rule.extension)) return false;
  if (rule.need == Need::permission && is_submission()) {
    // RFC 3207 section 4: 530 to commands that need TLS first.
    if (options_.require_tls && !tls_) {
      return refuse({530, {5, 7, 0}, "Must issue a STARTTLS command first"}), false;
    }
    // RFC 6409 section 4.3; RFC 4954 section 6.
    if (options_.require_auth && envelope_.account.empty()) {
      return refuse({530, {5, 7, 0}, "Authentication required"}), false;
    }
  }
  return true;
}

/// Why a command of an extension cannot be used now.
void ServerEngine::not_offered(Extension extension) {
  if (extension == Extension::starttls && tls_) {
    return refuse({503, {5, 5, 1}, "TLS is in use already"});
  }
  if (extension == Extension::auth && options_.accounts != nullptr && !tls_) {
    // RFC 4954 section 6: 538 asks for encryption first.
    return refuse({538, {5, 7, 11}, "Encryption required: STARTTLS first"});
  }
  refuse({502, {5, 5, 1}, std::string(extension_rule(extension).keyword) + " is not offered"});
}

void ServerEngine::run(Verb verb, std::string_view argument) {
  switch (verb) {
    case Verb::ehlo:
    case Verb::lhlo:
      return ehlo(argument, true);
    case Verb::helo:
      return ehlo(argument, false);
    case Verb::mail:
      return mail(argument);
    case Verb::rcpt:
      return rcpt(argument);
    case Verb::data:
      return data();
    case Verb::rset:
      // RFC 5321 section 4.1.1.5: the transaction goes, the greeting stays.
      if (state_ != State::greeted) reset_transaction();
      return reply({250, {2, 0, 0}, "Reset"});
    case Verb::noop:
      return reply({250, {2, 0, 0}, "OK"});
    case Verb::quit:
      return hang_up({221, {2, 0, 0}, options_.hostname + " closes the connection"}, "quit");
    case Verb::vrfy:
      return verify(argument, false);
    case Verb::etrn:
      return etrn(argument);
    case Verb::xclient:
      return xclient(argument);
    case Verb::help:
      return help(argument);
    case Verb::starttls:
      reply({220, {2, 0, 0}, "Go ahead with TLS"});
      if (state_ == State::closed) return;
      state_ = State::handshake;
      out_.wish = net::Wish::start_tls;
      return;
    case Verb::auth:
      return auth(argument);
    case Verb::expn:
      return verify(argument, true);
    case Verb::bdat:
    case Verb::unknown:
      break;
  }
  refuse({502, {5, 5, 1}, "Command not implemented"});
}

void ServerEngine::ehlo(std::string_view name, bool extended) {
  // RFC 5321 section 4.1.4: the name's form is checked; whether it is true is not (it must not be
  // refused for that).
  if (!is_helo_name(name)) {
    return refuse({501, {5, 5, 2}, "Neither a domain nor an address literal"});
  }
  // RFC 5321 section 4.1.4: EHLO ends a transaction like RSET.
  reset_transaction();
  envelope_.helo = xclient_helo_.empty() ? std::string(name) : xclient_helo_;
  envelope_.esmtp = extended;
  Reply hello{250, {}, options_.hostname + " greets " + std::string(name)};
  if (extended) {
    for (const ExtensionRule& rule : extensions()) {
      const bool greeting = rule.extension == Extension::esmtp || rule.extension == Extension::lmtp;
      if (greeting || !offered(rule.extension)) continue;
      std::string as_is(rule.keyword);
      if (rule.argument != nullptr) as_is.append(" ").append(rule.argument(*this));
      hello.text.append("\n").append(switches_.announced(rule.keyword, std::move(as_is)).value());
    }
    for (const std::string& text : switches_.announced_besides(has_extension)) {
      hello.text.append("\n").append(text);
    }
  }
  reply(hello);
}

void ServerEngine::syntax_error(const ParseError& error, std::string_view before) {
  if (error.non_ascii) {
    // RFC 6531 section 3.5: without SMTPUTF8 such an address cannot be taken; 550 for a sender, 553
    // for a recipient.
    return refuse({before == "MAIL " ? 550 : 553, {5, 6, 7}, "This address needs SMTPUTF8"});
  }
  refuse({501,
          {5, 5, 4},
          "Syntax error at character " + std::to_string(before.size() + error.offset + 1) + ": " +
              std::string(error.what)});
}

/// Reads the parameters of MAIL into the envelope, those of RCPT into recipient_.
bool ServerEngine::take_parameters(Verb verb, const std::vector<Parameter>& given) {
  ParameterTarget target{*this, now_, envelope_, recipient_, accepted_};
  for (const auto& [keyword, value] : given) {
    const ParameterRule* rule = find_parameter(verb, keyword);
    if (rule == nullptr || !envelope_.esmtp || !offered(rule->extension)) {
      // RFC 5321 section 4.1.1.11.
      return refuse({555, {5, 5, 4}, "Parameter " + keyword + " is not known here"}), false;
    }
    if (broken(rule->extension)) return false;
    const auto refusal =
        rule->take(value ? std::optional<std::string_view>(*value) : std::nullopt, target);
    if (!refusal) continue;
    if (refusal->code == 552) limit_reached("message_octets", options_.limits.message);
    // What cannot be read is an error of the client; what is asked too much is not.
    return refusal->code == 501 ? refuse(*refusal) : reply(*refusal), false;
  }
  return true;
}

int ServerEngine::granted_priority(int asked) const {
  const bool trusted = !envelope_.account.empty() || options_.role == Role::lmtp;
  return trusted ? asked : std::min(asked, 0);
}

/// Whom the message will be said to come from (RFC 4954 section 5): whom the client names, if it is
/// logged in and may say so; itself, if it names nobody. Nothing: not known.
void ServerEngine::decide_submitter() {
  std::string& submitter = envelope_.asked.auth;
  if (envelope_.account.empty()) submitter.clear();
  const auto named = mail::Mailbox::parse(submitter.empty() ? envelope_.account : submitter);
  const bool believed = named && (submitter.empty() || handler_.trusts(*this, *named));
  submitter = believed ? named->to_string() : std::string();
}

void ServerEngine::mail(std::string_view argument) {
  if (transactions_ >= options_.limits.transactions) {
    limit_reached("transactions", options_.limits.transactions);
    return hang_up({421, {4, 7, 0}, "Enough for one session, connect again"},
                   "too many transactions");
  }
  const auto utf8 = offered(Extension::smtputf8) ? mail::Utf8::yes : mail::Utf8::no;
  auto parsed = parse_mail(argument, utf8);
  if (const auto* error = std::get_if<ParseError>(&parsed)) return syntax_error(*error, "MAIL ");
  auto& path = std::get<PathArgument>(parsed);
  envelope_.asked = {};
  envelope_.declared_size = 0;
  accepted_ = {250, {2, 1, 0}, "Sender ok"};
  if (!take_parameters(Verb::mail, path.parameters)) return;
  if (envelope_.asked.body == Body::binary && broken(Extension::binary_mime)) return;
  const MailParameters& asked = envelope_.asked;
  if (asked.hold_until && asked.by && *asked.hold_until >= asked.by->deadline) {
    // RFC 4865 section 5.2.2: nothing can be delivered before it is released.
    return refuse({501, {5, 5, 4}, "The message would be held beyond its deadline"});
  }
  if (path.non_ascii && !envelope_.asked.smtputf8) return syntax_error({0, "", true}, "MAIL ");
  decide_submitter();
  envelope_.reverse_path = path.mailbox;
  settle(Pending::mail, handler_.on_mail(*this, path));
}

void ServerEngine::mail_answered(const Answer& answer) {
  const bool yes = answer.kind == Answer::Kind::accept || answer.text.positive();
  if (yes) {
    ++transactions_;
    state_ = State::mail;
  } else {
    reset_transaction();
  }
  if (answer.kind == Answer::Kind::reply && answer.text.code == 421) {
    return hang_up(answer.text, "refused at MAIL");
  }
  reply(answer.kind == Answer::Kind::accept ? accepted_ : answer.text);
}

void ServerEngine::rcpt(std::string_view argument) {
  const auto utf8 = envelope_.asked.smtputf8 ? mail::Utf8::yes : mail::Utf8::no;
  auto parsed = parse_rcpt(argument, utf8);
  if (const auto* error = std::get_if<ParseError>(&parsed)) return syntax_error(*error, "RCPT ");
  auto& path = std::get<PathArgument>(parsed);
  recipient_ = {};
  if (!take_parameters(Verb::rcpt, path.parameters)) return;
  // RFC 5321 section 4.5.3.1.10: 452, so that the client sends the rest in another transaction.
  if (envelope_.recipients.size() >= options_.limits.recipients) {
    limit_reached("recipients", options_.limits.recipients);
    return reply({452, {4, 5, 3}, "Too many recipients"});
  }
  recipient_.mailbox = std::move(path.mailbox);
  if (recipient_.mailbox.domain.empty()) {
    recipient_.mailbox.domain =
        options_.postmaster_domain.empty() ? options_.hostname : options_.postmaster_domain;
  }
  settle(Pending::rcpt, handler_.on_rcpt(*this, recipient_.mailbox));
}

void ServerEngine::rcpt_answered(const Answer& answer) {
  if (answer.kind == Answer::Kind::reply && answer.text.code == 421) {
    return hang_up(answer.text, "refused at RCPT");
  }
  if (answer.kind == Answer::Kind::accept || answer.text.positive()) {
    state_ = State::rcpt;
    auto& known = envelope_.recipients;
    // Named twice is still one recipient; but LMTP owes an answer for each RCPT.
    if (options_.role == Role::lmtp ||
        std::ranges::find(known, recipient_.mailbox, &Recipient::mailbox) == known.end()) {
      known.push_back(std::move(recipient_));
    }
  }
  reply(answer.kind == Answer::Kind::accept ? Reply{250, {2, 1, 5}, "Recipient ok"} : answer.text);
}

void ServerEngine::begin_content(DataReader::Form form) {
  content_.begin(options_.limits.text_line, options_.limits.message, envelope_.declared_size, form);
}

void ServerEngine::data() {
  if (envelope_.asked.body == Body::binary) {
    // RFC 3030 section 3: octets that are no lines have no place between DATA and a dot.
    return refuse({503, {5, 5, 1}, "BINARYMIME needs BDAT"});
  }
  if (lose_reply_) return reply({});
  begin_content(DataReader::Form::dotted);
  content_since_ = now_;
  state_ = State::data;
  // RFC 2034 section 4: no status code with 354.
  reply({354, {}, "End data with <CR><LF>.<CR><LF>"});
}

void ServerEngine::auth(std::string_view argument) {
  // RFC 4954 section 4: once a session, and not inside a transaction.
  if (!envelope_.account.empty()) return refuse({503, {5, 5, 1}, "Logged in already"});
  const std::size_t space = std::min(argument.find(' '), argument.size());
  const auth::SaslContext context = sasl_context();
  const auth::SaslChoice choice = auth::choose_mechanism(argument.substr(0, space), context);
  // RFC 4954 section 4: 504 for what is not offered, section 6: 538 for what needs TLS.
  if (choice.refusal == auth::SaslRefusal::unknown) {
    return refuse({504, {5, 5, 4}, "Mechanism not known"});
  }
  const auto deviation =
      switches_.at_use("AUTH=" + std::string(choice.mechanism->name), "504 5.5.4 Not possible now");
  if (deviation && deviated(*deviation)) return;
  if (choice.refusal == auth::SaslRefusal::needs_tls) {
    return refuse({538, {5, 7, 11}, "Encryption required: STARTTLS first"});
  }
  std::string_view encoded = argument.substr(space);
  if (!encoded.empty()) encoded.remove_prefix(1);
  std::optional<std::string> initial;
  if (!encoded.empty()) {
    // RFC 4954 section 4: "=" is an empty initial response.
    initial = encoded == "=" ? std::string() : mail::base64_decode_strict(encoded);
    if (!initial) return refuse({501, {5, 5, 2}, "Not base64"});
  }
  if (initial && choice.mechanism->name == "CRAM-MD5") {
    // RFC 4954 section 4: here the server begins.
    return refuse({501, {5, 7, 0}, "This mechanism takes no initial response"});
  }
  sasl_ = choice.mechanism->make(context);
  auth_step(sasl_->start(initial ? std::optional<std::string_view>(*initial) : std::nullopt));
}

void ServerEngine::auth_response(std::string_view line) {
  const bool cancels = line == "*";
  record_command("AUTH", cancels || options_.show_secrets ? line : kRedacted);
  state_ = State::ready;
  // RFC 4954 section 4: "*" cancels.
  if (cancels) {
    sasl_.reset();
    return refuse({501, {5, 0, 0}, "Authentication cancelled"});
  }
  const auto decoded = mail::base64_decode_strict(line);
  if (!decoded) {
    sasl_.reset();
    return refuse({501, {5, 5, 2}, "Not base64"});
  }
  auth_step(sasl_->respond(*decoded));
}

void ServerEngine::auth_step(const auth::SaslStep& step) {
  if (step.kind == auth::SaslStep::Kind::challenge) {
    state_ = State::auth;
    return reply({334, {}, mail::base64_encode(step.challenge)});
  }
  const std::string mechanism(sasl_->mechanism());
  sasl_.reset();
  state_ = State::ready;
  if (step.kind == auth::SaslStep::Kind::malformed) {
    return refuse({501, {5, 5, 2}, "Authentication message not understood"});
  }
  const bool ok = step.kind == auth::SaslStep::Kind::success;
  tracer_.record(Kind::policy_auth, {step.user, mechanism, ok, step.reason});
  login_ = step;
  const net::Duration wait = guard_.login(ok, now_);
  if (wait == net::Duration{}) return login_answered();
  limit_reached(
      "login_wait_seconds",
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(wait).count()));
  login_at_ = now_ + wait;
  settle(Pending::login, Answer::later());
}

/// The verdict about a login, at once or after the wait that the client has earned.
void ServerEngine::login_answered() {
  if (login_.kind == auth::SaslStep::Kind::success) {
    envelope_.account = login_.account;
    switches_.set_user(login_.account);
    return reply({235, {2, 7, 0}, "Authentication succeeded"});
  }
  if (++auth_failures_ >= options_.limits.auth_failures) {
    limit_reached("auth_failures", auth_failures_);
    return hang_up({421, {4, 7, 0}, "Too many failed logins"}, "too many failed logins");
  }
  reply({535, {5, 7, 8}, "Authentication credentials invalid"});
}

}  // namespace mailscope::smtp
