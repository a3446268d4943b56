// xtext (RFC 3461 section 4), addresses in UTF-8 (RFC 6533 section 3), and the values of
// parameters.
#include "server/smtp/xtext.hpp"

#include "server/smtp/grammar.hpp"
#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::smtp;
using Maybe = std::optional<std::string>;

TEST_CASE("xtext there and back", "[smtp][xtext]") {
  const std::pair<std::string_view, Maybe> table[] = {{"", ""},
                                                      {"QQ314159", "QQ314159"},
                                                      {"a+2Bb+3Dc", "a+b=c"},
                                                      {"+20", " "},
                                                      {"+0D+0A", "\r\n"},
                                                      {"a+", {}},
                                                      {"a+2", {}},
                                                      {"a+2b", {}},
                                                      {"a=b", {}},
                                                      {"a b", {}},
                                                      {"\x7f", {}},
                                                      {"\xC3\xB8", {}},
                                                      {"+C3+B8", "\xC3\xB8"}};
  for (const auto& [text, plain] : table) {
    INFO(text);
    CHECK(decode_xtext(text) == plain);
    if (plain) CHECK(encode_xtext(*plain) == text);
  }
}

TEST_CASE("addresses in UTF-8", "[smtp][xtext]") {
  struct Row {
    std::string_view text;
    bool unicode;
    Maybe plain;
  };
  const Row table[] = {{"bob@x.example", false, "bob@x.example"},
                       {"b\\x{F8}b@x.example", false,
                        "b\xC3\xB8"
                        "b@x.example"},
                       {"b\\x{F8}b@x.example", true,
                        "b\xC3\xB8"
                        "b@x.example"},
                       {"b\xC3\xB8"
                        "b@x.example",
                        true,
                        "b\xC3\xB8"
                        "b@x.example"},
                       {"b\xC3\xB8"
                        "b@x.example",
                        false,
                        {}},
                       {"\\x{10FFFF}", false, "\xF4\x8F\xBF\xBF"},
                       {"\\x{20AC}\\x{5C}\\x{2B}\\x{3D}", false, "\xE2\x82\xAC\\+="},
                       {"\\x{110000}", false, {}},
                       {"\\x{D800}", false, {}},
                       {"\\x{0F8}", false, {}},
                       {"\\x{F}", false, {}},
                       {"\\x{f8}", false, {}},
                       {"\\x{F8", false, {}},
                       {"\\y", false, {}},
                       {"a+b", false, {}},
                       {"a=b", true, {}},
                       {"\xC3", true, {}}};
  for (const Row& row : table) {
    INFO(row.text);
    CHECK(decode_utf8_address(row.text, row.unicode) == row.plain);
    if (!row.plain) continue;
    for (const bool unicode : {true, false}) {
      CHECK(decode_utf8_address(encode_utf8_address(*row.plain, unicode), unicode) == row.plain);
    }
  }
}

TEST_CASE("ORCPT has a type and an address", "[smtp][xtext]") {
  CHECK(decode_orcpt("RFC822;a+2Bb@x.example", false) == Maybe("RFC822;a+b@x.example"));
  CHECK(decode_orcpt("rfc822;", false) == Maybe("rfc822;"));
  CHECK(decode_orcpt("UTF-8;\\x{F8}", false) == Maybe("UTF-8;\xC3\xB8"));
  CHECK(encode_orcpt("rfc822;a+b@x.example", false) == "rfc822;a+2Bb@x.example");
  CHECK(decode_orcpt("utf-8;b\\x{F8}b@x.example", false) == Maybe("utf-8;b\xC3\xB8"
                                                                  "b@x.example"));
  CHECK(encode_orcpt("utf-8;b\xC3\xB8"
                     "b@x.example",
                     false) == "utf-8;b\\x{F8}b@x.example");
  CHECK(encode_orcpt("utf-8;b\xC3\xB8"
                     "b@x.example",
                     true) ==
        "utf-8;b\xC3\xB8"
        "b@x.example");
  for (const char* text : {"", ";", "rfc822", "rfc 822;a", "x.400;a", "rfc822;a+0A"}) {
    CHECK_FALSE(decode_orcpt(text, false));
  }
}

TEST_CASE("moments in UTC", "[smtp][grammar]") {
  const char* good[] = {"2026-03-02T09:00:00Z", "2024-02-29T23:59:60Z", "1970-01-01T00:00:00Z",
                        "2026-03-02t09:00:00.123z"};
  for (const char* text : good) CHECK(parse_utc(text));
  CHECK(format_utc(*parse_utc("2026-03-02T09:00:00Z")) == "2026-03-02T09:00:00Z");
  CHECK(format_utc(*parse_utc("2024-02-29T23:59:59Z")) == "2024-02-29T23:59:59Z");
  const char* bad[] = {"",
                       "2026-03-02",
                       "2026-03-02T09:00:00",
                       "2026-02-29T09:00:00Z",
                       "2026-13-01T09:00:00Z",
                       "2026-03-02T24:00:00Z",
                       "2026-03-02T09:60:00Z",
                       "2026-03-02 09:00:00Z",
                       "2026-03-02T09:00:00.Z",
                       "2026-03-02T09:00:00+00:00",
                       "9999-03-02T09:00:00Z",
                       "0001-03-02T09:00:00Z"};
  for (const char* text : bad) {
    INFO(text);
    CHECK_FALSE(parse_utc(text));
  }
}
