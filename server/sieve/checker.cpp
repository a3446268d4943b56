#include "server/sieve/checker.hpp"

#include <utility>

#include "server/sieve/extensions.hpp"
#include "server/sieve/parser.hpp"
#include "server/sieve/strings.hpp"

namespace mailscope::sieve {
namespace {

std::string quoted(std::string_view name) {
  return "'" + std::string(name.substr(0, 60)) + "'";
}

std::string name_of(Value value) {
  switch (value) {
    case Value::number:
      return "a number";
    case Value::string:
      return "a string";
    case Value::strings:
      return "a string or a list of strings";
    case Value::none:
      break;
  }
  return "nothing";
}

std::size_t count(const std::array<Value, 3>& positional) {
  std::size_t n = 0;
  while (n < positional.size() && positional[n] != Value::none) ++n;
  return n;
}

}  // namespace

const Given* Node::tag(Slot slot) const {
  for (const Given& given : tags) {
    if (given.rule->slot == slot) return &given;
  }
  return nullptr;
}

Compiled compile(std::string_view text, const Offered& offered, const Limits& limits) {
  Parsed parsed = parse(text, limits);
  if (parsed.problem) return {nullptr, {*parsed.problem}, {}};
  return Checker(offered, limits).run(std::move(parsed.commands));
}

Compiled Checker::run(std::vector<Statement> statements) {
  Compiled out;
  auto script = std::make_shared<Script>();
  script->commands = commands(std::move(statements), true);
  script->limits = limits_;
  script->variables = required("variables");
  script->offered = offered_;
  script->required = std::move(required_);
  out.problems = std::move(problems_);
  out.warnings = std::move(warnings_);
  if (out.problems.empty()) out.script = std::move(script);
  return out;
}

void Checker::fail(Place at, std::string text) {
  if (!failed()) problems_.push_back({at, std::move(text)});
}

/// What this server does not know. A script with "ihave" may hold such things where no run comes
/// to (RFC 5463 section 4).
void Checker::unknown(Place at, std::string text) {
  if (!required("ihave")) return fail(at, std::move(text));
  if (unknown_.empty()) unknown_ = std::move(text);
}

/// True when the statement cannot be checked, since it holds something unknown: then a run fails
/// that comes to it, and what else was found wrong since `problems` is no problem.
bool Checker::deferred(std::size_t problems, Node& out) {
  if (unknown_.empty()) return false;
  problems_.resize(std::min(problems, problems_.size()));
  const Place at = out.at;
  const Rule* rule = out.rule;
  out = Node();
  out.at = at;
  out.rule = rule;
  out.unknown = std::exchange(unknown_, {});
  return true;
}

/// RFC 5228 section 2.10.5: what is not required is not there.
bool Checker::enabled(std::string_view extension, Place at, const std::string& what) {
  if (extension.empty() || required(extension)) return true;
  if (required("ihave") && find_extension(extension) != nullptr) {
    needs_.push_back(find_extension(extension)->name);
    return true;
  }
  fail(at, what + " needs 'require \"" + std::string(extension) + "\"' at the start of the script");
  return false;
}

std::vector<Node> Checker::commands(std::vector<Statement> statements, bool top) {
  std::vector<Node> out;
  for (Statement& statement : statements) {
    Node next;
    if (!node(std::move(statement), false, next)) {
      if (failed()) break;
      continue;
    }
    order(next, out.empty() ? nullptr : &out.back(), top);
    out.push_back(std::move(next));
  }
  return out;
}

/// RFC 5228 section 3.1 and section 3.2: what may follow what.
void Checker::order(const Node& next, const Node* before, bool top) {
  if (next.rule == nullptr) return;
  const Control control = next.rule->control;
  if (control == Control::otherwise || control == Control::otherwise_if) {
    const bool chain = before != nullptr && before->rule != nullptr &&
                       (before->rule->control == Control::conditional ||
                        before->rule->control == Control::otherwise_if);
    if (!chain) fail(next.at, quoted(next.rule->name) + " must follow an 'if' or 'elsif'");
  }
  if (next.rule->name == "require" && !top)
    fail(next.at, "'require' must stand at the start of the script");
}

/// False when the statement is nothing that is known; then the problem is told.
bool Checker::node(Statement statement, bool test, Node& out) {
  std::vector<std::string_view> outer_needs = std::exchange(needs_, {});
  std::string outer_unknown = std::exchange(unknown_, {});
  const bool known = known_node(std::move(statement), test, out);
  out.needs = std::exchange(needs_, std::move(outer_needs));
  unknown_ = std::move(outer_unknown);
  return known;
}

bool Checker::known_node(Statement statement, bool test, Node& out) {
  out.at = statement.at;
  out.rule = find_rule(statement.name, test);
  if (out.rule == nullptr) {
    if (find_rule(statement.name, !test) != nullptr)
      fail(statement.at, quoted(statement.name) +
                             (test ? " is a command, not a test" : " is a test, not a command"));
    else
      unknown(statement.at, (test ? "unknown test " : "unknown command ") + quoted(statement.name));
    if (!test) past_requires_ = true;
    return deferred(problems_.size(), out);
  }
  const Rule& rule = *out.rule;
  if (rule.name == "require" && past_requires_)
    fail(out.at, "'require' must come before all other commands");
  if (!test && rule.name != "require") past_requires_ = true;
  if (!enabled(rule.extension, out.at, quoted(rule.name))) return false;
  const std::size_t problems = problems_.size();
  arguments(statement, out);
  if (deferred(problems, out)) return true;
  tests(statement, out);
  if (rule.block != statement.has_block)
    fail(statement.at, quoted(rule.name) + (rule.block ? " needs a block in braces"
                                                       : " takes no block: end it with ';'"));
  if (rule.block) out.block = commands(std::move(statement.block), false);
  if (rule.check != nullptr && !failed() && problems_.size() == problems) (this->*rule.check)(out);
  return deferred(problems, out) || !failed();
}

void Checker::arguments(Statement& statement, Node& out) {
  std::size_t at = 0;
  while (at < statement.arguments.size() && statement.arguments[at].kind == Argument::Kind::tag &&
         !failed()) {
    tag(statement, at, out);
  }
  positional(statement, at, out);
}

/// One tag and its value.
void Checker::tag(Statement& statement, std::size_t& at, Node& out) {
  const Argument& given = statement.arguments[at++];
  const std::string shown = "':" + given.tag.substr(0, 60) + "'";
  const TagRule* rule = find_tag(given.tag, out.rule->families);
  if (rule == nullptr) {
    unknown(given.at, quoted(out.rule->name) + " has no tag " + shown);
    return;
  }
  if (!enabled(rule->extension, given.at, shown)) {
    // Its value is no argument of the command.
    if (rule->value != Value::none && at < statement.arguments.size()) ++at;
    return;
  }
  if (const Given* other = out.tag(rule->slot)) {
    fail(given.at, other->rule == rule ? shown + " is given twice"
                                       : shown + " and ':" + std::string(other->rule->name) +
                                             "' exclude each other");
  }
  Given kept{rule, {}, given.at};
  if (rule->value != Value::none) {
    if (at >= statement.arguments.size()) {
      fail(given.at, shown + " needs " + name_of(rule->value) + " behind it");
      return;
    }
    kept.value = std::move(statement.arguments[at++]);
    fits(kept.value, rule->value, shown);
  }
  out.tags.push_back(std::move(kept));
}

void Checker::positional(Statement& statement, std::size_t from, Node& out) {
  const Rule& rule = *out.rule;
  const std::size_t wanted = count(rule.positional);
  const std::size_t given = statement.arguments.size() - from;
  for (std::size_t i = from; i < statement.arguments.size(); ++i) {
    if (statement.arguments[i].kind != Argument::Kind::tag) continue;
    fail(statement.arguments[i].at, "tags stand before the other arguments");
    return;
  }
  const bool left_out = (rule.optional_first || rule.optional_last) && given + 1 == wanted;
  if (given != wanted && !left_out) {
    fail(statement.at, quoted(rule.name) + " takes " + std::to_string(wanted) +
                           (wanted == 1 ? " argument" : " arguments") +
                           (rule.optional_first || rule.optional_last ? " or one less" : "") +
                           ", found " + std::to_string(given));
    return;
  }
  if (left_out && rule.optional_first) out.positional.emplace_back();
  const std::size_t out_of_place = left_out && rule.optional_first ? 1 : 0;
  for (std::size_t i = 0; i < given; ++i) {
    Argument& argument = statement.arguments[from + i];
    fits(argument, rule.positional[i + out_of_place], quoted(rule.name));
    out.positional.push_back(std::move(argument));
  }
  if (left_out && rule.optional_last) out.positional.emplace_back();
}

void Checker::tests(Statement& statement, Node& out) {
  const Rule& rule = *out.rule;
  const bool list = rule.tests == Tests::list;
  if (rule.tests == Tests::none && !statement.tests.empty()) {
    fail(statement.tests.front().at, quoted(rule.name) + " takes no test here");
    return;
  }
  if (rule.tests == Tests::one && (statement.test_list || statement.tests.size() != 1)) {
    fail(statement.at, quoted(rule.name) + " needs exactly one test, without parentheses");
    return;
  }
  if (list && !statement.test_list) {
    fail(statement.at, quoted(rule.name) + " needs a list of tests in parentheses");
    return;
  }
  for (Statement& each : statement.tests) {
    Node inner;
    if (node(std::move(each), true, inner)) out.tests.push_back(std::move(inner));
    if (failed()) return;
  }
}

bool Checker::fits(Argument& argument, Value value, const std::string& what) {
  const bool good = value == Value::number ? argument.kind == Argument::Kind::number
                                           : argument.kind == Argument::Kind::strings &&
                                                 (value == Value::strings ||
                                                  (!argument.list && argument.strings.size() == 1));
  if (!good) {
    fail(argument.at, what + " needs " + name_of(value) + " here");
    return false;
  }
  if (argument.kind == Argument::Kind::strings) strings(argument);
  return true;
}

/// Decodes encoded characters, and finds out which strings hold variables.
void Checker::strings(Argument& argument) {
  for (Text& text : argument.strings) {
    if (required("encoded-character")) {
      auto decoded = decode_characters(text.value);
      if (!decoded) {
        fail(text.at, "${unicode:...} names a number that is no Unicode character");
        continue;
      }
      text.value = std::move(*decoded);
    }
    if (!required("variables")) continue;
    std::size_t at = 0;
    while (const auto reference = find_reference(text.value, at)) {
      text.variable = true;
      at = reference->end;
      // RFC 5229 section 3 and section 6.
      if (reference->has_namespace)
        fail(text.at, "unknown namespace of variables: ${" + reference->name + "}");
      else if (reference->number > limits_.match_variable)
        fail(text.at, "match variables end at ${" + std::to_string(limits_.match_variable) + "}");
      if (failed()) return;
    }
  }
}

bool Checker::constant(const Argument& argument) const {
  for (const Text& text : argument.strings) {
    if (text.variable) return false;
  }
  return true;
}

}  // namespace mailscope::sieve
