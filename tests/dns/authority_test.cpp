// The authoritative engine: answers, wildcards, delegations, refusals, sizes.
#include "server/dns/authority.hpp"

#include "tests/catch.hpp"

using namespace mailscope::dns;
using namespace std::string_literals;

namespace {

void serve(Authority& authority, const char* apex, const char* text) {
  auto zone = Zone::parse(text, name(apex));
  REQUIRE(zone.error == "");
  authority.add(*std::move(zone.value));
}

/// The example of RFC 4592 section 2.2.1, and what the other tests need.
Authority example() {
  Authority authority;
  serve(authority, "example", R"($TTL 3600
@                 SOA  ns.example.com. host 1 7200 900 1209600 300
                  NS   ns.example.com.
                  NS   ns.example.net.
*                 TXT  "this is a wildcard"
*                 MX   10 host1
sub.*             TXT  "this is not a wildcard"
host1             A    192.0.2.1
_ssh._tcp.host1   SRV  0 0 22 host1
_ssh._tcp.host2   SRV  0 0 22 host2
subdel            NS   ns.example.com.
subdel            NS   ns.example.net.
)");
  serve(authority, "acme.example", R"($TTL 3600
@        SOA   ns1 hostmaster 1 7200 900 1209600 300
         NS    ns1
         MX    10 mx1
         MX    20 mx2.globex.example.
ns1      A     192.0.2.53
mx1      A     192.0.2.25
         AAAA  2001:db8::25
www      CNAME web
web      CNAME host
host     A     192.0.2.80
away     CNAME www.globex.example.
gone     CNAME nobody
loop     CNAME loop2
loop2    CNAME loop
tolab    CNAME pc.lab
lab      NS    ns.lab
         NS    ns2.lab2
ns.lab   A     198.51.100.53
lab2     NS    ns2.lab2
ns2.lab2 A     198.51.100.54
a.b.c    A     192.0.2.3
_imap._tcp SRV 0 0 143 mx1
)");
  return authority;
}

Message ask(const Authority& authority, const char* text, Type type) {
  auto query = make_query(99, name(text), type, false);
  const auto response = authority.answer(encode(query), Transport::tcp);
  REQUIRE(response);
  const auto decoded = decode(response->wire);
  REQUIRE(decoded.value);
  CHECK(*decoded.value == response->message);
  CHECK(decoded.value->id == 99);
  CHECK(decoded.value->response);
  return *decoded.value;
}

std::string text(const Message& m) {
  std::string out = to_string(m.rcode) + (m.authoritative ? " aa" : "");
  for (const auto& r : m.answers) out += "\n  " + r.to_string();
  for (const auto& r : m.authority) out += "\n  au " + r.to_string();
  for (const auto& r : m.additional) out += "\n  ad " + r.to_string();
  return out;
}

const std::string kExampleSoa =
    "\n  au example. 300 IN SOA ns.example.com. host.example. 1 7200 900 1209600 300";
const std::string kAcmeSoa =
    "\n  au acme.example. 300 IN SOA ns1.acme.example. hostmaster.acme.example. 1 7200 900 1209600 "
    "300";

}  // namespace

TEST_CASE("wildcards answer as in RFC 4592 section 2.2.1", "[dns][authority]") {
  const Authority authority = example();
  struct Row {
    const char* name;
    Type type;
    std::string answer;
  };
  const Row rows[] = {
      // Synthesized.
      {"host3.example", Type::mx,
       "NOERROR aa\n  host3.example. 3600 IN MX 10 host1.example.\n  ad host1.example. 3600 IN A "
       "192.0.2.1"},
      {"host3.example", Type::a, "NOERROR aa" + kExampleSoa},
      {"foo.bar.example", Type::txt,
       "NOERROR aa\n  foo.bar.example. 3600 IN TXT \"this is a wildcard\""},
      // Not synthesized: the name exists, or something between it and the wildcard does.
      {"host1.example", Type::mx, "NOERROR aa" + kExampleSoa},
      {"sub.*.example", Type::mx, "NOERROR aa" + kExampleSoa},
      {"_telnet._tcp.host1.example", Type::srv, "NXDOMAIN aa" + kExampleSoa},
      {"host.subdel.example", Type::a,
       "NOERROR\n  au subdel.example. 3600 IN NS ns.example.com.\n  au subdel.example. 3600 IN NS "
       "ns.example.net."},
      {"ghost.*.example", Type::mx, "NXDOMAIN aa" + kExampleSoa},
      // The wildcard itself can be asked for.
      {"*.example", Type::txt, "NOERROR aa\n  *.example. 3600 IN TXT \"this is a wildcard\""},
      // An empty non-terminal exists.
      {"_tcp.host2.example", Type::txt, "NOERROR aa" + kExampleSoa},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name, to_string(row.type));
    CHECK(text(ask(authority, row.name, row.type)) == row.answer);
  }
}

