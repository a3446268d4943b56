// Names: text, wire form, limits, order.
#include "server/dns/name.hpp"

#include "tests/catch.hpp"

using namespace mailscope::dns;
using namespace std::string_literals;

TEST_CASE("names are read from text and written back", "[dns][name]") {
  struct Row {
    std::string text, wire, back;
  };
  const Row rows[] = {
      {".", "\0"s, "."},
      {"example", "\7example\0"s, "example."},
      {"example.", "\7example\0"s, "example."},
      {"Mail.ACME.example.", "\4Mail\4ACME\7example\0"s, "Mail.ACME.example."},
      {R"(a\.b.example)", "\3a.b\7example\0"s, R"(a\.b.example.)"},
      {R"(a\\b)", "\3a\\b\0"s, R"(a\\b.)"},
      {R"(\097b)", "\2ab\0"s, "ab."},
      {R"(\000.x)", "\1\0\1x\0"s, R"(\000.x.)"},
      {R"(\255\032)", "\2\xff \0"s, R"(\255\032.)"},
      {"*.example", "\1*\7example\0"s, "*.example."},
      {"_25._tcp.mx", "\3_25\4_tcp\2mx\0"s, "_25._tcp.mx."},
      {R"(\@\;\(\)\"\$)", "\6@;()\"$\0"s, R"(\@\;\(\)\"\$.)"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto parsed = Name::parse(row.text);
    REQUIRE(parsed);
    CHECK(parsed->wire() == row.wire);
    CHECK(parsed->zone_text() == row.back);
    CHECK(Name::parse(parsed->zone_text()) == parsed);
    CHECK(Name::from_wire(row.wire) == parsed);
  }
}

TEST_CASE("what is no name is refused", "[dns][name]") {
  const std::string label63(63, 'a');
  // 3 * 64 + 62 + 1 = 255 octets: the longest name.
  const std::string longest = label63 + '.' + label63 + '.' + label63 + '.' + std::string(61, 'b');
  REQUIRE(Name::parse(longest));
  CHECK(Name::parse(longest)->wire().size() == 255);
  CHECK(Name::parse(longest + '.'));
  CHECK_FALSE(Name::parse(longest + 'b'));
  CHECK_FALSE(Name::parse(longest + ".c"));
  CHECK(Name::parse(label63));
  CHECK_FALSE(Name::parse(label63 + 'a'));
  for (const char* text :
       {"", "..", ".a", "a..b", "a..", R"(\)", R"(a\)", R"(\25)", R"(\256)", R"(\1a2)"}) {
    CAPTURE(text);
    CHECK_FALSE(Name::parse(text));
  }
}

TEST_CASE("wire forms are checked", "[dns][name]") {
  for (const auto& wire : {""s, "\3abc"s, "\4abc\0"s, "\3abc\0x"s, "\0\0"s,
                           "\x40"s + std::string(64, 'a') + '\0', "\xc0\x0c"s}) {
    CAPTURE(wire);
    CHECK_FALSE(Name::from_wire(wire));
  }
}

TEST_CASE("relative names get the origin", "[dns][name]") {
  const Name origin = name("acme.example");
  CHECK(Name::parse("mx1", origin) == name("mx1.acme.example"));
  CHECK(Name::parse("@", origin) == origin);
  CHECK(Name::parse("mx1.", origin) == name("mx1"));
  CHECK(Name::parse(".", origin) == Name());
  CHECK_FALSE(Name::parse("", origin));
  CHECK_FALSE(Name::parse(std::string(63, 'a') + '.' + std::string(63, 'b') + '.' +
                              std::string(63, 'c') + '.' + std::string(60, 'd'),
                          origin));
}

TEST_CASE("comparing ignores the case of ASCII letters only", "[dns][name]") {
  CHECK(name("ACME.Example") == name("acme.eXAMPLE"));
  CHECK(name("ACME.Example").hash() == name("acme.example").hash());
  CHECK(name(R"(\193)") != name(R"(\225)"));  // A and a with acute accent in Latin-1
  CHECK(name(R"(a\.b)") != name("a.b"));
  CHECK(name("[") != name("{"));
  CHECK(name("MX.Acme.EXAMPLE").lower().to_string() == "mx.acme.example");
}

TEST_CASE("canonical order is that of RFC 4034 section 6.1", "[dns][name]") {
  const char* sorted[] = {"example",           "a.example",      "yljkjljk.a.example",
                          "Z.a.example",       "zABC.a.EXAMPLE", "z.example",
                          R"(\001.z.example)", "*.z.example",    R"(\200.z.example)"};
  for (std::size_t i = 0; i < std::size(sorted); ++i) {
    for (std::size_t j = 0; j < std::size(sorted); ++j) {
      CAPTURE(sorted[i], sorted[j]);
      CHECK((name(sorted[i]) <=> name(sorted[j])) == (i <=> j));
    }
  }
}

TEST_CASE("names are taken apart", "[dns][name]") {
  const Name n = name("mail.acme.example");
  CHECK(n.label_count() == 3);
  CHECK(n.first_label() == "mail");
  CHECK(n.parent() == name("acme.example"));
  CHECK(n.suffix(1) == name("example"));
  CHECK(n.suffix(0) == Name());
  CHECK(n.suffix(9) == n);
  CHECK(Name().parent().is_root());
  CHECK(Name().label_count() == 0);
  CHECK(Name().first_label().empty());
  CHECK(n.is_within(n));
  CHECK(n.is_within(Name()));
  CHECK(n.is_within(name("ACME.example")));
  CHECK_FALSE(n.is_within(name("me.example")));
  CHECK_FALSE(name("acme.example").is_within(n));
  // The octets of "\7example" also end this name, but not at a label's edge.
  CHECK_FALSE(Name::from_wire("\11c\7example\0"s)->is_within(name("example")));
  CHECK(name("a").child("b") == name("b.a"));
  CHECK_FALSE(name("a").child(""));
  CHECK_FALSE(name("a").child(std::string(64, 'x')));
  CHECK(name("x.y.old").rebase(name("old"), name("new.example")) == name("x.y.new.example"));
  CHECK_THROWS_AS(name("a..b"), std::invalid_argument);
}
