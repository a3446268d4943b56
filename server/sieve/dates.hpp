// Parts of dates for the tests "date" and "currentdate" (RFC 5260 section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::sieve {

/// "+hhmm" or "-hhmm" as minutes east of UTC.
std::optional<int> parse_zone(std::string_view text);
/// Whether there is a date-part of that name (no regard to case).
bool is_date_part(std::string_view name);
/// Value of a date-part of `time` as clocks `zone_minutes` east of UTC show it.
std::optional<std::string> date_part(std::string_view name, net::Time time, int zone_minutes);

}  // namespace mailscope::sieve
