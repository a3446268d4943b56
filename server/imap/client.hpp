// The client side of IMAP: what a person's mail program does on one connection, as a state machine.
// It works off actions one after the other and reports what came of each. It writes no trace: what
// is on the wire, the server tells.
//
//   S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] mail.acme.example ready
//   C: A1 STARTTLS / A2 CAPABILITY / A3 LOGIN alice secret            (by itself)
//   C: A4 SELECT INBOX                                                (Action::select)
//   C: A5 FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)     (Action::sync)
//   C: A6 UID FETCH 7:9 (UID BODY.PEEK[])
//   C: A7 IDLE ... DONE                                               (Action::idle)
//   C: A8 LOGOUT                                                      (Action::logout)
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/sasl_client.hpp"
#include "server/imap/client_command.hpp"
#include "server/imap/client_data.hpp"
#include "server/imap/receiver.hpp"
#include "server/net/engine.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

/// Something a person wants. All names are UTF-8.
struct Action {
  enum class Kind : std::uint8_t {
    login,
    list,
    select,
    sync,
    fetch_new,
    set_flags,
    copy,
    move,
    remove,
    append,
    create,
    idle,
    check,
    logout,
  };
  Kind kind = Kind::check;
  std::string mailbox;             // select, append, create; target of copy and move
  bool read_only = false;          // select: EXAMINE
  store::Uid after = 0;            // sync, fetch_new: octets of messages with a UID above this
  std::vector<store::Uid> uids;    // set_flags, copy, move, remove
  std::vector<std::string> flags;  // set_flags, append: "\\Seen"
  store::FlagChange change = store::FlagChange::add;
  store::Body octets;  // append

  /// All mailboxes: mailboxes().
  static Action list();
  static Action select(std::string mailbox, bool read_only = false);
  /// Facts of all messages of the selected mailbox, octets of those with a UID above `after`.
  static Action sync(store::Uid after = 0);
  /// Facts and octets of the messages with a UID above `after`.
  static Action fetch_new(store::Uid after);
  static Action set_flags(std::vector<store::Uid> uids, store::FlagChange change,
                          std::vector<std::string> flags);
  static Action copy(std::vector<store::Uid> uids, std::string mailbox);
  /// MOVE, or COPY and removal where the server has no MOVE.
  static Action move(std::vector<store::Uid> uids, std::string mailbox);
  /// Sets \Deleted and expunges.
  static Action remove(std::vector<store::Uid> uids);
  static Action append(std::string mailbox, std::vector<std::string> flags, store::Body octets);
  static Action create(std::string mailbox);
  /// Waits for news until another action is added or stop_idle() is called.
  static Action idle();
  /// NOOP: is there news?
  static Action check();
  static Action logout();
};
std::string_view to_string(Action::Kind kind);

struct ActionResult {
  bool ok = false;
  /// Clear words: "the server refused SELECT: No such mailbox", "no answer to LOGIN within 60 s".
  std::string error;
  std::string code;              // of the refusal: "TRYCREATE", or empty
  std::vector<store::Uid> uids;  // sync, fetch_new: messages whose octets came; append, copy, move:
                                 // the new UIDs where the server tells them
};

struct ClientOptions {
  enum class Tls : std::uint8_t {
    none,           // never, or implicit below the engine
    opportunistic,  // STARTTLS when offered
    required,       // STARTTLS or nothing
  };
  enum class Login : std::uint8_t { automatic, login, plain };
  Tls tls = Tls::none;
  Login login = Login::automatic;  // automatic: PLAIN where offered, else LOGIN
  auth::SaslWish sasl = {};        // with a mechanism: this one, whatever `login` says
  std::string user, password;
  bool allow_plaintext_auth = false;  // send the password without TLS
  net::Duration greeting_timeout = std::chrono::minutes(1);
  net::Duration command_timeout =
      std::chrono::minutes(1);  // without a single octet from the server
  /// IDLE is begun anew before the server's autologout (RFC 2177).
  net::Duration idle_renewal = std::chrono::minutes(29);
};

enum class ClientState : std::uint8_t {
  connecting,
  greeting,
  starting_tls,
  logging_in,
  ready,
  working,
  idling,
  leaving,
  closed
};
std::string_view to_string(ClientState state);

class ClientEngine final : public net::Engine {
 public:
  explicit ClientEngine(ClientOptions options);
  ~ClientEngine() override;

