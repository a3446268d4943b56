// The server side of SMTP (RFC 5321, RFC 6409) as a state machine.
//
//   S: 220 mx1.globex.example ESMTP Mailscope
//   C: EHLO mail.acme.example
//   S: 250-mx1.globex.example greets mail.acme.example
//   S: 250-PIPELINING                                   (and more)
//   S: 250 ENHANCEDSTATUSCODES
//   C: MAIL FROM:<alice@acme.example>
//   S: 250 2.1.0 Sender ok
//   C: RCPT TO:<bob@globex.example>
//   S: 250 2.1.5 Recipient ok
//   C: DATA
//   S: 354 End data with <CR><LF>.<CR><LF>
//   C: (header, empty line, body)
//   C: .
//   S: 250 2.6.0 Accepted as 7Q2K (custody passes here, and only here)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/auth/sasl.hpp"
#include "server/net/engine.hpp"
#include "server/policy/guard.hpp"
#include "server/policy/switches.hpp"
#include "server/smtp/commands.hpp"
#include "server/smtp/data_reader.hpp"
#include "server/smtp/envelope.hpp"
#include "server/smtp/extensions.hpp"
#include "server/smtp/grammar.hpp"
#include "server/smtp/parameters.hpp"
#include "server/smtp/reply.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::smtp {

/// What the port is for.
enum class Role : std::uint8_t {
  mx,           // port 25: mail from other hosts for local mailboxes
  submission,   // port 587: mail from users, STARTTLS (RFC 6409)
  submissions,  // port 465: mail from users, TLS from the first octet (RFC 8314 section 3.3)
  lmtp,         // port 24: final delivery with an answer for each recipient (RFC 2033)
};
std::string_view to_string(Role role);

/// Limits of a session. Each is at least what RFC 5321 section 4.5.3.1 asks for.
struct ServerLimits {
  std::size_t command_line = 2'048;    // octets with CRLF: 512, and room for ESMTP parameters
  std::size_t auth_line = 12'288;      // octets with CRLF (RFC 4954 section 4)
  std::size_t text_line = 1'000;       // octets with CRLF (RFC 5321 section 4.5.3.1.6)
  std::size_t held_input = 131'072;    // octets pipelined behind a command that waits for an answer
  std::size_t skipped_line = 65'536;   // octets of a line that is too long, before 421: no client
                                       // goes on for so long without hearing its refusal
  std::uint64_t message = 26'214'400;  // octets of content; shown as SIZE (RFC 1870)
  unsigned drained = 4;  // times `message`: what is read of content that is too big, before 552
  std::size_t recipients = 100;     // per transaction (RFC 5321 section 4.5.3.1.8)
  std::size_t transactions = 1000;  // per session, so that one client cannot hold a server for ever
  std::size_t commands = 10'000;    // per session, for the same reason
  std::size_t errors = 10;          // refused command lines before 421
  std::size_t auth_failures = 3;    // logins before 421: guessing passwords costs connections
  std::size_t received = 50;        // Received fields before it is a loop (RFC 5321 section 6.3)
  net::Duration hold = std::chrono::hours(168);  // of future release (RFC 4865): a week
  net::Duration idle = std::chrono::minutes(5);  // RFC 5321 section 4.5.3.2.7
  /// Octets of content in a second, beyond the first `idle`: who is slower holds a connection and
  /// its memory for days. A modem of 1985 sends 120.
  std::uint64_t slowest = 64;
};

/// Shared by the sessions of a port; outlives them.
struct ServerOptions {
  std::string hostname;  // in the greeting, in Received
  std::string software = "Mailscope";
  std::string postmaster_domain;  // completes <Postmaster>; empty: hostname
  Role role = Role::mx;
  bool starttls = false;                     // offer STARTTLS
  bool require_tls = true;                   // submission roles: nothing but STARTTLS before TLS
  bool require_auth = true;                  // submission roles: AUTH before MAIL
  const auth::Accounts* accounts = nullptr;  // null: AUTH is not offered
  bool allow_plaintext_auth = false;         // passwords and tokens without TLS
  /// Who may tell with XCLIENT on whose behalf it speaks: proxies and tests; usually nobody.
  std::vector<net::Address> xclient_from;
  bool show_secrets = false;  // AUTH payloads in the trace as they are
  ServerLimits limits;
};

/// What the host says to a question of the engine.
struct Answer {
  enum class Kind : std::uint8_t {
    accept,  // yes, with the engine's own words
    reply,   // this reply, be it yes or no
    later,   // ServerEngine::resume() will bring it; the engine holds its input meanwhile
  };
  Kind kind = Kind::accept;
  Reply text;
  static Answer accept() { return {}; }
  static Answer later() { return {Kind::later, {}}; }
  static Answer reply(Reply r) { return {Kind::reply, std::move(r)}; }
};

