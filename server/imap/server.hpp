// The server side of IMAP4rev1 (RFC 3501) as a state machine.
//
//   S: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR STARTTLS LOGINDISABLED] mail.acme.example ready
//   C: a STARTTLS
//   S: a OK Begin TLS negotiation now
//   C: b LOGIN alice secret
//   S: b OK [CAPABILITY IMAP4rev1 ... IDLE MOVE UIDPLUS] Logged in
//   C: c SELECT INBOX
//   S: * 3 EXISTS
//   S: c OK [READ-WRITE] INBOX selected
//   C: d FETCH 3 (FLAGS BODY.PEEK[HEADER])
//   S: * 3 FETCH (FLAGS (\Recent) BODY[HEADER] {312}
//   S: ...)
//   S: d OK Fetched
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/auth/accounts.hpp"
#include "server/imap/command_table.hpp"
#include "server/imap/limits.hpp"
#include "server/net/engine.hpp"
#include "server/policy/guard.hpp"
#include "server/policy/switches.hpp"
#include "server/store/mail_store.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::imap {

/// Shared by the sessions of a port; outlives them.
struct ServerOptions {
  std::string hostname;                // in the greeting
  std::string software = "Mailscope";  // in ID (RFC 2971)
  std::string version;                 // in ID, or empty
  bool starttls = false;               // offer STARTTLS
  bool allow_plaintext_auth = false;   // LOGIN, PLAIN without TLS; otherwise LOGINDISABLED
  bool show_secrets = false;           // passwords in the trace as they are
  /// Who may set quotas and annotate the server for everybody: accounts.
  std::vector<std::string> administrators;
  /// Where the keys of authorized URLs come from (RFC 4467); null: there are none.
  net::Entropy* entropy = nullptr;
  std::uint64_t append_limit = 52'428'800;  // octets of a message to append (RFC 7889)
  net::Duration idle_timeout = kIdleTimeout;
  net::Duration login_timeout = kLoginTimeout;
  net::Duration auth_failure_delay = kAuthFailureDelay;
  int auth_failures = kMaxAuthFailures;     // before BYE
  net::Duration login_total = kLoginTotal;  // whatever was said, until somebody logs in
};

class ServerEngine final : public net::Engine {
 public:
  /// All references outlive the engine. `switches` may hide capabilities and answer in its place:
  /// "NO [UNAVAILABLE] Try later", "BAD ...", or "BYE ..." which ends the session.
  ServerEngine(const ServerOptions& options, const auth::Accounts& accounts,
               store::MailStore& store, trace::Tracer tracer, policy::SessionSwitches switches = {},
               policy::SessionGuard guard = {});
  ~ServerEngine() override;

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

  State state() const;
  /// The account that is logged in, or empty.
  std::string_view account() const;
  /// The client waits in IDLE (RFC 2177).
  bool idling() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailscope::imap
