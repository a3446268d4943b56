// A value of a scenario file as its readers see it: typed access, and errors that say where.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/document.hpp"
#include "sim/scenario/units.hpp"

namespace mailscope::scenario {

/// A JSON value and where it stands. The document has been validated, so types are right; what is
/// left to check here is what only the whole tells: names, doubles, combinations.
class Node {
 public:
  Node(const Document& document, const Json& json, std::string pointer)
      : document_(&document), json_(&json), pointer_(std::move(pointer)) {}

  bool has(const char* key) const { return json_->contains(key); }
  Node operator[](const std::string& key) const {
    return {*document_, json_->at(key), pointer_ + pointer_step(key)};
  }
  std::vector<Node> items() const {
    std::vector<Node> list;
    for (std::size_t i = 0; i < json_->size(); ++i) {
      list.emplace_back(*document_, (*json_)[i], pointer_ + "/" + std::to_string(i));
    }
    return list;
  }
  std::vector<std::pair<std::string, Node>> members() const {
    std::vector<std::pair<std::string, Node>> list;
    for (const auto& [key, child] : json_->items()) {
      list.emplace_back(key, Node(*document_, child, pointer_ + pointer_step(key)));
    }
    return list;
  }
  const Json& json() const { return *json_; }
  std::string text() const { return json_->get<std::string>(); }
  std::string text(const char* key, std::string otherwise = {}) const {
    return has(key) ? (*json_)[key].get<std::string>() : otherwise;
  }
  /// A text or a list of texts.
  std::vector<std::string> texts() const {
    if (json_->is_string()) return {text()};
    std::vector<std::string> list;
    for (const Node& entry : items()) list.push_back(entry.text());
    return list;
  }
  bool boolean(const char* key, bool otherwise) const {
    return has(key) ? (*json_)[key].get<bool>() : otherwise;
  }
  template <typename T>
  T integer(const char* key, T otherwise) const {
    return has(key) ? (*json_)[key].get<T>() : otherwise;
  }
  template <typename Parse>
  auto unit(Parse parse) const {
    const auto value = parse(text());
    if (!value) fail(fmt::format("{} is too large", text()));
    return *value;
  }
  Duration duration(const char* key, Duration otherwise = {}) const {
    return has(key) ? (*this)[key].unit(parse_duration) : otherwise;
  }
  Place place() const { return document_->place(pointer_); }
  [[noreturn]] void fail(std::string_view message) const { document_->fail(pointer_, message); }
  [[noreturn]] void fail_at_key(std::string_view message) const {
    document_->fail_at_key(pointer_, message);
  }

 private:
  const Document* document_;
  const Json* json_;
  std::string pointer_;
};

/// Names are compared in lower case.
std::string lower(std::string text);
/// "mail.acme.example" and "acme.example" are within "acme.example".
bool within(std::string_view name, std::string_view domain);
/// Fails at `key`, which does not belong here, when it is there.
void refuse(const Node& node, const char* key, std::string_view why);

}  // namespace mailscope::scenario