TEST_CASE("a zone answers about its own names", "[dns][authority]") {
  const Authority authority = example();
  struct Row {
    const char* name;
    Type type;
    std::string answer;
  };
  const Row rows[] = {
      {"acme.example", Type::mx,
       "NOERROR aa\n  acme.example. 3600 IN MX 10 mx1.acme.example.\n  acme.example. 3600 IN MX 20 "
       "mx2.globex.example.\n  ad mx1.acme.example. 3600 IN A 192.0.2.25\n  ad mx1.acme.example. "
       "3600 IN AAAA 2001:db8::25"},
      {"_imap._tcp.acme.example", Type::srv,
       "NOERROR aa\n  _imap._tcp.acme.example. 3600 IN SRV 0 0 143 mx1.acme.example.\n  ad "
       "mx1.acme.example. 3600 IN A 192.0.2.25\n  ad mx1.acme.example. 3600 IN AAAA 2001:db8::25"},
      {"acme.example", Type::ns,
       "NOERROR aa\n  acme.example. 3600 IN NS ns1.acme.example.\n  ad ns1.acme.example. 3600 IN A "
       "192.0.2.53"},
      {"acme.example", Type::txt, "NOERROR aa" + kAcmeSoa},
      {"nobody.acme.example", Type::a, "NXDOMAIN aa" + kAcmeSoa},
      {"b.c.acme.example", Type::a, "NOERROR aa" + kAcmeSoa},
      {"x.c.acme.example", Type::a, "NXDOMAIN aa" + kAcmeSoa},
      // CNAMEs, as far as the zone goes.
      {"www.acme.example", Type::a,
       "NOERROR aa\n  www.acme.example. 3600 IN CNAME web.acme.example.\n  web.acme.example. 3600 "
       "IN CNAME host.acme.example.\n  host.acme.example. 3600 IN A 192.0.2.80"},
      {"www.acme.example", Type::cname,
       "NOERROR aa\n  www.acme.example. 3600 IN CNAME web.acme.example."},
      {"www.acme.example", Type::mx,
       "NOERROR aa\n  www.acme.example. 3600 IN CNAME web.acme.example.\n  web.acme.example. 3600 "
       "IN CNAME host.acme.example." +
           kAcmeSoa},
      {"away.acme.example", Type::a,
       "NOERROR aa\n  away.acme.example. 3600 IN CNAME www.globex.example."},
      {"gone.acme.example", Type::a,
       "NXDOMAIN aa\n  gone.acme.example. 3600 IN CNAME nobody.acme.example." + kAcmeSoa},
      {"loop.acme.example", Type::a,
       "NOERROR aa\n  loop.acme.example. 3600 IN CNAME loop2.acme.example.\n  loop2.acme.example. "
       "3600 IN CNAME loop.acme.example."},
      {"tolab.acme.example", Type::a,
       "NOERROR aa\n  tolab.acme.example. 3600 IN CNAME pc.lab.acme.example.\n  au "
       "lab.acme.example. 3600 IN NS ns.lab.acme.example.\n  au lab.acme.example. 3600 IN NS "
       "ns2.lab2.acme.example.\n  ad ns.lab.acme.example. 3600 IN A 198.51.100.53\n  ad "
       "ns2.lab2.acme.example. 3600 IN A 198.51.100.54"},
      // Delegations: the cut itself, below it, glue asked for by name, DS.
      {"lab.acme.example", Type::ns,
       "NOERROR\n  au lab.acme.example. 3600 IN NS ns.lab.acme.example.\n  au lab.acme.example. "
       "3600 IN NS ns2.lab2.acme.example.\n  ad ns.lab.acme.example. 3600 IN A 198.51.100.53\n  ad "
       "ns2.lab2.acme.example. 3600 IN A 198.51.100.54"},
      {"ns2.lab2.acme.example", Type::a,
       "NOERROR\n  au lab2.acme.example. 3600 IN NS ns2.lab2.acme.example.\n  ad "
       "ns2.lab2.acme.example. 3600 IN A 198.51.100.54"},
      {"lab.acme.example", Type::ds, "NOERROR aa" + kAcmeSoa},
      // RFC 8482: ANY gets one set.
      {"acme.example", Type::any,
       "NOERROR aa\n  acme.example. 3600 IN SOA ns1.acme.example. hostmaster.acme.example. 1 7200 "
       "900 1209600 300"},
      {"c.acme.example", Type::any, "NOERROR aa" + kAcmeSoa},
      {"nobody.acme.example", Type::any, "NXDOMAIN aa" + kAcmeSoa},
      // Whose DS it is: the parent's, which is served here too.
      {"acme.example", Type::ds, "NOERROR aa" + kExampleSoa},
      // Not ours.
      {"example.org", Type::a, "REFUSED"},
      {".", Type::ns, "REFUSED"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name, to_string(row.type));
    CHECK(text(ask(authority, row.name, row.type)) == row.answer);
  }
}

