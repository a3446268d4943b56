// A Sieve script as its grammar sees it (RFC 5228 section 8.2): commands with arguments, tests and
// blocks. Nothing is known here about which commands there are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mailscope::sieve {

/// Where something stands in the script; both count from 1, columns in characters.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// What is wrong with a script, or went wrong while it ran.
struct Problem {
  Place at;
  std::string text;
  /// "line 2, column 5: unknown command".
  std::string to_string() const;
};

/// A string of the script, escapes and dot-stuffing undone.
struct Text {
  std::string value;
  Place at;
  bool variable = false;  // holds ${references} that a run fills in
};

struct Argument {
  enum class Kind : std::uint8_t { number, strings, tag } kind = Kind::strings;
  Place at;
  std::uint64_t number = 0;
  std::vector<Text> strings;
  bool list = false;  // strings in brackets
  std::string tag;    // lower case, without the colon
};

/// A command or a test: the grammar gives both the same form.
struct Statement {
  std::string name;  // lower case
  Place at;
  std::vector<Argument> arguments;
  std::vector<Statement> tests;
  bool test_list = false;  // tests in parentheses
  bool has_block = false;
  std::vector<Statement> block;
};

}  // namespace mailscope::sieve
