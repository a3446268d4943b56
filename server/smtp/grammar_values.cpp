// The grammar of values: arguments of commands and parameters of extensions, see grammar.hpp.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "server/smtp/grammar.hpp"

namespace mailscope::smtp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// A number of `text`, which is digits, at most nine.
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

std::optional<ChunkArgument> parse_chunk(std::string_view argument) {
  const CommandLine words = split_command(argument);
  const auto octets = parse_size(words.verb);
  if (!octets) return std::nullopt;
  if (!words.argument.empty() && !equal_nocase(words.argument, "LAST")) return std::nullopt;
  return ChunkArgument{*octets, !words.argument.empty()};
}

std::optional<ByValue> parse_by(std::string_view value) {
  // by-time = ["-" / "+"] 1*9DIGIT.
  ByValue by;
  const bool negative = value.starts_with('-');
  if (negative || value.starts_with('+')) value.remove_prefix(1);
  const std::size_t semicolon = value.find(';');
  if (semicolon == std::string_view::npos || semicolon > 9) return std::nullopt;
  if (!all_digits(value.substr(0, semicolon))) return std::nullopt;
  by.seconds = number(value.substr(0, semicolon));
  if (negative) by.seconds = -by.seconds;
  const std::string_view mode = value.substr(semicolon + 1);
  if (mode.empty() || mode.size() > 2) return std::nullopt;
  by.give_up = equal_nocase(mode.substr(0, 1), "R");
  if (!by.give_up && !equal_nocase(mode.substr(0, 1), "N")) return std::nullopt;
  by.trace = mode.size() == 2;
  if (by.trace && !equal_nocase(mode.substr(1), "T")) return std::nullopt;
  return by;
}

std::optional<int> parse_priority(std::string_view value) {
  // priority-value = (["-"] NZDIGIT) / "0".
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  if (!all_digits(value) || value.size() != 1 || (negative && value == "0")) return std::nullopt;
  return negative ? -number(value) : number(value);
}

std::optional<NotifySet> parse_notify(std::string_view value) {
  constexpr std::array<std::pair<std::string_view, Notify>, 4> names = {
      {{"NEVER", Notify::never},
       {"SUCCESS", Notify::success},
       {"FAILURE", Notify::failure},
       {"DELAY", Notify::delay}}};
  NotifySet set;
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view word = value.substr(0, comma);
    const auto* row = std::ranges::find_if(
        names, [&](const auto& each) { return equal_nocase(each.first, word); });
    // 1#notify-list-element (RFC 3461 section 4.1): in such lists elements may be empty.
    if (row == names.end() && !word.empty()) return std::nullopt;
    if (row != names.end()) set.add(row->second);
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  if (!set.said()) return std::nullopt;
  // NEVER stands alone.
  if (set.has(Notify::never) && set.bits() != static_cast<std::uint8_t>(Notify::never)) {
    return std::nullopt;
  }
  return set;
}

std::optional<net::Time> parse_utc(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() < form.size() + 1 || (text.back() != 'Z' && text.back() != 'z')) {
    return std::nullopt;
  }
  text.remove_suffix(1);
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = text[i] == 't' ? 'T' : text[i];
    if (form[i] == '0' ? !is_digit(c) : c != form[i]) return std::nullopt;
  }
  const std::string_view fraction = text.substr(form.size());
  if (!fraction.empty() && (fraction[0] != '.' || !all_digits(fraction.substr(1)))) {
    return std::nullopt;
  }
  const auto part = [&](std::size_t at, std::size_t size) { return number(text.substr(at, size)); };
  using std::chrono::day, std::chrono::month, std::chrono::year;
  const std::chrono::year_month_day date(year(part(0, 4)), month(static_cast<unsigned>(part(5, 2))),
                                         day(static_cast<unsigned>(part(8, 2))));
  // The clock counts nanoseconds in 64 bits: it ends in 2262. A leap second reads as the next one.
  const bool fits = date.ok() && part(0, 4) >= 1970 && part(0, 4) < 2262 && part(11, 2) < 24 &&
                    part(14, 2) < 60 && part(17, 2) <= 60;
  if (!fits) return std::nullopt;
  return net::Time(std::chrono::sys_days(date).time_since_epoch() +
                   std::chrono::hours(part(11, 2)) + std::chrono::minutes(part(14, 2)) +
                   std::chrono::seconds(part(17, 2)));
}

std::string format_utc(net::Time time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const auto rest = (seconds - days).count();
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), static_cast<int>(rest / 3600),
                                 static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace mailscope::smtp
