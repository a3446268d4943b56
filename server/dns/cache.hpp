// What a resolver remembers: sets of records until their TTL is over (RFC 1035 section 7.4) and the
// fact that there are none (RFC 2308).
#pragma once

#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "server/dns/record.hpp"
#include "server/dns/resolver.hpp"
#include "server/net/time.hpp"

namespace mailscope::dns {

struct CacheLimits {
  std::size_t entries = 50'000;
  std::uint32_t max_ttl_s = 86'400;           // RFC 8767 section 4 allows days; a day is common
  std::uint32_t max_negative_ttl_s = 10'800;  // RFC 2308 section 5: up to three hours
  std::uint32_t failure_ttl_s = 5;            // RFC 9520 section 3.2: at least 1 s, at most 5 min
};

/// How far a set may be believed, least first (RFC 2181 section 5.4.1).
enum class Trust : std::uint8_t {
  glue,      // additional section of a referral: good for finding servers, never an answer
  referral,  // NS records of the parent's side
  answer,    // from the zone's own authority
};

class Cache {
 public:
  struct Entry {
    Outcome outcome = Outcome::ok;
    std::vector<Record> records;  // with `ok`; TTLs as received
    std::optional<Record> soa;    // with nxdomain and nodata, when one came
    std::string detail;           // with servfail and timeout
    Trust trust = Trust::answer;
    net::Time stored{};
    net::Time expires{};
  };

  explicit Cache(const CacheLimits& limits = {}) : limits_(limits) {}

  /// Keeps a set of records of one name and type, unless something more trusted is there. A TTL of
  /// zero is not kept (RFC 1035 section 3.2.1).
  void put(net::Time now, const std::vector<Record>& set, Trust trust);
  /// Keeps that `name` (with nxdomain: for every type) has nothing. Kept only with a SOA (RFC 2308
  /// section 5).
  void put_negative(net::Time now, const Name& name, Type type, Outcome outcome,
                    const std::optional<Record>& soa);
  /// Keeps that the question could not be answered (RFC 9520).
  void put_failure(net::Time now, const Name& name, Type type, Outcome outcome,
                   std::string_view detail);

  /// What is known about the question now, or nullptr. nxdomain is found for every type.
  const Entry* find(net::Time now, const Name& name, Type type);
  /// The records of an entry with the TTL that is left.
  static std::vector<Record> aged(const Entry& entry, net::Time now);
  /// Whole seconds that an entry still has, at least 1.
  static std::uint32_t ttl_left(const Entry& entry, net::Time now);

  void clear();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Key {
    Name name;
    Type type;  // Type::none: nxdomain
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return key.name.hash() * 31 + static_cast<std::size_t>(key.type);
    }
  };
  struct Slot {
    Entry entry;
    std::list<Key>::iterator use;
  };
  void store(const Key& key, Entry entry);
  const Entry* live(net::Time now, const Key& key);
  void drop(const Key& key);

  CacheLimits limits_;
  std::unordered_map<Key, Slot, KeyHash> entries_;  // looked up only
  std::list<Key> uses_;  // most recently used first; the last one goes when there are too many
};

}  // namespace mailscope::dns