TEST_CASE("the answer repeats the question's letters", "[dns][authority]") {
  const auto response = ask(example(), "HOST.Acme.Example", Type::a);
  CHECK(response.questions[0].name.to_string() == "HOST.Acme.Example");
  CHECK(response.answers.at(0).name.to_string() == "HOST.Acme.Example");
}

TEST_CASE("what is not a plain query is answered so", "[dns][authority]") {
  const Authority authority = example();
  const auto rcode_of = [&](const Message& query) {
    const auto response = authority.answer(encode(query), Transport::udp);
    REQUIRE(response);
    CHECK(response->message.id == query.id);
    CHECK(response->message.answers.empty());
    return response->message.rcode;
  };
  Message query = make_query(5, name("acme.example"), Type::mx, true);
  SECTION("opcodes") {
    query.opcode = Opcode::status;
    CHECK(rcode_of(query) == Rcode::notimp);
    query.opcode = Opcode::update;
    CHECK(rcode_of(query) == Rcode::notimp);
  }
  SECTION("zone transfers and meta types") {
    query.questions[0].type = Type::axfr;
    CHECK(rcode_of(query) == Rcode::refused);
    query.questions[0].type = static_cast<Type>(249);
    CHECK(rcode_of(query) == Rcode::notimp);
    query.questions[0].type = Type::opt;
    CHECK(rcode_of(query) == Rcode::notimp);
  }
  SECTION("other classes") {
    query.questions[0].klass = Class::ch;
    CHECK(rcode_of(query) == Rcode::refused);
  }
  SECTION("no question, two questions") {
    query.questions.push_back(query.questions[0]);
    CHECK(rcode_of(query) == Rcode::formerr);
    query.questions.clear();
    CHECK(rcode_of(query) == Rcode::formerr);
  }
  SECTION("many questions do not make a large refusal") {
    query.questions.resize(500, query.questions[0]);
    CHECK(rcode_of(query) == Rcode::formerr);
    CHECK(authority.answer(encode(query), Transport::udp)->wire.size() < 64);
  }
  SECTION("a later EDNS") {
    query.edns->version = 1;
    CHECK(rcode_of(query) == Rcode::badvers);
    const auto wire = authority.answer(encode(query), Transport::udp)->wire;
    CHECK(decode(wire).value->rcode == Rcode::badvers);
    CHECK(decode(wire).value->edns->version == 0);
  }
  SECTION("garbage behind a header is FORMERR; less than a header gets nothing") {
    const auto response = authority.answer("\x12\x34\1\0\0\1\0\0\0\0\0\0\xff"s, Transport::udp);
    REQUIRE(response);
    CHECK(response->message.rcode == Rcode::formerr);
    CHECK(response->wire.substr(0, 2) == "\x12\x34");
    CHECK_FALSE(authority.answer("", Transport::udp));
    CHECK_FALSE(authority.answer("\x12\x34\1\0\0\1"s, Transport::udp));
  }
  SECTION("a response is never answered") {
    query.response = true;
    CHECK_FALSE(authority.answer(encode(query), Transport::udp));
  }
}

