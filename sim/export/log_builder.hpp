// Puts events that were read from a file into a log. The file may have been made by another
// version: kinds that this one does not know are left out, fields that the file does not have are
// empty. It may have been filtered: what is caused by an event that is not there is caused by that
// one's cause, or by nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/trace/log.hpp"

namespace mailscope::exporting {

/// A field as the file has it; text and octets stay the file's.
struct ReadField {
  std::string_view name;
  trace::Value value = 0;
};

/// An event as the file has it.
struct ReadEvent {
  std::uint64_t id = 0;
  std::int64_t time_ns = 0;
  std::uint64_t cause = 0;
  std::string_view kind, host, peer;
  std::uint32_t connection = 0, message = 0;
  std::vector<ReadField> fields;
};

class LogBuilder {
 public:
  /// `log` must be empty.
  explicit LogBuilder(trace::Log& log) : log_(log) {}
  /// Ids must rise, a cause must be smaller than its effect. Empty, or what is wrong.
  std::string add(const ReadEvent& event);
  /// Kinds that were left out, and how many events of each.
  const std::map<std::string, std::uint64_t>& unknown_kinds() const { return unknown_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  template <typename T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;  // looked up only

  trace::EventId log_id(std::uint64_t file_id) const;
  const trace::KindInfo* find_kind(std::string_view name);
  trace::HostId find_host(std::string_view name);

  trace::Log& log_;
  std::vector<std::pair<std::uint64_t, trace::EventId>> ids_;  // in the file, in the log; rising
  std::map<std::string, std::uint64_t> unknown_;
  std::vector<trace::Value> values_;
  ByName<const trace::KindInfo*> kinds_;
  ByName<trace::HostId> hosts_;
};

}  // namespace mailscope::exporting
