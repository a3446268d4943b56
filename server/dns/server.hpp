// DNS servers on the network: UDP and TCP port 53 in front of an Authority or a RecursiveResolver.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/dns/authority.hpp"
#include "server/dns/environment.hpp"
#include "server/dns/recursive.hpp"
#include "server/policy/switches.hpp"

namespace mailscope::dns {

struct ServerOptions {
  std::uint16_t port = kPort;  // 0: a free one
  /// A connection without a query for so long is closed (RFC 7766 section 6.2.3: a few seconds).
  net::Duration idle_timeout = std::chrono::seconds(10);
  /// TCP connections at a time; more are reset. What BIND allows ("tcp-clients").
  std::size_t max_connections = 150;
  /// Queries of one connection that wait for an answer; reading pauses at this number.
  std::size_t max_pipelined = 64;
  /// Octets of answers that one client has not fetched yet; reading pauses beyond.
  std::size_t max_unsent = 256 * 1024;
  /// Lesson switches of the host, which outlive the server; null: none.
  policy::Switches* switches = nullptr;
};

/// A query as it came, and the way back. `reply` may be called later, or never; calling it when the
/// client is gone does nothing.
struct ServerQuery {
  std::string wire;
  Transport transport = Transport::udp;
  net::Endpoint client;
  net::ConnectionId connection = 0;  // with TCP
  trace::EventId cause = 0;          // the arrival: cause of the response
  std::function<void(std::string_view wire)> reply;
  std::function<void()> drop;  // no reply: resets a connection; may be empty
};

/// The transport of a server: sockets, framing, connections and their limits.
class ServerTransport {
 public:
  using Handler = std::function<void(ServerQuery)>;
  /// Binds the ports; throws net::NetworkError when that is not possible.
  ServerTransport(const Environment& environment, const ServerOptions& options, Handler handler);
  ~ServerTransport();
  ServerTransport(const ServerTransport&) = delete;
  ServerTransport& operator=(const ServerTransport&) = delete;

  std::size_t connections() const;
  /// Where it is, also when port 0 asked for a free one.
  net::Endpoint local() const;

 private:
  class TcpClient;
  struct Shared;  // outlives this object in the hands of unanswered queries
  std::shared_ptr<Shared> shared_;
};

/// Serves the zones of `authority`, which must outlive it.
class AuthorityServer {
 public:
  AuthorityServer(const Environment& environment, const Authority& authority,
                  const ServerOptions& options = {});
  net::Endpoint local() const { return transport_.local(); }

 private:
  void handle(ServerQuery query);

  Environment environment_;
  const Authority& authority_;
  policy::Switches* switches_;
  ServerTransport transport_;
};

struct ResolverServerOptions {
  ServerOptions server;
  /// Who may ask; empty: everyone. Others get REFUSED (RFC 5358 section 4).
  std::function<bool(const net::Address&)> allow;
};

/// Answers clients' recursive queries with the help of `resolver`, which must outlive it.
class ResolverServer {
 public:
  ResolverServer(const Environment& environment, RecursiveResolver& resolver,
                 ResolverServerOptions options = {});
  net::Endpoint local() const { return transport_.local(); }

 private:
  /// A client's query while the resolver works on it.
  struct Waiting {
    ServerQuery query;
    Message message;
    Lookup lookup;
  };
  void handle(ServerQuery query);
  void answered(std::uint64_t number, const Answer& found);
  void answer(const ServerQuery& query, const Message& message, const Answer& answer);

  Environment environment_;
  RecursiveResolver& resolver_;
  ResolverServerOptions options_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::uint64_t last_ = 0;
  ServerTransport transport_;
};

}  // namespace mailscope::dns
