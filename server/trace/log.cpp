#include "server/trace/log.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <stdexcept>

namespace mailscope::trace {
namespace {

constexpr std::size_t kBlockOctets = 1 << 16;

std::uint64_t hash_text(std::string_view text) {
  // Eight octets a step, multiply and fold: quick, and the same on every machine that we build for.
  constexpr std::uint64_t k = 0x9e3779b97f4a7c15;
  std::uint64_t h = text.size() * k;
  const char* p = text.data();
  std::size_t left = text.size();
  auto mix = [&h](std::uint64_t word) {
    h = (h ^ word) * k;
    h ^= h >> 29;
  };
  for (; left >= 8; left -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    mix(word);
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, p, left);
  mix(tail);
  h = (h ^ (h >> 32)) * k;
  return h ^ (h >> 32);
}

void put_varint(std::vector<char>& out, std::uint64_t n) {
  while (n >= 128) {
    out.push_back(static_cast<char>(n | 128));
    n >>= 7;
  }
  out.push_back(static_cast<char>(n));
}

std::uint64_t get_varint(const char*& p) {
  std::uint64_t n = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto octet = static_cast<unsigned char>(*p++);
    n |= static_cast<std::uint64_t>(octet & 127) << shift;
    if (octet < 128) return n;
  }
}

std::uint64_t zigzag(std::int64_t n) {
  return (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
}
std::int64_t unzigzag(std::uint64_t n) {
  return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
}

}  // namespace

StringTable::StringTable() : slots_(64) {
  intern("");
}

std::string_view StringTable::keep(std::string_view text) {
  if (text.empty()) return {};
  if (block_used_ + text.size() > block_size_) {
    block_size_ = std::max(kBlockOctets, text.size());
    block_used_ = 0;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
  }
  char* place = blocks_.back().get() + block_used_;
  std::memcpy(place, text.data(), text.size());
  block_used_ += text.size();
  return {place, text.size()};
}

void StringTable::grow() {
  std::vector<std::uint32_t> slots(slots_.size() * 2);
  const std::size_t mask = slots.size() - 1;
  for (std::uint32_t i = 0; i < strings_.size(); ++i) {
    std::size_t slot = hashes_[i] & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = i + 1;
  }
  slots_ = std::move(slots);
}

std::uint32_t StringTable::intern(std::string_view text) {
  const auto hash = static_cast<std::uint32_t>(hash_text(text));
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t number = slots_[slot] - 1;
    if (hashes_[number] == hash && strings_[number] == text) return number;
  }
  const auto number = static_cast<std::uint32_t>(strings_.size());
  strings_.push_back(keep(text));
  hashes_.push_back(hash);
  slots_[slot] = number + 1;
  if (strings_.size() * 2 > slots_.size()) grow();
  return number;
}

Log::Log() {
  hosts_.push_back(0);
}

EventId Log::append(net::Time time, Kind kind, const Origin& origin, EventId cause,
                    const Value* values, std::size_t count) {
  const KindInfo& row = info(kind);
  assert(count == row.fields.size());
  if (octets_.size() > kMaxFieldOctets || events_.size() >= kMaxEvents) {
    throw std::length_error("the trace is full: " + std::to_string(events_.size()) + " events");
  }
  Event event;
  event.time_ns = time.time_since_epoch().count();
  event.cause = cause;
  event.connection = origin.connection;
  event.message = origin.message;
  event.fields = static_cast<std::uint32_t>(octets_.size());
  event.host = origin.host;
  event.peer = origin.peer;
  event.kind = kind;
  for (std::size_t i = 0; i < count; ++i) {
    const Value& value = values[i];
    switch (row.fields[i].type) {
      case FieldType::integer:
        assert(value.is_number);
        put_varint(octets_, zigzag(value.number));
        break;
      case FieldType::text:
      case FieldType::secret:
        assert(!value.is_number);
        put_varint(octets_, strings_.intern(value.text));
        break;
      case FieldType::bytes:
        assert(!value.is_number);
        put_varint(octets_, value.text.size());
        octets_.insert(octets_.end(), value.text.begin(), value.text.end());
        break;
    }
  }
  events_.push_back(event);
  return size();
}

template <typename Visit>
void Log::each_value(EventId id, Visit visit) const {
  const Event& event = at(id);
  const char* p = octets_.data() + event.fields;
  for (const FieldInfo& field : info(event.kind).fields) {
    const std::uint64_t n = get_varint(p);
    if (field.type == FieldType::integer) {
      if (!visit(field, Value(unzigzag(n)))) return;
    } else if (field.type == FieldType::bytes) {
      if (!visit(field, Value(std::string_view(p, n)))) return;
      p += n;
    } else if (!visit(field, Value(strings_.at(static_cast<std::uint32_t>(n))))) {
      return;
    }
  }
}

std::vector<Value> Log::values(EventId id) const {
  std::vector<Value> list;
  list.reserve(info(at(id).kind).fields.size());
  each_value(id, [&list](const FieldInfo&, const Value& value) {
    list.push_back(value);
    return true;
  });
  return list;
}

std::string_view Log::text(EventId id, std::string_view name) const {
  std::string_view found;
  each_value(id, [&](const FieldInfo& field, const Value& value) {
    if (field.name != name) return true;
    found = value.text;
    return false;
  });
  return found;
}

std::int64_t Log::number(EventId id, std::string_view name) const {
  std::int64_t found = 0;
  each_value(id, [&](const FieldInfo& field, const Value& value) {
    if (field.name != name) return true;
    found = value.number;
    return false;
  });
  return found;
}

HostId Log::host(std::string_view name) {
  if (const HostId known = find_host(name); known != 0) return known;
  if (hosts_.size() > 0xffff)
    throw std::length_error("the trace has too many hosts: 65535 is the most");
  hosts_.push_back(strings_.intern(name));
  return host_count();
}

HostId Log::find_host(std::string_view name) const {
  for (std::size_t i = 1; i < hosts_.size(); ++i) {
    if (strings_.at(hosts_[i]) == name) return static_cast<HostId>(i);
  }
  return 0;
}

std::string Log::hash() const {
  std::uint64_t h = 0xcbf29ce484222325;  // FNV-1a, 64 bits
  auto add = [&h](std::string_view octets) {
    for (const char c : octets) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  auto add_number = [&h](std::uint64_t n) {
    for (int i = 0; i < 8; ++i, n >>= 8) h = (h ^ (n & 255)) * 0x100000001b3;
  };
  for (EventId id = 1; id <= size(); ++id) {
    const Event& event = at(id);
    add(info(event.kind).name);
    add_number(static_cast<std::uint64_t>(event.time_ns));
    for (const HostId host : {event.host, event.peer}) {
      add_number(host_name(host).size());  // or "at a, to nobody" would be "at nobody, to a"
      add(host_name(host));
    }
    add_number(event.connection);
    add_number(event.message);
    add_number(event.cause);
    each_value(id, [&](const FieldInfo&, const Value& value) {
      add_number(value.is_number ? static_cast<std::uint64_t>(value.number) : value.text.size());
      add(value.text);
      return true;
    });
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(h >> shift) & 15];
  return text;
}

}  // namespace mailscope::trace
