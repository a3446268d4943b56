// A JSON text with the place of every value and key in it. The JSON library parses; what it does
// not keep (line, column, keys written twice) is found here.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sim/scenario/loader.hpp"

namespace mailscope::scenario {

using Json = nlohmann::ordered_json;

class Document {
 public:
  /// Throws ScenarioError: not JSON, too deep, a key twice.
  Document(std::string_view text, const std::string& file);

  const Json& root() const { return root_; }
  const std::string& file() const { return file_; }
  /// Place of the value at this JSON pointer.
  Place place(const std::string& pointer) const;
  /// Place of the key itself.
  Place key_place(const std::string& pointer) const;
  [[noreturn]] void fail(const std::string& pointer, std::string_view message) const;
  [[noreturn]] void fail_at_key(const std::string& pointer, std::string_view message) const;

 private:
  class Scanner;
  void refuse_depth() const;
  Place at_offset(const std::string& pointer, std::size_t offset) const;

  std::string_view text_;
  std::string file_;
  Json root_;
  std::map<std::string, std::size_t> values_, keys_;  // JSON pointer -> offset
  struct Position {
    std::size_t offset = 0;
    int line = 1, column = 1;
  };
  mutable Position last_;  // of the last place asked for
};

/// One step of a JSON pointer, escaped (RFC 6901 section 3).
std::string pointer_step(std::string_view key);

/// Checks the document against a shape. Throws ScenarioError at the first thing that is wrong.
struct Shape;
void validate(const Document& document, const Shape& shape);

}  // namespace mailscope::scenario
