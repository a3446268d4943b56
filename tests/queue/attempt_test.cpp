// Where mail goes and what is made of what it meets there (RFC 5321 section 5.1).
#include <set>

#include "tests/catch.hpp"
#include "tests/queue/world.hpp"

using namespace mailscope;
using namespace mailscope::queue;
using namespace mailscope::queue::test;
using Lines = std::vector<std::string>;

TEST_CASE("mail goes to the preferred exchanger", "[queue][attempt]") {
  World w;
  Mx& first = w.host("mx1.globex.example", 1);
  Mx& second = w.host("mx2.globex.example", 2);
  w.resolver.mx("globex.example", 20, "mx2.globex.example");
  w.resolver.mx("globex.example", 10, "mx1.globex.example");
  w.send("alice@acme.example", {"bob@globex.example", "carol@globex.example"});
  w.run(1s);
  CHECK(first.messages.size() == 1);
  CHECK(first.messages[0].envelope.recipients.size() == 2);
  CHECK(first.messages[0].envelope.helo == "out.acme.example");
  CHECK(second.connections == 0);
  CHECK(w.queue->empty());
  CHECK(w.store.size() == 0);
  CHECK(w.queue->attempts().empty());
  CHECK(w.sink.lines() ==
        Lines{"policy.mx globex.example 10 mx1.globex.example, 20 mx2.globex.example",
              "smtp.attempt M1 globex.example mx1.globex.example 1",
              "smtp.outcome M1 mx1.globex.example delivered 250 2.6.0 Accepted as R1",
              "mail.relayed M1 bob@globex.example, carol@globex.example mx1.globex.example"});
}

TEST_CASE("the next exchanger when one is no help", "[queue][attempt]") {
  World w;
  Mx& first = w.host("mx1.globex.example", 1);
  Mx& second = w.host("mx2.globex.example", 2);
  w.resolver.mx("globex.example", 10, "mx1.globex.example");
  w.resolver.mx("globex.example", 20, "mx2.globex.example");
  const auto outcome = [&] {
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(2min);
    const Lines told = w.told("smtp.outcome");
    REQUIRE(told.size() == 2);
    CHECK(told[1] == "smtp.outcome M1 mx2.globex.example delivered 250 2.6.0 Accepted as R1");
    CHECK(second.messages.size() == 1);
    return told[0].substr(std::string("smtp.outcome M1 mx1.globex.example ").size());
  };
  SECTION("nobody listens") {
    w.routes.hosts.erase(net::Address::v4(198, 51, 100, 1));
    CHECK(outcome() == "next 4.4.1 No connection: refused");
  }
  SECTION("nobody answers") {
    w.routes.silent.insert(net::Address::v4(198, 51, 100, 1));
    CHECK(outcome() == "next 4.4.1 mx1.globex.example did not answer in time");
  }
  SECTION("a greeting of 554") {
    first.fail("CONNECT", "554 Go away");
    CHECK(outcome() == "next 554 Go away");
  }
  SECTION("a greeting of 421") {
    first.fail("CONNECT", "421 Busy");
    CHECK(outcome() == "next 421 Busy");
  }
  SECTION("a transient refusal of the recipient") {
    first.fail("RCPT", "451 4.7.1 Greylisted");
    CHECK(outcome() == "next 451 4.7.1 Greylisted");
  }
  SECTION("a transient refusal of the message") {
    first.fail(".", "452 4.3.1 Disk full");
    CHECK(outcome() == "next 452 4.3.1 Disk full");
  }
  SECTION("a lost connection before the end of data") {
    first.add("DATA", policy::Switch::Act::drop);
    CHECK(outcome().starts_with("next 4.4.2 Connection lost: "));
  }
  SECTION("a name without an address") {
    w.resolver.records.erase({"mx1.globex.example", dns::Type::a});
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1s);
    CHECK(second.messages.size() == 1);
  }
}

TEST_CASE("a permanent refusal of the recipient is final", "[queue][attempt]") {
  World w;
  Mx& first = w.host("mx1.globex.example", 1);
  Mx& second = w.host("mx2.globex.example", 2);
  w.resolver.mx("globex.example", 10, "mx1.globex.example");
  w.resolver.mx("globex.example", 20, "mx2.globex.example");
  first.fail("RCPT", "550 5.1.1 No");
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1s);
  CHECK(second.connections == 0);
  CHECK(w.told("smtp.outcome") == Lines{"smtp.outcome M1 mx1.globex.example failed 550 5.1.1 No"});
  CHECK(w.told("mail.failed") == Lines{"mail.failed M1 bob@globex.example 5.1.1 550 5.1.1 No"});
}

