// The shape of a scenario file as data. One table drives the validator (errors with place and a
// suggestion), the JSON Schema and the reference in docs/scenario.md: they cannot disagree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::scenario {

struct Shape;

struct Property {
  std::string key;
  const Shape* shape;
  std::string doc;
  bool required = false;
};

struct Shape {
  enum class Kind : std::uint8_t {
    object,   // properties; nothing else is allowed
    map,      // any key that fits `key_pattern`; values of `item`
    list,     // of `item`, at least `minimum`, at most `maximum` items
    text,     // string, at most `maximum` octets, fits `pattern` if there is one
    integer,  // in [minimum, maximum]
    boolean,
    one_of,  // the first of `choices` whose JSON type fits
    scalar,  // integer or string: a value to compare a trace field with
  };
  Kind kind;
  std::string name;  // what an error calls it: "a duration such as \"250ms\" or \"10m\""
  std::vector<Property> properties;
  const Shape* item = nullptr;
  std::string pattern;  // ECMAScript regular expression, anchored; in the schema as it is
  std::string key_pattern;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::vector<std::string> values;  // text: one of these
  std::vector<const Shape*> choices;
  /// Object: exactly one of these keys must be there (the verb of a script entry, say).
  std::vector<std::string> exactly_one;
};

/// Root shape of a scenario file.
const Shape& scenario_shape();
/// One entry of "faults".
const Shape& fault_shape();
/// docs/scenario.schema.json, JSON Schema draft 2020-12, indented, with a final newline.
std::string scenario_schema();
/// The tables of docs/scenario.md: every object of a scenario file and its keys, as Markdown.
std::string scenario_reference();

}  // namespace mailscope::scenario
