// Header sections: RFC 5322 section 2.2.
#include "server/mail/mime.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

TEST_CASE("fields in order, folded values, both line ends") {
  const std::string text =
      "From alice Mon Mar  2 09:00:00 2026\r\n"
      "Subject: one\r\n  two\r\n\tthree\r\n"
      "X-Old : a\nX-Empty:\r\n"
      "no colon here\r\n and its rest\r\n"
      "bad name: x\r\n"
      "Received: 1\r\nreceived: 2\r\n \r\nX-Last: z\r\n"
      "\r\nBody: not a field\r\n";
  const Header header = parse_header(text);
  REQUIRE(header.fields.size() == 6);
  CHECK(header.text("subject") == "one  two\tthree");
  CHECK(header.find("Subject")->value == " one\r\n  two\r\n\tthree");
  CHECK(header.find("Subject")->whole == "Subject: one\r\n  two\r\n\tthree\r\n");
  CHECK(header.text("X-OLD") == "a");
  CHECK(header.text("X-Empty").empty());
  CHECK(header.find("X-Empty") != nullptr);
  CHECK(header.all("Received").size() == 2);
  CHECK(header.all("Received")[1]->whole == "received: 2\r\n \r\n");
  CHECK(header.find("X-Last") != nullptr);
  CHECK(header.find("Body") == nullptr);
}

TEST_CASE("headers that end early") {
  CHECK(parse_header("").fields.empty());
  CHECK(parse_header("\r\nA: b\r\n").fields.empty());
  CHECK(parse_header("\nA: b\n").fields.empty());
  CHECK(parse_header("A: b").text("a") == "b");
  CHECK(parse_header("A: b\r\n c").text("a") == "b c");
  CHECK(parse_header("A").fields.empty());
  CHECK(parse_header(": b\r\n").fields.empty());
  CHECK(parse_header(" folded from nowhere\r\nA: b\r\n").text("a").empty() == false);
}

TEST_CASE("limits of a header") {
  std::string many;
  for (int i = 0; i < 3'000; ++i) many += "A: b\r\n";
  CHECK(parse_header(many).fields.size() == 2'000);
  CHECK(parse_header(many, {.fields = 5}).fields.size() == 5);
  CHECK(parse_header(many, {.header_octets = 60}).fields.size() == 10);
}
