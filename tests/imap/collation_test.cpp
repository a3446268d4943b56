// Collations (RFC 5255 section 4, RFC 5051) and base subjects (RFC 5256 section 2.1).
#include "server/imap/collation.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "server/imap/base_subject.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap {
namespace {

bool same(Collation collation, std::string_view a, std::string_view b) {
  return collation_key(collation, a) == collation_key(collation, b);
}

}  // namespace

TEST_CASE("i;unicode-casemap decomposes title case", "[imap]") {
  const auto unicode = Collation::unicode_casemap;
  CHECK(same(unicode, "hello", "HELLO"));
  CHECK(same(unicode, "Grüße", "GRÜßE"));
  CHECK(same(unicode, "привет", "ПРИВЕТ"));
  CHECK(same(unicode, "Ångström", "A\xcc\x8angstro\xcc\x88m"));  // composed and not
  // A ligature has no title case of its own, and what it is made of stays as it is.
  CHECK(collation_key(unicode, "\xef\xac\x81n") == "fiN");
  CHECK(same(unicode, "ǆ", "ǅ"));   // the title case of a digraph
  CHECK(same(unicode, "ﾊ", "ハ"));  // half width
  CHECK(same(unicode, "각", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"));
  CHECK_FALSE(same(unicode, "resume", "résumé"));
  // A letter is found below its accent: what is decomposed has it as a character of its own.
  CHECK(collation_key(unicode, "café").find(collation_key(unicode, "cafe")) == 0);
}

TEST_CASE("the other collations", "[imap]") {
  CHECK(same(Collation::ascii_casemap, "hello", "HELLO"));
  CHECK_FALSE(same(Collation::ascii_casemap, "ü", "Ü"));
  CHECK_FALSE(same(Collation::octet, "hello", "HELLO"));
  CHECK(collation_matches("i;*", "i;octet"));
  CHECK(collation_matches("I;UNICODE-CASEMAP", "i;unicode-casemap"));
  CHECK_FALSE(collation_matches("cz;*", "i;octet"));
  CHECK_FALSE(collation_matches("i;basic", "i;octet"));
}

TEST_CASE("texts that are no UTF-8 sort behind the others", "[imap]") {
  // The example of RFC 5255 section 4.6; (4) was KOI8-R and is converted already.
  const std::string one = "\xD0\xC0\xD0\xBD\xD0\xB4\xD1\x80\xD0\xB5\xD0\xB9";
  const std::string two = "\xD1\x81\xD0\x95\xD0\xA0\xD0\x93\xD0\x95\xD0\x99";
  const std::string three = "\xD0\x92\xD0\xB0\xD1\x81\xD0\xB8\xD0\xBB\xD0\xB8\xFF\xB9";
  const std::string four = "\xD0\x90\xD0\xBB\xD0\xB5\xD0\xBA\xD1\x81\xD0\xB5\xD0\xB9";
  std::vector<std::string> all = {one, two, three, four};
  std::sort(all.begin(), all.end(), [](const std::string& a, const std::string& b) {
    return sorting_key(Collation::unicode_casemap, a) < sorting_key(Collation::unicode_casemap, b);
  });
  CHECK(all == std::vector<std::string>{four, two, three, one});
}

TEST_CASE("the base subject", "[imap]") {
  struct Row {
    std::string_view subject, base;
    bool reply;
  };
  static constexpr Row kRows[] = {
      {"", "", false},
      {"Lunch", "Lunch", false},
      {"  Lunch \t at\r\n  noon ", "Lunch at noon", false},
      {"Re: Lunch", "Lunch", true},
      {"RE : Lunch", "Lunch", true},
      {"re:re: Fwd: FW: Lunch", "Lunch", true},
      {"Re[2]: Lunch", "Lunch", true},
      {"Fwd [list] : Lunch", "Lunch", true},
      {"[list] Lunch", "Lunch", false},
      {"[list] Re: [list] Lunch", "Lunch", true},
      {"[a] [b][c] Re: Lunch", "Lunch", true},
      {"[a] [b] Lunch", "Lunch", false},
      {"[list]", "[list]", false},
      {"[a] [b]", "[b]", false},
      {"Re: [list]", "[list]", true},
      {"Re:", "", true},
      {"Lunch (fwd)", "Lunch", true},
      {"Lunch (FWD) (fwd)  ", "Lunch", true},
      {"[fwd: Lunch]", "Lunch", true},
      {"[Fwd: Re: [list] Lunch (fwd)]", "Lunch", true},
      {"[fwd: [fwd: Lunch]]", "Lunch", true},
      {"Re: [fwd: Lunch] (fwd)", "Lunch", true},
      {"[fwd: Lunch", "[fwd: Lunch", false},
      {"Regarding: Lunch", "Regarding: Lunch", false},
      {"Re Lunch", "Re Lunch", false},
      {"Fwdd: Lunch", "Fwdd: Lunch", false},
      {"[un[closed] Re: Lunch", "[un[closed] Re: Lunch", false},
      {"AW: Lunch", "AW: Lunch", false},  // translations of "Re" are not for removal
      {"=?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?=", "Grüße", true},
      {"=?iso-8859-1?q?[l]_?= =?iso-8859-1?q?Re:_caf=E9?=", "café", true},
  };
  for (const Row& row : kRows) {
    INFO(row.subject);
    const BaseSubject found = base_subject(row.subject);
    CHECK(found.text == row.base);
    CHECK(found.reply_or_forward == row.reply);
  }
}

TEST_CASE("hostile subjects take linear time", "[imap]") {
  std::string blobs, forwards, replies;
  for (int i = 0; i < 60'000; ++i) {
    blobs += "[a]";
    forwards += "[fwd:";
    replies += "re[a]:";
  }
  CHECK(base_subject(blobs).text == "[a]");
  CHECK(base_subject(blobs + "x").text == "x");
  CHECK(base_subject(forwards + std::string(60'000, ']')).text.empty());
  CHECK(base_subject(replies).text.empty());
}

}  // namespace mailscope::imap
