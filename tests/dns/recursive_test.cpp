// The iterative resolver against servers in memory: delegations, caching, faults, lies.
#include "tests/dns/tree.hpp"
#include "tests/net/failing_network.hpp"

using namespace mailscope;
using namespace mailscope::dns;
using namespace mailscope::dns::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Resolving : Tree {
  explicit Resolving(RecursiveOptions options = options_of_tree())
      : resolver(world.environment(kResolver), std::move(options)) {}
  std::string ask(const char* host, Type type) {
    const auto answer = resolve(world, resolver, host, type);
    REQUIRE(answer);
    last = *answer;
    return text(*answer);
  }
  void forget() { world.sink.events.clear(); }
  RecursiveResolver resolver;
  Answer last;
};

}  // namespace

TEST_CASE("the resolver walks down from the root", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("acme.example", Type::mx) == "ok\n  acme.example. 3600 IN MX 10 mx1.acme.example.");
  auto asked = queries(r.world);
  REQUIRE(asked.size() == 3);
  CHECK(asked[0] == "10.0.0.1 udp MX acme.example");
  CHECK(asked[1] == "10.0.0.2 udp MX acme.example");
  CHECK(asked[2].starts_with("10.0.1."));
  SECTION("the second question starts where the first ended") {
    r.forget();
    CHECK(r.ask("mx1.acme.example", Type::a) == "ok\n  mx1.acme.example. 3600 IN A 192.0.2.25");
    CHECK(queries(r.world).size() == 1);
  }
  SECTION("the same question is answered from the cache, with less TTL") {
    r.forget();
    r.world.timers.advance(seconds(100));
    CHECK(r.ask("ACME.example", Type::mx) == "ok\n  acme.example. 3500 IN MX 10 mx1.acme.example.");
    CHECK(r.last.from_cache);
    CHECK(queries(r.world).empty());
    const auto hits = r.world.sink.all(trace::Kind::dns_cache_hit);
    REQUIRE(hits.size() == 1);
    CHECK(hits[0].values == std::vector<std::string>{"acme.example", "MX", "3500", "ok"});
  }
  SECTION("after its TTL it is asked for again") {
    r.forget();
    r.world.timers.advance(seconds(3600));
    CHECK(r.ask("acme.example", Type::mx).starts_with("ok\n  acme.example. 3600"));
    CHECK(queries(r.world).size() == 1);
  }
}

TEST_CASE("no is remembered as long as the SOA says", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("nobody.acme.example", Type::a) == "nxdomain");
  CHECK(r.last.ttl == 60);
  REQUIRE(r.last.soa);
  CHECK(r.last.soa->name == name("acme.example"));
  CHECK(r.ask("mx1.acme.example", Type::mx) == "nodata");
  r.forget();
  r.world.timers.advance(seconds(59));
  CHECK(r.ask("nobody.acme.example", Type::mx) == "nxdomain");  // for every type
  CHECK(r.last.ttl == 1);
  CHECK(r.ask("mx1.acme.example", Type::mx) == "nodata");
  CHECK(queries(r.world).empty());
  r.world.timers.advance(seconds(1));
  CHECK(r.ask("nobody.acme.example", Type::a) == "nxdomain");
  CHECK(queries(r.world).size() == 1);
  // Of a whole TLD.
  CHECK(r.ask("acme.nonsense", Type::mx) == "nxdomain");
  // Text that is no name.
  CHECK(r.ask("a..b", Type::mx) == "nxdomain");
  CHECK(r.last.detail == "\"a..b\" cannot be a domain name");
}

TEST_CASE("CNAMEs are followed across zones", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("away.acme.example", Type::a) ==
        "ok\n  away.acme.example. 3600 IN CNAME web.globex.example.\n  web.globex.example. 3600 IN "
        "A 192.0.2.80");
  CHECK(r.last.canonical_name() == name("web.globex.example"));
  CHECK(r.last.addresses().size() == 1);
  r.forget();
  CHECK(r.ask("away.acme.example", Type::a).starts_with("ok"));
  CHECK(queries(r.world).empty());
  CHECK(r.ask("away.acme.example", Type::cname) ==
        "ok\n  away.acme.example. 3600 IN CNAME web.globex.example.");
  CHECK(r.ask("togone.acme.example", Type::a) ==
        "nxdomain\n  togone.acme.example. 3600 IN CNAME gone.globex.example.");
  CHECK(r.ask("www.acme.example", Type::a) ==
        "nxdomain\n  www.acme.example. 3600 IN CNAME web.globex.acme.example.");
}

