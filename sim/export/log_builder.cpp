// From a file's events to a log.
#include "sim/export/log_builder.hpp"

#include <algorithm>
#include <stdexcept>

namespace mailscope::exporting {

namespace {

/// The field that the kind wants at `position`. It is there in the usual case.
const ReadField* find_field(const std::vector<ReadField>& fields, std::size_t position,
                            const trace::FieldInfo& wanted) {
  const auto fits = [&](const ReadField& field) {
    return field.name == wanted.name &&
           field.value.is_number == (wanted.type == trace::FieldType::integer);
  };
  if (position < fields.size() && fits(fields[position])) return &fields[position];
  const auto found = std::find_if(fields.begin(), fields.end(), fits);
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

const trace::KindInfo* LogBuilder::find_kind(std::string_view name) {
  const auto known = kinds_.find(name);
  if (known != kinds_.end()) return known->second;
  return kinds_.emplace(std::string(name), trace::find_kind(name)).first->second;
}

trace::HostId LogBuilder::find_host(std::string_view name) {
  if (name.empty()) return 0;
  const auto known = hosts_.find(name);
  if (known != hosts_.end()) return known->second;
  return hosts_.emplace(std::string(name), log_.host(name)).first->second;
}

trace::EventId LogBuilder::log_id(std::uint64_t file_id) const {
  if (file_id == 0) return 0;
  // Nothing was left out before it: the usual case.
  if (file_id <= ids_.size() && ids_[file_id - 1].first == file_id) return ids_[file_id - 1].second;
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), std::pair(file_id, trace::EventId{0}));
  return at != ids_.end() && at->first == file_id ? at->second : 0;
}

std::string LogBuilder::add(const ReadEvent& event) {
  const std::uint64_t last = ids_.empty() ? 0 : ids_.back().first;
  if (event.id <= last) {
    return "event " + std::to_string(event.id) + " comes after event " + std::to_string(last);
  }
  if (event.cause >= event.id) {
    return "event " + std::to_string(event.id) + " has the later event " +
           std::to_string(event.cause) + " as its cause";
  }
  const trace::EventId cause = log_id(event.cause);
  const trace::KindInfo* kind = find_kind(event.kind);
  if (!kind) {
    ++unknown_[std::string(event.kind)];
    ids_.emplace_back(event.id, cause);  // chains of causes stay whole
    return {};
  }
  values_.clear();
  for (std::size_t i = 0; i < kind->fields.size(); ++i) {
    const trace::FieldInfo& wanted = kind->fields[i];
    const bool is_number = wanted.type == trace::FieldType::integer;
    const ReadField* found = find_field(event.fields, i, wanted);
    values_.push_back(found ? found->value : is_number ? trace::Value(0) : trace::Value(""));
  }
  try {
    trace::Origin origin;
    origin.host = find_host(event.host);
    origin.peer = find_host(event.peer);
    origin.connection = event.connection;
    origin.message = event.message;
    const net::Time time{net::Duration(event.time_ns)};
    ids_.emplace_back(event.id,
                      log_.append(time, kind->kind, origin, cause, values_.data(), values_.size()));
  } catch (const std::length_error& full) {
    return full.what();
  }
  return {};
}

}  // namespace mailscope::exporting
