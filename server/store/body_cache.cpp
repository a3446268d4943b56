// Bodies of messages that were read lately.
#include "server/store/body_cache.hpp"

namespace mailscope::store {

Body BodyCache::find(std::int64_t id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void BodyCache::put(std::int64_t id, Body body) {
  if (body->size() > kBodyCacheOctets || by_id_.contains(id)) return;
  octets_ += body->size();
  entries_.emplace_front(id, std::move(body));
  by_id_[id] = entries_.begin();
  while (octets_ > kBodyCacheOctets) erase(entries_.back().first);
}

void BodyCache::erase(std::int64_t id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  octets_ -= found->second->second->size();
  entries_.erase(found->second);
  by_id_.erase(found);
}

void BodyCache::clear() {
  entries_.clear();
  by_id_.clear();
  octets_ = 0;
}

}  // namespace mailscope::store