TEST_CASE("CNAMEs in a circle are found out", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("loop.acme.example", Type::a) == "servfail");
  CHECK(r.last.detail == "the CNAMEs of loop.acme.example lead in a circle");
  CHECK(r.ask("far.acme.example", Type::a) == "servfail");  // over two zones
  CHECK(r.ask("loop.acme.example", Type::cname).starts_with("ok"));
}

TEST_CASE("delegations without glue", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("glueless.example", Type::mx) ==
        "ok\n  glueless.example. 3600 IN MX 10 mx.glueless.example.");
  CHECK(r.ask("www.ring1.example", Type::a) == "servfail");
  CHECK(r.last.detail.find("can only be found by asking them") != std::string::npos);
  CHECK(r.ask("www.lost.example", Type::a) == "servfail");
  CHECK(r.last.detail == "the delegation of lost.example. has no address");
  CHECK(r.resolver.active() == 0);
}

TEST_CASE("servers that do not answer are left for others", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("acme.example", Type::ns).starts_with("ok"));
  r.acme1.server.reset();
  r.forget();
  for (const char* host : {"a.acme.example", "b.acme.example", "c.acme.example"}) {
    CHECK(r.ask(host, Type::a) == "nxdomain");
  }
  // At most one question met the dead server; later ones avoid it.
  CHECK(r.world.sink.count(trace::Kind::dns_timeout) <= 1);
  r.acme2.server.reset();
  const auto start = r.world.timers.now();
  CHECK(r.ask("d.acme.example", Type::a) == "timeout");
  CHECK(r.last.temporary());
  const auto took = r.world.timers.now() - start;
  CHECK(took > seconds(2));
  CHECK(took <= seconds(13));
  // The failure itself is remembered for a moment.
  r.forget();
  CHECK(r.ask("d.acme.example", Type::a) == "timeout");
  CHECK(queries(r.world).empty());
  r.world.timers.advance(seconds(6));
  r.acme2.server =
      std::make_unique<AuthorityServer>(r.world.environment(kAcme2), r.acme2.authority);
  CHECK(r.ask("d.acme.example", Type::a) == "nxdomain");
}

