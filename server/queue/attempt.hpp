// One try to deliver one message to one domain: find the mail exchangers, order them, turn to one
// after the other until every recipient is decided or nobody is left (RFC 5321 section 5.1).
//
//   mx -> addresses -> connecting -> talking -+-> done
//            ^                                |
//            +---- next server ---------------+
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/dns/resolver.hpp"
#include "server/net/network.hpp"
#include "server/net/session.hpp"
#include "server/net/tls.hpp"
#include "server/net/turn.hpp"
#include "server/queue/host_memory.hpp"
#include "server/smtp/client.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::queue {

/// What a delivery stands on. Everything outlives it.
struct AttemptEnvironment {
  net::Network& network;
  net::Timers& timers;
  net::Turn& turn;
  net::Entropy& entropy;
  dns::Resolver& resolver;
  trace::Sink& sink;
  trace::HostId host = 0;
  /// Which host has this address, for the trace; may be empty.
  std::function<trace::HostId(const net::Address&)> host_of = {};
  /// Takes lines of NSS's key log format; may be empty.
  std::function<void(std::string_view)> key_log = {};
  /// Servers that failed lately come last; null: nothing is remembered.
  HostMemory* memory = nullptr;
};

struct AttemptOptions {
  std::string hostname;                     // for EHLO; never delivered to (RFC 5321 section 5.1)
  std::vector<std::string> own_names;       // further names of this host, for the same reason
  std::vector<net::Address> own_addresses;  // besides network.address()
  std::uint16_t port = 25;
  std::string smart_host;  // everything goes through this host; empty: MX lookup
  std::uint16_t smart_host_port = 25;
  std::optional<smtp::ClientOptions::Credentials> smart_host_login;
  smtp::ClientOptions::Tls tls = smtp::ClientOptions::Tls::opportunistic;
  /// Client context; null: STARTTLS is never used. With opportunistic TLS it should not verify.
  std::shared_ptr<net::TlsContext> tls_context;
  bool ipv4 = true;  // address families that this host can use
  bool ipv6 = true;
  bool pipelining = true;
  bool chunking = false;           // BDAT wherever it is offered, not only where DATA will not do
  std::size_t max_messages = 100;  // over one connection, and fewer where the server says so
  smtp::ClientTimeouts timeouts;
  net::Duration connect_timeout =
      std::chrono::minutes(1);      // of one address; five servers in five minutes
  std::size_t max_exchangers = 10;  // names tried at most: a zone may list hundreds
  std::size_t max_addresses = 8;    // of one name
  std::size_t max_servers = 12;     // connections in all
};

enum class AttemptState : std::uint8_t {
  idle,        // not started
  mx,          // asks for the MX records of the domain
  addresses,   // asks for the addresses of one exchanger
  connecting,  // TCP
  talking,     // SMTP; client()->state() says more
  done,
};
std::string_view to_string(AttemptState state);

/// A mail exchanger in the order of trying.
struct Exchanger {
  std::uint16_t preference = 0;
  std::string name;
};

class DeliveryAttempt {
 public:
  struct Callbacks {
    /// Every recipient is decided: results() are final. Called once, within the turn in which
    /// custody passed or was kept; nothing may be destroyed in there.
    std::function<void(DeliveryAttempt&)> decided;
    /// Nothing runs any more (QUIT is answered). Called once, after decided, at the end of a turn;
    /// the owner destroys the attempt by Turn::dispose() or later.
    std::function<void(DeliveryAttempt&)> over;
  };
  /// `queue_id` and `message` are for the trace. `options` outlive the attempt.
  DeliveryAttempt(AttemptEnvironment environment, const AttemptOptions& options,
                  std::string queue_id, trace::MessageNumber message, std::string domain,
                  smtp::Transaction transaction, Callbacks callbacks);
  /// Ends what is still running without a result.
  ~DeliveryAttempt();
  DeliveryAttempt(const DeliveryAttempt&) = delete;
  DeliveryAttempt& operator=(const DeliveryAttempt&) = delete;

