// Messages in octets that the next server takes (RFC 6152 section 3): nothing that they say is
// lost.
#include "server/mail/recode.hpp"

#include <string>
#include <vector>

#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

namespace {

/// What the leaves of a message say, one after the other.
std::vector<std::string> said(std::string_view message) {
  std::vector<std::string> out;
  const auto walk = [&](const auto& self, const Part& part) -> void {
    if (part.parts.empty()) out.push_back(decode_body(part, message));
    for (const Part& inner : part.parts) self(self, inner);
  };
  walk(walk, parse_message(message));
  return out;
}

std::string recoded(std::string_view message, Carries carries = Carries::seven_bit) {
  const auto result = recode(message, carries);
  REQUIRE(result);
  CHECK(fits(*result, carries));
  return *result;
}

}  // namespace

TEST_CASE("what a server carries", "[recode]") {
  struct Row {
    std::string text;
    bool seven_bit, eight_bit;
  };
  const Row rows[] = {
      {"", true, true},
      {"a\r\nb", true, true},
      {"caf\xc3\xa9\r\n", false, true},
      {"a\nb\r\n", false, false},
      {"a\rb\r\n", false, false},
      {"a\r", false, false},
      {std::string("a\0b", 3), false, false},
      {std::string(998, 'x') + "\r\n" + std::string(998, 'x'), true, true},
      {std::string(999, 'x') + "\r\n", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(fits(row.text, Carries::seven_bit) == row.seven_bit);
    CHECK(fits(row.text, Carries::eight_bit) == row.eight_bit);
  }
}

TEST_CASE("text becomes quoted-printable", "[recode]") {
  CHECK(recoded("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                "content-transfer-encoding: 8bit\r\nX-Last: y\r\n\r\n"
                "Gr\xc3\xbc\xc3\x9f"
                "e \r\n.\r\n") ==
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "X-Last: y\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "Gr=C3=BC=C3=9Fe=20\r\n.\r\n");
}

TEST_CASE("a message from before MIME gets its fields", "[recode]") {
  CHECK(recoded("Subject: x\r\n\r\ncaf\xe9\r\n") ==
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9\r\n");
  CHECK(recoded("\r\n\xe9\r\n").starts_with("MIME-Version: 1.0\r\n"));
}

TEST_CASE("each part is encoded on its own, and only where it must be", "[recode]") {
  const std::string message =
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\npre\xff\r\n"
      "--b\r\n\r\nplain\r\n"
      "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "caf\xc3\xa9\r\n"
      "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
      std::string("\x89PNG\0\n\r\n\r", 9) +
      "\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "Subject: inner\r\n\r\n\xe9\r\n--b\r\nContent-Type: text/plain\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--\r\n";
  SECTION("for lines of ASCII") {
    const std::string out = recoded(message);
    CHECK(said(out) == said(message));
    CHECK(out.find("Content-Transfer-Encoding: 7bit\r\n\r\npre?\r\n--b\r\n\r\nplain\r\n--b\r\n") !=
          std::string::npos);
    CHECK(out.find("caf=C3=A9") != std::string::npos);
    CHECK(out.find("Content-Transfer-Encoding: base64\r\n\r\niVBORwAKDQoN\r\n") !=
          std::string::npos);
    CHECK(out.find("Subject: inner\r\nMIME-Version: 1.0\r\n") != std::string::npos);
    CHECK(out.ends_with("\r\n\r\neA==\r\n--b--\r\n"));
  }
  SECTION("for lines of any octets") {
    const std::string out = recoded(message, Carries::eight_bit);
    CHECK(said(out) == said(message));
    CHECK(out.find("Content-Transfer-Encoding: 8bit\r\n\r\npre\xff\r\n") != std::string::npos);
    CHECK(out.find("caf\xc3\xa9\r\n") != std::string::npos);
    CHECK(out.find("iVBORwAKDQoN\r\n") != std::string::npos);
  }
}

TEST_CASE("line ends of text that are none of mail's are kept", "[recode]") {
  const std::string message =
      "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n"
      "one\ntwo\rthree\r\n";
  const std::string out = recoded(message);
  CHECK(said(out) == said(message));
  CHECK(out.find("Content-Transfer-Encoding: base64\r\n") != std::string::npos);
}

TEST_CASE("long lines, and text without a last line end", "[recode]") {
  const std::string header =
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=x\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n";
  for (const std::string& body :
       {std::string(5'000, 'x') + "\r\n", std::string(5'000, 'x'), std::string("\xe9"),
        std::string("\xe9 "), std::string("\xe9\r\n\r\n"), std::string(76, '\xe9')}) {
    CAPTURE(body);
    const std::string out = recoded(header + body);
    CHECK(said(out) == std::vector<std::string>{body});
    CHECK(out.ends_with("\r\n"));
  }
}

TEST_CASE("what may be encoded inside a message and what may not", "[recode]") {
  const auto with = [](std::string_view type, std::string_view encoding, std::string_view body) {
    return "MIME-Version: 1.0\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Transfer-Encoding: " + std::string(encoding) + "\r\n\r\n" +
           std::string(body);
  };
  // RFC 6532 section 3.5: a message in UTF-8 inside another may be encoded whole.
  const std::string global = with("message/global", "8bit", "Subject: \xc3\xa9\r\n\r\nx\r\n");
  CHECK(recoded(global).find("Content-Transfer-Encoding: base64\r\n") != std::string::npos);
  // Quoted-printable that is not quite.
  CHECK(recoded(with("text/plain", "quoted-printable", "a=3Db\xe9\r\n")).ends_with("a=3Db=E9\r\n"));
  for (const std::string& message :
       {std::string("Subject: \xc3\xa9\r\n\r\n\xc3\xa9\r\n"),
        with("text/plain", "base64", "\xe9\r\n"), with("text/plain", "x-own", "\xe9\r\n"),
        with("message/partial; id=x; number=1", "7bit", "\xe9\r\n"),
        with("message/delivery-status", "7bit", "\xe9\r\n"),
        with("message/rfc822", "8bit", "Subject: \xc3\xa9\r\n\r\nx\r\n"),
        with("multipart/mixed", "8bit", "no boundary \xe9\r\n")}) {
    CAPTURE(message);
    CHECK_FALSE(recode(message, Carries::seven_bit));
  }
}
