// The server side of POP3 (RFC 1939) as a state machine.
//
//   S: +OK mail.b.example POP3 ready
//   C: STLS
//   S: +OK Begin TLS negotiation
//   C: USER bob
//   S: +OK
//   C: PASS secret
//   S: +OK 2 messages (320 octets)
//   C: RETR 1
//   S: +OK 120 octets
//   S: (the message, dots stuffed)
//   S: .
//   C: DELE 1
//   S: +OK Message 1 marked as deleted
//   C: QUIT
//   S: +OK Bye, 1 message deleted         (only now is it gone)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/auth/sasl.hpp"
#include "server/net/engine.hpp"
#include "server/policy/guard.hpp"
#include "server/policy/switches.hpp"
#include "server/pop3/commands.hpp"
#include "server/pop3/login_times.hpp"
#include "server/pop3/maildrop.hpp"
#include "server/pop3/multi_line.hpp"
#include "server/store/mail_store.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::pop3 {

struct ServerLimits {
  std::size_t line = 255;           // octets of a command with CRLF (RFC 2449 section 4)
  std::size_t sasl_line = 12'288;   // octets of a SASL response with CRLF (RFC 5034 section 4)
  std::size_t held_input = 65'536;  // octets pipelined behind a response that is not read
  std::size_t chunk = 65'536;  // octets of output made at a time, so that slow readers cost little
  std::size_t auth_failures = 3;  // before the end: guessing passwords costs connections
  std::size_t errors = 50;  // refused commands before the end; a person at a keyboard errs too
  net::Duration idle = std::chrono::minutes(10);   // RFC 1939 section 3: at least that
  net::Duration login = std::chrono::minutes(10);  // whatever was said, until somebody logs in
};

/// Shared by the sessions of a port; outlives them.
struct ServerOptions {
  std::string hostname;                // in the greeting
  std::string software = "Mailscope";  // IMPLEMENTATION (RFC 2449 section 6.9)
  bool stls = false;                   // offer STLS (RFC 2595); never under TLS
  bool allow_plaintext_auth = false;   // passwords and tokens without TLS
  net::Duration login_delay{};         // between two logins of an account (RFC 2449 section 6.5)
  LoginTimes* login_times = nullptr;   // of all sessions; needed with a login_delay
  bool show_secrets = false;           // passwords in the trace as they are
  ServerLimits limits;
};

class ServerEngine final : public net::Engine {
 public:
  /// All references outlive the engine. `switches` may answer in its place: a verb in capitals,
  /// "CONNECT" for the greeting, "unknown" for what is no command.
  ServerEngine(const ServerOptions& options, const auth::Accounts& accounts,
               store::MailStore& store, trace::Tracer tracer, policy::SessionSwitches switches = {},
               policy::SessionGuard guard = {});

  void start(net::Time now) override;
  void receive(net::Time now, std::string_view bytes) override;
  void tls_started(net::Time now, const net::TlsInfo& info) override;
  void peer_finished(net::Time now) override;
  void closed(net::Time now, net::CloseReason reason, std::string_view detail) override;
  void expire(net::Time now) override;
  net::Time deadline() const override;
  void drained(net::Time now) override;
  void turn_away(net::Time now, net::Refusal why) override;
  std::size_t memory() const override;

  State state() const { return state_; }
  /// The account that is logged in, or empty.
  std::string_view account() const {
    return maildrop_ ? std::string_view(maildrop_->account()) : std::string_view();
  }
  const std::optional<net::TlsInfo>& tls() const { return tls_; }
  const ServerOptions& options() const { return options_; }
  /// The session has this capability, and nobody has hidden it.
  bool offers(std::string_view capability) const;
  /// For the mechanisms of AUTH; holds until the next line.
  auth::SaslContext sasl_context() const;

  /// See pop3::commands().
  static std::span<const CommandRule> commands();

