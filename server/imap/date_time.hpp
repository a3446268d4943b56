// Dates of SEARCH and of INTERNALDATE (RFC 3501 section 9, date and date-time):
//
//   1-Feb-1994      "17-Jul-1996 02:44:25 -0700"
#pragma once

#include <chrono>
#include <string>

#include "server/imap/cursor.hpp"
#include "server/net/time.hpp"

namespace mailscope::imap {

/// A day of SEARCH, with or without quotes.
bool parse_date(Cursor& cursor, std::chrono::sys_days& out);
/// A date-time in quotes.
bool parse_date_time(Cursor& cursor, net::Time& out);
/// In quotes, in UTC: "17-Jul-1996 09:44:25 +0000".
void append_date_time(std::string& out, net::Time time);
/// "17-Jul-1996", as SEARCH wants it.
std::string format_day(std::chrono::sys_days day);

}  // namespace mailscope::imap
