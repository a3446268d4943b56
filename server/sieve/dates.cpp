#include "server/sieve/dates.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "server/mail/date.hpp"
#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

constexpr std::int64_t kModifiedJulianOf1970 = 40'587;  // days, RFC 5260 appendix A

/// A moment as a clock on the wall shows it.
struct Wall {
  std::int64_t days = 0;  // since 1970-01-01
  int year = 1970;
  unsigned month = 1, day = 1, weekday = 4;
  std::int64_t seconds = 0;  // of the day
  int zone = 0;              // minutes east of UTC
  net::Time shifted;
};

std::string padded(std::int64_t value, std::size_t digits) {
  std::string out = std::to_string(value);
  if (out.size() < digits) out.insert(0, digits - out.size(), '0');
  return out;
}

std::string zone_text(int minutes, std::string_view between) {
  const int size = std::abs(minutes);
  return (minutes < 0 ? "-" : "+") + padded(size / 60, 2) + std::string(between) +
         padded(size % 60, 2);
}

std::string year(const Wall& w) {
  return padded(w.year, 4);
}
std::string month(const Wall& w) {
  return padded(w.month, 2);
}
std::string day(const Wall& w) {
  return padded(w.day, 2);
}
std::string date(const Wall& w) {
  return year(w) + "-" + month(w) + "-" + day(w);
}
std::string julian(const Wall& w) {
  return std::to_string(w.days + kModifiedJulianOf1970);
}
std::string hour(const Wall& w) {
  return padded(w.seconds / 3'600, 2);
}
std::string minute(const Wall& w) {
  return padded(w.seconds / 60 % 60, 2);
}
std::string second(const Wall& w) {
  return padded(w.seconds % 60, 2);
}
std::string time(const Wall& w) {
  return hour(w) + ":" + minute(w) + ":" + second(w);
}
std::string iso8601(const Wall& w) {
  return date(w) + "T" + time(w) + (w.zone == 0 ? std::string("Z") : zone_text(w.zone, ":"));
}
std::string std11(const Wall& w) {
  const std::string utc = mail::format_date(w.shifted);  // ends in "+0000"
  return utc.substr(0, utc.size() - 5) + zone_text(w.zone, "");
}
std::string zone(const Wall& w) {
  return zone_text(w.zone, "");
}
std::string weekday(const Wall& w) {
  return std::to_string(w.weekday);
}

struct PartRow {
  std::string_view name;
  std::string (*value)(const Wall&);
};
constexpr auto kParts = std::to_array<PartRow>({{"year", year},
                                                {"month", month},
                                                {"day", day},
                                                {"date", date},
                                                {"julian", julian},
                                                {"hour", hour},
                                                {"minute", minute},
                                                {"second", second},
                                                {"time", time},
                                                {"iso8601", iso8601},
                                                {"std11", std11},
                                                {"zone", zone},
                                                {"weekday", weekday}});

const PartRow* find_part(std::string_view name) {
  const auto found = std::ranges::find_if(
      kParts, [&](const PartRow& row) { return mail::iequals(row.name, name); });
  return found == kParts.end() ? nullptr : &*found;
}

Wall wall_of(net::Time at, int zone_minutes) {
  Wall out;
  out.zone = zone_minutes;
  out.shifted = at + std::chrono::minutes(zone_minutes);
  const auto days = std::chrono::floor<std::chrono::days>(out.shifted);
  const std::chrono::year_month_day calendar(days);
  out.days = days.time_since_epoch().count();
  out.year = static_cast<int>(calendar.year());
  out.month = static_cast<unsigned>(calendar.month());
  out.day = static_cast<unsigned>(calendar.day());
  out.weekday = std::chrono::weekday(days).c_encoding();
  out.seconds = std::chrono::duration_cast<std::chrono::seconds>(out.shifted - days).count();
  return out;
}

}  // namespace

std::optional<int> parse_zone(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  if (!std::ranges::all_of(text.substr(1), mail::is_digit)) return std::nullopt;
  const auto digit = [&](std::size_t i) { return text[i] - '0'; };
  const int hours = digit(1) * 10 + digit(2), minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

bool is_date_part(std::string_view name) {
  return find_part(name) != nullptr;
}

std::optional<std::string> date_part(std::string_view name, net::Time at, int zone_minutes) {
  const PartRow* row = find_part(name);
  if (row == nullptr) return std::nullopt;
  return row->value(wall_of(at, zone_minutes));
}

}  // namespace mailscope::sieve
