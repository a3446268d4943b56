#include "server/policy/guard.hpp"

#include <algorithm>

namespace mailscope::policy {

Guard::Seat Guard::take_seat(const net::Address& address) {
  std::size_t& open = connections_[address];
  const bool many = std::ranges::any_of(limits_.many_connections, [&](const net::Prefix& prefix) {
    return prefix.contains(address);
  });
  if (limits_.connections > 0 && !many && open >= limits_.connections) return {};
  ++open;
  return {*this, address};
}

void Guard::leave(const net::Address& address) {
  const auto found = connections_.find(address);
  if (found != connections_.end() && --found->second == 0) connections_.erase(found);
}

unsigned Guard::failures(const net::Address& address, net::Time now) const {
  const auto found = records_.find(address);
  if (found == records_.end() || now - found->second.last >= limits_.memory) return 0;
  return found->second.failures;
}

net::Duration Guard::delay(unsigned failures) const {
  if (failures < limits_.free_failures) return {};
  net::Duration wait = limits_.first_delay;
  for (unsigned i = limits_.free_failures; i < failures && wait < limits_.max_delay; ++i) wait *= 2;
  return std::min(wait, limits_.max_delay);
}

net::Duration Guard::login(const net::Address& address, bool ok, net::Time now) {
  const unsigned before = failures(address, now);
  if (before == 0) forget(address);
  if (ok) {
    // Halved, not forgotten: whoever guesses may have an account as well.
    const auto found = records_.find(address);
    if (found != records_.end() && (found->second.failures /= 2) == 0) forget(address);
    return delay(before);
  }
  auto [at, is_new] = records_.try_emplace(address);
  Record& record = at->second;
  if (is_new) {
    recent_.push_front(address);
    record.place = recent_.begin();
  } else {
    recent_.splice(recent_.begin(), recent_, record.place);
  }
  ++record.failures;
  record.last = now;
  if (recent_.size() > limits_.addresses) forget(net::Address(recent_.back()));
  return delay(before);
}

void Guard::forget(const net::Address& address) {
  const auto found = records_.find(address);
  if (found == records_.end()) return;
  recent_.erase(found->second.place);
  records_.erase(found);
}

}  // namespace mailscope::policy
