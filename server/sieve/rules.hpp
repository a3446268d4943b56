// The commands and tests of Sieve and its extensions, as tables: what they are called, which
// extension they belong to, which arguments they take, and what carries them out.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace mailscope::sieve {

class Checker;
class Interpreter;
struct Node;

enum class Value : std::uint8_t { none, number, string, strings };

/// Families of tags: a command names the families that it takes.
enum Family : std::uint32_t {
  kMatch = 1u << 0,        // RFC 5228 section 2.7.1, RFC 5231
  kComparator = 1u << 1,   // RFC 5228 section 2.7.3
  kAddressPart = 1u << 2,  // RFC 5228 section 2.7.4, RFC 5233
  kSize = 1u << 3,
  kCopy = 1u << 4,
  kFlags = 1u << 5,
  kCreate = 1u << 6,
  kSpecialUse = 1u << 7,
  kModifier = 1u << 8,
  kVacation = 1u << 9,
  kBody = 1u << 10,
  kZone = 1u << 11,
  kOriginalZone = 1u << 12,
  kIndex = 1u << 13,
  kDuplicate = 1u << 14,
  kEditIndex = 1u << 15,
  kEditLast = 1u << 16,
  kNotify = 1u << 17,
};

/// Tags of one slot exclude each other (RFC 5228 section 2.6.2).
enum class Slot : std::uint8_t {
  match,
  comparator,
  address_part,
  size,
  copy,
  flags,
  create,
  special_use,
  modifier_40,  // precedence (RFC 5229 section 4.1)
  modifier_30,
  modifier_20,
  modifier_15,  // RFC 5435 section 6
  modifier_10,
  interval,
  subject,
  from,
  addresses,
  mime,
  handle,
  body,
  zone,
  index,
  last,
  identity,
  seconds,
  importance,
  options,
  message,
};

struct TagRule {
  std::string_view name;   // without the colon
  std::uint32_t families;  // that it belongs to
  Slot slot;
  Value value;
  std::string_view extension;  // beyond that of the command, or empty
};
/// Null when no family of `families` has such a tag.
const TagRule* find_tag(std::string_view name, std::uint32_t families);

enum class Tests : std::uint8_t { none, one, list };
enum class Control : std::uint8_t { none, conditional, otherwise_if, otherwise };

struct Rule {
  std::string_view name;
  bool test;                   // else a command
  std::string_view extension;  // to be required, or empty
  std::uint32_t families;      // of tags
  std::array<Value, 3> positional;
  bool optional_first;  // the first positional argument may be missing
  Tests tests;
  bool block;
  Control control;
  void (Checker::*check)(Node& node);  // what the table cannot say; may be null
  void (Interpreter::*action)(const Node& node);
  bool (Interpreter::*holds)(const Node& node);
  std::string_view section;    // where it is specified
  bool optional_last = false;  // the last positional argument may be missing
};
std::span<const Rule> rules();
/// Null when there is no such command or test.
const Rule* find_rule(std::string_view name, bool test);

}  // namespace mailscope::sieve
