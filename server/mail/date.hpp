// Dates as mail writes them (RFC 5322 section 3.3, obsolete forms of 4.3 read as well).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::mail {

/// "Mon, 02 Mar 2026 09:00:00 +0000".
std::string format_date(net::Time time);
struct ParsedDate {
  net::Time time;
  int zone_minutes = 0;  // offset of the zone that was written, east positive
};
std::optional<ParsedDate> parse_date(std::string_view text);

}  // namespace mailscope::mail
