// Which octets in memory are which stored body.
#include "server/store/body_identities.hpp"

#include <algorithm>

namespace mailscope::store {

namespace {
/// Entries below which cleaning up is not worth the while.
constexpr std::size_t kCleanFrom = 256;
}  // namespace

std::optional<BodyIdentities::Identity> BodyIdentities::find(const Body& body) const {
  const auto found = entries_.find(body.get());
  if (found == entries_.end() || found->second.octets.lock() != body) return std::nullopt;
  return found->second.identity;
}

void BodyIdentities::put(const Body& body, Identity identity) {
  if (entries_.size() >= std::max(clean_at_, kCleanFrom)) {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.octets.expired(); });
    clean_at_ = 2 * entries_.size();
  }
  entries_.insert_or_assign(body.get(), Entry{body, identity});
}

void BodyIdentities::clear() {
  entries_.clear();
  clean_at_ = 0;
}

}  // namespace mailscope::store
