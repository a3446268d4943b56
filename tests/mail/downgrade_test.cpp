// Messages with UTF-8 headers as older clients see them (RFC 6858).
#include "server/mail/downgrade.hpp"

#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

namespace {

/// Every header section of the result is ASCII.
void check_headers(const Part& part, std::string_view message) {
  const std::string_view header = part.header_text(message);
  CHECK(all_ascii(header));
  for (const Part& inner : part.parts) check_headers(inner, message);
}

std::string downgraded(std::string_view message) {
  const auto result = downgrade_message(message);
  REQUIRE(result);
  CHECK(has_utf8_headers(message));
  check_headers(parse_message(*result), *result);
  CHECK_FALSE(downgrade_message(*result));
  return *result;
}

}  // namespace

TEST_CASE("what older clients can read stays as it is") {
  const char* const messages[] = {
      "",
      "Subject: x\r\n\r\nbody\r\n",
      "Subject: x\r\n\r\nGr\xc3\xbc\xc3\x9f"
      "e\r\n",  // 8-bit bodies are no matter
      "Subject: Gr\xfc\xdf"
      "e\r\n\r\nold Latin-1\r\n",  // not UTF-8: not ours to touch
      "no header at all \xc3\xbc",
  };
  for (const char* message : messages) {
    CAPTURE(message);
    const auto result = downgrade_message(message);
    CHECK(has_utf8_headers(message) == result.has_value());
    if (result)
      CHECK(all_ascii(parse_message(*result).header_text(*result)));
    else
      SUCCEED();
  }
  CHECK_FALSE(downgrade_message(messages[1]));
  CHECK_FALSE(downgrade_message(messages[2]));
  CHECK_FALSE(downgrade_message(messages[3]));
}

TEST_CASE("addresses, subjects, parameters, and fields that go") {
  const std::string message =
      "From: Jos\xc3\xa9 <jos\xc3\xa9@ex\xc3\xa4mple.com>\r\n"
      "To: \"B\xc3\xb6"
      "b, the first\" <bob@b.example>, plain@b.example,\r\n \xe7\x94\xa8@\xe4\xbe\x8b.example\r\n"
      "Cc: Gr\xc3\xbc"
      "n: a@b.example, c@d.example;\r\n"
      "Subject: Gr\xc3\xbc\xc3\x9f"
      "e\r\n"
      "Message-ID: <\xc3\xa9@a.example>\r\n"
      "X-Plain: stays\r\n"
      "Content-Type: text/plain; charset=utf-8; name=\"\xc3\xa9.txt\"\r\n"
      "\r\n"
      "B\xc3\xb6"
      "dy\r\n";
  const std::string result = downgraded(message);
  const Header header = parse_header(result);
  CHECK(decode_words(header.text("From")) ==
        "Jos\xc3\xa9 <jos\xc3\xa9@ex\xc3\xa4mple.com> <invalid@internationalized-address.invalid>");
  CHECK(header.text("To").find("<bob@b.example>, plain@b.example, ") != std::string::npos);
  CHECK(decode_words(header.text("To"))
            .find("B\xc3\xb6"
                  "b, the first <bob@b.example>") == 0);
  CHECK(decode_words(header.text("Cc")) ==
        "Gr\xc3\xbc"
        "n: a@b.example, c@d.example;");
  CHECK(decode_words(header.text("Subject")) ==
        "Gr\xc3\xbc\xc3\x9f"
        "e");
  CHECK(header.find("Message-ID") == nullptr);
  CHECK(header.text("X-Plain") == "stays");
  CHECK(parse_message(result).parameters == Parameters{{"charset", "utf-8"}});
  CHECK(
      result.ends_with("\r\n\r\nB\xc3\xb6"
                       "dy\r\n"));
}

TEST_CASE("headers of parts and of messages inside") {
  const std::string message =
      "Subject: outer\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
      "--x\r\nContent-Description: \xc3\xa9\r\n\r\nf\xc3\xa9\r\n"
      "--x\r\nContent-Type: message/global\r\n\r\nSubject: inn\xc3\xa9r\r\n\r\nfin\r\n--x--\r\n";
  const std::string result = downgraded(message);
  const Part root = parse_message(result);
  REQUIRE(root.parts.size() == 2);
  CHECK(root.parts[0].body(result) == "f\xc3\xa9");
  REQUIRE(root.parts[1].parts.size() == 1);
  CHECK(decode_words(root.parts[1].parts[0].header.text("Subject")) == "inn\xc3\xa9r");
}

TEST_CASE("long subjects are folded") {
  std::string subject;
  for (int i = 0; i < 200; ++i) subject += "\xc3\xa9 word ";
  const std::string result = downgraded("Subject: " + subject + "\r\n\r\n");
  CHECK(decode_words(parse_header(result).text("Subject")) == std::string(trim(subject)));
  std::size_t at = 0;
  for (std::size_t end; (end = result.find('\n', at)) != std::string::npos; at = end + 1) {
    CHECK(end - at <= 78);
  }
}

TEST_CASE("the examples of RFC 6858 section 2") {
  const auto field = [](const std::string& text) { return downgraded(text + "\r\n\r\nx\r\n"); };
  const std::string spec = "fred@ex\xc3\xa4mple.com";
  for (const char* name :
       {"Bcc", "Cc", "From", "Reply-To", "Resent-Bcc", "Resent-Cc", "Resent-From", "Resent-Sender",
        "Resent-To", "Return-Path", "Sender", "To"}) {
    CAPTURE(name);
    const std::string result = field(std::string(name) + ": Fred Foo <" + spec + ">");
    CHECK(decode_words(parse_header(result).text(name)) ==
          "Fred Foo <" + spec + "> <invalid@internationalized-address.invalid>");
  }
  CHECK(field("Content-Disposition: attachment; filename=f\xc3\xb6\xc3\xb6")
            .starts_with("Content-Disposition: attachment\r\n"));
  // What can be shown as it is stays, in either form of RFC 2231.
  CHECK(
      field("Content-Disposition: attachment; size=5; filename*=utf-8''%C3%A9; x=\xc3\xb6")
          .starts_with("Content-Disposition: attachment; size=\"5\"; filename*=utf-8''%C3%A9\r\n"));
  // Of other fields nothing is encoded.
  for (const char* name : {"Comments", "Keywords", "Content-Description", "Received", "List-Id"}) {
    CAPTURE(name);
    CHECK(field(std::string(name) + ": \xc3\xb6\r\nX: y").starts_with("X: y\r\n"));
  }
}
