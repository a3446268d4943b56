// Messages that are composed: read back by the parser, and safe whatever the draft says.
#include "server/mail/builder.hpp"

#include "server/mail/address.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/parameters.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;
using namespace std::chrono;

namespace {

Draft simple() {
  Draft draft;
  draft.from = "Alice Adams <alice@acme.example>";
  draft.to = {"bob@globex.example"};
  draft.subject = "Lunch?";
  draft.text = "At noon.\n";
  draft.message_id = "<1@acme.example>";
  draft.date = mailscope::net::Time(sys_days(year(2026) / 3 / 2)) + hours(9);
  return draft;
}

/// The rules that hold for every message: CRLF only, 7-bit, lines of at most 998 octets.
void check_sound(const std::string& message) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    REQUIRE(static_cast<unsigned char>(c) < 0x80);
    REQUIRE(c != '\0');
    if (c == '\n') REQUIRE((i > 0 && message[i - 1] == '\r'));
    if (c == '\r') REQUIRE((i + 1 < message.size() && message[i + 1] == '\n'));
    line = c == '\n' ? 0 : line + 1;
    REQUIRE(line <= 999);  // 998 and the CR
  }
  CHECK(message.ends_with("\r\n"));
}

}  // namespace

TEST_CASE("a plain message, octet by octet") {
  CHECK(build_message(simple(), "seed") ==
        "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "From: Alice Adams <alice@acme.example>\r\n"
        "To: bob@globex.example\r\n"
        "Subject: Lunch?\r\n"
        "Message-ID: <1@acme.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "At noon.\r\n");
}

TEST_CASE("text, HTML and attachments are read back") {
  Draft draft = simple();
  draft.from = "Zo\xc3\xab, \"the\" Boss <zoe@acme.example>";
  draft.to = {"\"Doe, Jane\" <jane@globex.example>", "Bj\xc3\xb6rn <b@globex.example>",
              "plain@globex.example"};
  draft.cc = {"c@globex.example"};
  draft.subject = "Pr\xc3\xa9sentation \xe2\x80\x94 " + std::string(200, 'x') + " fin";
  draft.text = "Caf\xc3\xa9\n.dot\nFrom here\n--=_trap\n" + std::string(2000, 'y');
  draft.html = "<p>\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e</p>";
  std::string binary;
  for (int i = 0; i < 1000; ++i) binary += static_cast<char>(i);
  const std::string inner = build_message(simple(), "inner");
  draft.attachments = {{"r\xc3\xa9sum\xc3\xa9 (final); \"v2\".bin", "application/pdf", binary},
                       {"a\"b\\c.txt", "text/plain", "x"},
                       {"inner.eml", "message/rfc822", inner},
                       {"8bit.eml", "message/rfc822", "Subject: \xff\r\n\r\n"},
                       {std::string(300, 'n') + "\xe2\x82\xac", "no type at all", ""}};
  draft.in_reply_to = "<0@globex.example>";
  draft.extra = {
      {"X-Test", "v\xc3\xa9"}, {"Auto-Submitted", "auto-replied"}, {"Content-Type", "evil"}};
  const std::string message = build_message(draft, "seed");
  check_sound(message);
  CHECK(message == build_message(draft, "seed"));
  CHECK(message != build_message(draft, "other"));

  const Part root = parse_message(message);
  CHECK(decode_words(root.header.text("Subject")) == draft.subject);
  const auto from = parse_address_list(root.header.text("From"));
  REQUIRE(from.size() == 1);
  CHECK(decode_words(from[0].name) == "Zo\xc3\xab, \"the\" Boss");
  CHECK(from[0].local == "zoe");
  const auto to = parse_address_list(root.header.text("To"));
  REQUIRE(to.size() == 3);
  CHECK(to[0].name == "Doe, Jane");
  CHECK(decode_words(to[1].name) == "Bj\xc3\xb6rn");
  CHECK(root.header.text("References") == "<0@globex.example>");
  CHECK(decode_words(root.header.text("X-Test")) == "v\xc3\xa9");
  CHECK(root.header.all("Content-Type").size() == 1);

  REQUIRE(root.subtype == "mixed");
  REQUIRE(root.parts.size() == 6);
  REQUIRE(root.parts[0].subtype == "alternative");
  REQUIRE(root.parts[0].parts.size() == 2);
  std::string text = decode_body(root.parts[0].parts[0], message);
  std::erase(text, '\r');
  CHECK(text == draft.text + '\n');
  CHECK(decode_body(root.parts[0].parts[1], message) == draft.html + "\r\n");
  CHECK(decode_body(root.parts[1], message) == binary);
  CHECK(parameter(root.parts[1].disposition_parameters, "filename") == draft.attachments[0].name);
  CHECK(root.parts[1].subtype == "pdf");
  CHECK(parameter(root.parts[2].disposition_parameters, "filename") == "a\"b\\c.txt");
  REQUIRE(root.parts[3].is_message());
  CHECK(root.parts[3].body(message) == inner);
  CHECK(root.parts[4].subtype == "octet-stream");
  CHECK(decode_body(root.parts[4], message) == "Subject: \xff\r\n\r\n");
  CHECK(root.parts[5].subtype == "octet-stream");
  CHECK(parameter(root.parts[5].disposition_parameters, "filename") == draft.attachments[4].name);
}

TEST_CASE("lines are folded at 78 and keep their meaning") {
  Draft draft = simple();
  draft.to.clear();
  for (int i = 0; i < 40; ++i) draft.to.push_back("person" + std::to_string(i) + "@globex.example");
  draft.subject = "word  word   word " + std::string(60, 'a') + ' ' + std::string(60, 'b') + "   " +
                  std::string(60, 'c');
  const std::string message = build_message(draft, "s");
  check_sound(message);
  const Header header = parse_header(message);
  CHECK(header.text("Subject") == draft.subject);
  CHECK(parse_address_list(header.text("To")).size() == 40);
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = message.find("\r\n", at);
    CHECK(end - at <= 78);
    at = end + 2;
  }
}

