#include "server/live/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace mailscope::live {

namespace {

/// Descriptors for files, listeners of many domains, and lookups that go out.
constexpr std::size_t kReserved = 124;
/// What a process can count on (RLIMIT_NOFILE's customary soft limit).
constexpr std::size_t kCustomary = 1'024;

}  // namespace

std::size_t make_room_for_connections() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kCustomary - kReserved;
  const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  // Half of it where there is little.
  const auto all = static_cast<std::size_t>(limit.rlim_cur);
  return std::max(all - std::min(all, kReserved), all / 2);
}

}  // namespace mailscope::live
