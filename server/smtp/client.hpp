// The client side of SMTP as a state machine: it sends a list of messages over one connection and
// reports what became of each recipient. It writes no trace: what is on the wire, the server tells.
//
//   S: 220 mx1.globex.example ESMTP
//   C: EHLO mail.acme.example
//   S: 250-mx1.globex.example / 250-PIPELINING / 250 SIZE 26214400
//   C: MAIL FROM:<alice@acme.example> SIZE=812
//   C: RCPT TO:<bob@globex.example>
//   C: DATA                                     (the three in one packet: PIPELINING)
//   S: 250 2.1.0 Sender ok / 250 2.1.5 Recipient ok / 354 Go ahead
//   C: (content, dots stuffed) .
//   S: 250 2.6.0 Accepted as 7Q2K
//   C: QUIT
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/sasl_client.hpp"
#include "server/mail/address.hpp"
#include "server/net/engine.hpp"
#include "server/smtp/envelope.hpp"
#include "server/smtp/reply.hpp"

namespace mailscope::smtp {

/// One message to send.
struct Transaction {
  mail::Mailbox reverse_path;
  MailParameters asked;
  std::vector<Recipient> recipients;
  std::shared_ptr<const std::string> content;  // lines ended by CRLF, unless it needs BINARYMIME
  bool needs_8bitmime = false;                 // octets above 127 in the content
  bool needs_binarymime = false;               // octets that are no lines in the content
  bool utf8_header = false;                    // octets above 127 in its header
};

/// True when `content` has octets above 127, so that it needs 8BITMIME (RFC 6152).
bool has_eight_bit(std::string_view content);
/// True when `content` has what cannot go behind DATA: NUL, CR or LF alone, lines that are too
/// long.
bool has_binary(std::string_view content);
/// True when the header section has octets above 127 (RFC 6532).
bool has_utf8_header(std::string_view content);

/// Where a client stands: the step whose reply it waits for.
enum class ClientState : std::uint8_t {
  connecting,
  greeting,
  ehlo,
  helo,
  starttls,
  handshake,
  auth,
  mail,
  rcpt,
  data,
  content,
  end_of_data,
  rset,
  quit,
  closed,
};
std::string_view to_string(ClientState state);

enum class Fate : std::uint8_t {
  pending,    // the session is not over
  delivered,  // the final 250: the server is responsible now
  deferred,   // try again
  failed,     // never
};
std::string_view to_string(Fate fate);

struct RecipientResult {
  mail::Mailbox recipient;
  Fate fate = Fate::pending;
  Reply reply;                               // what decided it; code 0 when no server said it
  ClientState at = ClientState::connecting;  // the step that decided it
  bool dsn_passed_on = false;  // delivered, and the server will notify the sender (RFC 3461)
  bool by_passed_on = false;   // delivered, and the server knows the deadline (RFC 2852)
};

/// RFC 5321 section 4.5.3.2: how long to wait for each reply.
struct ClientTimeouts {
  net::Duration greeting = std::chrono::minutes(5);
  net::Duration command = std::chrono::minutes(5);    // EHLO, MAIL, RCPT, AUTH, STARTTLS
  net::Duration handshake = std::chrono::minutes(2);  // TLS
  net::Duration data = std::chrono::minutes(2);       // 354
  net::Duration block = std::chrono::minutes(3);      // for content to move on
  net::Duration end_of_data = std::chrono::minutes(10);
  net::Duration quit = std::chrono::seconds(30);  // nothing depends on this reply any more
};

struct ClientOptions {
  enum class Tls : std::uint8_t {
    none,           // never, or implicit below the engine
    opportunistic,  // STARTTLS when offered (RFC 7435)
    required,       // STARTTLS or nothing
  };
  struct Credentials {
    std::string user, password;
    auth::SaslWish sasl = {};  // without a mechanism: PLAIN where offered, else LOGIN
  };
  std::string helo_name;
  Tls tls = Tls::none;
  std::optional<Credentials> credentials;
  bool allow_plaintext_auth = false;  // send the password without TLS
  bool pipelining = true;             // use PIPELINING where offered
  bool chunking = false;              // use BDAT wherever offered, not only where DATA will not do
  std::size_t recipients =
      100;                     // per transaction; more go into another (RFC 5321 section 4.5.3.1.8)
  std::size_t chunk = 65'536;  // octets of content produced at a time
  std::size_t messages = 100;  // sent over one connection; servers have limits of this order
  ClientTimeouts timeouts;
};

class ClientEngine final : public net::Engine {
 public:
  ClientEngine(ClientOptions options, std::vector<Transaction> transactions);

  void start(net::Time now) override;
  void receive(net::Time now, std::string_view bytes) override;
  void tls_started(net::Time now, const net::TlsInfo& info) override;
  void peer_finished(net::Time now) override;
  void closed(net::Time now, net::CloseReason reason, std::string_view detail) override;
  void expire(net::Time now) override;
  net::Time deadline() const override { return deadline_; }
  void drained(net::Time now) override;

