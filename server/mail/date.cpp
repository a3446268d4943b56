// Dates of mail: Mon, 02 Mar 2026 09:00:00 +0000 (RFC 5322 section 3.3).
#include "server/mail/date.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr int kFirstYear = 1900;        // RFC 5322 section 3.3
constexpr int kLastYear = 2261;         // the last whole year that net::Time holds
constexpr std::size_t kMaxTokens = 16;  // a date has at most 11; the rest is not read

struct Zone {
  std::string_view name;
  int hours;
};
// RFC 5322 section 4.3. The military letters were so often used with the wrong sign that they mean
// "unknown", as does any other word: no offset.
constexpr Zone kZones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                           {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};

/// Words, numbers and single signs of a date; comments and white space left out.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  std::size_t depth = 0;  // of comments
  for (std::size_t i = 0; i < text.size() && tokens.size() < kMaxTokens;) {
    const char c = text[i];
    if (depth > 0 && c == '\\') {
      i += 2;
    } else if (c == '(') {
      ++depth;
      ++i;
    } else if (depth > 0) {
      if (c == ')') --depth;
      ++i;
    } else if (is_space(c)) {
      ++i;
    } else {
      const std::size_t begin = i++;
      const auto same = [&](auto is) {
        while (i < text.size() && is(text[i])) ++i;
      };
      if (is_digit(c)) same(is_digit);
      if (is_alpha(c)) same(is_alpha);
      tokens.push_back(text.substr(begin, i - begin));
    }
  }
  return tokens;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : tokens_(tokens_of(text)) {}

  std::optional<ParsedDate> run() {
    day_name();
    const auto day = number(2);
    const auto month = month_name();
    const auto year = read_year();
    const auto hour = number(2);
    if (!day || !month || !year || !hour || !skip(":")) return std::nullopt;
    const auto minute = number(2);
    const auto second = skip(":") ? number(2) : std::optional<int>(0);
    // 60: a leap second (RFC 5322 section 3.3); it falls on the second after it.
    if (!minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    const auto zone = read_zone();
    if (!zone) return std::nullopt;
    ParsedDate parsed;
    parsed.zone_minutes = *zone;
    parsed.time = net::Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
                  std::chrono::minutes(*minute - *zone) + std::chrono::seconds(*second);
    return parsed;
  }

 private:
  std::string_view peek() const { return at_ < tokens_.size() ? tokens_[at_] : std::string_view(); }
  bool skip(std::string_view token) {
    if (peek() != token) return false;
    ++at_;
    return true;
  }
  std::optional<int> number(std::size_t max_digits) {
    const std::string_view token = peek();
    if (token.empty() || token.size() > max_digits || !is_digit(token.front())) return std::nullopt;
    int value = 0;
    std::from_chars(token.data(), token.data() + token.size(), value);
    ++at_;
    return value;
  }
  /// Optional and not checked against the date: too many programs get it wrong.
  void day_name() {
    if (peek().empty() || !is_alpha(peek().front())) return;
    ++at_;
    skip(",");
  }
  std::optional<int> month_name() {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (!iequals(peek(), kMonths[i])) continue;
      ++at_;
      return static_cast<int>(i) + 1;
    }
    return std::nullopt;
  }
  /// RFC 5322 section 4.3: two digits up to 49 are of this century, the others and three digits of
  /// the last.
  std::optional<int> read_year() {
    const std::size_t digits = peek().size();
    auto year = number(4);
    if (!year || digits < 2) return std::nullopt;
    if (digits == 2) *year += *year < 50 ? 2000 : 1900;
    if (digits == 3) *year += 1900;
    if (*year < kFirstYear || *year > kLastYear) return std::nullopt;
    return year;
  }
  /// Minutes east. A zone that is missing or unknown counts as UTC.
  std::optional<int> read_zone() {
    const std::string_view sign = peek();
    if (sign != "+" && sign != "-") {
      for (const Zone& zone : kZones) {
        if (iequals(sign, zone.name)) return zone.hours * 60;
      }
      return 0;
    }
    ++at_;
    if (peek().size() != 4) return std::nullopt;
    const auto digits = number(4);
    if (!digits || *digits % 100 > 59) return std::nullopt;
    const int minutes = *digits / 100 * 60 + *digits % 100;
    return sign == "-" ? -minutes : minutes;
  }

  std::vector<std::string_view> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::string format_date(net::Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
  std::array<char, 64> text;
  const int size = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
      kDays[std::chrono::weekday(days).c_encoding()].data(), static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<ParsedDate> parse_date(std::string_view text) {
  return Reader(text).run();
}

}  // namespace mailscope::mail
