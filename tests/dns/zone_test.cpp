// Zones: what goes in, what is refused, what is wrong as a whole; zone files.
#include "server/dns/zone.hpp"

#include "tests/catch.hpp"

using namespace mailscope::dns;

namespace {

std::string add(Zone& zone, const char* line) {
  auto record = parse_record(line, zone.apex());
  REQUIRE(record.error == "");
  return zone.add(*record);
}

}  // namespace

TEST_CASE("a zone refuses what cannot stand in it", "[dns][zone]") {
  Zone zone(name("acme.example"));
  CHECK(add(zone, "@ SOA ns1 host 1 2 3 4 5") == "");
  CHECK(add(zone, "@ NS ns1") == "");
  CHECK(add(zone, "www CNAME web") == "");
  CHECK(add(zone, "@ MX 10 mx1") == "");
  CHECK(add(zone, "@ MX 10 mx1") == "");  // the same again
  CHECK(zone.record_count() == 4);
  CHECK(add(zone, "@ MX 10 MX1") == "");  // the same in other letters
  CHECK(zone.record_count() == 4);
  CHECK(add(zone, "example. A 192.0.2.1") == "example. A: not within the zone acme.example.");
  CHECK(add(zone, "xacme.example. A 192.0.2.1") ==
        "xacme.example. A: not within the zone acme.example.");
  CHECK(add(zone, "lab SOA ns1 host 1 2 3 4 5") ==
        "lab.acme.example. SOA: SOA belongs to the apex acme.example.");
  CHECK(add(zone, "@ SOA ns2 host 1 2 3 4 5") == "acme.example. SOA: there can be only one");
  CHECK(add(zone, "www A 192.0.2.1") ==
        "www.acme.example. A: a CNAME must stand alone, and there is CNAME at the name");
  CHECK(add(zone, "@ CNAME web") ==
        "acme.example. CNAME: a CNAME must stand alone, and there is SOA at the name");
  CHECK(add(zone, "www CNAME other") == "www.acme.example. CNAME: there can be only one");
  CHECK(add(zone, "@ 60 MX 20 mx2") ==
        "acme.example. MX: TTL 60 differs from the TTL of the record beside it, 3600");
  CHECK(add(zone, "@ CH TXT x") == "acme.example. TXT: only class IN is served");
  CHECK(add(zone, "* NS ns1") == "*.acme.example. NS: a wildcard cannot be delegated");
  CHECK(add(zone, "www TYPE46 \\# 1 00") == "");  // RRSIG may stand beside a CNAME
}

TEST_CASE("a zone tells what is wrong with it as a whole", "[dns][zone]") {
  Zone empty(name("acme.example"));
  CHECK(empty.problems() == std::vector<std::string>{"acme.example. has no SOA record",
                                                     "acme.example. has no NS record"});
  auto zone = Zone::parse(R"($TTL 60
@      SOA  ns1 host 1 2 3 4 5
       NS   ns1
       NS   ns.other.example.
       MX   10 mail
ns1    A    192.0.2.53
mail   CNAME web
web    A    192.0.2.80
lab    NS   ns.lab
sub    NS   ns.sub
ns.sub A    192.0.2.54
x.sub  MX   0 .
far    NS   ns.sub
)",
                          name("acme.example"));
  REQUIRE(zone.error == "");
  CHECK(zone->problems() ==
        std::vector<std::string>{
            "acme.example. MX points to mail.acme.example., which is a CNAME",
            "lab.acme.example. NS points to ns.lab.acme.example., which has no address",
            "x.sub.acme.example. MX is hidden: sub.acme.example. is delegated"});
}

TEST_CASE("nodes between names exist too", "[dns][zone]") {
  Zone zone(name("acme.example"));
  CHECK(add(zone, "a.b.c A 192.0.2.1") == "");
  CHECK(zone.find(name("b.c.acme.example")) != nullptr);
  CHECK(zone.find(name("b.c.acme.example"))->sets.empty());
  CHECK(zone.find(name("C.ACME.example")) != nullptr);
  CHECK(zone.find(name("x.c.acme.example")) == nullptr);
  CHECK(zone.find(name("example")) == nullptr);
  Zone root{Name()};
  CHECK(root.add(*parse_record("a.b. A 192.0.2.1")) == "");
  CHECK(root.find(name("b")) != nullptr);
}

TEST_CASE("zone files are read and written", "[dns][zone]") {
  auto zone = Zone::parse(R"(; the zone of ACME
$TTL 1h
@   IN SOA ns1 hostmaster (
        2026010100 ; serial
        2h 15m 2w 5m )
    NS  ns1
    MX  10 mx1
$ORIGIN lab.acme.example.
pc  60 A 192.0.2.9
    TXT "in the lab"
$ORIGIN acme.example.
ns1 A   192.0.2.53
mx1 A   192.0.2.25
)",
                          name("acme.example"));
  REQUIRE(zone.error == "");
  CHECK(zone->to_string() ==
        "acme.example. 3600 IN SOA ns1.acme.example. hostmaster.acme.example. 2026010100 7200 900 "
        "1209600 300\n"
        "acme.example. 3600 IN NS ns1.acme.example.\n"
        "acme.example. 3600 IN MX 10 mx1.acme.example.\n"
        "pc.lab.acme.example. 60 IN A 192.0.2.9\n"
        "pc.lab.acme.example. 3600 IN TXT \"in the lab\"\n"
        "mx1.acme.example. 3600 IN A 192.0.2.25\n"
        "ns1.acme.example. 3600 IN A 192.0.2.53\n");
  auto again = Zone::parse(zone->to_string(), name("acme.example"));
  REQUIRE(again.error == "");
  CHECK(again->to_string() == zone->to_string());
}

TEST_CASE("errors in zone files name the line", "[dns][zone]") {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"@ A 192.0.2.1\n\n@ A x\n", "line 3: A: expected an IPv4 address, found \"x\""},
      {"   A 192.0.2.1", "line 1: no owner name"},
      {"$TTL soon", "line 1: $TTL needs a number of seconds"},
      {"$ORIGIN", "line 1: $ORIGIN needs a domain name"},
      {"$INCLUDE other", "line 1: unknown directive $INCLUDE"},
      {"@ TXT \"a\n", "line 1: a quoted string has no closing quote"},
      {"@ SOA a b ( 1\n2 3\n", "line 3: \"(\" without \")\""},
      {"@ A 192.0.2.1 )", "line 1: \")\" without \"(\""},
      {"\n@ CNAME a\n@ A 192.0.2.1",
       "line 3: acme.example. A: a CNAME must stand alone, and there is CNAME at the name"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(Zone::parse(row.text, name("acme.example")).error == row.error);
  }
}