  ClientState state() const { return state_; }
  /// One list a transaction, in the order given. All decided once finished().
  const std::vector<std::vector<RecipientResult>>& results() const { return results_; }
  /// Every recipient is decided (QUIT may still be on its way).
  bool finished() const { return finished_; }
  /// Called once, when finished() becomes true; from inside an event, keep it short.
  void on_finished(std::function<void()> call) { on_finished_ = std::move(call); }
  /// From inside on_finished: one message more for the same server, instead of QUIT. False when
  /// this connection takes no more (it is going down, or a limit is reached).
  bool add(Transaction transaction);
  /// STARTTLS was tried and the handshake failed: an opportunistic sender may try again without.
  bool tls_failed() const { return tls_failed_; }
  const std::optional<net::TlsInfo>& tls() const { return tls_; }
  /// What the server offered in its last EHLO reply.
  struct Extensions {
    bool pipelining = false, eight_bit = false, starttls = false, size = false;
    bool chunking = false, binary = false, dsn = false, smtputf8 = false, deliver_by = false;
    bool mt_priority = false, require_tls = false;
    std::uint64_t max_size = 0;  // 0: no limit told
    std::uint64_t min_by = 0;    // seconds that a deadline must leave (RFC 2852 section 4)
    std::uint64_t mail_max = 0, rcpt_max = 0;  // LIMITS (RFC 9422); 0: no limit told
    std::vector<std::string> mechanisms;       // of AUTH
    std::uint64_t rcpt_domain_max = 0;
  };
  const Extensions& extensions() const { return extensions_; }
  /// Octets of content not produced yet, of the message that is being sent.
  std::size_t unsent_content() const;

 private:
  struct Await {
    ClientState step;
    std::size_t recipient;  // index in the transaction, for RCPT
  };

  // client.cpp: the session.
  void take_replies(std::string_view& bytes);
  void replied(const Await& await, Reply reply);
  void greeting(const Reply& reply);
  void hello(const Reply& reply, bool extended);
  void read_extensions(const Reply& reply);
  void read_extension(std::string_view keyword, std::string_view argument);
  void after_hello();
  void starttls_reply(const Reply& reply);
  void begin_auth();
  void say_auth();
  void auth_reply(const Reply& reply);
  void say(std::string_view line, ClientState step, std::size_t recipient = 0);
  void wait_for(ClientState step);
  void give_up(Fate fate, const Reply& reply, net::Wish wish);
  void local_trouble(EnhancedStatus status, std::string text, net::Wish wish);
  void finish_if_decided();
  net::Duration patience() const;

  // client_transaction.cpp: one message after the other.
  void next_transaction();
  void finish_transaction(bool open_at_server);
  void gather_batch();
  bool goes_apart(std::size_t recipient) const;
  void recode_content();
  void tunnel_priority();
  bool refuse_unfit();
  std::optional<RecipientResult> unfit(const Transaction& transaction) const;
  std::string mail_line(const Transaction& transaction) const;
  std::string address(const mail::Mailbox& mailbox) const;
  void begin_chunk();
  void begin_transaction();
  void say_rcpt(std::size_t recipient);
  void mail_reply(const Reply& reply);
  void rcpt_reply(std::size_t recipient, const Reply& reply);
  void data_reply(const Reply& reply);
  void produce();
  void content_reply(const Reply& reply);
  void decide(std::size_t recipient, Fate fate, const Reply& reply, ClientState at);
  void decide_all(const std::vector<std::size_t>& which, const Reply& reply, ClientState at);

  ClientOptions options_;
  std::vector<Transaction> transactions_;
  std::vector<std::vector<RecipientResult>> results_;
  ClientState state_ = ClientState::connecting;
  net::Time now_{};
  net::Time deadline_ = net::kNever;
  ReplyReader reader_;
  std::deque<Await> awaiting_;  // steps whose replies have not come, in order
  Extensions extensions_;
  std::optional<net::TlsInfo> tls_;
  std::size_t transaction_ = 0;        // the one at hand
  std::vector<std::size_t> batch_;     // its recipients in this round
  std::vector<std::size_t> accepted_;  // those that the server took
  std::size_t asked_ = 0;              // how many of batch_ were named to the server
  bool chunked_ = false;               // BDAT, not DATA
  bool pipelined_ = false;             // this round went out in one piece
  bool mail_refused_ = false;
  bool dangling_ = false;       // the server has a transaction open that is over for us
  bool dot_only_ = false;       // 354 came though nobody is left to send to
  std::size_t content_at_ = 0;  // octets produced
  std::unique_ptr<auth::SaslClient> sasl_;
  std::optional<std::string> first_response_;  // base64; too long for the AUTH line
  bool apart_ = false;  // the batch is of recipients about whom nobody may be told
  bool authenticated_ = false;
  bool starttls_refused_ = false;
  bool tls_failed_ = false;
  bool finished_ = false;
  bool may_add_ = false;  // inside on_finished, on a connection that is sound
  std::function<void()> on_finished_;
};

}  // namespace mailscope::smtp
