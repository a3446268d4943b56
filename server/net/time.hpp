// Time as every part of Mailscope sees it: a calendar time with nanoseconds, given by the seam
// (virtual in a simulation, the wall clock on the live side) and never read from the machine here.
#pragma once

#include <chrono>
#include <cstdint>

namespace mailscope::net {

using Duration = std::chrono::nanoseconds;
using Time = std::chrono::sys_time<Duration>;

/// "No deadline". Later than every real time.
inline constexpr Time kNever = Time::max();

/// Whole seconds since 1970-01-01T00:00:00Z.
inline std::int64_t unix_seconds(Time t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

}  // namespace mailscope::net
