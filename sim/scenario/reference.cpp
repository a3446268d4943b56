// The reference of all keys in Markdown, written from the same table that the validator reads. One
// table for each object, in the order in which the root leads to them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/scenario/shape.hpp"

namespace mailscope::scenario {
namespace {

using Kind = Shape::Kind;

/// "|" would end a cell of the table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view key) {
  return fmt::format("`{}`", key);
}

class Reference {
 public:
  std::string write() {
    add("The whole file", scenario_shape());
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const auto [title, shape] = sections_[i];  // a copy: the list grows on the way
      section(title, *shape);
    }
    return std::move(out_);
  }

 private:
  void add(std::string title, const Shape& shape) {
    const bool known = std::any_of(sections_.begin(), sections_.end(),
                                   [&](const auto& s) { return s.second == &shape; });
    if (!known) sections_.emplace_back(std::move(title), &shape);
  }

  /// The objects that a value may be or hold get sections of their own.
  void find_objects(const Shape& shape) {
    switch (shape.kind) {
      case Kind::object:
        return add(shape.name, shape);
      case Kind::map:
      case Kind::list:
        return find_objects(*shape.item);
      case Kind::one_of:
        for (const Shape* choice : shape.choices) find_objects(*choice);
        return;
      default:
        return;
    }
  }

  /// What to write, in words.
  static std::string words(const Shape& shape) {
    switch (shape.kind) {
      case Kind::object:
        return fmt::format("[{}](#{})", shape.name, anchor(shape.name));
      case Kind::map:
        return fmt::format("object: {}, each {}", shape.name, words(*shape.item));
      case Kind::list:
        return fmt::format("list, each {}{}", words(*shape.item), limits(shape));
      case Kind::integer:
        return fmt::format("{}, {} to {}", shape.name, shape.minimum, shape.maximum);
      case Kind::one_of: {
        std::string text;
        for (const Shape* choice : shape.choices)
          text += (text.empty() ? "" : "; or ") + words(*choice);
        return text;
      }
      case Kind::text:
        if (!shape.values.empty()) {
          std::string text;
          for (const std::string& value : shape.values)
            text += (text.empty() ? "" : ", ") + code("\"" + value + "\"");
          return text;
        }
        return shape.name;
      case Kind::boolean:
        return "`true` or `false`";
      case Kind::scalar:
        return shape.name;
    }
    return {};
  }

  static std::string limits(const Shape& shape) {
    if (shape.minimum == shape.maximum) return fmt::format("; exactly {}", shape.minimum);
    return shape.minimum > 0 ? fmt::format("; {} to {}", shape.minimum, shape.maximum)
                             : fmt::format("; at most {}", shape.maximum);
  }

  static std::string anchor(std::string_view title) {
    std::string out;
    for (const char c : title) {
      if (c == ' ')
        out += '-';
      else if (c != '(' && c != ')' && c != ',')
        out += c;
    }
    return out;
  }

  void section(const std::string& title, const Shape& shape) {
    out_ += fmt::format("\n### {}\n\n", title);
    if (!shape.exactly_one.empty()) {
      std::string keys;
      for (std::size_t i = 0; i < shape.exactly_one.size(); ++i) {
        keys += (i == 0                              ? ""
                 : i + 1 == shape.exactly_one.size() ? " and "
                                                     : ", ") +
                code(shape.exactly_one[i]);
      }
      out_ += fmt::format("Exactly one of {}.\n\n", keys);
    }
    out_ += "| key | value | meaning |\n|---|---|---|\n";
    for (const Property& property : shape.properties) {
      find_objects(*property.shape);
      out_ += fmt::format("| {}{} | {} | {} |\n", code(property.key),
                          property.required ? " (required)" : "", cell(words(*property.shape)),
                          cell(property.doc));
    }
  }

  std::string out_;
  std::vector<std::pair<std::string, const Shape*>> sections_;
};

}  // namespace

std::string scenario_reference() {
  return Reference().write();
}

}  // namespace mailscope::scenario
