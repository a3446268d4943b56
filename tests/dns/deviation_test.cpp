// Lesson switches of DNS servers: old, odd and broken ones.
#include "server/dns/deviation.hpp"

#include "server/dns/framing.hpp"
#include "tests/dns/tree.hpp"

using namespace mailscope;
using namespace mailscope::dns;
using namespace mailscope::dns::test;
using policy::Switch;
using std::chrono::seconds;

namespace {

Switch about(std::string capability, Switch::Act act, std::string text = {}) {
  Switch out;
  out.protocol = policy::Protocol::dns;
  out.capability = std::move(capability);
  out.act = act;
  out.text = std::move(text);
  return out;
}
/// Without a text: silence.
Switch answers(std::string type, std::string text, std::string name = {}) {
  Switch out = about("", text.empty() ? Switch::Act::drop : Switch::Act::reply);
  out.text = std::move(text);
  out.command = std::move(type);
  out.name = std::move(name);
  return out;
}

/// What the server does with a query, in a few words.
std::string fate(policy::Switches& switches, const Message& query,
                 Transport transport = Transport::udp, const char* client = "192.0.2.7") {
  std::string wire = encode(query);
  const auto instead = deviate(switches, wire, transport, *net::Address::parse(client));
  if (!instead)
    return decode(wire).value->edns.has_value() == query.edns.has_value() ? "as ever"
                                                                          : "as ever, without EDNS";
  if (!instead->answer) return "silence";
  const Message& answer = *instead->answer;
  CHECK(answer.id == query.id);
  CHECK(answer.response);
  CHECK(answer.questions == query.questions);
  CHECK(answer.answers.empty());
  return to_string(answer.rcode) + (answer.truncated ? " tc" : "") + (answer.edns ? " edns" : "");
}

Message ask(const char* host, Type type) {
  return make_query(7, name(host), type, true);
}

}  // namespace

TEST_CASE("chosen answers by type and name", "[dns][switches]") {
  struct Row {
    const char *type, *reply, *name;  // of the switch
    const char* asked;
    Type asked_type;
    const char* fate;
  };
  const Row rows[] = {
      {"MX", "SERVFAIL", "", "acme.example", Type::mx, "SERVFAIL edns"},
      {"mx", "servfail", "", "acme.example", Type::mx, "SERVFAIL edns"},
      {"MX", "SERVFAIL", "", "acme.example", Type::a, "as ever"},
      {"QUERY", "REFUSED", "", "acme.example", Type::aaaa, "REFUSED edns"},
      {"QUERY", "NXDOMAIN", "acme.example", "Acme.Example", Type::a, "NXDOMAIN edns"},
      {"QUERY", "NXDOMAIN", "acme.example", "mx.acme.example", Type::a, "as ever"},
      {"QUERY", "NOERROR", "*.acme.example", "mx.acme.example", Type::a, "NOERROR edns"},
      {"QUERY", "NOERROR", "*.acme.example", "a.mx.acme.example", Type::a, "NOERROR edns"},
      {"QUERY", "NOERROR", "*.acme.example", "acme.example", Type::a, "as ever"},
      {"QUERY", "NOERROR", "*.acme.example", "notacme.example", Type::a, "as ever"},
      {"A", "TRUNCATED", "", "acme.example", Type::a, "NOERROR tc edns"},
      {"A", "FORMERR", "", "acme.example", Type::a, "FORMERR"},
      {"A", "NOTIMP", "", "acme.example", Type::a, "NOTIMP"},
      {"A", "", "", "acme.example", Type::a, "silence"},
      {"TYPE65280", "REFUSED", "", "acme.example", static_cast<Type>(65280), "REFUSED edns"},
  };
  for (const Row& row : rows) {
    INFO(row.type << " " << row.reply << " " << row.name << ": " << row.asked);
    policy::Switches switches;
    switches.add(answers(row.type, row.reply, row.name));
    CHECK(fate(switches, ask(row.asked, row.asked_type)) == row.fate);
  }
}

TEST_CASE("capabilities of a DNS server", "[dns][switches]") {
  using Act = Switch::Act;
  struct Row {
    Switch what;
    bool edns;
    Transport transport;
    const char* fate;
  };
  const Row rows[] = {
      {about("EDNS", Act::hide), true, Transport::udp, "as ever, without EDNS"},
      {about("EDNS", Act::hide), false, Transport::udp, "as ever"},
      {about("EDNS", Act::reply), true, Transport::udp, "FORMERR"},
      {about("EDNS", Act::reply), false, Transport::udp, "as ever"},
      {about("EDNS", Act::reply, "NOTIMP"), true, Transport::tcp, "NOTIMP"},
      {about("EDNS", Act::reply, "BADVERS"), true, Transport::udp, "BADVERS edns"},
      {about("EDNS", Act::drop), true, Transport::udp, "silence"},
      {about("EDNS", Act::drop), false, Transport::udp, "as ever"},
      {about("UDP", Act::hide), true, Transport::udp, "silence"},
      {about("UDP", Act::hide), true, Transport::tcp, "as ever"},
      {about("TCP", Act::hide), true, Transport::tcp, "silence"},
      {about("TCP", Act::hide), true, Transport::udp, "as ever"},
      {about("TCP", Act::reply), true, Transport::tcp, "REFUSED edns"},
      {about("RECURSION", Act::hide), true, Transport::udp, "REFUSED edns"},
      {about("RECURSION", Act::reply), true, Transport::udp, "SERVFAIL edns"},
      {about("RECURSION", Act::drop), true, Transport::udp, "silence"},
  };
  for (const Row& row : rows) {
    INFO(describe(row.what));
    policy::Switches switches;
    switches.add(row.what);
    Message query = ask("acme.example", Type::mx);
    if (!row.edns) query.edns.reset();
    CHECK(fate(switches, query, row.transport) == row.fate);
  }
}

