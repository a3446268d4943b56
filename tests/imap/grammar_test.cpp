// The grammar in tables: atoms and strings, sets, dates, flags, modified UTF-7, FETCH items.
#include "server/imap/cursor.hpp"
#include "server/imap/date_time.hpp"
#include "server/imap/fetch_items.hpp"
#include "server/imap/flags.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/search_program.hpp"
#include "server/imap/sequence_set.hpp"
#include "server/imap/shown_command.hpp"
#include "server/imap/text_search.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/utf7.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap::test {

TEST_CASE("astrings", "[imap]") {
  struct Row {
    std::string_view text;
    std::optional<std::string> value;
    std::size_t used = 0;
  };
  const Row rows[] = {
      {"abc def", "abc", 3},
      {"a]b)", "a]b", 3},
      {"\"a b\"", "a b", 5},
      {R"("a\"b\\c")", R"(a"b\c)", 9},
      {R"("a\nb")", std::nullopt},
      {"\"abc", std::nullopt},
      {"\"a\r\nb\"", std::nullopt},
      {"\"\"", "", 2},
      {"{3}\r\na\"b rest", "a\"b", 8},
      {"{3+}\r\nabc", "abc", 9},
      {"{4}\r\nabc", std::nullopt},
      {"{0}\r\n", "", 5},
      {"{99999999999}\r\nx", std::nullopt},
      {std::string_view("{3}\r\na\0b", 8), std::nullopt},
      {"", std::nullopt},
      {"(", std::nullopt},
      {"*", std::nullopt},
      {"\xc3\xa9", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    Cursor cursor(row.text);
    std::string value;
    REQUIRE(cursor.astring(value) == row.value.has_value());
    if (!row.value) {
      CHECK(cursor.offset() == 0);
      continue;
    }
    CHECK(value == *row.value);
    CHECK(cursor.offset() == row.used);
  }
}

TEST_CASE("sequence sets", "[imap]") {
  struct Row {
    std::string_view text;
    bool good;
    std::vector<NumberRange> at_ten;  // with 10 as the largest
  };
  const Row rows[] = {
      {"1", true, {{1, 1}}},
      {"2,4:7,9,12:*", true, {{2, 2}, {4, 7}, {9, 12}}},
      {"*:4,5:7", true, {{4, 10}}},
      {"5:3", true, {{3, 5}}},
      {"*", true, {{10, 10}}},
      {"1:2,3:4,4:6", true, {{1, 6}}},
      {"4294967295", true, {{4294967295u, 4294967295u}}},
      {"4294967296", false, {}},
      {"0", false, {}},
      {"", false, {}},
      {"1,", false, {}},
      {"1:", false, {}},
      {":1", false, {}},
      {"a", false, {}},
      {"1,,2", false, {}},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    Cursor cursor(row.text);
    SequenceSet set;
    const bool good = parse_sequence_set(cursor, set) && cursor.at_end();
    REQUIRE(good == row.good);
    if (good) CHECK(resolve(set, 10) == row.at_ten);
  }
  const std::vector<std::uint32_t> numbers = {1, 2, 3, 7, 9, 10, 4294967295u};
  CHECK(format_set(numbers) == "1:3,7,9:10,4294967295");
  CHECK(format_set({}) == "");
}

TEST_CASE("modified UTF-7", "[imap]") {
  struct Row {
    std::string_view utf8, utf7;
  };
  const Row rows[] = {
      {"INBOX", "INBOX"},
      {"R&D", "R&-D"},
      {"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
      // RFC 3501 section 5.1.3's own example.
      {"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
       "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
      {"\xf0\x9f\x93\xa7", "&2D3c5w-"},
      {"\xc3\xa9&\xc3\xa9", "&AOk-&-&AOk-"},
      {"", ""},
      {"a/b c", "a/b c"},
  };
  for (const Row& row : rows) {
    INFO(row.utf7);
    CHECK(utf7_encode(row.utf8) == row.utf7);
    CHECK(utf7_decode(row.utf7) == std::string(row.utf8));
  }
  for (const std::string_view bad : {"&", "&AOk", "&AOk-&AOk-", "&AGE-", "&AO-", "&AOl-x\x80",
                                     "&2D0-", "&3OfYPQ-", "&!!-", "\xc3\xa9", "&AOkA-", "a\x7f"}) {
    INFO(bad);
    CHECK_FALSE(utf7_decode(bad));
  }
  CHECK(utf7_encode("a\xff") == "a&,,0-");
}

TEST_CASE("every name survives modified UTF-7", "[imap]") {
  std::uint32_t seed = 1;
  for (int round = 0; round < 500; ++round) {
    std::string name;
    for (int i = 0; i < 12; ++i) {
      seed = seed * 1'664'525 + 1'013'904'223;
      char32_t c = (seed >> 8) % (round % 3 == 0 ? 0x80 : 0x11000);
      if (c < 0x20 || c == 0x7f || (c >= 0xd800 && c < 0xe000)) c = U'x';
      append_utf8(name, c);
    }
    const std::string encoded = utf7_encode(name);
    INFO(encoded);
    REQUIRE(utf7_decode(encoded) == name);
  }
}

TEST_CASE("dates", "[imap]") {
  using namespace std::chrono;
  const auto day = [](std::string_view text) -> std::optional<sys_days> {
    Cursor cursor(text);
    sys_days out;
    return parse_date(cursor, out) && cursor.at_end() ? std::optional(out) : std::nullopt;
  };
  CHECK(day("1-Feb-1994") == sys_days(year{1994} / 2 / 1));
  CHECK(day("\"01-JAN-0001\"") == sys_days(year{1} / 1 / 1));
  CHECK(day("31-Dec-9999") == sys_days(year{9999} / 12 / 31));
  CHECK(day("\"01-feb-1994\"") == sys_days(year{1994} / 2 / 1));
  for (const char* bad :
       {"30-Feb-1994", "1-Foo-1994", "1-Feb-94", "\"1-Feb-1994", "0-Feb-1994", "1 Feb 1994", ""}) {
    INFO(bad);
    CHECK_FALSE(day(bad));
  }
  const auto time = [](std::string_view text) -> std::optional<net::Time> {
    Cursor cursor(text);
    net::Time out;
    return parse_date_time(cursor, out) && cursor.at_end() ? std::optional(out) : std::nullopt;
  };
  const net::Time expected = net::Time(sys_days(year{1996} / 7 / 17)) + 9h + 44min + 25s;
  CHECK(time("\"17-Jul-1996 02:44:25 -0700\"") == expected);
  CHECK(time("\" 1-Jul-1996 00:00:00 +0000\"") == net::Time(sys_days(year{1996} / 7 / 1)));
  std::string text;
  append_date_time(text, expected);
  CHECK(text == "\"17-Jul-1996 09:44:25 +0000\"");
  text.clear();
  append_date_time(text, net::Time(sys_days(year{1996} / 7 / 1)));
  CHECK(text == "\" 1-Jul-1996 00:00:00 +0000\"");
  for (const char* bad :
       {"\"17-Jul-1996 02:44:25\"", "\"17-Jul-1996 24:00:00 +0000\"", "17-Jul-1996 02:44:25 -0700",
        "\"17-Jul-9999 02:44:25 -0700\"", "\"17-Jul-1996 02:44:25 0700 \""}) {
    INFO(bad);
    CHECK_FALSE(time(bad));
  }
}

TEST_CASE("flags", "[imap]") {
  const auto parse = [](std::string_view text) -> std::optional<std::string> {
    Cursor cursor(text);
    store::Flags flags;
    bool over_limit = false;
    if (!parse_flag_list(cursor, flags, over_limit) || !cursor.at_end()) return std::nullopt;
    std::string out;
    append_flags(out, flags);
    return over_limit ? "too much" : out;
  };
  CHECK(parse("()") == "()");
  CHECK(parse(R"((\seen \DELETED junk $Forwarded Junk))") == R"((\Deleted \Seen $Forwarded junk))");
  CHECK_FALSE(parse(R"((\Recent))"));
  CHECK_FALSE(parse(R"((\Foo))"));
  CHECK_FALSE(parse("(a  b)"));
  CHECK(parse("(" + std::string(200, 'k') + ")") == "too much");
}

TEST_CASE("FETCH items", "[imap]") {
  const auto labels = [](std::string_view text) -> std::optional<std::string> {
    Cursor cursor(text);
    FetchRequest request;
    if (!parse_fetch_items(cursor, request) || !cursor.at_end()) return std::nullopt;
    std::string out = request.sets_seen ? "seen" : "";
    for (const FetchItem& item : request.items)
      out += item.label.empty() ? " item" : " " + item.label;
    return out;
  };
  CHECK(labels("FAST") == " item item item");
  CHECK(labels("full") == " item item item item item");
  CHECK(labels("(FLAGS UID)") == " item item");
  CHECK(labels("BODY[]") == "seen BODY[]");
  CHECK(labels("body.peek[]<5.10>") == " BODY[]<5>");
  CHECK(labels("BODY[header.fields (From \"To\")]") == "seen BODY[HEADER.FIELDS (From To)]");
  CHECK(labels("BODY.PEEK[1.2.HEADER.FIELDS.NOT (x)]<0.1>") ==
        " BODY[1.2.HEADER.FIELDS.NOT (x)]<0>");
  // RFC 9051 section 9: 63 bits.
  CHECK(labels("BODY.PEEK[]<4294967296.9223372036854775807>") == " BODY[]<4294967296>");
  CHECK(labels("BODY.PEEK[2.MIME]") == " BODY[2.MIME]");
  CHECK(labels("(RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE)") == "seen item item item item");
  for (const char* bad :
       {"", "()", "(ALL FLAGS)", "(FLAGS", "BODY[MIME]", "BODY[0]", "BODY[1.]",
        "BODY[HEADER.FIELDS]", "BODY[HEADER.FIELDS ()]", "BODY[]<0>", "BODY[]<0.0>",
        "BODY[]<0.9223372036854775808>", "BODY[TEXT.1]", "NOPE", "(FLAGS  UID)"}) {
    INFO(bad);
    CHECK_FALSE(labels(bad));
  }
}

TEST_CASE("search programs within and beyond the limits", "[imap]") {
  const auto good = [](std::string_view text) {
    Cursor cursor(text);
    SearchProgram program;
    return parse_search(cursor, program) && cursor.at_end();
  };
  CHECK(good("ALL"));
  CHECK(good("1:3,5 UID 4:* NOT (OR SEEN (FLAGGED DRAFT))"));
  CHECK(good("CHARSET UTF-8 HEADER X-A \"\" BODY x SENTSINCE 1-Feb-1994 LARGER 10 KEYWORD $x"));
  CHECK(good("LARGER 4294967296 SMALLER 9223372036854775807"));
  CHECK(good(std::string(40, '(') + "ALL" + std::string(40, ')')));
  CHECK_FALSE(good(std::string(60, '(') + "ALL" + std::string(60, ')')));
  std::string nots;
  for (int i = 0; i < 60; ++i) nots += "NOT ";
  CHECK_FALSE(good(nots + "ALL"));
  std::string many = "ALL";
  for (int i = 0; i < 1'000; ++i) many += " ALL";
  CHECK_FALSE(good(many));
  for (const char* bad : {"", "(", "()", "OR SEEN", "NOT", "FROM", "SINCE x", "LARGER -1", "BOGUS",
                          "ALL ", "CHARSET UTF-8"}) {
    INFO(bad);
    CHECK_FALSE(good(bad));
  }
}

TEST_CASE("LIST patterns", "[imap]") {
  struct Row {
    std::string_view pattern, name;
    bool matches;
  };
  const Row rows[] = {
      {"*", "a/b/c", true},
      {"%", "a", true},
      {"%", "a/b", false},
      {"a/%", "a/b", true},
      {"a/%", "a/b/c", false},
      {"a*c", "a/b/c", true},
      {"inbox", "INBOX", true},
      {"inbox/%", "INBOX/Sub", true},
      {"inbox/sub", "INBOX/Sub", false},
      {"inboxes", "INBOXES", false},
      {"sent", "Sent", false},
      {"%/%", "a/b", true},
      {"%/%", "a", false},
      {"*%", "a/b", true},
      {"%*", "a/b", true},
      {"", "", true},
      {"a", "ab", false},
      {"a%b%c", "axxbyyc", true},
      {"a%b%c", "ax/bc", false},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " on " << row.name);
    CHECK(ListPattern(row.pattern).matches(row.name) == row.matches);
  }
  // No pattern takes exponential time.
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  CHECK_FALSE(ListPattern(pattern + "b").matches(std::string(255, 'a')));
}

TEST_CASE("caseless search", "[imap]") {
  const auto found = [](std::string_view needle, std::string_view text) {
    return TextSearch(needle).found_in(text);
  };
  CHECK(found("lunch", "About LUNCH today"));
  CHECK(found("", "x"));
  CHECK(found("Gr\xc3\x9c\xc3\x9f", "viele gr\xc3\xbc\xc3\x9f\x65"));
  CHECK(found("\xd0\x9c\xd0\x98\xd0\xa0", "\xd0\xbc\xd0\xb8\xd1\x80"));
  CHECK(found("\xce\xa9", "\xcf\x89"));
  CHECK_FALSE(found("lunch", "lunc"));
  CHECK_FALSE(found("aab", "aaaaaac"));
  CHECK(found("aab", "aaaaaab"));
}

TEST_CASE("commands in the trace", "[imap]") {
  CHECK(shown_command("a LOGIN {5}\r\nalice {3+}\r\npwd", false) == "a LOGIN {5} [redacted]");
  CHECK(shown_command("a login \"a b\" \"x y\"", false) == "a login \"a b\" [redacted]");
  CHECK(shown_command("a LOGIN \"broken", false) == "a LOGIN [redacted]");
  CHECK(shown_command("a AUTHENTICATE PLAIN AGFs", false) == "a AUTHENTICATE PLAIN [redacted]");
  CHECK(shown_command("a APPEND x {3}\r\nabc", false) == "a APPEND x {3}");
  CHECK(shown_command("a LOGIN alice secret", true) == "a LOGIN alice secret");
}

}  // namespace mailscope::imap::test
