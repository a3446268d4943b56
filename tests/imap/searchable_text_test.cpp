// The text that a store indexes for SEARCH has everything in which SEARCH finds something.
#include "server/imap/searchable_text.hpp"
#include "server/imap/search_match.hpp"
#include "server/imap/text_search.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap {

TEST_CASE("the indexed text has what SEARCH finds") {
  const std::string message =
      "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus\r\n =?iso-8859-1?Q?K=F6ln?=\r\n"
      "X-Odd:   three spaces\r\nX-Tab:\ta\tb\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
      "preamble\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6ne =DCbersicht in =\r\nLatin\r\n"
      "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
      "X-Part: of the part\r\n\r\nPGI+RWluIFRleHQ8L2I+\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nforwarded text\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nbad \xFF\xC3 octets \xE2\x82\r\n"
      "--b\r\nContent-Type: application/octet-stream\r\n\r\nnot searched\r\n--b--\r\n";
  const SearchableText reader;
  const auto text = reader.read(message);
  for (const char* needle :
       {"gr\xC3\xBC\xC3\x9F"
        "e",
        "K\xC3\xB6LN", "subject: gr", "   three", "\ta\t", "aus k", "x-odd: th",
        "sch\xC3\xB6ne \xC3\x9C"
        "bersicht",
        "in latin", "<b>ein text", "of the part", "subject: inner", "FORWARDED", "bad ", " octets",
        "not searched", "preamble", "never there"}) {
    CAPTURE(needle);
    MessageView view(std::make_shared<const std::string>(message));
    const TextSearch wanted(needle);
    const std::string folded = reader.fold(needle);
    if (header_contains(view, wanted)) CHECK(text.header.find(folded) != std::string::npos);
    for (const auto* field : {"Subject", "X-Odd", "X-Tab"}) {
      if (header_field_contains(view, field, wanted)) {
        CHECK(text.header.find(folded) != std::string::npos);
      }
    }
    CHECK(body_contains(view, wanted) == (text.body.find(folded) != std::string::npos));
  }
  CHECK(text.body.find("BERSICHT IN LATIN") != std::string::npos);
  CHECK(text.body.find("NOT SEARCHED") == std::string::npos);
}

}  // namespace mailscope::imap
