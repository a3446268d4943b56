// Tables for the grammar of commands (RFC 5321 section 4.1).
#include "server/smtp/grammar.hpp"

#include "tests/catch.hpp"

using namespace mailscope::smtp;

namespace {

/// "address|KEY=value|KEY" or "!offset".
std::string shown(const Parsed<PathArgument>& parsed) {
  if (const auto* error = std::get_if<ParseError>(&parsed)) {
    return "!" + std::to_string(error->offset) + (error->non_ascii ? " utf8" : "");
  }
  const auto& path = std::get<PathArgument>(parsed);
  std::string out = path.mailbox.domain.empty() ? path.mailbox.local : path.mailbox.to_string();
  for (const Parameter& p : path.parameters) {
    out += "|" + p.keyword;
    if (p.value) out += "=" + *p.value;
  }
  return out;
}

}  // namespace

TEST_CASE("MAIL's argument", "[smtp][grammar]") {
  const std::string long_local(64, 'a');
  const std::pair<std::string, std::string> table[] = {
      {"FROM:<alice@acme.example>", "alice@acme.example"},
      {"from:<alice@ACME.Example>", "alice@acme.example"},
      {"FROM:<>", ""},
      {"FROM: <alice@acme.example>", "alice@acme.example"},
      {"FROM:  <alice@acme.example>", "!6"},
      {"FROM:<@a.example,@b.example:alice@acme.example>", "alice@acme.example"},
      {"FROM:<@a.example:>", "!17"},
      {"FROM:<@a.example alice@acme.example>", "!6"},
      {"FROM:<@a.example,b.example:alice@acme.example>", "!6"},
      {"FROM:<\"two words\"@acme.example>", "\"two words\"@acme.example"},
      {"FROM:<\"a>b\"@acme.example>", "\"a>b\"@acme.example"},
      {"FROM:<\"a\\\"b\"@acme.example>", "\"a\\\"b\"@acme.example"},
      {"FROM:<\"plain\"@acme.example>", "plain@acme.example"},
      {"FROM:<alice@[192.0.2.1]>", "alice@[192.0.2.1]"},
      {"FROM:<alice@[IPv6:2001:db8::1]>", "alice@[IPv6:2001:db8::1]"},
      {"FROM:<alice@[2001:db8::1]>", "!6"},
      {"FROM:<alice@[300.0.2.1]>", "!6"},
      {"FROM:<" + long_local + "@acme.example>", long_local + "@acme.example"},
      {"FROM:<a" + long_local + "@acme.example>", "!6"},
      {"FROM:<alice@acme.example> SIZE=10 BODY=8BITMIME",
       "alice@acme.example|SIZE=10|BODY=8BITMIME"},
      {"FROM:<alice@acme.example> size=10 x-y", "alice@acme.example|SIZE=10|X-Y"},
      {"FROM:<alice@acme.example>  SIZE=10", "alice@acme.example|SIZE=10"},
      {"FROM:<alice@acme.example>SIZE=10", "!25"},
      {"FROM:<alice@acme.example> SIZE=", "!31"},
      {"FROM:<alice@acme.example> =10", "!26"},
      {"FROM:<alice@acme.example> SIZE=1=2", "!31"},
      {"FROM:<alice@acme.example> SIZE=1 SIZE=2", "!33"},
      {"FROM:alice@acme.example", "!5"},
      {"FROM:<alice@acme.example", "!24"},
      {"FROM:<alice>", "!6"},
      {"FROM:<alice@>", "!6"},
      {"FROM:<@acme.example>", "!6"},
      {"FROM:<alice@acme..example>", "!6"},
      {"FROM:<.alice@acme.example>", "!6"},
      {"FROM:<alice.@acme.example>", "!6"},
      {"FROM:<al ice@acme.example>", "!6"},
      {"FROM:<alice@-acme.example>", "!6"},
      {"FROM:<al\xc3\xafs@acme.example>", "!6 utf8"},
      {"TO:<alice@acme.example>", "!0"},
      {"", "!0"},
      {"FROM", "!0"},
      {"FROM:", "!5"},
  };
  for (const auto& [text, expected] : table) {
    INFO(text);
    CHECK(shown(parse_mail(text)) == expected);
  }
}

TEST_CASE("RCPT's argument", "[smtp][grammar]") {
  const std::pair<std::string, std::string> table[] = {
      {"TO:<bob@globex.example>", "bob@globex.example"},
      {"TO:<>", "!4"},
      {"TO:<Postmaster>", "Postmaster"},
      {"TO:<POSTMASTER>", "POSTMASTER"},
      {"TO:<@hop.example:bob@globex.example>", "bob@globex.example"},
      {"TO:<bob@globex.example> NOTIFY=NEVER", "bob@globex.example|NOTIFY=NEVER"},
      {"FROM:<bob@globex.example>", "!0"},
  };
  for (const auto& [text, expected] : table) {
    INFO(text);
    CHECK(shown(parse_rcpt(text)) == expected);
  }
}

TEST_CASE("a line is split at its first space", "[smtp][grammar]") {
  CHECK(split_command("NOOP").verb == "NOOP");
  CHECK(split_command("NOOP  \t").argument.empty());
  CHECK(split_command("MAIL FROM:<> ").argument == "FROM:<>");
  CHECK(split_command("MAIL   FROM:<>").argument == "FROM:<>");
  CHECK(split_command("").verb.empty());
  CHECK(split_command(" EHLO x").verb.empty());
}

TEST_CASE("names of HELO and EHLO", "[smtp][grammar]") {
  for (const char* good : {"mail.acme.example", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]",
                           "my_pc", "a-b.c", "acme.example."}) {
    INFO(good);
    CHECK(is_helo_name(good));
  }
  for (const char* bad : {"", "a b", "[192.0.2]", "[2001:db8::1]", "[IPv6:192.0.2.1]", "[]", "[",
                          "a..b", ".a", "a(b)", "a\tb", "x\x7f"}) {
    INFO(bad);
    CHECK_FALSE(is_helo_name(bad));
  }
  CHECK_FALSE(is_helo_name(std::string(256, 'a')));
}

TEST_CASE("sizes", "[smtp][grammar]") {
  CHECK(parse_size("0") == 0u);
  CHECK(parse_size("18446744073709551615") == ~std::uint64_t{0});
  CHECK(parse_size("99999999999999999999") == ~std::uint64_t{0});
  CHECK_FALSE(parse_size(""));
  CHECK_FALSE(parse_size("-1"));
  CHECK_FALSE(parse_size("1x"));
  CHECK_FALSE(parse_size("100000000000000000000"));
}
