// A checked script: what the grammar, the table of commands and the extensions that it requires
// allow. Made once, run for each message.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/sieve/limits.hpp"
#include "server/sieve/rules.hpp"
#include "server/sieve/syntax.hpp"

namespace mailscope::sieve {

/// A tag as it was given.
struct Given {
  const TagRule* rule = nullptr;
  Argument value;  // of the tag, if its rule wants one
  Place at;
};

/// A command or a test with its rule.
struct Node {
  const Rule* rule = nullptr;
  Place at;
  std::vector<Given> tags;
  std::vector<Argument> positional;  // as in the rule; a missing optional first one is empty
  std::vector<Node> tests;
  std::vector<Node> block;
  // With "ihave" (RFC 5463 section 4) a run checks what else is checked before it.
  std::vector<std::string_view> needs;  // extensions that an "ihave" must have found by then
  std::string unknown;                  // why it cannot be carried out at all

  /// The tag in that slot, or null.
  const Given* tag(Slot slot) const;
};

/// Whether this server offers an extension; empty: all of the table.
using Offered = std::function<bool(std::string_view extension)>;

struct Script {
  std::vector<Node> commands;
  Limits limits;
  bool variables = false;  // strings are expanded, matches are remembered
  Offered offered;         // what "ihave" may find
  std::set<std::string, std::less<>> required;
};

struct Compiled {
  std::shared_ptr<const Script> script;  // null when there are problems
  std::vector<Problem> problems;
  std::vector<Problem> warnings;  // legal, and perhaps not what its author wanted
};

Compiled compile(std::string_view text, const Offered& offered = {}, const Limits& limits = {});

}  // namespace mailscope::sieve
