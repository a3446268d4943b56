// Bodies of messages that were read lately: an IMAP client fetches the same message in several
// pieces, and several sessions look at the same new one.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

/// Octets of bodies to keep. A body larger than this is kept only by who uses it.
inline constexpr std::size_t kBodyCacheOctets = 16u << 20;

/// Least recently used goes first. Keys are rows of the table `body`.
class BodyCache {
 public:
  Body find(std::int64_t id);
  void put(std::int64_t id, Body body);
  void erase(std::int64_t id);
  void clear();

 private:
  using Entries = std::list<std::pair<std::int64_t, Body>>;
  Entries entries_;  // latest first
  std::unordered_map<std::int64_t, Entries::iterator> by_id_;
  std::size_t octets_ = 0;
};

}  // namespace mailscope::store