class ServerEngine;

/// The host behind the engine. One handler may serve many sessions.
class ServerHandler {
 public:
  virtual ~ServerHandler() = default;
  /// Before the greeting: a refusal (554 or 421), or a greeting of its own with 220.
  virtual Answer on_connect(ServerEngine&) { return Answer::accept(); }
  /// The transaction so far is session.envelope(); its reverse path is set already.
  virtual Answer on_mail(ServerEngine&, const PathArgument&) { return Answer::accept(); }
  /// Decides about a recipient: here is where an open relay is avoided.
  virtual Answer on_rcpt(ServerEngine&, const mail::Mailbox& recipient) = 0;
  /// The whole message with its new Received field. When this answers yes, the host is responsible
  /// for the message (RFC 5321 section 4.1.1.4): it must be safe before the turn ends.
  virtual Answer on_message(ServerEngine&, const Envelope& envelope, std::string content) = 0;
  /// LMTP: delivers now, with an answer for each recipient in order (RFC 2033 section 4.2).
  virtual std::vector<Answer> on_delivery(ServerEngine& session, const Envelope& envelope,
                                          std::string content) {
    const std::size_t count = envelope.recipients.size();
    return std::vector<Answer>(count, on_message(session, envelope, std::move(content)));
  }
  /// Whether who is logged in may say that a message was submitted by `submitter` (RFC 4954
  /// section 5).
  virtual bool trusts(const ServerEngine&, const mail::Mailbox& /*submitter*/) { return false; }
  /// VRFY, or EXPN with `expand`: accept says nothing about `who` (252, 502).
  virtual Answer on_verify(ServerEngine&, std::string_view /*who*/, bool /*expand*/) {
    return Answer::accept();
  }
  /// ETRN: `kind` is '@' for a domain with all below it, '#' for a queue's name, else 0.
  virtual Answer on_etrn(ServerEngine&, char /*kind*/, std::string_view node) {
    return Answer::reply({459, {4, 7, 1}, "Node " + std::string(node) + " is not served here"});
  }
  /// Name for a message that is about to be received.
  virtual std::string new_queue_id() = 0;
  /// The session is over; an answer that was promised for later is no longer wanted.
  virtual void on_closed(ServerEngine&) {}
};

class ServerEngine final : public net::Engine {
 public:
  /// `options` and `handler` outlive the engine. `client`: the peer's address. `switches` may
  /// answer in its place: a verb in capitals, "CONNECT" for the greeting, "." for the end of data,
  /// "unknown" for what is no command.
  ServerEngine(const ServerOptions& options, ServerHandler& handler, trace::Tracer tracer,
               net::Address client, policy::SessionSwitches switches = {},
               policy::SessionGuard guard = {});

  void start(net::Time now) override;
  void receive(net::Time now, std::string_view bytes) override;
  void tls_started(net::Time now, const net::TlsInfo& info) override;
  void peer_finished(net::Time now) override;
  void closed(net::Time now, net::CloseReason reason, std::string_view detail) override;
  void expire(net::Time now) override;
  net::Time deadline() const override;
  void turn_away(net::Time now, net::Refusal why) override;
  std::size_t memory() const override;

  /// Brings the answer that was promised with Answer::later(), and goes on with the held input. Not
  /// to be called from inside a call of the handler.
  void resume(net::Time now, Answer answer);

  State state() const { return state_; }
  /// A promised answer has not come yet.
  bool waiting() const { return pending_ != Pending::nothing; }
  const Envelope& envelope() const { return envelope_; }
  const ServerOptions& options() const { return options_; }
  const trace::Tracer& tracer() const { return tracer_; }
  const policy::SessionSwitches& switches() const { return switches_; }
  const std::optional<net::TlsInfo>& tls() const { return tls_; }
  /// The one question about extensions: whether this session has it as it stands now.
  bool offered(Extension extension) const;
  bool is_submission() const {
    return options_.role == Role::submission || options_.role == Role::submissions;
  }
  /// RFC 6710 section 4.1: nobody gets ahead of others by asking alone; users of this host may.
  int granted_priority(int asked) const;
  /// The peer is one of those who speak on behalf of others.
  bool may_xclient() const;
  net::Time now() const { return now_; }
  /// Mechanisms that AUTH takes now. None where nothing else is taken before TLS either.
  std::vector<std::string_view> auth_mechanisms() const;
  /// Free for the handler: what it wants to remember about this session.
  std::shared_ptr<void> user_data;

 private:
  enum class Pending : std::uint8_t { nothing, connect, mail, rcpt, verify, message, login };

