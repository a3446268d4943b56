// Dates of SEARCH and INTERNALDATE, read and written.
#include "server/imap/date_time.hpp"

#include <array>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
struct Years {
  int first, last;
};
// net::Time counts nanoseconds in 64 bits, which ends in 2262.
constexpr Years kYearsOfTime = {1900, 2261};
// RFC 3501 section 9: date-year = 4DIGIT.
constexpr Years kYearsOfDate = {0, 9999};

// Exactly `digits` digits of `text` at `at`.
bool fixed_number(std::string_view text, std::size_t at, std::size_t digits, int& out) {
  if (text.size() < at + digits) return false;
  out = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  return true;
}

// "-Jul-1996" from `at` with the day given.
bool month_and_year(std::string_view text, std::size_t at, int day, const Years& years,
                    chrono::sys_days& out) {
  int year = 0;
  if (text.size() < at + 9 || text[at] != '-' || text[at + 4] != '-' ||
      !fixed_number(text, at + 5, 4, year))
    return false;
  if (year < years.first || year > years.last) return false;
  for (unsigned month = 0; month < kMonths.size(); ++month) {
    if (!equal_ci(text.substr(at + 1, 3), kMonths[month])) continue;
    const chrono::year_month_day date{chrono::year{year}, chrono::month{month + 1},
                                      chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return false;
    out = chrono::sys_days{date};
    return true;
  }
  return false;
}

void append_two(std::string& out, unsigned value) {
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

void append_day(std::string& out, chrono::sys_days day, char pad) {
  const chrono::year_month_day date{day};
  const auto d = static_cast<unsigned>(date.day());
  if (d >= 10)
    out += static_cast<char>('0' + d / 10);
  else if (pad != '\0')
    out += pad;
  out += static_cast<char>('0' + d % 10);
  out += '-';
  out += kMonths[static_cast<unsigned>(date.month()) - 1];
  out += '-';
  out += std::to_string(static_cast<int>(date.year()));
}

}  // namespace

bool parse_date(Cursor& cursor, chrono::sys_days& out) {
  const Cursor before = cursor;
  const bool in_quotes = cursor.peek() == '"' && cursor.character('"');
  const std::string_view text = cursor.rest();
  int day = 0;
  const std::size_t digits = text.size() > 1 && text[1] != '-' ? 2 : 1;
  if (!fixed_number(text, 0, digits, day) ||
      !month_and_year(text, digits, day, kYearsOfDate, out)) {
    cursor = before;
    return cursor.expected("a date such as 1-Feb-1994");
  }
  cursor = before;
  cursor.skip(digits + 9 + (in_quotes ? 1 : 0));
  return !in_quotes || cursor.character('"');
}

bool parse_date_time(Cursor& cursor, net::Time& out) {
  Cursor c = cursor;
  std::string text;
  constexpr std::size_t kLength = 26;  // "17-Jul-1996 02:44:25 -0700"
  const auto failed = [&cursor] {
    return cursor.expected("a date-time such as \"17-Jul-1996 02:44:25 -0700\"");
  };
  if (!c.quoted(text) || text.size() != kLength) return failed();
  // RFC 3501 section 9: date-day-fixed may start with a space.
  if (text[0] == ' ') text[0] = '0';
  int day = 0, hour = 0, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
  chrono::sys_days date;
  if (!fixed_number(text, 0, 2, day) || !month_and_year(text, 2, day, kYearsOfTime, date))
    return failed();
  if (text[11] != ' ' || text[14] != ':' || text[17] != ':' || text[20] != ' ') return failed();
  if (!fixed_number(text, 12, 2, hour) || !fixed_number(text, 15, 2, minute) ||
      !fixed_number(text, 18, 2, second) || (text[21] != '+' && text[21] != '-') ||
      !fixed_number(text, 22, 2, zone_hour) || !fixed_number(text, 24, 2, zone_minute)) {
    return failed();
  }
  if (hour > 23 || minute > 59 || second > 60 || zone_hour > 23 || zone_minute > 59)
    return failed();
  const auto zone = chrono::hours(zone_hour) + chrono::minutes(zone_minute);
  out = net::Time(date) + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
  out += text[21] == '-' ? zone : -zone;
  cursor = c;
  return true;
}

void append_date_time(std::string& out, net::Time time) {
  const auto day = chrono::floor<chrono::days>(time);
  const auto seconds =
      static_cast<unsigned>(chrono::duration_cast<chrono::seconds>(time - day).count());
  out += '"';
  append_day(out, day, ' ');
  out += ' ';
  append_two(out, seconds / 3600);
  out += ':';
  append_two(out, seconds / 60 % 60);
  out += ':';
  append_two(out, seconds % 60);
  out += " +0000\"";
}

std::string format_day(chrono::sys_days day) {
  std::string out;
  append_day(out, day, '\0');
  return out;
}

}  // namespace mailscope::imap
