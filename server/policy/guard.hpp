// Patience with clients, by their address: how many connections one may have at a time, and how
// long its logins wait for their answer after it has guessed wrongly. What a server knows about a
// client before it knows who it is.
//
//   failures so far   0 .. 4      5     6     7     8     9 ...
//   answers wait      not at all  1 s   2 s   4 s   8 s   15 s
//
// The wait comes before the verdict, a good one too: whoever guesses in many sessions at a time
// must not see from a quick answer which of the guesses was right.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <vector>

#include "server/net/address.hpp"
#include "server/net/prefix.hpp"
#include "server/net/time.hpp"

namespace mailscope::policy {

struct GuardLimits {
  std::size_t connections = 1'000;  // of one address at a time; 0: any number
  /// Addresses that may have any number: a proxy in front of many people, a tester.
  std::vector<net::Prefix> many_connections;
  unsigned free_failures = 5;  // typing errors of a person, or of some people behind one address
  net::Duration first_delay = std::chrono::seconds(1);  // doubled by each failure from then on
  net::Duration max_delay = std::chrono::seconds(15);   // clients give up a little later
  net::Duration memory = std::chrono::minutes(10);      // without failures, until all is forgotten
  std::size_t addresses = 10'000;  // with failures, remembered at a time: some 2 MB
};

class Guard {
 public:
  explicit Guard(GuardLimits limits = {}) : limits_(std::move(limits)) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  /// One connection of an address, for as long as it lives.
  class Seat {
   public:
    Seat() = default;
    Seat(Seat&& other) noexcept : guard_(other.guard_), address_(other.address_) {
      other.guard_ = nullptr;
    }
    Seat& operator=(Seat&& other) noexcept {
      std::swap(guard_, other.guard_);
      std::swap(address_, other.address_);
      return *this;
    }
    ~Seat() {
      if (guard_) guard_->leave(address_);
    }
    /// False: the address has too many connections.
    explicit operator bool() const { return guard_ != nullptr; }

   private:
    friend class Guard;
    Seat(Guard& guard, const net::Address& address) : guard_(&guard), address_(address) {}
    Guard* guard_ = nullptr;
    net::Address address_;
  };
  Seat take_seat(const net::Address& address);

  /// Counts a login that was checked, and says how long its answer waits.
  net::Duration login(const net::Address& address, bool ok, net::Time now);
  /// Failures that count against an address now.
  unsigned failures(const net::Address& address, net::Time now) const;
  std::size_t remembered() const { return recent_.size(); }
  const GuardLimits& limits() const { return limits_; }

 private:
  struct Record {
    unsigned failures = 0;
    net::Time last{};
    std::list<net::Address>::iterator place;  // in recent_
  };
  void leave(const net::Address& address);
  net::Duration delay(unsigned failures) const;
  void forget(const net::Address& address);

  GuardLimits limits_;
  std::map<net::Address, std::size_t> connections_;  // those that are open
  std::map<net::Address, Record> records_;           // those with failures
  std::list<net::Address> recent_;                   // of records_, the latest failure first
};

/// The guard as one session meets it.
class SessionGuard {
 public:
  /// Of a server that has all patience.
  SessionGuard() = default;
  /// `guard` outlives the session.
  SessionGuard(Guard& guard, const net::Address& client) : guard_(&guard), client_(client) {}
  net::Duration login(bool ok, net::Time now) {
    return guard_ ? guard_->login(client_, ok, now) : net::Duration{};
  }

 private:
  Guard* guard_ = nullptr;
  net::Address client_;
};

}  // namespace mailscope::policy
