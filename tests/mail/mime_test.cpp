// The tree of parts: RFC 2045, 2046.
#include "server/mail/mime.hpp"

#include "server/mail/parameters.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

namespace {

/// "type/subtype[child child]" with the decoded body of leaves in quotes.
std::string tree(const Part& part, std::string_view message) {
  std::string out = part.type + '/' + part.subtype;
  if (part.parts.empty()) return out + '"' + decode_body(part, message) + '"';
  out += '[';
  for (std::size_t i = 0; i < part.parts.size(); ++i)
    out += (i > 0 ? " " : "") + tree(part.parts[i], message);
  return out + ']';
}
std::string tree(std::string_view message) {
  return tree(parse_message(message), message);
}

}  // namespace

TEST_CASE("structures") {
  struct Row {
    std::string_view what, message, expected;
  };
  const Row rows[] = {
      {"plain", "Subject: x\n\nHello\n", "text/plain\"Hello\n\""},
      {"nothing", "", "text/plain\"\""},
      {"header only", "Subject: x\n", "text/plain\"\""},
      {"body only", "\nHello", "text/plain\"Hello\""},
      {"two parts, preamble and epilogue",
       "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n--b\nContent-Type: "
       "text/html\n\ntwo\n--b--\nepilogue\n",
       "multipart/mixed[text/plain\"one\" text/html\"two\"]"},
      {"crlf", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\n--b--\r\n",
       "multipart/mixed[text/plain\"one\r\n\"]"},
      {"empty parts", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b\n--b\n\n\n--b--",
       "multipart/mixed[text/plain\"\" text/plain\"\" text/plain\"\"]"},
      {"never closed", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n",
       "multipart/mixed[text/plain\"one\" text/plain\"two\n\"]"},
      {"no delimiter", "Content-Type: multipart/mixed; boundary=b\n\nHello\n",
       "text/plain\"Hello\n\""},
      {"closed at once", "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
       "text/plain\"--b--\n\""},
      {"no boundary parameter", "Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n",
       "text/plain\"--b\n\none\n--b--\n\""},
      {"nested",
       "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; "
       "boundary=b\n\n"
       "--b\n\n1\n--b\n\n2\n--b--\n--a\n\n3\n--a--\n",
       "multipart/mixed[multipart/alternative[text/plain\"1\" text/plain\"2\"] text/plain\"3\"]"},
      {"inner one never closed",
       "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
       "boundary=b\n\n"
       "--b\n\n1\n--a\n\n2\n--a--\n",
       "multipart/mixed[multipart/mixed[text/plain\"1\"] text/plain\"2\"]"},
      {"a boundary that is the prefix of the inner one",
       "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; "
       "boundary=xy\n\n"
       "--xy\n\n1\n--xy\n\n2\n--xy--\n--x\n\n3\n--x--\n",
       "multipart/mixed[multipart/mixed[text/plain\"1\" text/plain\"2\"] text/plain\"3\"]"},
      {"a boundary that is the prefix of the outer one",
       "Content-Type: multipart/mixed; boundary=xy\n\n--xy\nContent-Type: multipart/mixed; "
       "boundary=x\n\n"
       "--x\n\n1\n--xy\n\n2\n--xy--\n",
       "multipart/mixed[multipart/mixed[text/plain\"1\"] text/plain\"2\"]"},
      {"the same boundary inside",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; "
       "boundary=b\n\n"
       "--b\n\n1\n--b--\n--b\n\n2\n--b--\n",
       "multipart/mixed[multipart/mixed[text/plain\"1\"] text/plain\"2\"]"},
      {"padding behind a delimiter",
       "Content-Type: multipart/mixed; boundary=b\n\n--b  \n\none\n--b-- \t\n",
       "multipart/mixed[text/plain\"one\"]"},
      {"a delimiter ends a header",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
       "text/html\n--b\nContent-Type: multipart/mixed; boundary=c\n--b--\n",
       "multipart/mixed[text/html\"\" text/plain\"\"]"},
      {"dashes that are no delimiter",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n-- \nsig\n--\n --b\n--b--\n",
       "multipart/mixed[text/plain\"-- \nsig\n--\n --b\"]"},
      {"message/rfc822",
       "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/html\n\nHi\n",
       "message/rfc822[text/html\"Hi\n\"]"},
      {"a message with parts inside a part",
       "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n"
       "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--b--\n--a--\n",
       "multipart/mixed[message/rfc822[multipart/mixed[text/plain\"1\"]]]"},
      {"digest",
       "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b\nContent-Type: "
       "text/plain\n\ntwo\n--b--\n",
       "multipart/digest[message/rfc822[text/plain\"one\"] text/plain\"two\"]"},
      {"broken type", "Content-Type: whatever\n\nx", "text/plain\"x\""},
      {"broken type with slash", "Content-Type: /; charset=x\n\nx", "text/plain\"x\""},
      {"base64", "Content-Transfer-Encoding: BASE64 (c)\n\nSGVs\nbG8=\n", "text/plain\"Hello\""},
      {"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9=\n",
       "text/plain\"caf\xc3\xa9\""},
      {"unknown encoding", "Content-Transfer-Encoding: x-yenc\n\nSGVs\n", "text/plain\"SGVs\n\""},
      {"an encoding of a composite type is not undone",
       "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: "
       "base64\n\n--b\n\none\n--b--\n",
       "multipart/mixed[text/plain\"one\"]"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(tree(row.message) == row.expected);
    // The same with CRLF: the tree and the lines must not depend on it.
    std::string crlf;
    for (const char c : row.message) {
      if (c == '\n' && !crlf.ends_with('\r')) crlf += '\r';
      crlf += c;
    }
    std::string back = tree(crlf);
    std::erase(back, '\r');
    std::string expected(row.expected);
    std::erase(expected, '\r');
    CHECK(back == expected);
    CHECK(parse_message(crlf).body_lines == parse_message(row.message).body_lines);
  }
}

TEST_CASE("offsets and lines") {
  const std::string message =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nA: "
      "1\r\n\r\none\r\ntwo\r\n--b--\r\nend";
  const Part root = parse_message(message);
  CHECK(root.header_text(message) == "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
  CHECK(root.body(message).starts_with("preamble"));
  CHECK(root.body_end == message.size());
  REQUIRE(root.parts.size() == 1);
  const Part& part = root.parts[0];
  CHECK(part.header_text(message) == "A: 1\r\n\r\n");
  CHECK(part.body(message) == "one\r\ntwo");
  CHECK(part.body_lines == 1);
  CHECK(parse_message("\r\na\r\nb\r\n").body_lines == 2);
  CHECK(parse_message("\r\na\r\nb").body_lines == 1);
  CHECK(parse_message("A: b").body_lines == 0);
}

TEST_CASE("fields of a part") {
  const std::string message =
      "Content-Type: TEXT/Html; charset=\"UTF-8\"\r\nContent-Disposition: Attachment;\r\n "
      "filename*=utf-8''%E2%82%AC.html\r\n"
      "Content-Transfer-Encoding: 8BIT\r\n\r\nx";
  const Part part = parse_message(message);
  CHECK(part.type == "text");
  CHECK(part.subtype == "html");
  CHECK(parameter(part.parameters, "charset") == "UTF-8");
  CHECK(part.disposition == "attachment");
  CHECK(parameter(part.disposition_parameters, "filename") == "\xe2\x82\xac.html");
  CHECK(part.encoding == "8bit");
  CHECK(parse_message("Content-Type: text/html\n\n").parameters ==
        Parameters{{"charset", "us-ascii"}});
  CHECK(parse_message("Content-Type: image/png\n\n").parameters.empty());
}