TEST_CASE("a missing final reply sends no second copy elsewhere", "[queue][attempt]") {
  World w;
  Mx& first = w.host("mx1.globex.example", 1);
  Mx& second = w.host("mx2.globex.example", 2);
  w.resolver.mx("globex.example", 10, "mx1.globex.example");
  w.resolver.mx("globex.example", 20, "mx2.globex.example");
  first.add(".", policy::Switch::Act::lose);
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1s);
  CHECK(first.messages.size() == 1);
  CHECK(second.connections == 0);
  CHECK_FALSE(w.queue->empty());  // custody did not pass: the 250 never came
  first.switches.all().clear();
  w.run(2min);
  CHECK(first.messages.size() == 2);  // RFC 1047: the price is a duplicate
  CHECK(w.queue->empty());
}

TEST_CASE("what the DNS says decides", "[queue][attempt]") {
  struct Row {
    std::string domain;
    std::string line;
  };
  World w;
  w.host("mx.globex.example", 1);
  w.resolver.names.insert("empty.example");
  w.resolver.add("null.example", dns::Type::mx, dns::Mx{0, dns::Name()});
  w.resolver.failing["broken.example"] = dns::Outcome::servfail;
  w.resolver.failing["silent.example"] = dns::Outcome::timeout;
  w.resolver.mx("noaddress.example", 10, "nowhere.example");
  w.resolver.mx("badaddress.example", 10, "broken.example");
  w.resolver.mx("self.example", 10, "OUT.acme.example");
  w.resolver.mx("worse.example", 10, "out.acme.example");
  w.resolver.mx("worse.example", 10, "mx.globex.example");
  w.resolver.mx("alias.example", 10, "me.example");
  w.resolver.a("me.example", net::Address::v4(192, 0, 2, 1));
  const Row table[] = {
      {"gone.example",
       "mail.failed M1 bob@gone.example 5.1.2 550 5.1.2 The domain gone.example does not exist"},
      {"null.example",
       "mail.failed M1 bob@null.example 5.1.10 556 5.1.10 The domain null.example accepts no mail "
       "(null MX)"},
      {"empty.example",
       "mail.failed M1 bob@empty.example 5.1.2 550 5.1.2 The domain empty.example has neither mail "
       "exchangers nor an address"},
      {"noaddress.example",
       "mail.failed M1 bob@noaddress.example 5.4.4 550 5.4.4 The mail exchanger nowhere.example "
       "has no address"},
      {"self.example",
       "mail.failed M1 bob@self.example 5.4.6 554 5.4.6 Mail for self.example would come back to "
       "this host"},
      {"worse.example",
       "mail.failed M1 bob@worse.example 5.4.6 554 5.4.6 Mail for worse.example would come back to "
       "this host"},
      {"alias.example",
       "mail.failed M1 bob@alias.example 5.4.6 554 5.4.6 Mail for alias.example would come back to "
       "this host"},
      {"broken.example",
       "mail.deferred M1 bob@broken.example 451 4.4.3 No answer from the DNS for broken.example "
       "(servfail) 1 60"},
      {"silent.example",
       "mail.deferred M1 bob@silent.example 451 4.4.3 No answer from the DNS for silent.example "
       "(timeout) 1 60"},
      {"badaddress.example",
       "mail.deferred M1 bob@badaddress.example 451 4.4.3 No answer from the DNS for the address "
       "of broken.example 1 60"},
      {"[198.51.100.77]", "mail.deferred M1 bob@[198.51.100.77] 4.4.1 No connection: refused 1 60"},
      {"[192.0.2.1]",
       "mail.failed M1 bob@[192.0.2.1] 5.4.6 554 5.4.6 Mail for [192.0.2.1] would come back to "
       "this host"},
  };
  for (const Row& row : table) {
    INFO(row.domain);
    w.sink.events.clear();
    w.ids = 0;
    w.power_on();
    w.send("alice@acme.example", {"bob@" + row.domain});
    w.run(1s);
    Lines told = w.told("mail.failed");
    for (const std::string& line : w.told("mail.deferred")) told.push_back(line);
    CHECK(told == Lines{row.line});
    w.queue.reset();
    w.store.remove("M1");
  }
}

