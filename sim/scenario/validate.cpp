// Checks a document against the shapes. One walk, one error, the right place.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>

#include "sim/scenario/document.hpp"
#include "sim/scenario/shape.hpp"

namespace mailscope::scenario {
namespace {

constexpr std::size_t kMaxPatternOctets = 4'096;  // std::regex recurses for each character
constexpr std::size_t kShownOctets = 60;          // of a value in an error

bool fits(const std::string& pattern, const std::string& text) {
  static std::map<std::string, std::regex> cache;
  auto found = cache.find(pattern);
  if (found == cache.end())
    found = cache.emplace(pattern, std::regex(pattern, std::regex::ECMAScript)).first;
  return std::regex_match(text, found->second);
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kShownOctets) {
    std::size_t cut = kShownOctets;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    text = text.substr(0, cut) + "...";
  }
  return text;
}

/// Levenshtein distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > 64) return {};
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    if (const std::size_t d = distance(word, candidate); d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "\"" : ", \"") + word + "\"";
  return text;
}

class Validator {
 public:
  explicit Validator(const Document& document) : document_(document) {}

  void check(const Json& value, const Shape& shape, const std::string& pointer) const {
    switch (shape.kind) {
      case Shape::Kind::object:
        return object(value, shape, pointer);
      case Shape::Kind::map:
        return map(value, shape, pointer);
      case Shape::Kind::list:
        return list(value, shape, pointer);
      case Shape::Kind::text:
        return text(value, shape, pointer);
      case Shape::Kind::integer:
        return integer(value, shape, pointer);
      case Shape::Kind::boolean:
        if (!value.is_boolean()) wrong(value, shape, pointer);
        return;
      case Shape::Kind::scalar:
        if (!value.is_number_integer() && !value.is_string()) wrong(value, shape, pointer);
        return;
      case Shape::Kind::one_of:
        for (const Shape* option : shape.choices) {
          if (same_type(value, *option)) return check(value, *option, pointer);
        }
        wrong(value, shape, pointer);
    }
  }

 private:
  [[noreturn]] void wrong(const Json& value, const Shape& shape, const std::string& pointer) const {
    document_.fail(pointer, fmt::format("found {}; {} is meant here", shown(value), shape.name));
  }

  static bool same_type(const Json& value, const Shape& shape) {
    switch (shape.kind) {
      case Shape::Kind::object:
      case Shape::Kind::map:
        return value.is_object();
      case Shape::Kind::list:
        return value.is_array();
      case Shape::Kind::text:
        return value.is_string();
      case Shape::Kind::integer:
        return value.is_number_integer();
      case Shape::Kind::boolean:
        return value.is_boolean();
      case Shape::Kind::scalar:
        return value.is_number_integer() || value.is_string();
      case Shape::Kind::one_of:
        return std::any_of(shape.choices.begin(), shape.choices.end(),
                           [&](const Shape* option) { return same_type(value, *option); });
    }
    return false;
  }

  void object(const Json& value, const Shape& shape, const std::string& pointer) const {
    if (!value.is_object()) wrong(value, shape, pointer);
    std::vector<std::string> known;
    for (const Property& property : shape.properties) known.push_back(property.key);
    for (const auto& [key, child] : value.items()) {
      const auto property = std::find_if(shape.properties.begin(), shape.properties.end(),
                                         [&key = key](const Property& p) { return p.key == key; });
      const std::string place = pointer + pointer_step(key);
      if (property == shape.properties.end()) {
        const std::string best = suggestion(key, known);
        document_.fail_at_key(place,
                              fmt::format("unknown key {} in {}; {}", shown(Json(key)), shape.name,
                                          best.empty() ? "known are " + joined(known)
                                                       : "did you mean \"" + best + "\"?"));
      }
      check(child, *property->shape, place);
    }
    for (const Property& property : shape.properties) {
      if (property.required && !value.contains(property.key)) {
        document_.fail(pointer, fmt::format("\"{}\" is missing in {}: {}", property.key, shape.name,
                                            property.doc));
      }
    }
    if (shape.exactly_one.empty()) return;
    const auto count = std::count_if(shape.exactly_one.begin(), shape.exactly_one.end(),
                                     [&](const std::string& key) { return value.contains(key); });
    if (count != 1) {
      document_.fail(pointer, fmt::format("{} needs exactly one of {}; found {}", shape.name,
                                          joined(shape.exactly_one), count));
    }
  }

  void map(const Json& value, const Shape& shape, const std::string& pointer) const {
    if (!value.is_object()) wrong(value, shape, pointer);
    count(value, shape, pointer);
    for (const auto& [key, child] : value.items()) {
      const std::string place = pointer + pointer_step(key);
      if (key.size() > 253 || !fits(shape.key_pattern, key)) {
        document_.fail_at_key(
            place, fmt::format("{} is not a name that fits {}", shown(Json(key)), shape.name));
      }
      check(child, *shape.item, place);
    }
  }

  void list(const Json& value, const Shape& shape, const std::string& pointer) const {
    if (!value.is_array()) wrong(value, shape, pointer);
    count(value, shape, pointer);
    for (std::size_t i = 0; i < value.size(); ++i) {
      check(value[i], *shape.item, pointer + "/" + std::to_string(i));
    }
  }

  void count(const Json& value, const Shape& shape, const std::string& pointer) const {
    const auto size = static_cast<std::int64_t>(value.size());
    if (size < shape.minimum || size > shape.maximum) {
      document_.fail(pointer, fmt::format("found {} entries; {} has {} to {}", size, shape.name,
                                          shape.minimum, shape.maximum));
    }
  }

  void text(const Json& value, const Shape& shape, const std::string& pointer) const {
    if (!value.is_string()) wrong(value, shape, pointer);
    const auto& content = value.get_ref<const std::string&>();
    if (static_cast<std::int64_t>(content.size()) > shape.maximum) {
      document_.fail(pointer, fmt::format("found a text of {} octets; {} may have {}",
                                          content.size(), shape.name, shape.maximum));
    }
    if (!shape.values.empty()) {
      if (std::find(shape.values.begin(), shape.values.end(), content) != shape.values.end())
        return;
      const std::string best = suggestion(content, shape.values);
      document_.fail(pointer,
                     fmt::format("found {}; {} is meant here{}", shown(value), joined(shape.values),
                                 best.empty() ? "" : "; did you mean \"" + best + "\"?"));
    }
    if (!shape.pattern.empty() && content.size() <= kMaxPatternOctets &&
        !fits(shape.pattern, content)) {
      wrong(value, shape, pointer);
    }
  }

  void integer(const Json& value, const Shape& shape, const std::string& pointer) const {
    if (!value.is_number_integer()) wrong(value, shape, pointer);
    const bool too_big = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() > static_cast<std::uint64_t>(shape.maximum);
    if (too_big || value.get<std::int64_t>() < shape.minimum ||
        value.get<std::int64_t>() > shape.maximum) {
      document_.fail(pointer, fmt::format("found {}; {} is from {} to {}", shown(value), shape.name,
                                          shape.minimum, shape.maximum));
    }
  }

  const Document& document_;
};

}  // namespace

void validate(const Document& document, const Shape& shape) {
  Validator(document).check(document.root(), shape, "");
}

}  // namespace mailscope::scenario
