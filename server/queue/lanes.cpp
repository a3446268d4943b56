#include "server/queue/lanes.hpp"

#include <algorithm>

namespace mailscope::queue {

Lanes::Lane& Lanes::lane(const std::string& destination) {
  const auto [found, is_new] = lanes_.try_emplace(destination);
  if (is_new) found->second.limits = limits_of_(destination);
  return found->second;
}

void Lanes::enter(const std::string& destination, Item item, net::Time now) {
  Lane& to = lane(destination);
  if (const auto [at, is_new] = to.by_id.try_emplace(item.id, item); !is_new) return;
  to.waiting.insert(std::move(item));
  settle(destination, now);
}

void Lanes::remove(Lane& from, const std::string& id) {
  const auto found = from.by_id.find(id);
  if (found == from.by_id.end()) return;
  from.waiting.erase(found->second);
  from.by_id.erase(found);
}

void Lanes::leave(const std::string& destination, const std::string& id, net::Time now) {
  const auto found = lanes_.find(destination);
  if (found == lanes_.end()) return;
  remove(found->second, id);
  settle(destination, now);
}

bool Lanes::waits(const std::string& destination, std::string_view id) const {
  const auto found = lanes_.find(destination);
  return found != lanes_.end() && found->second.by_id.contains(id);
}

void Lanes::settle(const std::string& destination, net::Time now) {
  const auto found = lanes_.find(destination);
  Lane& lane = found->second;
  if (lane.open) open_.erase(*std::exchange(lane.open, std::nullopt));
  if (lane.timed) {
    resting_.erase(*lane.timed);
    idle_.erase(*std::exchange(lane.timed, std::nullopt));
  }
  const bool rests = now < lane.rests_until;
  if (lane.waiting.empty()) {
    if (rests) {
      lane.timed.emplace(lane.rests_until, destination);
      idle_.insert(*lane.timed);
    } else if (lane.running == 0) {
      lanes_.erase(found);
    }
    return;
  }
  if (lane.running >= lane.limits.connections) return;
  if (rests) {
    lane.timed.emplace(lane.rests_until, destination);
    resting_.insert(*lane.timed);
    return;
  }
  const Item& first = *lane.waiting.begin();
  lane.open.emplace(-first.priority, lane.served, first, destination);
  open_.insert(*lane.open);
}

void Lanes::wake(net::Time now) {
  for (std::set<Timed>* timed : {&resting_, &idle_}) {
    while (!timed->empty() && timed->begin()->first <= now) {
      settle(std::string(timed->begin()->second), now);
    }
  }
}

std::optional<Lanes::Turn> Lanes::next(net::Time now) {
  wake(now);
  if (open_.empty()) return std::nullopt;
  const auto& [priority, served, item, destination] = *open_.begin();
  return Turn{destination, item.id};
}

std::optional<std::string> Lanes::first_of(const std::string& destination, net::Time now) {
  wake(now);
  const auto found = lanes_.find(destination);
  if (found == lanes_.end() || !found->second.open) return std::nullopt;
  return found->second.waiting.begin()->id;
}

void Lanes::started(const std::string& destination, const std::string& id, net::Time now) {
  Lane& to = lane(destination);
  remove(to, id);
  ++to.running;
  to.served = ++starts_;
  to.rests_until = now + to.limits.gap;
  settle(destination, now);
}

void Lanes::ended(const std::string& destination, net::Time now) {
  --lane(destination).running;
  settle(destination, now);
}

Lanes::Hold Lanes::hold(const std::string& destination, net::Time now) const {
  const auto found = lanes_.find(destination);
  if (found == lanes_.end()) return Hold::open;
  const Lane& lane = found->second;
  if (lane.running >= lane.limits.connections) return Hold::connections;
  return now < lane.rests_until ? Hold::rate : Hold::open;
}

}  // namespace mailscope::queue
