// A small DNS in memory: a root, the TLD "example", two organisations, a resolver, a client.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/dns/server.hpp"
#include "server/dns/stub.hpp"
#include "tests/catch.hpp"
#include "tests/dns/fake_world.hpp"

namespace mailscope::dns::test {

inline const char* const kRoot = "10.0.0.1";
inline const char* const kTld = "10.0.0.2";
inline const char* const kAcme1 = "10.0.1.1";
inline const char* const kAcme2 = "10.0.1.2";
inline const char* const kGlobex = "10.0.2.1";
inline const char* const kResolver = "10.0.9.1";
inline const char* const kClient = "10.0.9.2";

/// One host that serves zones.
struct Host {
  Host(World& world, const std::string& address)
      : server(std::make_unique<AuthorityServer>(world.environment(address), authority)) {}
  void serve(const char* apex, const std::string& text) {
    auto zone = Zone::parse(text, name(apex));
    REQUIRE(zone.error == "");
    authority.add(*std::move(zone.value));
  }
  Authority authority;
  std::unique_ptr<AuthorityServer> server;
};

/// A host on UDP port 53 that answers as a test says.
struct Scripted {
  using Script = std::function<std::optional<Message>(const Message& query)>;
  Scripted(World& world, const std::string& address, Script script)
      : socket(
            world.host(address).bind(53, [this, script](net::Endpoint from, std::string_view wire) {
              ++queries;
              const auto answer = script(*decode(wire).value);
              if (answer) socket->send_to(from, encode(*answer));
            })) {}
  int queries = 0;
  std::unique_ptr<net::DatagramSocket> socket;
};

inline RecursiveOptions options_of_tree() {
  RecursiveOptions options;
  options.hints = {{name("a.root"), *net::Address::parse(kRoot)}};
  return options;
}

struct Tree {
  Tree() {
    root.serve(".",
               "$TTL 86400\n@ SOA a.root. host. 1 2 3 4 300\n@ NS a.root.\na.root. A 10.0.0.1\n"
               "example. NS ns.nic.example.\nns.nic.example. A 10.0.0.2\n");
    tld.serve("example",
              "$TTL 86400\n@ SOA ns.nic host 1 2 3 4 300\n@ NS ns.nic\nns.nic A 10.0.0.2\n"
              "acme NS ns1.acme\nacme NS ns2.acme\nns1.acme A 10.0.1.1\nns2.acme A 10.0.1.2\n"
              "globex NS ns.globex\nns.globex A 10.0.2.1\n"
              "glueless NS ns.globex\n"
              "ring1 NS ns.ring2\nring2 NS ns.ring1\n"
              "lost NS ns.lost\n"
              "dead NS ns.dead\nns.dead A 10.0.6.6\n");
    for (Host* host : {&acme1, &acme2}) {
      host->serve("acme.example",
                  "$TTL 3600\n@ SOA ns1 host 1 2 3 4 60\n@ NS ns1\n@ NS ns2\nns1 A 10.0.1.1\n"
                  "ns2 A 10.0.1.2\n@ MX 10 mx1\nmx1 A 192.0.2.25\nwww CNAME web.globex\n"
                  "away CNAME web.globex.example.\ntogone CNAME gone.globex.example.\n"
                  "loop CNAME loop2\nloop2 CNAME loop\n"
                  "far CNAME near.globex.example.\nback A 192.0.2.99\n"
                  "short 5 A 192.0.2.5\n");
    }
    globex.serve("globex.example",
                 "$TTL 3600\n@ SOA ns host 1 2 3 4 60\n@ NS ns\nns A 10.0.2.1\nweb A 192.0.2.80\n"
                 "near CNAME far.acme.example.\n");
    globex.serve("glueless.example",
                 "$TTL 3600\n@ SOA ns.globex.example. host 1 2 3 4 60\n@ NS ns.globex.example.\n"
                 "@ MX 10 mx\n");
  }

  World world;
  Host root{world, kRoot};
  Host tld{world, kTld};
  Host acme1{world, kAcme1};
  Host acme2{world, kAcme2};
  Host globex{world, kGlobex};
};

inline net::Endpoint at53(const char* address) {
  return {*net::Address::parse(address), 53};
}

/// "ok\n  acme.example. 3600 IN MX 10 mx1.acme.example."
inline std::string text(const Answer& answer) {
  std::string out(to_string(answer.outcome));
  for (const auto& record : answer.records) out += "\n  " + record.to_string();
  return out;
}

/// Asks, lets the world run until nothing is left to do, and gives the answer.
inline std::optional<Answer> resolve(World& world, Resolver& resolver, const char* host,
                                     Type type) {
  std::optional<Answer> got;
  const Lookup lookup = resolver.query(host, type, [&](const Answer& answer) {
    REQUIRE_FALSE(got);
    got = answer;
  });
  CHECK_FALSE(got);  // never from inside the call
  world.timers.run();
  CHECK_FALSE(lookup.pending());
  return got;
}

/// The servers asked, in order: "10.0.0.1 udp MX acme.example".
inline std::vector<std::string> queries(const World& world) {
  std::vector<std::string> out;
  for (const auto& event : world.sink.all(trace::Kind::dns_query)) {
    out.push_back(event.values[3] + ' ' + event.values[4] + ' ' + event.values[2] + ' ' +
                  event.values[1]);
  }
  return out;
}

}  // namespace mailscope::dns::test
