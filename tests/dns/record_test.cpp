// Records as zone file text.
#include "server/dns/record.hpp"

#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::dns;

TEST_CASE("types and classes have names", "[dns][record]") {
  CHECK(to_string(Type::mx) == "MX");
  CHECK(to_string(static_cast<Type>(65280)) == "TYPE65280");
  CHECK(parse_type("aaaa") == Type::aaaa);
  CHECK(parse_type("TYPE15") == Type::mx);
  CHECK(parse_type("type65280") == static_cast<Type>(65280));
  for (const char* text : {"", "MXX", "TYPE", "TYPE65536", "TYPE1x", "TYPE-1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_type(text));
  }
  CHECK(to_string(Class::in) == "IN");
  CHECK(to_string(static_cast<Class>(7)) == "CLASS7");
  CHECK(parse_class("ch") == Class::ch);
  CHECK(parse_class("CLASS1") == Class::in);
  CHECK_FALSE(parse_class("XX"));
}

TEST_CASE("TTLs are seconds or have units", "[dns][record]") {
  CHECK(parse_ttl("0") == 0u);
  CHECK(parse_ttl("3600") == 3600u);
  CHECK(parse_ttl("1h30m") == 5400u);
  CHECK(parse_ttl("1W2d") == 777600u);
  CHECK(parse_ttl("2147483647") == 2147483647u);
  for (const char* text : {"", "h", "1y", "2147483648", "99999999999", "-1", "1h-1m", "3551w"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ttl(text));
  }
}

TEST_CASE("records are read from text and written back", "[dns][record]") {
  const Name origin = name("acme.example");
  struct Row {
    const char* text;
    const char* back;
  };
  const Row rows[] = {
      {"@ IN A 192.0.2.1", "acme.example. 3600 IN A 192.0.2.1"},
      {"www 60 AAAA 2001:DB8:0:0::1", "www.acme.example. 60 IN AAAA 2001:db8::1"},
      {"@ IN 1h MX 10 mx1", "acme.example. 3600 IN MX 10 mx1.acme.example."},
      {"@ 1h IN MX 0 .", "acme.example. 3600 IN MX 0 ."},
      {"@ NS ns1.other.example.", "acme.example. 3600 IN NS ns1.other.example."},
      {"www CNAME @", "www.acme.example. 3600 IN CNAME acme.example."},
      {"1.2.0.192.in-addr.arpa. PTR mail.acme.example.",
       "1.2.0.192.in-addr.arpa. 3600 IN PTR mail.acme.example."},
      {"@ SOA ns1 hostmaster ( 1 2h 15m 2w 5m ) ; timers",
       "acme.example. 3600 IN SOA ns1.acme.example. hostmaster.acme.example. 1 7200 900 1209600 "
       "300"},
      {"@ TXT \"v=spf1 mx -all\"", "acme.example. 3600 IN TXT \"v=spf1 mx -all\""},
      {"@ TXT one \"two; not a comment\" ; a comment",
       "acme.example. 3600 IN TXT \"one\" \"two; not a comment\""},
      {R"(@ TXT "a\"b\\c\009d" "")", R"(acme.example. 3600 IN TXT "a\"b\\c\009d" "")"},
      {"_imaps._tcp SRV 0 1 993 imap",
       "_imaps._tcp.acme.example. 3600 IN SRV 0 1 993 imap.acme.example."},
      {"@ CAA 0 issue \"ca.example\"", "acme.example. 3600 IN CAA 0 issue \"ca.example\""},
      {R"(@ CAA 0 "a b" "")", R"(acme.example. 3600 IN CAA 0 "a b" "")"},
      {"_25._tcp.mx1 TLSA 3 1 1 ABCD ef01",
       "_25._tcp.mx1.acme.example. 3600 IN TLSA 3 1 1 ABCDEF01"},
      {"@ TYPE65280 \\# 4 C000 0201", "acme.example. 3600 IN TYPE65280 \\# 4 C0000201"},
      {"@ TYPE65280 \\# 0", "acme.example. 3600 IN TYPE65280 \\# 0"},
      // RFC 3597 section 5: a known type may be given so too, and is understood.
      {"@ A \\# 4 C0000201", "acme.example. 3600 IN A 192.0.2.1"},
      {"@ TYPE1 192.0.2.1", "acme.example. 3600 IN A 192.0.2.1"},
      // In another class it may be something else.
      {"@ CH A \\# 2 0102", "acme.example. 3600 CH A \\# 2 0102"},
      {"@ DS \\# 5 1234080299", "acme.example. 3600 IN DS \\# 5 1234080299"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    auto record = parse_record(row.text, origin);
    CHECK(record.error == "");
    REQUIRE(record);
    CHECK(record->to_string() == row.back);
    auto again = parse_record(row.back);
    REQUIRE(again);
    CHECK(*again == *record);
  }
}

TEST_CASE("errors say what was expected", "[dns][record]") {
  struct Row {
    Type type;
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {Type::a, "", "expected an IPv4 address"},
      {Type::a, "192.0.2", "expected an IPv4 address, found \"192.0.2\""},
      {Type::a, "2001:db8::1", "expected an IPv4 address, found \"2001:db8::1\""},
      {Type::aaaa, "192.0.2.1", "expected an IPv6 address, found \"192.0.2.1\""},
      {Type::a, "192.0.2.1 192.0.2.2", "too much data for A: \"192.0.2.2\""},
      {Type::mx, "mx1", "expected a preference from 0 to 65535, found \"mx1\""},
      {Type::mx, "65536 mx1", "expected a preference from 0 to 65535, found \"65536\""},
      {Type::mx, "10", "expected the mail server's name"},
      {Type::mx, "10 a..b", "expected the mail server's name, found \"a..b\""},
      {Type::txt, "", "expected a string"},
      {Type::txt, "\"open", "a quoted string has no closing quote"},
      {Type::txt, R"(\300)", R"(a bad escape in "\300")"},
      {Type::soa, "ns1 hostmaster 1 2 3 4", "expected the TTL of negative answers"},
      {Type::soa, "ns1 hostmaster ( 1 2 3 4 5", "\"(\" without \")\""},
      {Type::tlsa, "3 1 1 abc", "expected the certificate association data in hexadecimal digits"},
      {Type::a, "\\# 3 C00002", "not A data: the message ends too early at octet 2"},
      {Type::a, "\\# 4 C00002", "the data has 3 octets, not 4"},
      {Type::ds, "1 2 3", "the data of DS must be given as \\# <octets> <hexadecimal>"},
      {Type::a, "192.0.2.1\n192.0.2.2", "more than one line"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto data = parse_rdata(row.type, row.text);
    CHECK_FALSE(data);
    CHECK(data.error == row.error);
  }
  CHECK(parse_record("@").error == "no record type");
  CHECK(parse_record("@ IN 60 60 A 192.0.2.1").error == "not a record type: \"60\"");
  CHECK(parse_record("@ ANY x").error == "not a record type: \"x\"");
  CHECK(parse_record("@ AXFR x").error == "not a record type: \"AXFR\"");
  CHECK(parse_record("; nothing").error == "no record");
  CHECK(parse_record("a..b A 192.0.2.1").error == "not a domain name: \"a..b\"");
}

TEST_CASE("long TXT values are cut into strings", "[dns][record]") {
  CHECK(make_txt("").strings == std::vector<std::string>{""});
  CHECK(make_txt(std::string(255, 'a')).strings.size() == 1);
  const Txt txt = make_txt(std::string(255, 'a') + std::string(255, 'b') + "c");
  CHECK(txt.strings.size() == 3);
  CHECK(txt.strings[2] == "c");
  CHECK(txt.joined().size() == 511);
  const auto parsed = parse_rdata(Type::txt, '"' + std::string(300, 'k') + '"');
  REQUIRE(parsed);
  CHECK(std::get<Txt>(*parsed.value).strings.size() == 2);
}

TEST_CASE("records are made from data", "[dns][record]") {
  const auto v4 = address_record(name("a.example"), 60, net::Address::v4(192, 0, 2, 1));
  CHECK(v4.to_string() == "a.example. 60 IN A 192.0.2.1");
  const auto v6 = address_record(name("a.example"), 60, *net::Address::parse("2001:db8::1"));
  CHECK(v6.type == Type::aaaa);
  CHECK(make_record(name("a"), 1, Mx{10, name("b")}).type == Type::mx);
}
