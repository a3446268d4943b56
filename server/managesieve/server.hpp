// The server side of ManageSieve (RFC 5804) as a state machine.
//
//   S: "IMPLEMENTATION" "Mailscope"
//   S: "SIEVE" "fileinto envelope vacation"
//   S: "SASL" "PLAIN"
//   S: OK "mail.b.example ready"
//   C: AUTHENTICATE "PLAIN" "AGJvYgBzZWNyZXQ="
//   S: OK "Logged in"
//   C: PUTSCRIPT "mine" {39+}
//   C: require "fileinto"; fileinto "Archive";
//   S: OK
//   C: SETACTIVE "mine"
//   S: OK
//   C: LOGOUT
//   S: OK "Bye"
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/auth/sasl.hpp"
#include "server/managesieve/commands.hpp"
#include "server/net/engine.hpp"
#include "server/policy/guard.hpp"
#include "server/policy/switches.hpp"
#include "server/sieve/script.hpp"
#include "server/store/mail_store.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::managesieve {

struct ServerLimits {
  ReceiverLimits receiver;
  std::size_t pending_output = 1'048'576;  // octets not taken by the client before it must wait
  std::size_t held_input = 524'288;        // octets pipelined meanwhile
  std::size_t auth_failures = 3;           // before the end: guessing passwords costs connections
  std::size_t errors = 50;                 // refused commands before the end; a person errs too
  net::Duration login_idle = std::chrono::minutes(3);
  net::Duration login = std::chrono::minutes(10);  // whatever was said, until somebody logs in
  net::Duration idle = std::chrono::minutes(30);   // RFC 5804 section 1.2: at least that
};

/// Shared by the sessions of a port; outlives them.
struct ServerOptions {
  std::string hostname;                // in the greeting
  std::string software = "Mailscope";  // IMPLEMENTATION
  bool starttls = false;               // offer STARTTLS; never under TLS
  bool allow_plaintext_auth = false;   // passwords without TLS
  bool show_secrets = false;           // AUTHENTICATE in the trace as it is
  ServerLimits limits;
};

class ServerEngine final : public net::Engine {
 public:
  /// All references outlive the engine. `switches` may answer in its place.
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
  std::string_view account() const { return account_; }

  /// See managesieve::commands().
  static std::span<const CommandRule> commands();

 private:
  /// A line of the answer to CAPABILITY; no value: the name alone.
  struct Capability {
    std::string_view name;
    std::optional<std::string> value;
  };

  // server.cpp: input, output, the life of a session.
  void consume();
  bool takes_commands() const { return state_ != State::closed && state_ != State::handshake; }
  void command(const Received& received);
  void record_command(std::string_view verb, const Received& received, bool secret);
  bool deviates(const std::optional<policy::Deviation>& deviation);
  void ok(std::string_view code = {}, std::string_view text = {});
  void no(std::string_view code, std::string_view text);
  void bye(std::string_view code, std::string_view text, std::string_view why);
  void data(std::string line);
  void reply(std::string_view status, std::string_view code, std::string_view text);
  void line(std::string_view bytes, bool good);
  void limit_reached(std::string_view name, std::uint64_t value);
  void finish(std::string_view why);

  // server_login.cpp
  auth::SaslContext sasl_context() const;
  std::vector<Capability> capabilities() const;
  void list_capabilities();
  void capability(const Received& command);
  void authenticate(const Received& command);
  void sasl_line(const Received& received);
  void sasl_step(auth::SaslStep step);
  void verdict(const auth::SaslStep& step, std::string_view mechanism);
  void login_failed(const auth::SaslStep& step, std::string_view mechanism);
  void logged_in(const auth::SaslStep& step, std::string_view mechanism);
  void starttls(const Received& command);
  void logout(const Received& command);
  void noop(const Received& command);
  void unauthenticate(const Received& command);

  // server_scripts.cpp
  bool sound_name(std::string_view name);
  bool has_space(std::string_view name, std::uint64_t octets);
  sieve::Compiled checked(std::string_view script) const;
  bool accepted(const sieve::Compiled& compiled);
  void stored(store::StoreError error, std::string_view name);
  void havespace(const Received& command);
  void putscript(const Received& command);
  void listscripts(const Received& command);
  void setactive(const Received& command);
  void getscript(const Received& command);
  void deletescript(const Received& command);
  void renamescript(const Received& command);
  void checkscript(const Received& command);

  const ServerOptions& options_;
  const auth::Accounts& accounts_;
  store::MailStore& store_;
  trace::Tracer tracer_;
  policy::SessionSwitches switches_;
  policy::SessionGuard guard_;
  Receiver receiver_;
  State state_ = State::opening;
  net::Time now_{};
  net::Time began_{};
  net::Time active_{};          // when the client last sent a command or took something
  std::string input_;           // octets not handled yet
  trace::EventId arrival_ = 0;  // what brought the input at hand
  bool peer_finished_ = false;
  bool blocked_ = false;  // much output waits; more when it has drained
  std::optional<net::TlsInfo> tls_;
  std::unique_ptr<auth::SaslServer> sasl_;
  std::string account_;
  std::function<void()> verdict_;  // about a login, held back until verdict_at_
  net::Time verdict_at_{};
  std::size_t data_octets_ = 0;  // told before the reply that is to come
  std::size_t auth_failures_ = 0;
  std::size_t errors_ = 0;
  std::string close_reason_;
};

}  // namespace mailscope::managesieve
