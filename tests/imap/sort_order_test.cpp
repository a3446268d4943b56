// SORT's keys and orders (RFC 5256 sections 2 and 3, RFC 5957) as pure functions.
#include "server/imap/sort_program.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap {
namespace {

SortProgram program(std::string_view text, bool display = true) {
  Cursor cursor(text);
  SortProgram out;
  REQUIRE(parse_sort_program(cursor, display, out));
  return out;
}

net::Time sent(std::string_view date) {
  MessageView view(
      std::make_shared<const std::string>(test::crlf("Date: " + std::string(date) + "\n\nbody\n")));
  store::MessageInfo info;
  info.internal_date = net::Time(std::chrono::sys_days(std::chrono::year(2020) / 1 / 1));
  return sent_date(view, info);
}

std::vector<std::uint32_t> sorted(std::string_view order,
                                  const std::vector<std::string>& messages) {
  const SortProgram wanted = program(order);
  std::vector<SortRow> rows;
  for (const std::string& text : messages) {
    MessageView view(std::make_shared<const std::string>(test::crlf(text + "\n\n")));
    store::MessageInfo info;
    info.uid = static_cast<store::Uid>(rows.size() + 1);
    info.size = text.size();
    rows.push_back(sort_row(wanted, Collation::unicode_casemap, info.uid - 1, info, &view));
  }
  std::sort(rows.begin(), rows.end(),
            [&](const SortRow& a, const SortRow& b) { return sorts_before(wanted, a, b); });
  std::vector<std::uint32_t> uids;
  for (const SortRow& row : rows) uids.push_back(row.uid);
  return uids;
}

using Uids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("sort programs are read", "[imap]") {
  CHECK(program("(SUBJECT)") == SortProgram{{SortKey::subject, false}});
  CHECK(program("(subject reverse DATE)") ==
        SortProgram{{SortKey::subject, false}, {SortKey::date, true}});
  CHECK(program("(ARRIVAL CC DATE FROM SIZE SUBJECT TO DISPLAYFROM DISPLAYTO)").size() == 9);
  CHECK_FALSE(needs_header(program("(ARRIVAL REVERSE SIZE)")));
  CHECK(needs_header(program("(SIZE TO)")));
  for (const std::string_view bad :
       {"", "()", "SUBJECT", "(SUBJECT", "(REVERSE)", "(REVERSE REVERSE DATE)", "(BCC)",
        "(SUBJECT  DATE)", "(DISPLAYFROM)", "( SUBJECT)"}) {
    INFO(bad);
    Cursor cursor(bad);
    SortProgram out;
    CHECK_FALSE(parse_sort_program(cursor, false, out));
  }
}

TEST_CASE("the sent date is in UTC", "[imap]") {
  // RFC 5256 section 2.2.
  CHECK(sent("31 Dec 2000 16:01:33 -0800") == sent("1 Jan 2001 00:01:33 +0000"));
  CHECK(sent("Sun, 31 Dec 2000 16:01:33 +0000") == sent("31 Dec 2000 16:01:33 +9999"));
  CHECK(sent("31 Dec 2000 16:01:33 +0000") == sent("31 Dec 2000 16:01:33 NOWHERE"));
  CHECK(sent("31 Dec 2000 00:00:00 +0000") == sent("31 Dec 2000 25:61:00 +0000"));
  CHECK(sent("31 Dec 2000 00:00:00 +0000") == sent("Sun, 31 Dec 2000"));
  const net::Time arrival(std::chrono::sys_days(std::chrono::year(2020) / 1 / 1));
  CHECK(sent("yesterday") == arrival);
  CHECK(sent("") == arrival);
}

TEST_CASE("messages are put in order", "[imap]") {
  const std::vector<std::string> messages = {
      "Subject: Re: beta\nFrom: Zoe <zoe@x>\nTo: a@x\nDate: 3 Mar 2026 09:00:00 +0000",
      "Subject: alpha\nFrom: \"Adam\" <w@x>\nDate: 1 Mar 2026 09:00:00 +0000",
      "Subject: BETA\nFrom: bob@x\nTo: Group: c@x;\nDate: 2 Mar 2026 09:00:00 +0000",
      "From: =?utf-8?q?=C3=84nne?= <y@x>\nTo: b@x\nDate: 4 Mar 2026 09:00:00 +0000",
  };
  CHECK(sorted("(SUBJECT)", messages) == Uids{4, 2, 1, 3});
  CHECK(sorted("(SUBJECT DATE)", messages) == Uids{4, 2, 3, 1});
  CHECK(sorted("(REVERSE SUBJECT)", messages) == Uids{1, 3, 2, 4});  // equal ones stay in order
  CHECK(sorted("(DATE)", messages) == Uids{2, 3, 1, 4});
  CHECK(sorted("(REVERSE DATE)", messages) == Uids{4, 1, 3, 2});
  CHECK(sorted("(FROM)", messages) == Uids{3, 2, 4, 1});
  CHECK(sorted("(DISPLAYFROM)", messages) == Uids{2, 4, 3, 1});
  CHECK(sorted("(TO)", messages) == Uids{2, 1, 4, 3});  // a group counts by its name
  CHECK(sorted("(CC)", messages) == Uids{1, 2, 3, 4});
}

}  // namespace mailscope::imap