TEST_CASE("EDNS is answered with EDNS", "[dns][authority]") {
  const Authority authority = example();
  Message query = make_query(5, name("acme.example"), Type::mx, true);
  query.edns->dnssec_ok = true;
  query.edns->options = {{65001, "whatever"}};
  auto response = authority.answer(encode(query), Transport::udp)->message;
  REQUIRE(response.edns);
  CHECK(response.edns->dnssec_ok);
  CHECK(response.edns->options.empty());
  CHECK(response.recursion_desired);
  CHECK_FALSE(response.recursion_available);
  query.edns.reset();
  response = authority.answer(encode(query), Transport::udp)->message;
  CHECK_FALSE(response.edns);
}

TEST_CASE("answers fit the client's datagrams", "[dns][authority]") {
  Authority authority;
  std::string file = "@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n";
  for (int i = 0; i < 40; ++i)
    file += "big TXT \"" + std::string(40, static_cast<char>('A' + i % 26)) + std::to_string(i) +
            "\"\n";
  for (int i = 0; i < 14; ++i) {
    file += "del NS ns" + std::to_string(i) + ".del\nns" + std::to_string(i) +
            ".del A 192.0.2.1\nns" + std::to_string(i) + ".del AAAA 2001:db8::1\n";
  }
  serve(authority, "acme.example", file.c_str());
  const auto size = [&](const char* host, std::optional<std::uint16_t> edns, Transport transport) {
    Message query = make_query(1, name(host), Type::txt, false);
    if (edns)
      query.edns->udp_payload = *edns;
    else
      query.edns.reset();
    const auto response = authority.answer(encode(query), transport);
    return std::pair(response->wire.size(), response->message.truncated);
  };
  const auto plain = size("big.acme.example", std::nullopt, Transport::udp);
  CHECK(plain.first <= 512);
  CHECK(plain.second);
  const auto edns = size("big.acme.example", 4096, Transport::udp);
  CHECK(edns.first <= 1232);
  CHECK(edns.second);
  const auto small = size("big.acme.example", 100, Transport::udp);
  CHECK(small.first <= 512);
  const auto tcp = size("big.acme.example", std::nullopt, Transport::tcp);
  CHECK(tcp.first > 2000);
  CHECK_FALSE(tcp.second);
  // A referral whose glue does not fit is truncated (RFC 9471 section 3).
  CHECK(size("x.del.acme.example", std::nullopt, Transport::udp).second);
  CHECK_FALSE(size("x.del.acme.example", 1232, Transport::udp).second);
}

TEST_CASE("zones come and go", "[dns][authority]") {
  Authority authority = example();
  CHECK(authority.zone(name("ACME.example")) != nullptr);
  CHECK(authority.remove(name("acme.example")));
  CHECK_FALSE(authority.remove(name("acme.example")));
  CHECK(text(ask(authority, "acme.example", Type::txt)) ==
        "NOERROR aa\n  acme.example. 3600 IN TXT \"this is a wildcard\"");
  serve(authority, "example", "@ SOA a b 1 2 3 4 5\n");
  CHECK(ask(authority, "acme.example", Type::txt).rcode == Rcode::nxdomain);
  CHECK(authority.zones().size() == 1);
}
