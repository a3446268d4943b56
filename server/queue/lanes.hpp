// Whose turn it is in an outbound queue: a lane for each destination, in which messages wait until
// there may be one more delivery to there. Destinations share the places fairly: of those that have
// a message of the same importance, the one goes that was served longest ago, so that a flood to
// one domain does not hold up a letter to another (RFC 5321 section 4.5.4.1).
//
//   globex.example   2 of 2 connections   M7 M8 M9 ...     full: opens when one of them is done
//   hooli.example    0 of 1               M4               rests: opens when its gap is over
//   acme.example     1 of 2               M5 M6            open
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "server/net/time.hpp"

namespace mailscope::queue {

/// What one destination is to be spared.
struct DestinationLimits {
  std::size_t connections = 2;  // at a time: nobody likes to be flooded
  net::Duration gap{};          // between the starts of two deliveries; zero: none
};

class Lanes {
 public:
  using LimitsOf = std::function<DestinationLimits(const std::string& destination)>;
  /// A message in a lane: the more important first (RFC 6710 section 6), then the older.
  struct Item {
    int priority = 0;
    net::Time since{};
    std::string id;
    std::strong_ordering operator<=>(const Item& other) const {
      return std::tie(other.priority, since, id) <=> std::tie(priority, other.since, other.id);
    }
    bool operator==(const Item&) const = default;
  };
  struct Turn {
    std::string destination, id;
  };
  /// Why nothing goes to a destination now.
  enum class Hold : std::uint8_t {
    open,         // nothing holds it
    connections,  // all that it may have are in use
    rate,         // the last delivery began too short a time ago
  };

  explicit Lanes(LimitsOf limits_of) : limits_of_(std::move(limits_of)) {}

  /// The message waits for its turn from now on. It is in no lane twice.
  void enter(const std::string& destination, Item item, net::Time now);
  /// It waits no longer; nothing happens when it did not.
  void leave(const std::string& destination, const std::string& id, net::Time now);
  bool waits(const std::string& destination, std::string_view id) const;

  /// The next that may go; it stays in its lane until it is started.
  std::optional<Turn> next(net::Time now);
  /// The first in one lane, if that is open.
  std::optional<std::string> first_of(const std::string& destination, net::Time now);
  /// A delivery begins: the message leaves its lane.
  void started(const std::string& destination, const std::string& id, net::Time now);
  /// A delivery is decided: its place is free.
  void ended(const std::string& destination, net::Time now);

  Hold hold(const std::string& destination, net::Time now) const;
  DestinationLimits limits(const std::string& destination) const { return limits_of_(destination); }
  /// When the next lane opens in which something waits and that its rate holds back; kNever: none.
  net::Time opens() const { return resting_.empty() ? net::kNever : resting_.begin()->first; }

 private:
  /// Importance of the first message, when the lane was served last, the first message, the name.
  using Place = std::tuple<int, std::uint64_t, Item, std::string>;
  using Timed = std::pair<net::Time, std::string>;
  struct Lane {
    DestinationLimits limits;
    std::set<Item> waiting;
    std::map<std::string, Item, std::less<>> by_id;
    std::size_t running = 0;
    std::uint64_t served = 0;    // number of the last start; 0: none
    net::Time rests_until{};     // its gap
    std::optional<Place> open;   // its place in open_
    std::optional<Timed> timed;  // its place in resting_ or idle_
  };
  Lane& lane(const std::string& destination);
  void remove(Lane& lane, const std::string& id);
  /// Puts the lane where it belongs after a change, or forgets one that nothing is known of.
  void settle(const std::string& destination, net::Time now);
  /// Settles the lanes whose gap is over.
  void wake(net::Time now);

  LimitsOf limits_of_;
  std::map<std::string, Lane> lanes_;
  std::set<Place> open_;
  std::set<Timed> resting_;  // something waits in them
  std::set<Timed> idle_;     // nothing does, but the gap is not over
  std::uint64_t starts_ = 0;
};

}  // namespace mailscope::queue
