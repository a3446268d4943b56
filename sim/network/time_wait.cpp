// The table of connections in TIME-WAIT.
#include "sim/network/time_wait.hpp"

namespace mailscope::sim {

void TimeWaitTable::insert(std::uint64_t key, const Record& record, net::Time now) {
  expire(now);
  records_[key] = record;
  due_.push_back({record.until, key});
}

const TimeWaitTable::Record* TimeWaitTable::find(std::uint64_t key, net::Time now) {
  if (records_.empty()) return nullptr;
  const auto found = records_.find(key);
  if (found == records_.end()) return nullptr;
  if (found->second.until > now) return &found->second;
  records_.erase(found);
  return nullptr;
}

void TimeWaitTable::expire(net::Time now) {
  while (!due_.empty() && (due_.front().until <= now || due_.size() >= kMaxRecords)) {
    // The ports may have been used again since: then the record is a younger one and stays.
    const auto found = records_.find(due_.front().key);
    if (found != records_.end() && found->second.until == due_.front().until) records_.erase(found);
    due_.pop_front();
  }
}

}  // namespace mailscope::sim
