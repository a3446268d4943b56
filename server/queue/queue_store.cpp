#include "server/queue/queue_store.hpp"

#include <algorithm>
#include <tuple>

namespace mailscope::queue {

void MemoryQueueStore::put(const QueueEntry& entry) {
  entries_.insert_or_assign(entry.id, entry);
}

void MemoryQueueStore::remove(std::string_view id) {
  if (const auto it = entries_.find(id); it != entries_.end()) entries_.erase(it);
}

std::vector<QueueEntry> MemoryQueueStore::load_all() {
  std::vector<QueueEntry> all;
  for (const auto& [id, entry] : entries_) all.push_back(entry);
  std::ranges::sort(all, [](const QueueEntry& a, const QueueEntry& b) {
    return std::tie(a.created, a.id) < std::tie(b.created, b.id);
  });
  return all;
}

}  // namespace mailscope::queue
