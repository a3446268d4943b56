// Addresses that scripts send to (RFC 5228 section 2.4.2.3).
#include "server/sieve/outbound.hpp"

#include "tests/catch.hpp"

using namespace mailscope::sieve;

TEST_CASE("sieve-address") {
  struct Row {
    std::string_view text, address;  // empty: none
  };
  const Row rows[] = {
      {"coyote@acme.example", "coyote@acme.example"},
      {"Coyote@ACME.Example", "Coyote@acme.example"},
      {" coyote @ acme.example ", "coyote@acme.example"},
      {"coyote@acme.example (at work)", "coyote@acme.example"},
      {"(a (nested \\) one)) coyote@acme.example", "coyote@acme.example"},
      {"Wile E. Coyote <coyote@acme.example>", "coyote@acme.example"},
      {"Wile<coyote@acme.example> ", "coyote@acme.example"},
      {" Wile  < coyote @ acme.example > ", "coyote@acme.example"},
      {"\"Coyote, W. (E.)\" <coyote@acme.example>", "coyote@acme.example"},
      {"Gr\xc3\xbc\xc3\x9f <coyote@acme.example>", "coyote@acme.example"},
      {"<coyote@acme.example>", "coyote@acme.example"},
      {"\"wile e\"@acme.example", "\"wile e\"@acme.example"},
      {"\"wile\"@acme.example", "wile@acme.example"},
      {"coyote@[198.18.0.1]", "coyote@[198.18.0.1]"},
      {"", ""},
      {"coyote", ""},
      {"coyote@", ""},
      {"@acme.example", ""},
      {"@", ""},
      {"<>", ""},
      {"wile coyote@acme.example", ""},
      {"coyote@acme.example, rube@acme.example", ""},
      {"coyote@acme.example,", ""},
      {"Wile <coyote@acme.example", ""},
      {"Wile <coyote@acme.example> x", ""},
      {"Wile <<coyote@acme.example>>", ""},
      {"<@relay.example:coyote@acme.example>", ""},
      {"Group: coyote@acme.example;", ""},
      {".coyote@acme.example", ""},
      {"wile..coyote@acme.example", ""},
      {"wile.@acme.example", ""},
      {"coyote@acme.example\r\nBcc: eve@e.example", ""},
      {"coyote@acme.example (open", ""},
      {"\"open@acme.example", ""},
      {"gr\xc3\xbc\xc3\x9f@acme.example", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto address = parse_outbound(row.text);
    CHECK((address ? address->to_string() : std::string()) == row.address);
  }
}

TEST_CASE("mailbox-list") {
  using List = std::vector<std::string>;
  CHECK(parse_mailbox_list("a@b.example") == List{"a@b.example"});
  CHECK(parse_mailbox_list(" \"Doe, J.\" <a@b.example> (x, y) , c@d.example") ==
        List{"\"Doe, J.\" <a@b.example> (x, y)", "c@d.example"});
  for (const std::string_view bad : {"", ",", "a@b.example,", ",a@b.example", "a@b.example, nobody",
                                     "a@b.example c@d.example", "G: a@b.example;"}) {
    CAPTURE(bad);
    CHECK(parse_mailbox_list(bad).empty());
  }
}
