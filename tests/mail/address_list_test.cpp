// Address lists of header fields; the examples are those of RFC 5322 appendix A.
#include "server/mail/address.hpp"
#include "tests/catch.hpp"

using mailscope::mail::HeaderAddress;
using mailscope::mail::parse_address_list;

namespace {

/// name|route|local|domain, entries separated by a blank; groups as name{ and }.
std::string shown(std::string_view value,
                  mailscope::mail::Incomplete incomplete = mailscope::mail::Incomplete::drop) {
  std::string out;
  for (const HeaderAddress& a : parse_address_list(value, incomplete)) {
    if (!out.empty()) out += ' ';
    switch (a.kind) {
      case HeaderAddress::Kind::group_start:
        out += a.name + '{';
        break;
      case HeaderAddress::Kind::group_end:
        out += '}';
        break;
      case HeaderAddress::Kind::mailbox:
        out += a.name + '|' + a.route + '|' + a.local + '|' + a.domain;
        break;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("address lists") {
  struct Row {
    std::string_view value, expected;
  };
  const Row rows[] = {
      // RFC 5322 appendix A.1.1
      {" John Doe <jdoe@machine.example>", "John Doe||jdoe|machine.example"},
      // Appendix A.1.2
      {R"("Joe Q. Public" <john.q.public@example.com>)",
       "Joe Q. Public||john.q.public|example.com"},
      {"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
       "Mary Smith||mary|x.test ||jdoe|example.org Who?||one|y.test"},
      {R"(<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>)",
       R"(||boss|nil.test Giant; "Big" Box||sysservices|example.net)"},
      // Appendix A.1.3
      {"A Group:Ed Jones <joe@where.test>,John <jdoe@one.test>;",
       "A Group{ Ed Jones||joe|where.test John||jdoe|one.test }"},
      {"Undisclosed recipients:;", "Undisclosed recipients{ }"},
      // Appendix A.5
      {" Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete||pete|silly.test"},
      {" A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
       "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the "
       "group)",
       "A Group{ Chris Jones||c|public.example ||joe|example.org John||jdoe|one.test }"},
      {"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "Hidden recipients{ }"},
      // Appendix A.6.1
      {"Joe Q. Public <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com"},
      {"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
       "Mary Smith|@node.test|mary|example.net ||jdoe|test.example"},
      // Appendix A.6.3
      {" John Doe <jdoe@machine(comment).  example>", "John Doe||jdoe|machine.example"},
      {" Mary Smith\r\n \r\n          <mary@example.net>", "Mary Smith||mary|example.net"},
      // Other forms of old and new
      {"bob@b.example (Bob Smith)", "Bob Smith||bob|b.example"},
      {"Bob <bob@b.example> (work)", "Bob||bob|b.example"},
      {"<@a.example,@b.example:c@c.example>", "|@a.example,@b.example|c|c.example"},
      {R"("odd local"@b.example)", "||odd local|b.example"},
      {R"("a"."b" . c@b.example)", "||a.b.c|b.example"},
      {"bob@[192.0.2.1]", "||bob|[192.0.2.1]"},
      {"=?UTF-8?Q?Bj=C3=B6rn?= <b@b.example>", "=?UTF-8?Q?Bj=C3=B6rn?=||b|b.example"},
      {"Bj\xc3\xb6rn <b@b.example>", "Bj\xc3\xb6rn||b|b.example"},
      {"one: a@a.example; two: b@b.example;, c@c.example",
       "one{ ||a|a.example } two{ ||b|b.example } ||c|c.example"},
      // Broken ones: what can be read is read
      {"", ""},
      {",,;,", ""},
      {"root", ""},
      {"Nobody <>", ""},
      {"Nobody <nobody>", ""},
      {"@b.example", ""},
      {"bob@", ""},
      {"<a@a.example, b@b.example", "||a|a.example"},
      {"Bob bob@b.example", "Bob||bob|b.example"},
      {"\"never closed <a@a.example>", ""},
      {"(never closed a@a.example", ""},
      {"a@a.example, (never closed b@b.example", "||a|a.example"},
      {"x:y:a@a.example", "x{ } y{ ||a|a.example }"},
      {"group: a@a.example", "group{ ||a|a.example }"},
      {"a@b@c.example", "||a|b"},
      {"a@b.example.", "||a|b.example"},
      {"a@b.example> junk, c@c.example", "||a|b.example ||c|c.example"},
      {"a@[192.0.2.1", "||a|[192.0.2.1]"},
      {"\\", ""},
  };
  for (const Row& row : rows) {
    INFO(row.value);
    CHECK(shown(row.value) == row.expected);
  }
}

TEST_CASE("the number of addresses is limited") {
  std::string value;
  for (int i = 0; i < 20'000; ++i) value += "a@b,";
  CHECK(parse_address_list(value).size() == mailscope::mail::kMaxHeaderAddresses);
}

TEST_CASE("addresses without a domain") {
  using mailscope::mail::Incomplete;
  struct Row {
    std::string_view value, expected;
  };
  const Row rows[] = {
      {"root", "||root|"},
      {"root (Cron)", "Cron||root|"},
      {"Cron <root>, a@b", "Cron||root| ||a|b"},
      {"Ann Other", "Ann Other|||"},
      {"first.last", "||first.last|"},
      {"<>, ,()", ""},
      {"d@", "||d|"},
      {"Team: root;", "Team{ ||root| }"},
  };
  for (const auto& [value, expected] : rows) {
    INFO(value);
    CHECK(shown(value, Incomplete::keep) == expected);
    for (const HeaderAddress& address : parse_address_list(value))
      CHECK((address.kind != HeaderAddress::Kind::mailbox || !address.domain.empty()));
  }
}
