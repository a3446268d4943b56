// Encoded words: RFC 2047.
#include "server/mail/encoding.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

TEST_CASE("encoded words are decoded") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      // RFC 2047 section 8: the table
      {"(=?ISO-8859-1?Q?a?=)", "(a)"},
      {"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"},
      // RFC 2047 section 8: the headers
      {"=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"},
      {"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>",
       "Keld J\xc3\xb8rn Simonsen <keld@dkuug.dk>"},
      {"=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>",
       "Andr\xc3\xa9 Pirard <PIRARD@vm1.ulg.ac.be>"},
      {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
       "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
       "If you can read this you understand the example."},
      {"=?iso-8859-8?b?7eXs+SDv4SDo7OTu?=",
       "\xd7\x9d\xd7\x95\xd7\x9c\xd7\xa9 \xd7\x9f\xd7\x91 \xd7\x98\xd7\x9c\xd7\x94\xd7\x9e"},
      // RFC 2231 section 5: a language
      {"=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"},
      // Encodings in either case; a character cut in two by a careless program
      {"=?utf-8?q?caf=c3=a9?=", "caf\xc3\xa9"},
      {"=?utf-8?B?w6k=?=", "\xc3\xa9"},
      {"=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "\xc3\xa9"},
      {"=?utf-8?B?w6k?=", "\xc3\xa9"},
      {"=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
      {"Re: =?utf-8?q?=C3=A9t=C3=A9?= 2026", "Re: \xc3\xa9t\xc3\xa9 2026"},
      // Broken words stay
      {"=?utf-8?q?no end", "=?utf-8?q?no end"},
      {"=?utf-8?q?a b?=", "=?utf-8?q?a b?="},
      {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
      {"=?utf-8?q?a?", "=?utf-8?q?a?"},
      {"=?utf-8?q?", "=?utf-8?q?"},
      {"=?utf-8?", "=?utf-8?"},
      {"=??q?a?=", "=??q?a?="},
      {"=?x-nobody-knows?q?a?=", "=?x-nobody-knows?q?a?="},
      {"=?x-no?q?\xff?=", "=?x-no?q?\xef\xbf\xbd?="},
      {"=?x-no?q?a?= =?utf-8?q?b?=", "=?x-no?q?a?=b"},
      {"=?=?utf-8?q?a?=", "=?a"},
      {"=?utf-8?q?=4?=", "=4"},
      {"=?utf-8?q?"
       "?=",
       ""},
      {"plain", "plain"},
      {"", ""},
      {"folded\r\n value", "folded value"},
      {"raw \xff octet", "raw \xef\xbf\xbd octet"},
      // What looks like a header field inside a word does not become one
      {"=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"},
      {"=?utf-8?q?a=00b?=", "a b"},
  };
  for (const auto& [value, text] : rows) {
    INFO(value);
    CHECK(decode_words(value) == text);
  }
}

TEST_CASE("text becomes encoded words only where it must") {
  CHECK(encode_words("Lunch on Monday?") == "Lunch on Monday?");
  CHECK(encode_words("") == "");
  CHECK(encode_words("caf\xc3\xa9") == "=?UTF-8?Q?caf=C3=A9?=");
  CHECK(encode_words("=?not a word") == "=?UTF-8?Q?=3D=3Fnot_a_word?=");
  CHECK(encode_words("two\r\nlines") == "two  lines");
}

TEST_CASE("encoded words fit, hold whole characters, and say the same") {
  const std::string texts[] = {
      "Grüße aus München, und noch viel mehr Wörter mit Umlauten: äöüß äöüß äöüß äöüß äöüß äöüß",
      "日本語のとても長い件名です。日本語のとても長い件名です。日本語のとても長い件名です。",
      std::string(5000, 'x'),
      "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
      "a  b   \xc3\xa9  c ",
  };
  for (const std::string& text : texts) {
    const std::string encoded = encode_words(text);
    CHECK(decode_words(encoded) == text);
    for (std::size_t at = 0; at < encoded.size();) {
      const std::size_t end = std::min(encoded.find(' ', at), encoded.size());
      CHECK(end - at <= 75);
      // Each word alone is valid: no character is cut in two (RFC 2047 section 5).
      CHECK(decode_words(encoded.substr(at, end - at)).find("\xef\xbf\xbd") == std::string::npos);
      at = end + 1;
    }
  }
}
