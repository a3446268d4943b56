// The iterative resolver: from the root's hints down the delegations to an answer, with a cache
// (RFC 1034 section 5.3.3).
//
//   mx acme.example?   -> root server      referral: example. NS ns.nic.example. + glue
//                      -> ns.nic.example.  referral: acme.example. NS ns1.acme.example. + glue
//                      -> ns1.acme.example. aa: 10 mx1.acme.example.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "server/dns/cache.hpp"
#include "server/dns/client.hpp"
#include "server/dns/deferred.hpp"
#include "server/dns/resolver.hpp"

namespace mailscope::dns {

class Task;

/// A root server that the resolver knows from the start.
struct RootHint {
  Name name;
  net::Address address;
};

struct RecursiveOptions {
  std::vector<RootHint> hints;
  std::uint16_t port = kPort;  // where authoritative servers listen
  bool ipv4 = true;            // ask servers by their IPv4 addresses
  bool ipv6 = false;           // ask servers by their IPv6 addresses
  /// First wait for a server whose speed is unknown; doubles from round to round (RFC 1035 section
  /// 4.2.1 leaves the times to us; 800 ms is what BIND begins with).
  net::Duration first_timeout = std::chrono::milliseconds(800);
  /// No single wait is longer.
  net::Duration max_timeout = std::chrono::seconds(6);
  /// A question that has no answer by then is answered with servfail or timeout.
  net::Duration deadline = std::chrono::seconds(12);
  /// Times that each server of a zone is tried for one question.
  int rounds = 3;
  CacheLimits cache;
};

class RecursiveResolver final : public Resolver {
 public:
  RecursiveResolver(const Environment& environment, RecursiveOptions options);
  ~RecursiveResolver() override;

  using Resolver::query;
  /// Records dns_lookup and dns_result as a stub does.
  [[nodiscard]] Lookup query(const Name& name, Type type, Callback done) override;
  /// The same without these two events: for a server that asks on behalf of a client.
  [[nodiscard]] Lookup resolve(const Name& name, Type type, Callback done);

  /// The answer if the cache alone has it; records dns_cache_hit. A server need not wait for it.
  std::optional<Answer> from_cache(const Name& name, Type type);

  Cache& cache() { return cache_; }
  /// Questions being worked on.
  std::size_t active() const { return tasks_.size(); }

 protected:
  Lookup answer_later(Answer answer, Callback done) override;

 private:
  friend class Task;
  using TaskKey = std::pair<Name, Type>;

  /// What was learnt about a server: its speed and its faults.
  struct ServerState {
    net::Duration round_trip{};  // smoothed; zero: unknown
    int timeouts = 0;            // in a row
    net::Time avoid_until{};     // after timeouts or useless answers others come first
    bool no_edns = false;
  };

  /// The task that works on this question. Begins one, at `depth` and on `budget` queries, if there
  /// is none; nullptr: too many tasks already.
  Task* task_for(const Name& name, Type type, int depth, std::shared_ptr<int> budget);
  /// Takes a finished task out of the books; it is destroyed after the present call.
  void task_over(Task& task);
  ServerState& server(const net::Address& address);

  RecursiveOptions options_;
  Client client_;
  Cache cache_;
  std::map<TaskKey, std::unique_ptr<Task>> tasks_;
  std::vector<std::unique_ptr<Task>> finished_;
  std::map<net::Address, ServerState> servers_;
  Deferred deferred_;
};

}  // namespace mailscope::dns