  void start();
  /// Instead of start(), from inside the other one's `decided`: goes on with its connection. False
  /// when that is not possible; nothing has happened then.
  bool take_over(DeliveryAttempt& other);
  /// The message's own word about TLS (RFC 8689): REQUIRETLS is in its parameters, this is the
  /// field TLS-Required: No.
  void set_tls_optional(bool optional) { tls_optional_ = optional; }

  AttemptState state() const { return state_; }
  const std::string& queue_id() const { return queue_id_; }
  const std::string& domain() const { return domain_; }
  /// In the order of trying; known after the state mx.
  const std::vector<Exchanger>& exchangers() const { return exchangers_; }
  /// The server at hand, or the last one; empty before the first.
  const std::string& server() const { return target_.name; }
  net::Address server_address() const { return target_.address; }
  /// The conversation at hand; null when there is none.
  const smtp::ClientEngine* client() const { return client_; }
  /// Every recipient is decided.
  bool decided() const { return decided_told_; }
  /// One for each recipient of the transaction, in order.
  const std::vector<smtp::RecipientResult>& results() const { return results_; }
  /// Name of the server whose reply decided recipient i; empty when none did.
  const std::string& server_of(std::size_t i) const { return deciders_[i]; }

 private:
  struct Target {
    std::string name;
    net::Address address;
  };
  /// A connection with its engine. It outlives an attempt when another goes on with it.
  struct Conversation {
    Target target;
    std::unique_ptr<net::Session> session;
    std::function<void()> over;  // the connection is gone
  };

  // attempt.cpp: where to.
  void ask_mx();
  void mx_answer(const dns::Answer& answer);
  void order(std::vector<Exchanger> found);
  void drop_self_and_worse();
  void next_exchanger();
  void ask_addresses();
  void address_answer(const dns::Answer& answer, bool v6);
  void addresses_known();
  void next_server();
  bool is_self(std::string_view name) const;
  bool is_self(const net::Address& address) const;

  // attempt_session.cpp: the conversations, and what comes of them.
  smtp::ClientOptions::Tls tls_policy() const;
  smtp::Transaction open_part();
  void connect(bool with_tls);
  std::unique_ptr<smtp::ClientEngine> make_client(bool with_tls);
  void connect_expired();
  void take_results();
  void record_outcomes(bool more_servers);
  void session_over();
  void note_all(const smtp::Reply& reply);
  void note(std::size_t i, const smtp::Reply& reply, smtp::ClientState at,
            const std::string& server);
  void nobody_left();
  void tell_decided();
  void finish();
  bool open() const;
  void in_turn(std::function<void()> action);  // at the end of the turn, unless destroyed by then
  trace::Origin origin() const;

  AttemptEnvironment environment_;
  const AttemptOptions& options_;
  std::string queue_id_;
  trace::MessageNumber message_;
  std::string domain_;
  smtp::Transaction transaction_;
  Callbacks callbacks_;
  AttemptState state_ = AttemptState::idle;
  std::vector<smtp::RecipientResult> results_;  // while pending: with the best reason so far
  std::vector<std::string> deciders_;
  std::vector<std::size_t> asked_;  // recipients given to the conversation at hand
  std::vector<Exchanger> exchangers_;
  std::size_t exchanger_ = 0;      // index of the next one
  std::vector<Target> targets_;    // addresses of the exchanger at hand, the next one last
  std::vector<Target> postponed_;  // that failed lately: tried when nobody else is left
  bool tls_optional_ = false;
  bool desperate_ = false;  // it has come to those
  bool borrowed_ = false;   // the connection at hand was another attempt's
  Target target_;
  std::vector<net::Address> found_v6_, found_v4_;
  int lookups_open_ = 0;
  bool lookup_trouble_ = false;  // an address lookup failed for now: do not conclude "never"
  std::size_t servers_tried_ = 0;
  bool implicit_mx_ = false;
  bool retry_without_tls_ = false;
  bool connect_expired_ = false;
  bool may_have_it_ = false;  // the content was sent and the reply is missing (RFC 1047)
  bool decided_told_ = false;
  dns::Lookup lookup_, second_lookup_;
  std::unique_ptr<Conversation> conversation_;
  smtp::ClientEngine* client_ = nullptr;
  net::Timer connect_timer_;
  trace::EventId cause_ = 0;  // what the next step is an effect of
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace mailscope::queue