  void start(net::Time now) override;
  void receive(net::Time now, std::string_view bytes) override;
  void tls_started(net::Time now, const net::TlsInfo& info) override;
  void peer_finished(net::Time now) override;
  void closed(net::Time now, net::CloseReason reason, std::string_view detail) override;
  void expire(net::Time now) override;
  net::Time deadline() const override { return deadline_; }

  /// Adds to what is to be done; ends IDLE. May be called at any time, from inside on_result too.
  /// Once the connection has ended every action fails at once.
  void add(Action action);
  /// Ends IDLE without doing anything else.
  void stop_idle();

  /// Called when an action is done, the implicit login (Kind::login) too. After a lost connection
  /// each action that was not done is reported as failed.
  void on_result(std::function<void(const Action&, const ActionResult&)> call) {
    on_result_ = std::move(call);
  }
  /// Called when the server has told something about the selected mailbox, asked or unasked: new
  /// messages, flags, expunges.
  void on_news(std::function<void()> call) { on_news_ = std::move(call); }

  ClientState state() const { return state_; }
  /// Nothing is left to do (IDLE counts as nothing).
  bool at_rest() const {
    return state_ == ClientState::ready || state_ == ClientState::idling ||
           state_ == ClientState::closed;
  }
  bool offers(std::string_view capability) const;
  const std::optional<net::TlsInfo>& tls() const { return tls_; }
  /// The selected mailbox, or null.
  const ClientMailbox* mailbox() const { return mailbox_ ? &*mailbox_ : nullptr; }
  const std::vector<ListedMailbox>& mailboxes() const { return mailboxes_; }
  /// Why the connection ended, or empty.
  const std::string& failure() const { return failure_; }

 private:
  /// The way to the first action.
  enum class SessionStep : std::uint8_t { capability, starttls, login };

  // client.cpp: the connection, the order of things.
  void process();
  void handle(Response response);
  void greeting(const Response& response);
  void continuation(const Response& response);
  void tagged(const Response& response);
  void session_ready();
  void next();
  void finish_action(bool ok);
  bool refuse_action(std::string error);  // always false
  void leave();
  void fail(std::string why);
  void send(CommandText command);
  void send_part();
  void send_done();
  void arm(net::Duration timeout);

  // client_actions.cpp: what is sent, step by step. True: a command is on its way.
  void begin_session();
  void session_step(const Response& response);
  void log_in();
  void log_in_with(std::string_view mechanism);
  void answer_challenge(std::string_view encoded);
  bool begin_action(const Action& action);
  bool continue_action(const Action& action);
  bool send_append(const Action& action);
  void send_deleted(const Action& action);
  void send_expunge(const Action& action);
  bool send_fetch_octets();

  // client_response.cpp: what untagged responses mean.
  void untagged(Response& response);
  void status_code(const Response& response);
  void exists(std::uint32_t count);
  void expunge(std::uint32_t number);
  void fetched(std::uint32_t number, FetchData data);
  void take_capabilities(const std::vector<Value>& values);

  ClientOptions options_;
  ClientState state_ = ClientState::connecting;
  net::Time now_{};
  net::Time deadline_ = net::kNever;
  Receiver receiver_;
  std::deque<Action> actions_;          // the first is in hand while state_ is working or idling
  ActionResult result_;                 // of the action in hand
  int step_ = 0;                        // commands of the action in hand that were answered OK
  std::vector<store::Uid> pending_;     // sync, fetch_new: octets still to be asked for
  std::vector<store::Uid> asked_;       // and all of them
  std::optional<CommandText> command_;  // waits for its tagged answer
  std::size_t next_part_ = 0;
  std::string tag_;
  unsigned tags_ = 0;
  SessionStep session_step_ = SessionStep::capability;
  bool starttls_refused_ = false;
  bool secure_ = false;
  bool authenticated_ = false;
  bool stop_wanted_ = false;  // IDLE is to end
  bool done_sent_ = false;    // DONE is on its way
  bool renewing_ = false;     // and IDLE will be begun anew
  bool in_call_ = false;      // inside an event: no wake() is needed
  bool news_ = false;
  bool capabilities_known_ = false;
  std::vector<std::string> capabilities_;
  std::optional<net::TlsInfo> tls_;
  std::unique_ptr<auth::SaslClient> sasl_;  // while logging in with AUTHENTICATE
  std::optional<ClientMailbox> mailbox_;
  std::vector<ListedMailbox> mailboxes_;
  std::string failure_;
  std::function<void(const Action&, const ActionResult&)> on_result_;
  std::function<void()> on_news_;
};

}  // namespace mailscope::imap