TEST_CASE("waits double from round to round", "[dns][recursive]") {
  Resolving r;
  CHECK(r.ask("www.dead.example", Type::a) == "timeout");
  const auto timeouts = r.world.sink.all(trace::Kind::dns_timeout);
  REQUIRE(timeouts.size() == 3);
  CHECK(timeouts[2].values == std::vector<std::string>{"www.dead.example", "A", "10.0.6.6", "3"});
  // 0.8 + 1.6 + 3.2 seconds, and two round trips to the servers above.
  CHECK(r.world.timers.now() - net::Time(seconds(1'700'000'000)) == milliseconds(5600 + 40));
  // Why was it asked again? Because of the timeout.
  const auto asked = r.world.sink.all(trace::Kind::dns_query);
  CHECK(asked.back().cause == timeouts[1].id);
  CHECK(timeouts[1].cause == asked[asked.size() - 2].id);
}

TEST_CASE("a lost datagram is sent again", "[dns][recursive]") {
  Resolving r;
  int lost = 0;
  r.world.lose = [&](net::Endpoint, net::Endpoint to, std::string_view) {
    return to == at53(kRoot) && lost++ < 2;
  };
  CHECK(r.ask("acme.example", Type::mx).starts_with("ok"));
  CHECK(r.world.sink.count(trace::Kind::dns_timeout) == 2);
}

TEST_CASE("lame and broken servers are passed over", "[dns][recursive]") {
  Resolving r;
  r.acme1.server.reset();
  std::function<std::optional<Message>(const Message&)> script;
  const Scripted bad(r.world, kAcme1, [&](const Message& query) { return script(query); });
  std::string broken;
  SECTION("REFUSED") {
    script = [](const Message& query) {
      Message m = make_response(query);
      m.rcode = Rcode::refused;
      return m;
    };
  }
  SECTION("SERVFAIL") {
    script = [](const Message& query) {
      Message m = make_response(query);
      m.rcode = Rcode::servfail;
      return m;
    };
  }
  SECTION("an empty answer without authority") {
    script = [](const Message& query) { return make_response(query); };
  }
  SECTION("an answer from a cache") {
    script = [](const Message& query) {
      Message m = make_response(query);
      m.recursion_available = true;
      m.answers = {*parse_record("mx1.acme.example. 60 A 6.6.6.6")};
      return m;
    };
  }
  SECTION("a referral upwards") {
    script = [](const Message& query) {
      Message m = make_response(query);
      m.authority = {*parse_record(". 60 NS a.root.")};
      return m;
    };
  }
  SECTION("a referral to itself") {
    script = [](const Message& query) {
      Message m = make_response(query);
      m.authority = {*parse_record("acme.example. 60 NS ns1.acme.example.")};
      return m;
    };
  }
  SECTION("another question's answer, then silence") {
    script = [](const Message& query) {
      Message m = make_response(query);
      m.questions[0].name = name("other.example");
      return m;
    };
  }
  SECTION("another id, then silence") {
    script = [](const Message& query) {
      Message m = make_response(query);
      ++m.id;
      return m;
    };
  }
  for (const char* host : {"mx1.acme.example", "ns1.acme.example", "back.acme.example"}) {
    CHECK(r.ask(host, Type::a).starts_with("ok\n"));
    CHECK(r.ask(host, Type::a).find("6.6.6.6") == std::string::npos);
  }
}

TEST_CASE("when every server is broken the answer is servfail", "[dns][recursive]") {
  Resolving r;
  r.globex.server.reset();
  const Scripted bad(r.world, kGlobex, [](const Message& query) {
    Message m = make_response(query);
    m.rcode = Rcode::servfail;
    return m;
  });
  CHECK(r.ask("globex.example", Type::a) == "servfail");
  CHECK(r.last.detail == "10.0.2.1 answered SERVFAIL");
  CHECK(bad.queries == 1);
}

TEST_CASE("a server of old that knows no EDNS is asked without", "[dns][recursive]") {
  Resolving r;
  r.globex.server.reset();
  Authority& authority = r.globex.authority;
  const Scripted old(r.world, kGlobex, [&](const Message& query) {
    if (!query.edns) return authority.respond(query).message;
    Message m = make_response(query);
    m.rcode = Rcode::formerr;
    m.edns.reset();
    m.questions.clear();
    return m;
  });
  CHECK(r.ask("web.globex.example", Type::a).starts_with("ok"));
  CHECK(old.queries == 2);
  CHECK(r.ask("globex.example", Type::a) == "nodata");
  CHECK(old.queries == 3);  // it is remembered
}

TEST_CASE("what is out of bailiwick is not believed", "[dns][recursive]") {
  Resolving r;
  r.globex.server.reset();
  const Scripted liar(r.world, kGlobex, [](const Message& query) {
    Message m = make_response(query);
    m.authoritative = true;
    m.answers = {*parse_record("web.globex.example. 60 CNAME mx1.acme.example."),
                 *parse_record("mx1.acme.example. 60 A 6.6.6.6")};
    m.authority = {*parse_record("acme.example. 60 NS evil.globex.example.")};
    m.additional = {*parse_record("evil.globex.example. 60 A 6.6.6.6"),
                    *parse_record("ns1.acme.example. 60 A 6.6.6.6")};
    return m;
  });
  CHECK(r.ask("web.globex.example", Type::a) ==
        "ok\n  web.globex.example. 60 IN CNAME mx1.acme.example.\n  mx1.acme.example. 3600 IN A "
        "192.0.2.25");
}

TEST_CASE("glue of other zones is not believed", "[dns][recursive]") {
  Resolving r;
  r.globex.server.reset();
  const Scripted liar(r.world, kGlobex, [](const Message& query) {
    Message m = make_response(query);
    m.authority = {*parse_record("sub.globex.example. 60 NS ns1.acme.example.")};
    m.additional = {*parse_record("ns1.acme.example. 60 A 6.6.6.6")};
    return m;
  });
  CHECK(r.ask("x.sub.globex.example", Type::a) == "servfail");
  for (const auto& query : queries(r.world)) CHECK_FALSE(query.starts_with("6.6.6.6"));
  CHECK(r.ask("ns1.acme.example", Type::a) == "ok\n  ns1.acme.example. 3600 IN A 10.0.1.1");
}

TEST_CASE("truncated answers are asked for on TCP", "[dns][recursive]") {
  Resolving r;
  std::string file = "@ SOA ns host 1 2 3 4 60\n@ NS ns\nns A 10.0.2.1\n";
  for (int i = 0; i < 30; ++i)
    file += "big TXT \"" + std::string(80, 'x') + std::to_string(i) + "\"\n";
  r.globex.serve("globex.example", file);
  SECTION("and come whole") {
    CHECK(r.ask("big.globex.example", Type::txt).starts_with("ok"));
    CHECK(r.last.records.size() == 30);
    const auto asked = queries(r.world);
    CHECK(asked.back() == "10.0.2.1 tcp TXT big.globex.example");
    CHECK(asked[asked.size() - 2] == "10.0.2.1 udp TXT big.globex.example");
    CHECK(r.world.host(kResolver).open_sockets() == 0);
  }
  SECTION("unless TCP is refused") {
    r.world.host(kGlobex).tcp_works = false;
    CHECK(r.ask("big.globex.example", Type::txt) == "servfail");
    CHECK(r.last.detail == "10.0.2.1 cannot be reached on TCP");
  }
}

TEST_CASE("the same question under way is asked once", "[dns][recursive]") {
  Resolving r;
  int answers = 0;
  std::vector<Lookup> lookups;
  for (int i = 0; i < 5; ++i) {
    lookups.push_back(r.resolver.query("acme.example", Type::mx, [&](const Answer& answer) {
      CHECK(answer.outcome == Outcome::ok);
      ++answers;
    }));
  }
  lookups[0].cancel();
  lookups[1] = Lookup();
  r.world.timers.run();
  CHECK(answers == 3);
  CHECK(queries(r.world).size() == 3);
}

TEST_CASE("callbacks may cancel, ask again, and destroy their lookup", "[dns][recursive]") {
  Resolving r;
  std::optional<Lookup> first;
  Lookup second;
  std::string log;
  first = r.resolver.query("acme.example", Type::mx, [&](const Answer&) {
    log += "first ";
    first.reset();
    second = r.resolver.query("acme.example", Type::mx, [&](const Answer& answer) {
      log += answer.from_cache ? "cached " : "fresh ";
      second =
          r.resolver.query("mx1.acme.example", Type::a, [&](const Answer&) { log += "third"; });
    });
  });
  r.world.timers.run();
  CHECK(log == "first cached third");
}

TEST_CASE("ids and ports differ from query to query", "[dns][recursive]") {
  Resolving r;
  for (int i = 0; i < 20; ++i) {
    r.ask(("n" + std::to_string(i) + ".acme.example").c_str(), Type::a);
  }
  std::map<std::string, int> ids;
  for (const auto& event : r.world.sink.all(trace::Kind::dns_query)) ++ids[event.values[0]];
  CHECK(ids.size() >= 20);
  const auto& ports = r.world.host(kResolver).ports_bound;
  CHECK(std::map<std::uint16_t, int>([&] {
          std::map<std::uint16_t, int> count;
          for (const auto port : ports) ++count[port];
          return count;
        }())
            .size() >= 20);
  CHECK(r.world.host(kResolver).open_sockets() == 0);
}

TEST_CASE("a zone that names hosts without end does not make us ask without end",
          "[dns][recursive]") {
  Resolving r;
  r.globex.server.reset();
  int n = 0;
  const Scripted hostile(r.world, kGlobex, [&](const Message& query) {
    // Every name is delegated to hosts that again can only be found here.
    Message m = make_response(query);
    Name below = query.questions[0].name;
    for (int i = 0; i < 10; ++i) {
      const std::string host = "h" + std::to_string(++n);
      m.authority.push_back(
          make_record(below, 60, Ns{name(host + ".z" + host + ".globex.example")}));
    }
    return m;
  });
  CHECK(r.ask("x.globex.example", Type::a) == "servfail");
  CHECK(queries(r.world).size() <= 103);
  CHECK(r.resolver.active() == 0);
}

TEST_CASE("without hints nothing can be found", "[dns][recursive]") {
  Resolving r{RecursiveOptions{}};
  CHECK(r.ask("acme.example", Type::a) == "servfail");
  CHECK(r.last.detail == "no root servers are known");
}

TEST_CASE("the trace tells why each query was sent", "[dns][recursive]") {
  Resolving r;
  r.ask("acme.example", Type::mx);
  const auto lookup = r.world.sink.all(trace::Kind::dns_lookup).at(0);
  const auto asked = r.world.sink.all(trace::Kind::dns_query);
  const auto responses = r.world.sink.all(trace::Kind::dns_response);
  REQUIRE(asked.size() == 3);
  REQUIRE(responses.size() == 3);
  CHECK(asked[0].cause == lookup.id);
  for (int i = 0; i < 3; ++i) {
    CHECK(responses[i].cause == asked[i].id);
    CHECK(responses[i].origin.peer == asked[i].origin.host);
    CHECK(responses[i].origin.host == asked[i].origin.peer);
    if (i > 0) CHECK(asked[i].cause == responses[i - 1].id);
  }
  CHECK(responses[0].values[3] == "NOERROR");
  CHECK(responses[0].values[6] == "example. 86400 IN NS ns.nic.example.");
  CHECK(responses[0].values[7] == "ns.nic.example. 86400 IN A 10.0.0.2");
  CHECK(responses[2].values[4] == "qr aa");
  const auto result = r.world.sink.all(trace::Kind::dns_result).at(0);
  CHECK(result.cause == lookup.id);
  CHECK(r.last.event == result.id);
  CHECK(result.values == std::vector<std::string>{"acme.example", "MX", "ok",
                                                  "acme.example. 3600 IN MX 10 mx1.acme.example."});
}

TEST_CASE("whichever call of the network fails, a question ends, and the next one is answered",
          "[dns][recursive][failure]") {
  std::size_t n = 1;
  for (bool failed = true; failed; ++n) {
    tests::Failures failures{n, 0, {}};
    Tree tree;
    const Environment real = tree.world.environment(kResolver);
    tests::FailingNetwork network(failures, real.timers, real.network);
    tests::LateTimers timers(failures, real.timers, std::chrono::minutes(5));
    const Environment environment{network,   timers,    real.entropy,
                                  real.sink, real.self, real.host_of};
    RecursiveResolver resolver(environment, options_of_tree());
    // By way of a name server without glue.
    const auto first = resolve(tree.world, resolver, "glueless.example", Type::mx);
    INFO("call " << n << " fails: " << failures.failed);
    REQUIRE(first);
    failed = failures.happened();
    const std::string right = "ok\n  glueless.example. 3600 IN MX 10 mx.glueless.example.";
    CHECK((text(*first) == right || first->outcome == Outcome::servfail ||
           first->outcome == Outcome::timeout));
    tree.world.timers.advance(std::chrono::minutes(10));
    const auto second = resolve(tree.world, resolver, "glueless.example", Type::mx);
    REQUIRE(second);
    if (failed) CHECK(text(*second).starts_with("ok\n  glueless.example. "));
    if (!failed) CHECK(text(*first) == right);
    CHECK(tree.world.host(kResolver).open_sockets() == 0);
    REQUIRE(n < 500);
  }
  CHECK(n > 10);
}
