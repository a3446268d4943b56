// The resolver of an ordinary host: asks the recursive resolvers that it was told of (RFC 1034
// section 5.3.1) and keeps nothing.
#pragma once

#include <map>
#include <vector>

#include "server/dns/client.hpp"
#include "server/dns/deferred.hpp"
#include "server/dns/resolver.hpp"

namespace mailscope::dns {

struct StubOptions {
  std::vector<net::Endpoint> servers;  // in order of preference
  /// Per query; what the common stubs use ("options timeout:5" of resolv.conf).
  net::Duration timeout = std::chrono::seconds(5);
  /// Rounds through the servers. Three let a resolver that is itself waiting for a slow server
  /// (up to 12 s, see RecursiveOptions) still answer.
  int attempts = 3;
};

class StubResolver final : public Resolver {
 public:
  StubResolver(const Environment& environment, StubOptions options);
  ~StubResolver() override;

  using Resolver::query;
  [[nodiscard]] Lookup query(const Name& name, Type type, Callback done) override;

 protected:
  Lookup answer_later(Answer answer, Callback done) override;

 private:
  struct Pending;
  void ask_next(std::uint64_t number);
  void replied(std::uint64_t number, const Reply& reply);
  void finish(std::uint64_t number, Answer answer);

  StubOptions options_;
  Client client_;
  std::map<std::uint64_t, std::unique_ptr<Pending>> pending_;
  std::uint64_t last_ = 0;
  Deferred deferred_;
};

}  // namespace mailscope::dns
