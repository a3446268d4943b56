// A mail host: its services listen, each connection gets a session with the right engine, mail for
// elsewhere goes through its queue. Knows nothing of the world that it runs in.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/dns/resolver.hpp"
#include "server/host/mail_handler.hpp"
#include "server/host/organisation.hpp"
#include "server/host/services.hpp"
#include "server/imap/server.hpp"
#include "server/managesieve/server.hpp"
#include "server/net/memory_budget.hpp"
#include "server/net/prefix.hpp"
#include "server/net/proxy_door.hpp"
#include "server/net/session.hpp"
#include "server/policy/guard.hpp"
#include "server/policy/switches.hpp"
#include "server/pop3/server.hpp"
#include "server/queue/queue.hpp"
#include "server/smtp/server.hpp"

namespace mailscope::host {

/// Sessions of one host at a time, all services together; more are turned away. Some 30 KB with TLS
/// each.
inline constexpr std::size_t kMaxSessions = 10'000;
/// Clients that are being told that they are turned away, at a time; more are reset at once, so
/// that a flood costs a connection each and not an engine.
inline constexpr std::size_t kMaxRefusals = 200;

/// Everything here outlives the host.
struct HostEnvironment {
  net::Network& network;
  net::Timers& timers;
  net::Turn& turn;
  net::Entropy& entropy;
  trace::Sink& sink;
  trace::HostId self = 0;
  std::function<trace::HostId(const net::Address&)> host_of;  // for the trace; may be empty
  dns::Resolver& resolver;
  queue::QueueStore& queue_store;
  Organisation& organisation;
};

struct HostOptions {
  std::string name;  // full host name
  std::vector<Service> services;
  bool starttls = true;                    // offered on the ports that begin in the clear
  bool plaintext_auth = false;             // passwords without TLS
  bool show_secrets = false;               // in the trace
  std::vector<net::Address> xclient_from;  // proxies that may speak for others, by XCLIENT
  std::uint64_t max_message_octets = 26'214'400;
  policy::GuardLimits guard;         // how many connections and wrong passwords of one address
  net::Duration pop3_login_delay{};  // between two logins of an account with POP3
  queue::Schedule schedule;
  std::size_t max_deliveries = 20;            // of the queue at a time
  std::size_t messages_per_connection = 100;  // of the queue
  queue::DestinationLimits per_destination;   // and for domains of their own kind, by name:
  std::map<std::string, queue::DestinationLimits> destinations;
  /// Called when the first session that may need TLS begins: certificates are made only then.
  std::function<std::shared_ptr<net::TlsContext>()> server_tls;
  /// For relaying; opportunistic unless `relay_requires_tls`. Null: relays in the clear.
  std::shared_ptr<net::TlsContext> client_tls;
  bool relay_requires_tls = false;
  /// Takes lines of NSS's key log format; may be empty.
  std::function<void(std::string_view)> key_log;
  /// Of all hosts of a server; outlives the host. Null: sessions may hold what they want.
  net::MemoryBudget* memory = nullptr;
  /// Proxies, whose connections begin with a header that tells on whose behalf they come.
  std::vector<net::Prefix> proxy_from;
};

class MailHost {
 public:
  MailHost(HostEnvironment environment, HostOptions options);
  ~MailHost();
  MailHost(const MailHost&) = delete;
  MailHost& operator=(const MailHost&) = delete;

  /// Listens, and takes up what the queue store holds.
  void power_on();
  /// As when the plug is pulled: sessions and deliveries are gone, the stores stay.
  void power_off();
  bool is_on() const { return queue_ != nullptr; }

  /// Serves a connection that arrived by another way than the host's own listeners.
  void serve(Service service, std::unique_ptr<net::Connection> connection);

  const HostOptions& options() const { return options_; }
  /// What was changed about this host's servers; holds for running sessions too.
  policy::Switches& switches() { return switches_; }
  /// Null while the power is off.
  queue::OutboundQueue* queue() { return queue_.get(); }
  std::size_t session_count() const { return sessions_.size(); }
  /// Of them, those that are being turned away.
  std::size_t refusal_count() const { return refusals_; }

 private:
  std::unique_ptr<net::Engine> make_engine(const ServiceInfo& service, const trace::Tracer& tracer,
                                           const net::Address& client);
  void make_queue();
  std::shared_ptr<net::TlsContext> server_context();
  bool offers_tls() const { return options_.server_tls != nullptr; }

  HostEnvironment environment_;
  HostOptions options_;
  policy::Switches switches_;
  MailHandler handler_;
  std::map<Service, smtp::ServerOptions> smtp_;  // sessions refer to them
  std::unique_ptr<net::Entropy> url_keys_;       // for URLAUTH (RFC 4467)
  imap::ServerOptions imap_;
  pop3::ServerOptions pop3_;
  managesieve::ServerOptions sieve_;
  std::shared_ptr<net::TlsContext> server_context_;
  std::unique_ptr<queue::OutboundQueue> queue_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  pop3::LoginTimes login_times_;
  policy::Guard guard_;
  net::ProxyDoor door_;
  struct Served {
    std::unique_ptr<net::Session> session;
    policy::Guard::Seat seat;
    bool refused = false;
  };
  bool is_proxy(const net::Address& address) const;
  void admit(Service service, std::unique_ptr<net::Connection> connection);
  std::optional<net::Refusal> refusal(const policy::Guard::Seat& seat,
                                      const trace::Tracer& tracer) const;
  void over(const net::Session& session);
  std::map<const net::Session*, Served> sessions_;  // looked up, never walked
  std::size_t refusals_ = 0;                        // sessions that are being turned away
};

}  // namespace mailscope::host
