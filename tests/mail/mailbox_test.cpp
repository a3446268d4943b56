// Envelope mailboxes, strict: RFC 5321 section 4.1.2.
#include "server/mail/address.hpp"
#include "tests/catch.hpp"

using mailscope::mail::is_domain;
using mailscope::mail::Mailbox;
using mailscope::mail::Utf8;

TEST_CASE("mailboxes that are valid") {
  struct Row {
    std::string_view text, local, domain, written;
  };
  const Row rows[] = {
      {"bob@b.example", "bob", "b.example", "bob@b.example"},
      {"Bob.Smith@B.Example", "Bob.Smith", "b.example", "Bob.Smith@b.example"},
      {"a!#$%&'*+-/=?^_`{|}~z@x.example", "a!#$%&'*+-/=?^_`{|}~z", "x.example",
       "a!#$%&'*+-/=?^_`{|}~z@x.example"},
      {"\"bob smith\"@b.example", "bob smith", "b.example", "\"bob smith\"@b.example"},
      {"\"bob\"@b.example", "bob", "b.example", "bob@b.example"},
      {R"("a\"b\\c"@b.example)", R"(a"b\c)", "b.example", R"("a\"b\\c"@b.example)"},
      {R"("a@b"@b.example)", "a@b", "b.example", R"("a@b"@b.example)"},
      {R"("\a\b"@b.example)", "ab", "b.example", "ab@b.example"},
      {R"("a..b"@b.example)", "a..b", "b.example", R"("a..b"@b.example)"},
      {R"(""@b.example)", "", "b.example", R"(""@b.example)"},
      {"bob@[192.0.2.1]", "bob", "[192.0.2.1]", "bob@[192.0.2.1]"},
      {"bob@[IPv6:2001:DB8:0::1]", "bob", "[IPv6:2001:db8::1]", "bob@[IPv6:2001:db8::1]"},
      {"bob@localhost", "bob", "localhost", "bob@localhost"},
      {"bob@3com.example", "bob", "3com.example", "bob@3com.example"},
      {"bob@xn--bcher-kva.example", "bob", "xn--bcher-kva.example", "bob@xn--bcher-kva.example"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto mailbox = Mailbox::parse(row.text);
    REQUIRE(mailbox);
    CHECK(mailbox->local == row.local);
    CHECK(mailbox->domain == row.domain);
    CHECK(mailbox->to_string() == row.written);
    CHECK(Mailbox::parse(mailbox->to_string()) == mailbox);
    CHECK_FALSE(mailbox->null());
  }
}

TEST_CASE("mailboxes that are not valid") {
  const std::string_view rows[] = {
      "",
      "bob",
      "@",
      "bob@",
      "@b.example",
      ".bob@b.example",
      "bob.@b.example",
      "b..b@b.example",
      "bob smith@b.example",
      "bob@b..example",
      "bob@.b.example",
      "bob@b.example.",
      "bob@-b.example",
      "bob@b-.example",
      "bob@b_c.example",
      "bob@b.example ",
      " bob@b.example",
      "<bob@b.example>",
      "bob@b.example>",
      "bob@[192.0.2.1",
      "bob@[192.0.2]",
      "bob@[192.0.2.256]",
      "bob@[2001:db8::1]",
      "bob@[IPv6:192.0.2.1]",
      "bob@[IPv6:2001:db8::g]",
      "bob@[X400:abc]",
      "bob@[]",
      "a@b@c.example",
      "\"bob@b.example",
      "\"bob\"b.example",
      "\"a\"b\"@b.example",
      "\"bob\\\"@b.example",
      "@relay.example:bob@b.example",
      "bob(comment)@b.example",
      "bob@b.example\r\nDATA",
      "\"a\r\nb\"@b.example",
      "\"a\tb\"@b.example",
      "b\xc3\xb6"
      "b@b.example",
      "bob@b\xc3\xbc.example",
      "\"b\xc3\xb6\"@b.example",
  };
  for (const std::string_view row : rows) {
    INFO(row);
    CHECK_FALSE(Mailbox::parse(row));
  }
  CHECK_FALSE(Mailbox::parse(std::string_view("bo\0b@b.example", 14)));
}

TEST_CASE("UTF-8 only where it was asked for") {
  // RFC 6531 section 3.3.
  const auto mailbox = Mailbox::parse(
      "b\xc3\xb6"
      "b@b\xc3\xbc"
      "cher.example",
      Utf8::yes);
  REQUIRE(mailbox);
  CHECK(mailbox->to_string() ==
        "b\xc3\xb6"
        "b@b\xc3\xbc"
        "cher.example");
  CHECK(Mailbox::parse("\"b \xc3\xb6\"@b.example", Utf8::yes));
  CHECK_FALSE(Mailbox::parse("b\xc3@b.example", Utf8::yes));
  CHECK_FALSE(Mailbox::parse("\"\\\xc3\xb6\"@b.example", Utf8::yes));
}

TEST_CASE("lengths of RFC 5321 section 4.5.3.1") {
  const std::string label(63, 'd');
  const std::string domain = label + '.' + label + '.' + label;  // 191 octets
  CHECK(Mailbox::parse(std::string(62, 'l') + '@' + domain));    // 254
  CHECK(Mailbox::parse(std::string(64, 'l') + "@b.example"));
  CHECK_FALSE(Mailbox::parse(std::string(65, 'l') + "@b.example"));
  CHECK_FALSE(Mailbox::parse(std::string(63, 'l') + '@' + domain));
  CHECK(is_domain(label + ".example"));
  CHECK_FALSE(is_domain('d' + label + ".example"));
  CHECK_FALSE(is_domain(domain + '.' + label + ".d"));
}

TEST_CASE("the null path, and locals that no grammar allows") {
  CHECK(Mailbox{}.null());
  CHECK(Mailbox{}.to_string().empty());
  CHECK(Mailbox{"a\r\nb", "x.example"}.to_string() == "\"a??b\"@x.example");
}