TEST_CASE("a domain without MX is its own exchanger; literals need no DNS", "[queue][attempt]") {
  World w;
  Mx& host = w.host("small.example", 5);
  w.send("alice@acme.example", {"bob@small.example"});
  w.run(1s);
  CHECK(host.messages.size() == 1);
  w.resolver.asked.clear();
  w.send("alice@acme.example", {"bob@[198.51.100.5]"});
  w.run(1s);
  CHECK(host.messages.size() == 2);
  CHECK(w.resolver.asked.empty());
}

TEST_CASE("both address families are tried, IPv6 first", "[queue][attempt]") {
  World w;
  Mx& host = w.host("mx.globex.example", 1);
  w.resolver.a("mx.globex.example", *net::Address::parse("2001:db8::1"));
  w.resolver.mx("globex.example", 10, "mx.globex.example");
  SECTION("both") {
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1s);
    CHECK(w.routes.tried == Lines{"[2001:db8::1]:25", "198.51.100.1:25"});
  }
  SECTION("a host without IPv6") {
    w.options.attempt.ipv6 = false;
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1s);
    CHECK(w.routes.tried == Lines{"198.51.100.1:25"});
  }
  CHECK(host.messages.size() == 1);
}

TEST_CASE("equal preferences share the load", "[queue][attempt]") {
  std::set<std::string> first;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World w(seed);
    w.host("a.example", 1);
    w.host("b.example", 2);
    w.resolver.mx("globex.example", 10, "a.example");
    w.resolver.mx("globex.example", 10, "b.example");
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1s);
    first.insert(w.routes.tried.at(0));
  }
  CHECK(first.size() == 2);
}

TEST_CASE("limits of one attempt", "[queue][attempt]") {
  World w;
  w.options.attempt.max_exchangers = 3;
  w.options.attempt.max_addresses = 2;
  w.options.attempt.max_servers = 5;
  for (std::uint8_t i = 0; i < 20; ++i) {
    const std::string name = "mx" + std::to_string(i) + ".example";
    w.resolver.mx("globex.example", i, name);
    for (std::uint8_t k = 0; k < 4; ++k) w.resolver.a(name, net::Address::v4(203, 0, i, k));
  }
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(30s);
  CHECK(w.routes.tried ==
        Lines{"203.0.0.0:25", "203.0.0.1:25", "203.0.1.0:25", "203.0.1.1:25", "203.0.2.0:25"});
  CHECK(w.told("mail.deferred").size() == 1);
}

TEST_CASE("opportunistic TLS falls back, required TLS does not", "[queue][attempt]") {
  World w;
  Mx& host = w.host("mx.globex.example", 1);
  host.options.starttls = true;  // offered, but the host has no certificate
  w.resolver.mx("globex.example", 10, "mx.globex.example");
  net::TlsClientOptions tls;
  tls.verify = false;
  w.options.attempt.tls_context = net::make_tls_client_context(tls);
  SECTION("opportunistic") {
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(10s);
    CHECK(host.messages.size() == 1);
    CHECK(host.connections == 2);
    CHECK(w.told("smtp.outcome").at(0).starts_with("smtp.outcome M1 mx.globex.example next 4.7.5"));
  }
  SECTION("required") {
    w.options.attempt.tls = smtp::ClientOptions::Tls::required;
    w.send("alice@acme.example", {"bob@globex.example"});
    w.run(10s);
    CHECK(host.messages.empty());
    CHECK(w.told("mail.deferred").size() == 1);
  }
}

TEST_CASE("a smart host takes everything", "[queue][attempt]") {
  World w;
  Mx& relay = w.host("relay.acme.example", 9);
  w.options.attempt.smart_host = "relay.acme.example";
  w.send("alice@acme.example", {"bob@globex.example", "carol@umbrella.example"});
  w.run(1s);
  REQUIRE(relay.messages.size() == 1);
  CHECK(relay.messages[0].envelope.recipients.size() == 2);
}

TEST_CASE("causes lead from the message to the outcome", "[queue][attempt]") {
  World w;
  w.host("mx2.globex.example", 2);
  w.resolver.mx("globex.example", 10, "mx1.globex.example");
  w.resolver.mx("globex.example", 20, "mx2.globex.example");
  w.resolver.a("mx1.globex.example", net::Address::v4(198, 51, 100, 99));
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1s);
  const auto& events = w.sink.events;
  REQUIRE(events.size() == 6);  // mx, attempt, outcome, attempt, outcome, relayed
  CHECK(events[3].cause == 3);  // the second attempt is made because of the first one's outcome
  CHECK(events[5].cause == 5);
  for (const auto& event : events) CHECK(event.message == 1);
}