  // server.cpp: input, output, the life of a session.
  void consume(std::string_view& input);
  bool take_line(std::string_view& input);
  std::size_t line_limit(std::string_view line) const;
  void line_too_long(std::string_view line);
  void begin_skipping();
  bool skip_line(std::string_view& input);
  void end_if_peer_finished();
  void connected(Answer answer);
  void reply(const Reply& reply);
  void refuse(const Reply& reply);  // a reply that counts as an error
  void hang_up(const Reply& reply, std::string_view why);
  void drop(std::string_view why);
  void limit_reached(std::string_view name, std::uint64_t value);
  void reset_transaction();
  void settle(Pending what, Answer answer);  // acts on an answer, or waits for it
  bool faulted(std::string_view verb);
  bool broken(Extension extension);
  bool deviated(const policy::Deviation& deviation);

  // server_commands.cpp: one handler a command.
  void command(std::string_view line);
  void record_command(std::string_view verb, std::string_view line);
  bool allowed(const CommandRule& rule, std::string_view argument);
  void wrong_state(const CommandRule& rule);
  void run(Verb verb, std::string_view argument);
  void ehlo(std::string_view name, bool extended);
  void mail(std::string_view argument);
  void rcpt(std::string_view argument);
  void data();
  void begin_content(DataReader::Form form);
  void auth(std::string_view argument);
  void auth_response(std::string_view line);
  void auth_step(const auth::SaslStep& step);
  void login_answered();
  void syntax_error(const ParseError& error, std::string_view before);
  bool take_parameters(Verb verb, const std::vector<Parameter>& given);
  void decide_submitter();
  void not_offered(Extension extension);
  void mail_answered(const Answer& answer);
  void rcpt_answered(const Answer& answer);

  // server_queries.cpp: commands that ask, or tell about the session.
  void help(std::string_view topic);
  void verify(std::string_view argument, bool expand);
  void verify_answered(const Answer& answer);
  void etrn(std::string_view argument);
  void xclient(std::string_view argument);

  // server_chunks.cpp: BDAT.
  void bdat(std::string_view argument, bool answered);
  std::optional<Reply> chunk_problem() const;
  void take_chunk(std::string_view& input);
  void chunk_done();

  // server_data.cpp: the end of data.
  bool too_much_content();
  void end_of_data();
  std::optional<Reply> content_problem(std::size_t received_fields) const;
  void take_header_priority();
  std::string received_field() const;
  void message_answered(const Answer& answer);
  void delivery_answered(const std::vector<Answer>& answers);
  auth::SaslContext sasl_context() const;

  const ServerOptions& options_;
  ServerHandler& handler_;
  trace::Tracer tracer_;
  policy::SessionSwitches switches_;
  policy::SessionGuard guard_;
  auth::SaslStep login_;  // checked; its verdict waits for its time
  net::Time login_at_ = net::kNever;
  net::Time now_{};
  net::Time active_{};         // when the client last sent a line, or some content
  net::Time content_since_{};  // when the content at hand, or the chunk of it, began
  State state_ = State::opening;
  Pending pending_ = Pending::nothing;
  bool skipping_line_ = false;  // the rest of a line that was too long
  bool expanding_ = false;      // the question that waits is EXPN
  bool lose_reply_ = false;     // policy::Switch::Act::lose
  bool refusal_told_ = false;   // out_.cause is a refusal
  bool peer_finished_ = false;
  trace::EventId arrival_ = 0;  // what brought the input at hand
  std::string input_;           // octets not handled yet
  Envelope envelope_;
  net::Address peer_;         // where the connection comes from, whatever XCLIENT says
  std::string xclient_helo_;  // what the client on whose behalf the peer speaks called itself
  Reply accepted_;            // what a yes to MAIL, or to the content, will say
  Recipient recipient_;       // the one that is being decided
  DataReader content_;
  /// The chunk that arrives.
  struct Chunk {
    std::uint64_t left = 0;  // octets to come
    std::uint64_t size = 0;
    bool last = false;
    bool answered = false;         // a reply was given already; the octets are only read away
    bool unanswerable = false;     // LMTP: nobody is there whose reply it could be
    std::optional<Reply> refusal;  // told once the octets are read away
    State back = State::ready;     // where it was sent
  } chunk_;
  std::optional<net::TlsInfo> tls_;
  std::unique_ptr<auth::SaslServer> sasl_;
  std::string close_reason_;
  std::size_t skipped_ = 0;   // octets of the line that is thrown away
  char skipped_last_ = '\0';  // the last one of them
  std::size_t commands_ = 0;
  std::size_t errors_ = 0;
  std::size_t auth_failures_ = 0;
  std::size_t transactions_ = 0;
};

}  // namespace mailscope::smtp
