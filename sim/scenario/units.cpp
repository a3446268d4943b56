// Numbers with units, in and out.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "sim/scenario/units.hpp"

namespace mailscope::scenario {
namespace {

struct Unit {
  std::string_view suffix;
  double factor;
};

std::optional<double> with_unit(std::string_view text, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix)) continue;
    const std::string_view digits = text.substr(0, text.size() - unit.suffix.size());
    // Stricter than from_chars, which takes "inf", "-0", ".5" and "5." as well.
    if (digits.empty() || digits.find_first_not_of("0123456789.") != std::string_view::npos ||
        digits.front() == '.' || digits.back() == '.') {
      continue;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                              std::chars_format::fixed);
    if (error != std::errc{} || end != digits.data() + digits.size()) continue;
    return number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  // Longer suffixes first: "ms" ends with "s" as well.
  static constexpr std::array<Unit, 6> units = {
      {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}}};
  const auto ns = with_unit(text, units);
  if (!ns || *ns > kMaxDuration.count()) return std::nullopt;
  return Duration(static_cast<std::int64_t>(std::llround(*ns)));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<Unit, 4> units = {{{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}};
  const auto octets = with_unit(text, units);
  if (!octets || *octets > 1e15) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*octets));
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  static constexpr std::array<Unit, 4> units = {
      {{"kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9}, {"bps", 1}}};
  const auto bits = with_unit(text, units);
  if (!bits || *bits < 1 || *bits > 1e13) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*bits));
}

std::optional<double> parse_percent(std::string_view text) {
  static constexpr std::array<Unit, 1> units = {{{"%", 0.01}}};
  const auto part = with_unit(text, units);
  if (!part || *part > 1) return std::nullopt;
  return part;
}

std::string format_duration(Duration duration) {
  const double seconds = static_cast<double>(duration.count()) / 1e9;
  if (duration < Duration(0)) return "-" + format_duration(-duration);
  if (seconds < 1)
    return fmt::format("{:.{}f} ms", seconds * 1e3, duration.count() % 1'000'000 == 0 ? 0 : 3);
  if (seconds < 120) return fmt::format("{:.3f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 7'200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 172'800) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

}  // namespace mailscope::scenario
