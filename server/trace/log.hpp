// The trace itself: an append-only list of events in compact memory, read by everything that shows,
// asserts or exports. Written by the recorder or by the reader of a trace file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/trace/event.hpp"

namespace mailscope::trace {

/// Strings kept once, numbered 0, 1, 2... in order of first sight; 0 is "".
class StringTable {
 public:
  StringTable();
  std::uint32_t intern(std::string_view text);
  std::string_view at(std::uint32_t number) const { return strings_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(strings_.size()); }

 private:
  std::string_view keep(std::string_view text);
  void grow();

  std::vector<std::string_view> strings_;
  std::vector<std::uint32_t> hashes_;  // low half of each string's hash
  std::vector<std::uint32_t> slots_;   // open addressing; number + 1, 0 is free
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_used_ = 0;
  std::size_t block_size_ = 0;
};

/// One event without its fields: 32 octets.
struct Event {
  std::int64_t time_ns = 0;  // since the epoch of net::Time
  EventId cause = 0;
  ConnectionId connection = 0;
  MessageNumber message = 0;
  std::uint32_t fields = 0;  // offset into the log's field octets
  HostId host = 0;
  HostId peer = 0;
  Kind kind{};
};
static_assert(sizeof(Event) == 32);

class Log {
 public:
  Log();

  /// Appends an event and returns its id. `values` match the kind's fields (asserted). Throws
  /// std::length_error past kMaxFieldOctets or kMaxEvents.
  EventId append(net::Time time, Kind kind, const Origin& origin, EventId cause,
                 const Value* values, std::size_t count);

  EventId size() const { return static_cast<EventId>(events_.size()); }  // ids are 1..size()
  const Event& at(EventId id) const { return events_[id - 1]; }
  net::Time time(EventId id) const { return net::Time(net::Duration(at(id).time_ns)); }
  /// All fields in the order of the kind's table. Views hold as long as the log does not grow.
  std::vector<Value> values(EventId id) const;
  /// One field by name; "" or 0 when the kind has no such field.
  std::string_view text(EventId id, std::string_view field) const;
  std::int64_t number(EventId id, std::string_view field) const;

  /// Host numbers: 1.. in order of first sight.
  HostId host(std::string_view name);
  HostId find_host(std::string_view name) const;  // 0 when unknown
  std::string_view host_name(HostId host) const { return strings_.at(hosts_[host]); }
  HostId host_count() const { return static_cast<HostId>(hosts_.size() - 1); }

  /// 16 hexadecimal digits over every event's content; equal for equal runs on any machine.
  std::string hash() const;

  const StringTable& strings() const { return strings_; }

 private:
  template <typename Visit>
  void each_value(EventId id, Visit visit) const;

  StringTable strings_;
  std::vector<Event> events_;
  std::vector<char> octets_;
  std::vector<std::uint32_t> hosts_;  // string numbers; [0] is ""
};

inline constexpr std::size_t kMaxFieldOctets = 0xf0000000;  // offsets are 32 bits
inline constexpr EventId kMaxEvents = 200'000'000;          // 6.4 GB of events: a runaway scenario

}  // namespace mailscope::trace
