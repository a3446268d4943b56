// The client side of POP3 (RFC 1939) as a state machine: logs in, finds out what is new, fetches
// it, deletes or leaves it, and says QUIT. It writes no trace: what is on the wire, the server
// tells.
//
//   S: +OK mail.b.example POP3 ready
//   C: CAPA
//   C: STLS                         (where TLS is required; then CAPA again)
//   C: AUTH PLAIN ...               (or USER and PASS)
//   C: STAT
//   C: LIST
//   C: UIDL
//   C: RETR 3                       (what was not seen before)
//   C: DELE 3                       (when nothing is to be left on the server)
//   C: QUIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/sasl_client.hpp"
#include "server/net/engine.hpp"

namespace mailscope::pop3 {

/// Where a client stands: the step whose reply it waits for.
enum class ClientState : std::uint8_t {
  connecting,
  greeting,
  capa,
  stls,
  handshake,
  user,
  pass,
  auth,
  stat,
  list,
  uidl,
  retr,
  dele,
  quit,
  closed,
};
std::string_view to_string(ClientState state);

enum class ClientError : std::uint8_t {
  none,
  connection,  // no connection, or it was lost
  timeout,     // the server was silent for too long
  protocol,    // the server said what POP3 does not know
  limit,       // the server sent more than we take
  tls,         // TLS is required and could not be had
  insecure,    // a password would have gone out in clear text
  login,       // user name or password are wrong
  in_use,      // another session has the maildrop ([IN-USE])
  temporary,   // try again later ([SYS/TEMP], [LOGIN-DELAY])
  refused,     // the server refused a command that it must know
};
std::string_view to_string(ClientError error);

struct ClientLimits {
  std::size_t line = 1'024;          // octets of a reply or list line; RFC 2449 section 4 says 512
  std::size_t message = 67'108'864;  // octets of one message; larger ones are left where they are
  std::uint64_t session = 1ull << 30;  // octets of all messages of a session
  std::size_t messages = 100'000;      // in the maildrop
  std::size_t capabilities = 100;      // lines of CAPA
};

/// How long to wait for each reply. RFC 1939 names no times for clients.
struct ClientTimeouts {
  net::Duration greeting = std::chrono::minutes(1);
  net::Duration command = std::chrono::minutes(2);  // and between two octets of a message
  net::Duration handshake = std::chrono::minutes(1);
  net::Duration quit = std::chrono::minutes(2);  // the server may have much to delete
};

struct ClientOptions {
  enum class Tls : std::uint8_t {
    none,      // never, or implicit below the engine
    required,  // STLS or nothing
  };
  enum class Login : std::uint8_t { automatic, user_pass, auth_plain };
  std::string user, password;
  Tls tls = Tls::none;
  Login login = Login::automatic;     // automatic: AUTH PLAIN where offered, else USER and PASS
  auth::SaslWish sasl = {};           // with a mechanism: this one, whatever `login` says
  bool allow_plaintext_auth = false;  // send the password without TLS
  std::set<std::string> seen;         // unique identifiers that were fetched in earlier sessions
  bool leave_on_server = true;        // false: delete what was fetched, now or earlier
  std::optional<std::uint32_t> top;   // header and this many lines instead of whole messages
  ClientLimits limits;
  ClientTimeouts timeouts;
};

/// A message that was fetched.
struct Fetched {
  std::uint32_t number = 0;
  std::string unique_id;  // empty where the server knows no UIDL
  std::string content;    // lines ended by CRLF
  bool whole = true;      // false: TOP
};

struct ClientResult {
  ClientError error = ClientError::none;
  std::string detail;                        // the server's line, or our words
  ClientState at = ClientState::connecting;  // the step that failed
  std::uint32_t messages = 0;                // STAT
  std::uint64_t octets = 0;                  // STAT
  struct Listed {
    std::uint64_t octets = 0;
    std::string unique_id;
  };
  std::map<std::uint32_t, Listed> listed;  // by message number
  std::vector<Fetched> fetched;            // in order; empty when on_message takes them
  std::vector<std::uint32_t> skipped;      // too large, or refused by the server
  std::vector<std::uint32_t> deleted;      // certain only because QUIT was answered with +OK
};

class ClientEngine final : public net::Engine {
 public:
  explicit ClientEngine(ClientOptions options);

  void start(net::Time now) override;
  void receive(net::Time now, std::string_view bytes) override;
  void tls_started(net::Time now, const net::TlsInfo& info) override;
  void peer_finished(net::Time now) override;
  void closed(net::Time now, net::CloseReason reason, std::string_view detail) override;
  void expire(net::Time now) override;
  net::Time deadline() const override;

  ClientState state() const { return state_; }
  const ClientResult& result() const { return result_; }
  /// The result is final.
  bool finished() const { return finished_; }
  /// Called for each message as it arrives, instead of keeping it in the result.
  void on_message(std::function<void(Fetched)> call) { on_message_ = std::move(call); }
  /// Called once, when finished() becomes true; from inside an event, keep it short.
  void on_finished(std::function<void()> call) { on_finished_ = std::move(call); }
  const std::optional<net::TlsInfo>& tls() const { return tls_; }

 private:
  // client.cpp: lines, commands, the end.
  void take_line(std::string_view line);
  void say(ClientState step, const std::string& line);
  void fail(ClientError error, std::string_view detail, net::Wish wish);
  void refuse(ClientError error, std::string_view detail);
  void lost(ClientError error, std::string_view detail);
  void finish();

  // client_steps.cpp: what each reply means.
  void replied(bool ok, std::string_view line);
  void lines_ended();
  void list_line(std::string_view line);
  void capability(std::string_view line);
  void message_line(std::string_view line);
  void after_capa();
  void log_in();
  void log_in_with(std::string_view mechanism);
  void auth_continue(std::string_view line);
  void login_refused(std::string_view line);
  void stat_reply(std::string_view line);
  void plan();
  void fetch_next();
  void delete_next();

  ClientOptions options_;
  ClientState state_ = ClientState::connecting;
  net::Time active_{};
  std::string input_;        // octets of a line that has not ended
  std::size_t scanned_ = 0;  // of input_, without a line end: each octet is looked at once
  bool in_lines_ = false;    // a multi-line response arrives
  std::optional<net::TlsInfo> tls_;
  struct Capabilities {
    bool known = false, stls = false, user = false, plain = false;
    std::vector<std::string> mechanisms;  // of SASL
    std::size_t lines = 0;
  } capabilities_;
  std::unique_ptr<auth::SaslClient> sasl_;
  std::optional<std::string> initial_;  // of sasl_, too long for the line of AUTH
  bool has_uidl_ = false;
  std::vector<std::uint32_t> to_fetch_, to_delete_;  // message numbers, the next one first
  std::size_t next_fetch_ = 0, next_delete_ = 0;
  std::vector<std::uint32_t> marked_;  // DELE was answered with +OK
  std::string content_;
  std::uint64_t session_octets_ = 0;
  ClientResult result_;
  bool finished_ = false;
  std::function<void(Fetched)> on_message_;
  std::function<void()> on_finished_;
};

}  // namespace mailscope::pop3
