// The stub resolver, through a ResolverServer and against servers that misbehave.
#include "tests/dns/tree.hpp"

using namespace mailscope;
using namespace mailscope::dns;
using namespace mailscope::dns::test;
using std::chrono::seconds;

namespace {

struct Stubbed : Tree {
  Stubbed()
      : recursive(world.environment(kResolver), options_of_tree()),
        service(std::make_unique<ResolverServer>(world.environment(kResolver), recursive)),
        stub(world.environment(kClient), {{at53(kResolver)}}) {}
  RecursiveResolver recursive;
  std::unique_ptr<ResolverServer> service;
  StubResolver stub;
};

Scripted::Script rcode_script(Rcode rcode) {
  return [rcode](const Message& query) {
    Message m = make_response(query);
    m.rcode = rcode;
    return m;
  };
}

}  // namespace

TEST_CASE("a stub gets every kind of answer through its resolver", "[dns][stub]") {
  Stubbed s;
  struct Row {
    const char* name;
    Type type;
    const char* answer;
  };
  const Row rows[] = {
      {"acme.example", Type::mx, "ok\n  acme.example. 3600 IN MX 10 mx1.acme.example."},
      {"away.acme.example", Type::a,
       "ok\n  away.acme.example. 3600 IN CNAME web.globex.example.\n  web.globex.example. 3600 IN "
       "A "
       "192.0.2.80"},
      {"nobody.acme.example", Type::a, "nxdomain"},
      {"togone.acme.example", Type::a,
       "nxdomain\n  togone.acme.example. 3600 IN CNAME gone.globex.example."},
      {"acme.example", Type::txt, "nodata"},
      {"loop.acme.example", Type::a, "servfail"},
      {"a..b", Type::a, "nxdomain"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto answer = resolve(s.world, s.stub, row.name, row.type);
    REQUIRE(answer);
    CHECK(text(*answer) == row.answer);
    if (answer->outcome == Outcome::nxdomain && answer->soa) CHECK(answer->ttl == 60);
  }
}

TEST_CASE("the whole chain of a lookup is in the trace", "[dns][stub]") {
  Stubbed s;
  {
    const trace::CauseScope scope(s.world.sink, 7);
    const Lookup lookup = s.stub.query("acme.example", Type::mx, [&](const Answer& answer) {
      CHECK(s.world.sink.cause() == answer.event);
    });
    s.world.timers.run();
  }
  const auto lookups = s.world.sink.all(trace::Kind::dns_lookup);
  REQUIRE(lookups.size() == 1);  // the resolver's own work is no lookup of a host's
  CHECK(lookups[0].cause == 7);
  const auto asked = s.world.sink.all(trace::Kind::dns_query);
  REQUIRE(asked.size() == 4);
  CHECK(asked[0].values[5] == "1");
  CHECK(asked[1].values[5] == "0");
  CHECK(asked[0].cause == lookups[0].id);
  CHECK(asked[1].cause == asked[0].id);
  const auto responses = s.world.sink.all(trace::Kind::dns_response);
  REQUIRE(responses.size() == 4);
  CHECK(responses[3].cause == asked[0].id);
  CHECK(responses[3].values[4] == "qr rd ra");
  CHECK(s.world.sink.events.back().kind == trace::Kind::dns_result);
  CHECK(s.world.sink.events.back().cause == lookups[0].id);
}

TEST_CASE("a stub tries again, and the next server", "[dns][stub]") {
  World world;
  StubOptions options{{at53("10.1.0.1"), at53("10.1.0.2")}};
  StubResolver stub(world.environment(kClient), options);
  const auto start = world.timers.now();
  SECTION("nobody answers") {
    const auto answer = resolve(world, stub, "acme.example", Type::a);
    CHECK(answer->outcome == Outcome::timeout);
    CHECK(world.timers.now() - start == seconds(30));
    CHECK(queries(world).size() == 6);
    CHECK(queries(world)[1].starts_with("10.1.0.2"));
  }
  SECTION("the second one does") {
    Scripted good(world, "10.1.0.2", rcode_script(Rcode::nxdomain));
    CHECK(resolve(world, stub, "acme.example", Type::a)->outcome == Outcome::nxdomain);
    CHECK(world.timers.now() - start < seconds(6));
  }
  SECTION("the first one refuses") {
    Scripted bad(world, "10.1.0.1", rcode_script(Rcode::refused));
    Scripted good(world, "10.1.0.2", rcode_script(Rcode::noerror));
    CHECK(resolve(world, stub, "acme.example", Type::a)->outcome == Outcome::nodata);
    CHECK(world.timers.now() - start < seconds(1));
  }
  SECTION("both fail") {
    Scripted bad(world, "10.1.0.1", rcode_script(Rcode::servfail));
    Scripted worse(world, "10.1.0.2", rcode_script(Rcode::formerr));
    const auto answer = resolve(world, stub, "acme.example", Type::a);
    CHECK(answer->outcome == Outcome::servfail);
    CHECK(answer->detail == "10.1.0.2 answered FORMERR");
    CHECK(bad.queries == 1);
    CHECK(worse.queries == 2);  // with EDNS and without
  }
  SECTION("a cancelled lookup asks no more") {
    {
      const Lookup lookup = stub.query("acme.example", Type::a, [](const Answer&) { FAIL(); });
    }
    world.timers.run();
    CHECK(queries(world).size() == 1);
  }
  CHECK(world.host(kClient).open_sockets() == 0);
}

TEST_CASE("a lookup may outlive its resolver", "[dns][stub]") {
  World world;
  Lookup lookup;
  {
    StubResolver stub(world.environment(kClient), {{at53("10.1.0.1")}});
    lookup = stub.query("acme.example", Type::a, [](const Answer&) { FAIL(); });
    CHECK(lookup.pending());
  }
  world.timers.run();
}

TEST_CASE("without a resolver the answer is servfail", "[dns][stub]") {
  World world;
  StubResolver stub(world.environment(kClient), {});
  const auto answer = resolve(world, stub, "acme.example", Type::a);
  CHECK(answer->outcome == Outcome::servfail);
  CHECK(answer->detail == "no resolver is configured");
}

TEST_CASE("answers that were not asked for are ignored", "[dns][stub]") {
  World world;
  StubResolver stub(world.environment(kClient), {{at53("10.1.0.1")}});
  const auto answer_with = [](const Message& query, const char* address) {
    Message m = make_response(query);
    m.answers = {address_record(query.questions[0].name, 60, *net::Address::parse(address))};
    return m;
  };
  std::unique_ptr<net::DatagramSocket> forger = world.host("10.6.6.6").bind(53, {});
  std::unique_ptr<net::DatagramSocket> server;
  server = world.host("10.1.0.1").bind(53, [&](net::Endpoint from, std::string_view wire) {
    const Message query = *decode(wire).value;
    forger->send_to(from, encode(answer_with(query, "6.6.6.6")));  // from elsewhere
    Message wrong_id = answer_with(query, "6.6.6.7");
    wrong_id.id ^= 1;
    server->send_to(from, encode(wrong_id));
    Message no_response = answer_with(query, "6.6.6.8");
    no_response.response = false;
    server->send_to(from, encode(no_response));
    Message wrong_type = answer_with(query, "6.6.6.9");
    wrong_type.questions[0].type = Type::aaaa;
    server->send_to(from, encode(wrong_type));
    server->send_to(from, encode(answer_with(query, "192.0.2.1")));
  });
  CHECK(text(*resolve(world, stub, "acme.example", Type::a)) ==
        "ok\n  acme.example. 60 IN A 192.0.2.1");
}

TEST_CASE("a malformed answer is a failure of its server", "[dns][stub]") {
  World world;
  StubResolver stub(world.environment(kClient), {{at53("10.1.0.1")}});
  std::unique_ptr<net::DatagramSocket> server;
  server = world.host("10.1.0.1").bind(53, [&](net::Endpoint from, std::string_view wire) {
    std::string broken = encode(make_response(*decode(wire).value));
    broken[7] = 1;  // one answer, which is not there
    broken[11] = 0;
    broken.resize(broken.size() - 11);
    server->send_to(from, broken);
  });
  const auto answer = resolve(world, stub, "acme.example", Type::a);
  CHECK(answer->outcome == Outcome::servfail);
  CHECK(answer->detail == "10.1.0.1 sent something that is no DNS message");
}