TEST_CASE("no value becomes a header field") {
  const std::string evil = "x\r\nBcc: victim@x.example\r\n\r\nbody\nX: y\rZ: w";
  const std::string nul("a\0b", 3);
  for (const std::string& value :
       {evil, nul, std::string(5000, 'z'), std::string("\xff\xfe"), std::string(" "),
        std::string("<"), std::string("a <b> <c@d>, e@f"), std::string("\"")}) {
    Draft draft = simple();
    draft.from = value;
    draft.to = {value, "\"" + value + "\" <a@b.example>", value + " <" + value + ">"};
    draft.cc = {value};
    draft.subject = value;
    draft.message_id = value;
    draft.in_reply_to = value;
    draft.extra = {{value, value}, {"X-Extra", value}, {"A\r\nB: c", "d"}};
    draft.attachments = {{value, value, "content"}, {value, "text/" + value, value}};
    const std::string message = build_message(draft, value);
    check_sound(message);
    const Part root = parse_message(message);
    CHECK(root.header.find("Bcc") == nullptr);
    CHECK(root.header.find("Z") == nullptr);
    CHECK(root.header.find("MIME-Version") != nullptr);
    CHECK(root.parts.size() == 3);
    for (const Part& part : root.parts) CHECK(part.header.find("Bcc") == nullptr);
  }
}

TEST_CASE("texts choose the encoding that fits") {
  struct Row {
    std::string text;
    std::string_view encoding;
  };
  const Row rows[] = {
      {"ascii\n", "7bit"},
      {"", "7bit"},
      {"caf\xc3\xa9 in a long line of ascii\n", "quoted-printable"},
      {"\xe6\x97\xa5\xe6\x9c\xac", "base64"},
      {std::string(999, 'a'), "quoted-printable"},
      {std::string(998, 'a'), "7bit"},
      {"bare\rcr", "quoted-printable"},
      {std::string("nul\0", 4), "quoted-printable"},
      {"--=_x\n", "quoted-printable"},
  };
  for (const Row& row : rows) {
    Draft draft = simple();
    draft.text = row.text;
    const std::string message = build_message(draft, "s");
    INFO(row.text);
    check_sound(message + (message.ends_with("\r\n") ? "" : "\r\n"));
    const Part root = parse_message(message);
    CHECK(root.encoding == row.encoding);
    std::string back = decode_body(root, message);
    CHECK(back.starts_with(row.text.substr(0, row.text.find('\n'))));
  }
}
