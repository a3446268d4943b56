// Dates: RFC 5322 section 3.3 and 4.3.
#include "server/mail/date.hpp"
#include "tests/catch.hpp"

using namespace std::chrono;
using mailscope::mail::format_date;
using mailscope::mail::parse_date;
using mailscope::net::Time;
using mailscope::net::unix_seconds;

namespace {
Time utc(int y, unsigned m, unsigned d, int hh, int mm, int ss) {
  return Time(sys_days(year(y) / month(m) / day(d))) + hours(hh) + minutes(mm) + seconds(ss);
}
}  // namespace

TEST_CASE("dates are written one way") {
  CHECK(format_date(utc(2026, 3, 2, 9, 0, 0)) == "Mon, 02 Mar 2026 09:00:00 +0000");
  CHECK(format_date(utc(1969, 12, 31, 23, 59, 59)) == "Wed, 31 Dec 1969 23:59:59 +0000");
  CHECK(format_date(utc(2024, 2, 29, 1, 2, 3) + milliseconds(999)) ==
        "Thu, 29 Feb 2024 01:02:03 +0000");
}

TEST_CASE("dates that are read") {
  struct Row {
    std::string_view text;
    Time time;
    int zone;
  };
  const Row rows[] = {
      {"Mon, 02 Mar 2026 09:00:00 +0000", utc(2026, 3, 2, 9, 0, 0), 0},
      {"Fri, 21 Nov 1997 09:55:06 -0600", utc(1997, 11, 21, 15, 55, 6), -360},
      {"Tue, 1 Jul 2003 10:52:37 +0200", utc(2003, 7, 1, 8, 52, 37), 120},
      {"Thu, 13 Feb 1969 23:32 -0330", utc(1969, 2, 14, 3, 2, 0), -210},
      // RFC 5322 appendix A.5 and A.6.2
      {"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 "
       "(Newfoundland Time)",
       utc(1969, 2, 14, 3, 2, 0), -210},
      {"21 Nov 97 09:55:06 GMT", utc(1997, 11, 21, 9, 55, 6), 0},
      {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", utc(1997, 11, 21, 15, 55, 6), -360},
      {"2 Mar 26 09:00 UT", utc(2026, 3, 2, 9, 0, 0), 0},
      {"2 Mar 49 09:00 GMT", utc(2049, 3, 2, 9, 0, 0), 0},
      {"2 Mar 50 09:00 GMT", utc(1950, 3, 2, 9, 0, 0), 0},
      {"2 Mar 103 09:00 GMT", utc(2003, 3, 2, 9, 0, 0), 0},
      {"2 mar 2026 09:00:00 est", utc(2026, 3, 2, 14, 0, 0), -300},
      {"2 Mar 2026 09:00:00 EDT", utc(2026, 3, 2, 13, 0, 0), -240},
      {"2 Mar 2026 09:00:00 CST", utc(2026, 3, 2, 15, 0, 0), -360},
      {"2 Mar 2026 09:00:00 CDT", utc(2026, 3, 2, 14, 0, 0), -300},
      {"2 Mar 2026 09:00:00 MST", utc(2026, 3, 2, 16, 0, 0), -420},
      {"2 Mar 2026 09:00:00 MDT", utc(2026, 3, 2, 15, 0, 0), -360},
      {"2 Mar 2026 09:00:00 PST", utc(2026, 3, 2, 17, 0, 0), -480},
      {"2 Mar 2026 09:00:00 PDT", utc(2026, 3, 2, 16, 0, 0), -420},
      {"2 Mar 2026 09:00:00 Z", utc(2026, 3, 2, 9, 0, 0), 0},
      {"2 Mar 2026 09:00:00 A", utc(2026, 3, 2, 9, 0, 0), 0},
      {"2 Mar 2026 09:00:00 CEST", utc(2026, 3, 2, 9, 0, 0), 0},
      {"2 Mar 2026 09:00:00", utc(2026, 3, 2, 9, 0, 0), 0},
      {"Sun, 2 Mar 2026 09:00:00 +0000", utc(2026, 3, 2, 9, 0, 0), 0},
      {"31 Dec 2016 23:59:60 +0000", utc(2017, 1, 1, 0, 0, 0), 0},
      {"1 Jan 2026 00:00:00 +1400", utc(2025, 12, 31, 10, 0, 0), 840},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto date = parse_date(row.text);
    REQUIRE(date);
    CHECK(unix_seconds(date->time) == unix_seconds(row.time));
    CHECK(date->zone_minutes == row.zone);
  }
}

TEST_CASE("dates that are none") {
  const std::string_view rows[] = {
      "",
      "yesterday",
      "Mon",
      "Mon,",
      "2 Mar 2026",
      "2 Mar 2026 09",
      "2 Mar 2026 09:",
      "2 Mar 2026 24:00 +0000",
      "2 Mar 2026 09:60 +0000",
      "2 Mar 2026 09:00:61 +0000",
      "31 Apr 2026 09:00 +0000",
      "29 Feb 2023 09:00 +0000",
      "0 Mar 2026 09:00 +0000",
      "32 Mar 2026 09:00 +0000",
      "2 Mxr 2026 09:00 +0000",
      "2 Mar 2 09:00 +0000",
      "2 Mar 1899 09:00 +0000",
      "2 Mar 9999 09:00 +0000",
      "2 Mar 20260 09:00 +0000",
      "2 Mar 2026 09:00 +00",
      "2 Mar 2026 09:00 +0060",
      "2 Mar 2026 09:00 +",
      "2026-03-02T09:00:00Z",
      "(",
      "(((((",
      "2 Mar (",
  };
  for (const std::string_view row : rows) {
    INFO(row);
    CHECK_FALSE(parse_date(row));
  }
}

TEST_CASE("what is written is read back") {
  for (std::int64_t s = -2'208'988'800; s < 9'000'000'000; s += 86'399 * 1'009) {
    const Time time{seconds(s)};
    const auto date = parse_date(format_date(time));
    REQUIRE(date);
    CHECK(date->time == time);
  }
}
