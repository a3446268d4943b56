// Numbers with units as scenario files write them and as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::scenario {

using net::Duration;

/// A century: longer than any lesson, short enough that times never overflow.
inline constexpr Duration kMaxDuration = std::chrono::hours(24 * 365 * 100);

/// "250us", "1.5s", "10m", "4h", "2d"; nullopt for anything else or more than kMaxDuration.
std::optional<Duration> parse_duration(std::string_view text);
/// Octets: "512B", "10kB", "25MB"; decimal.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// Bits per second: "64kbps", "10Mbps".
std::optional<std::uint64_t> parse_rate(std::string_view text);
/// "2%" -> 0.02; at most 100%.
std::optional<double> parse_percent(std::string_view text);

/// "250 ms", "1.842 s", "4 min 0 s", "2 h 5 min", "5 d 0 h".
std::string format_duration(Duration duration);

}  // namespace mailscope::scenario
