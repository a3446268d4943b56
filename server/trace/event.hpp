// The trace's event: what happened, where, when, and which earlier event made it happen.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::trace {

/// 1, 2, 3... in order of recording; 0 is "none". A cause is always smaller than its effect.
using EventId = std::uint32_t;
/// Small numbers for hosts, connections and messages, given out by the recorder; 0 is "none".
using HostId = std::uint16_t;
using ConnectionId = std::uint32_t;
using MessageNumber = std::uint32_t;

enum class Layer : std::uint8_t {
  link,
  transport,
  tls,
  dns,
  smtp,
  pop3,
  imap,
  mail,
  store,
  policy,
  lesson,
  sieve
};
inline constexpr int kLayerCount = 12;
std::string_view to_string(Layer layer);

enum class Kind : std::uint8_t {
#define KIND(name, layer, fields, text) name,
#include "server/trace/kinds.def"
#undef KIND
};

enum class FieldType : char { integer = 'i', text = 's', bytes = 'b', secret = 'x' };
struct FieldInfo {
  std::string_view name;
  FieldType type;
};
/// One row of kinds.def.
struct KindInfo {
  Kind kind;
  std::string_view name;  // "smtp.command"
  Layer layer;
  std::span<const FieldInfo> fields;
  std::string_view text;
};
const KindInfo& info(Kind kind);
std::span<const KindInfo> all_kinds();
/// nullptr when no kind has this name.
const KindInfo* find_kind(std::string_view name);

/// Where and about what an event is.
struct Origin {
  HostId host = 0;
  HostId peer = 0;
  ConnectionId connection = 0;
  MessageNumber message = 0;
};

/// A field's value as given to record() and as read back.
struct Value {
  std::int64_t number = 0;
  std::string_view text;
  bool is_number = false;
  Value(std::string_view s) : text(s) {}    // NOLINT: implicit on purpose
  Value(const char* s) : text(s) {}         // NOLINT
  Value(const std::string& s) : text(s) {}  // NOLINT
  template <typename T>
  requires std::is_integral_v<T> Value(T n)
      : number(static_cast<std::int64_t>(n)), is_number(true) {}  // NOLINT
};

}  // namespace mailscope::trace