 private:
  // server.cpp: input, output, the life of a session.
  void consume();
  bool take_line(std::string_view& input);
  bool takes_commands() const {
    return state_ != State::closed && state_ != State::update && state_ != State::handshake;
  }
  /// RFC 5034 section 4: after an AUTH that failed all is as it was, and PASS may follow USER.
  State before_login() const { return user_.empty() ? State::authorization : State::password; }
  /// Nothing is read for now: an answer is on its way, or waits for its time.
  bool busy() const { return blocked_ || state_ == State::sending || verdict_ != nullptr; }
  void line_too_long();
  void command(std::string_view line);
  void record_command(std::string_view verb, std::string_view shown);
  bool faulted(std::string_view verb);
  bool deviates(std::string_view capability);
  bool deviated(const std::optional<policy::Deviation>& deviation);
  void ok(std::string_view text);
  void error(std::string_view text) { error({}, text); }
  /// `code`: what stands in brackets (RFC 2449 section 8), where such codes are offered.
  void error(std::string_view code, std::string_view text);
  std::string refusal(std::string_view code, std::string_view text) const;
  void reply(std::string_view line, std::uint64_t octets = 0, trace::MessageNumber message = 0);
  void send(std::string_view text, std::unique_ptr<MultiLine> lines,
            trace::MessageNumber message = 0);
  void produce();
  void hang_up(std::string_view refusal, std::string_view why);
  void limit_reached(std::string_view name, std::uint64_t value);
  void finish(State state, std::string_view why);

  // server_login.cpp: AUTHORIZATION.
  void user(const Arguments& arguments);
  void pass(const Arguments& arguments);
  void apop(const Arguments& arguments);
  void auth(const Arguments& arguments);
  void sasl_line(std::string_view line);
  void sasl_step(const auth::SaslStep& step);
  void refuse_login(std::string_view mechanism);
  void checked(bool ok, std::function<void()> verdict);
  void login_failed(std::string_view user, std::string_view mechanism, std::string_view reason);
  void logged_in(std::string_view user, std::string_view mechanism, std::string account);
  void stls(const Arguments& arguments);

  // server_capa.cpp: what there is, and in which language.
  void capa(const Arguments& arguments);
  void utf8(const Arguments& arguments);
  void lang(const Arguments& arguments);
  void mechanism_list();

  // server_transaction.cpp: TRANSACTION and UPDATE.
  bool known(std::uint32_t number);
  void stat(const Arguments& arguments);
  void list(const Arguments& arguments);
  void uidl(const Arguments& arguments);
  void listed(const Arguments& arguments, std::function<std::string(std::uint32_t)> line,
              std::string_view text);
  void retr(const Arguments& arguments);
  void top(const Arguments& arguments);
  void send_message(std::uint32_t number, std::optional<std::uint32_t> lines);
  void dele(const Arguments& arguments);
  void rset(const Arguments& arguments);
  void noop(const Arguments& arguments);
  void quit(const Arguments& arguments);

  const ServerOptions& options_;
  const auth::Accounts& accounts_;
  store::MailStore& store_;
  trace::Tracer tracer_;
  policy::SessionSwitches switches_;
  policy::SessionGuard guard_;
  State state_ = State::opening;
  net::Time now_{};
  net::Time began_{};
  net::Time active_{};          // when the client last sent a line or took something
  std::string input_;           // octets not handled yet
  trace::EventId arrival_ = 0;  // what brought the input at hand
  bool skipping_line_ = false;  // the rest of a line that was too long
  bool peer_finished_ = false;
  bool blocked_ = false;  // a chunk was made; more when it has drained
  std::optional<net::TlsInfo> tls_;
  bool utf8_ = false;              // UTF8 was said
  std::string timestamp_;          // in the greeting, for APOP; empty: not offered
  std::string user_;               // of USER
  std::function<void()> verdict_;  // about a login, waiting for its time
  net::Time verdict_at_ = net::kNever;
  std::unique_ptr<auth::SaslServer> sasl_;
  std::unique_ptr<Maildrop> maildrop_;
  std::unique_ptr<MultiLine> lines_;  // what is being sent
  std::size_t auth_failures_ = 0;
  std::size_t errors_ = 0;
  std::string close_reason_;
};

}  // namespace mailscope::pop3
