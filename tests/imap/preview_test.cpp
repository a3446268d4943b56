// PREVIEW (RFC 8970).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

std::string preview(const std::string& message) {
  World world;
  world.append("INBOX", crlf(message));
  Line line(world);
  line.send("l LOGIN alice secret\r\ns EXAMINE INBOX\r\n", false);
  line.take();
  line.send("a FETCH 1 (PREVIEW)\r\n", false);
  std::string heard = line.take();
  const std::string head = "* 1 FETCH (PREVIEW ", tail = ")\r\na OK Fetched\r\n";
  REQUIRE(heard.starts_with(head));
  REQUIRE(heard.ends_with(tail));
  return heard.substr(head.size(), heard.size() - head.size() - tail.size());
}

}  // namespace

TEST_CASE("previews of texts", "[imap][preview]") {
  CHECK(preview("Subject: x\n\nShall  we have\n\n lunch?\n") == R"("Shall we have lunch?")");
  CHECK(preview("Subject: x\n\n") == R"("")");
  CHECK(preview("Subject: x\n\n> quoted\n> more\nAnswer\n") == R"("Answer")");
  CHECK(preview("Subject: x\n\n> quoted\n> more\n") == R"("> quoted > more")");
  CHECK(preview("Content-Type: text/plain; charset=iso-8859-1\n"
                "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n") ==
        "{7}\r\nGr\xc3\xbc\xc3\x9f"
        "e");
  const std::string long_text = preview("Subject: x\n\n" + std::string(1'000, 'a') + "\n");
  CHECK(long_text == '"' + std::string(200, 'a') + '"');
}

TEST_CASE("previews of HTML and of what has no text", "[imap][preview]") {
  CHECK(preview("Content-Type: text/html\n\n<html><head><title>T</title><style>p {}</style></head>"
                "<!-- no --><p>Tom &amp; Jerry&nbsp;&lt;3</p><script>x()</script></html>\n") ==
        R"("Tom & Jerry <3")");
  CHECK(preview("Content-Type: text/html\n\n<style") == R"("")");
  CHECK(preview("Content-Type: text/html\n\n<!--") == R"("")");
  CHECK(preview("Content-Type: text/html\n\n<style></style") == R"("")");
  // A "<" that begins no tag is text, at the end as well.
  CHECK(preview("Content-Type: text/html\n\nab<") == R"("ab<")");
  CHECK(preview("Content-Type: image/png\n\nxyz\n") == R"("")");
  CHECK(
      preview("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n"
              "<b>rich</b>\n--b\n\npoor\n--b--\n") == R"("poor")");
  CHECK(preview("Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\n"
                "Content-Type: text/html\n\n<b>rich</b>\n--b--\n") == R"("rich")");
}

TEST_CASE("PREVIEW (LAZY) and what is not PREVIEW", "[imap][preview]") {
  play(R"(
    C: s EXAMINE INBOX
    S: * FLAGS ...
    S: * 1 EXISTS
    S: ...
    S: s OK ...
    C: a FETCH 1 (PREVIEW (LAZY))
    S: * 1 FETCH (PREVIEW "Text")
    S: a OK Fetched
    C: b FETCH 1 (PREVIEW (LAZY) UID)
    S: * 1 FETCH (PREVIEW "Text" UID 1)
    S: b OK Fetched
    C: b1 FETCH 1 (PREVIEW (LAZY LAZY) UID)
    S: * 1 FETCH (PREVIEW "Text" UID 1)
    S: b1 OK Fetched
    C: b2 FETCH 1 PREVIEW
    S: * 1 FETCH (PREVIEW "Text")
    S: b2 OK Fetched
    C: b3 FETCH 1 (PREVIEW (LAZY EAGER) UID)
    S: b3 BAD ...
    C: c FETCH 1 (PREVIEW (EAGER))
    S: c BAD ...
    C: d FETCH 1 (PREVIEW ())
    S: d BAD ...
  )",
       [](World& world) { world.append("INBOX", "Subject: x\r\n\r\nText\r\n"); });
}

TEST_CASE("the examples of RFC 8970 section 5", "[imap][preview]") {
  const std::string lorem =
      "Lorem ipsum dolor sit amet, consectetur adipiscing elit.\n"
      "Curabitur aliquam turpis et ante dictum, et pulvinar dui congue.\n"
      "Maecenas hendrerit, lorem non imperdiet pellentesque, nulla\nligula nullam\n"
      "Vestibulum ante ipsum primis.\n";
  const std::string shown = preview("Subject: x\n\n" + lorem);
  CHECK(shown.size() <= 2 + 200);
  CHECK(shown.starts_with("\"Lorem ipsum dolor sit amet, consectetur adipiscing elit. Curabitur"));
  play(R"(
    C: s EXAMINE INBOX
    S: ...
    S: s OK ...
    C: C2 SEARCH RETURN (SAVE) FROM "FOO"
    S: C2 OK Searched
    C: C3 FETCH $ (UID PREVIEW (LAZY))
    S: * 2 FETCH (UID 2 PREVIEW "Preview!")
    S: C3 OK Fetched
    C: C4 UID FETCH 3 (PREVIEW)
    S: * 3 FETCH (UID 3 PREVIEW "")
    S: C4 OK Fetched
  )",
       [](World& world) {
         world.append("INBOX", crlf("From: a@b\n\nOther\n"));
         world.append("INBOX", crlf("From: foo@b\n\nPreview!\n"));
         world.append("INBOX", crlf("Content-Type: application/pkcs7-mime\n\nx\n"));
       });
}

}  // namespace mailscope::imap::test
