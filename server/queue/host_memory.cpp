#include "server/queue/host_memory.hpp"

#include <algorithm>

namespace mailscope::queue {

void HostMemory::failed(const net::Address& address, net::Time now) {
  until_[address] = now + kAvoid;
  if (until_.size() <= kMost) return;
  until_.erase(std::ranges::min_element(until_, {}, [](const auto& each) { return each.second; }));
}

bool HostMemory::avoids(const net::Address& address, net::Time now) const {
  const auto found = until_.find(address);
  return found != until_.end() && now < found->second;
}

}  // namespace mailscope::queue
