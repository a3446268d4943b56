#include "server/dns/cache.hpp"

#include <algorithm>

#include "server/dns/interpret.hpp"

namespace mailscope::dns {

using std::chrono::seconds;

void Cache::put(net::Time now, const std::vector<Record>& set, Trust trust) {
  if (set.empty()) return;
  std::uint32_t ttl = limits_.max_ttl_s;
  for (const auto& record : set) ttl = std::min(ttl, record.ttl);
  const Key key{set.front().name, set.front().type};
  // RFC 2181 section 5.4.1: what is less trusted does not replace what is more.
  if (const Entry* old = live(now, key); old != nullptr && old->trust > trust) return;
  if (trust == Trust::answer) drop({key.name, Type::none});
  if (ttl == 0) return drop(key);
  Entry entry;
  entry.records = set;
  entry.trust = trust;
  entry.stored = now;
  entry.expires = now + seconds(ttl);
  store(key, std::move(entry));
}

void Cache::put_negative(net::Time now, const Name& name, Type type, Outcome outcome,
                         const std::optional<Record>& soa) {
  if (!soa) return;
  const std::uint32_t ttl = std::min(negative_ttl(*soa), limits_.max_negative_ttl_s);
  const Key key{name, outcome == Outcome::nxdomain ? Type::none : type};
  if (ttl == 0) return drop(key);
  Entry entry;
  entry.outcome = outcome;
  entry.soa = soa;
  entry.soa->ttl = ttl;
  entry.stored = now;
  entry.expires = now + seconds(ttl);
  store(key, std::move(entry));
}

void Cache::put_failure(net::Time now, const Name& name, Type type, Outcome outcome,
                        std::string_view detail) {
  const Key key{name, type};
  if (live(now, key) != nullptr) return;
  Entry entry;
  entry.outcome = outcome;
  entry.detail = detail;
  entry.stored = now;
  entry.expires = now + seconds(limits_.failure_ttl_s);
  store(key, std::move(entry));
}

const Cache::Entry* Cache::find(net::Time now, const Name& name, Type type) {
  const Entry* exact = live(now, {name, type});
  if (exact != nullptr && exact->trust == Trust::answer) return exact;
  if (const Entry* nxdomain = live(now, {name, Type::none})) return nxdomain;
  return exact;
}

std::uint32_t Cache::ttl_left(const Entry& entry, net::Time now) {
  const auto left = std::chrono::ceil<seconds>(entry.expires - now).count();
  return static_cast<std::uint32_t>(std::max<std::int64_t>(left, 1));
}

std::vector<Record> Cache::aged(const Entry& entry, net::Time now) {
  auto records = entry.records;
  for (auto& record : records) record.ttl = ttl_left(entry, now);
  return records;
}

void Cache::clear() {
  entries_.clear();
  uses_.clear();
}

void Cache::store(const Key& key, Entry entry) {
  drop(key);
  if (limits_.entries == 0) return;
  if (entries_.size() >= limits_.entries) drop(Key(uses_.back()));
  uses_.push_front(key);
  entries_.emplace(key, Slot{std::move(entry), uses_.begin()});
}

const Cache::Entry* Cache::live(net::Time now, const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (found->second.entry.expires <= now) {
    drop(Key(key));
    return nullptr;
  }
  uses_.splice(uses_.begin(), uses_, found->second.use);
  return &found->second.entry;
}

void Cache::drop(const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  uses_.erase(found->second.use);
  entries_.erase(found);
}

}  // namespace mailscope::dns