TEST_CASE("for whom and how often", "[dns][switches]") {
  policy::Switches switches;
  Switch some = answers("QUERY", "SERVFAIL");
  some.clients = net::Prefix::parse("192.0.2.0/24");
  some.times = 2;
  switches.add(some);
  const Message query = ask("acme.example", Type::mx);
  CHECK(fate(switches, query, Transport::udp, "198.51.100.1") == "as ever");
  CHECK(fate(switches, query) == "SERVFAIL edns");
  CHECK(fate(switches, query) == "SERVFAIL edns");
  CHECK(fate(switches, query) == "as ever");
  // An answer that is cut off is none of TCP's, and does not count there.
  Switch cut = answers("MX", "TRUNCATED");
  cut.times = 1;
  switches.add(cut);
  CHECK(fate(switches, query, Transport::tcp) == "as ever");
  CHECK(fate(switches, query) == "NOERROR tc edns");
  CHECK(fate(switches, query) == "as ever");
}

TEST_CASE("what is no query is the server's own business", "[dns][switches]") {
  policy::Switches switches;
  switches.add(answers("QUERY", "SERVFAIL"));
  for (const std::string& wire : {std::string("short"), std::string(12, '\0')}) {
    std::string copy = wire;
    CHECK_FALSE(deviate(switches, copy, Transport::udp, net::Address()));
    CHECK(copy == wire);
  }
}

namespace {

/// The tree, whose acme server at kAcme1 has switches and is the only one.
struct Odd {
  World world;
  policy::Switches switches;
  Authority authority;
  std::unique_ptr<AuthorityServer> server;
  std::unique_ptr<StubResolver> stub;
  Odd() {
    Zone zone(name("acme.example"));
    zone.add(make_record(name("acme.example"), 60, Soa{}));
    zone.add(make_record(name("acme.example"), 60, Mx{10, name("mx.acme.example")}));
    authority.add(std::move(zone));
    ServerOptions options;
    options.switches = &switches;
    server = std::make_unique<AuthorityServer>(world.environment(kAcme1), authority, options);
    stub = std::make_unique<StubResolver>(world.environment(kClient),
                                          StubOptions{.servers = {at53(kAcme1)}});
  }
  std::optional<Answer> mx() { return resolve(world, *stub, "acme.example", Type::mx); }
};

}  // namespace

TEST_CASE("the clients of an odd server cope", "[dns][switches]") {
  Odd odd;
  using Act = Switch::Act;
  SECTION("one that knows no EDNS") {
    odd.switches.add(about("EDNS", Act::hide));
    CHECK(odd.mx()->outcome == Outcome::ok);
  }
  SECTION("one that refuses EDNS: asked again without") {
    odd.switches.add(about("EDNS", Act::reply));
    CHECK(odd.mx()->outcome == Outcome::ok);
    CHECK(odd.world.sink.count(trace::Kind::dns_response) == 2);
  }
  SECTION("one that cuts its answers off: asked again over TCP") {
    odd.switches.add(answers("MX", "TRUNCATED"));
    CHECK(odd.mx()->outcome == Outcome::ok);
    CHECK(odd.world.sink.all(trace::Kind::dns_response)[0].values[4].find("tc") !=
          std::string::npos);
  }
  SECTION("and over TCP it resets") {
    odd.switches.add(answers("MX", "TRUNCATED"));
    odd.switches.add(about("TCP", Act::hide));
    const auto answer = odd.mx();
    CHECK(answer->temporary());
  }
  SECTION("one that is silent once: asked again") {
    Switch once = answers("QUERY", "");
    once.times = 1;
    odd.switches.add(once);
    CHECK(odd.mx()->outcome == Outcome::ok);
    CHECK(odd.world.sink.count(trace::Kind::dns_timeout) == 1);
  }
  SECTION("one that says the name does not exist") {
    odd.switches.add(answers("MX", "NXDOMAIN"));
    CHECK(odd.mx()->outcome == Outcome::nxdomain);
  }
  SECTION("one that says there is no such record") {
    odd.switches.add(answers("MX", "NOERROR"));
    CHECK(odd.mx()->outcome == Outcome::nodata);
  }
}
