// The run itself: blocks, tests, strings and variables, comparing. What the tests look at is in
// tests.cpp, what the actions do in actions.cpp.
#include "server/sieve/interpreter.hpp"

#include <algorithm>
#include <utility>

#include "server/mail/text.hpp"
#include "server/sieve/strings.hpp"

namespace mailscope::sieve {
namespace {
constexpr const char* kTooMuch = "the script compares too much text";
}

Outcome run(const Script& script, const Input& input, const Surroundings& surroundings) {
  return Interpreter(script, input, surroundings).run();
}

Interpreter::Interpreter(const Script& script, const Input& input, const Surroundings& surroundings)
    : script_(script),
      input_(input),
      surroundings_(surroundings),
      message_(input.message),
      work_(script.limits.work + script.limits.looks * input.message.size()) {}

Outcome Interpreter::run() {
  block(script_.commands);
  if (work_ == 0) fail({}, kTooMuch);
  Action kept;
  kept.mailbox = "INBOX";
  kept.flags = flags_;
  if (outcome_.error) {
    // RFC 5228 section 2.10.6: nothing of what was decided happens, but the message is kept.
    outcome_.actions.clear();
    outcome_.tracked.clear();
    outcome_.discarded = false;
    outcome_.actions.push_back(std::move(kept));
    return std::move(outcome_);
  }
  kept.header = message_.changed_header();
  if (implicit_keep_) file({}, std::move(kept));
  outcome_.discarded =
      outcome_.discarded && std::ranges::all_of(outcome_.actions, [](const Action& action) {
        return action.kind == Action::Kind::notify;
      });
  return std::move(outcome_);
}

void Interpreter::fail(Place at, std::string text) {
  if (!outcome_.error) outcome_.error = Problem{at, std::move(text)};
}

/// Counts what a run costs.
void Interpreter::step(const Node& node) {
  if (++steps_ > script_.limits.steps)
    fail(node.at, "the script takes more than " + std::to_string(script_.limits.steps) + " steps");
  if (work_ == 0) fail(node.at, kTooMuch);
  // RFC 5463 section 4: what a run comes to must be known by now.
  if (!node.unknown.empty()) fail(node.at, node.unknown);
  for (const std::string_view need : node.needs) {
    if (!found_.contains(need))
      fail(node.at, "no 'require' and no 'ihave' has asked for \"" + std::string(need) + "\"");
  }
}

/// Counts octets that are copied or looked at; false when there is nothing left to spend.
bool Interpreter::spend(std::uint64_t octets) {
  work_ -= std::min(work_, octets);
  return work_ > 0;
}

void Interpreter::block(const std::vector<Node>& commands) {
  bool taken = false;  // a branch of the chain of if, elsif, else
  for (const Node& node : commands) {
    step(node);
    if (!running()) return;
    if (node.rule->control == Control::none) {
      (this->*node.rule->action)(node);
      continue;
    }
    if (node.rule->control == Control::conditional) taken = false;
    if (taken) continue;
    taken = node.tests.empty() || test(node.tests.front());
    if (taken && running()) block(node.block);
  }
}

bool Interpreter::test(const Node& node) {
  step(node);
  if (!running()) return false;
  const bool result = (this->*node.rule->holds)(node);
  if (work_ == 0) fail(node.at, kTooMuch);
  return result && running();
}

// Strings and variables.

std::string Interpreter::text(const Text& given) {
  if (!given.variable) return given.value;
  if (work_ == 0) return {};
  std::string out = expand(
      given.value,
      [this](const Reference& reference) -> std::string_view {
        if (!reference.name.empty()) return variable(reference.name);
        return reference.number < captures_.size() ? captures_[reference.number]
                                                   : std::string_view();
      },
      script_.limits.expanded);
  spend(out.size());
  return out;
}

std::vector<std::string> Interpreter::texts(const Argument& argument) {
  std::vector<std::string> out;
  out.reserve(argument.strings.size());
  for (const Text& each : argument.strings) out.push_back(text(each));
  return out;
}

std::string_view Interpreter::variable(std::string_view name) const {
  const auto found = variables_.find(mail::lower(name));
  return found == variables_.end() ? std::string_view() : std::string_view(found->second);
}

void Interpreter::set_variable(Place at, std::string_view name, std::string value,
                               bool of_message) {
  // RFC 5229 section 6: what is too long is cut, and that is no error.
  value.resize(cut_utf8(value, script_.limits.variable).size());
  variables_[mail::lower(name)] = std::move(value);
  if (of_message)
    message_variables_.insert(mail::lower(name));
  else
    message_variables_.erase(mail::lower(name));
  if (variables_.size() > script_.limits.variables) fail(at, "the script has too many variables");
}

// Comparing.

Matcher Interpreter::matcher(const Node& node) const {
  Matcher out;
  const Given* comparator = node.tag(Slot::comparator);
  out.comparator = find_comparator(comparator ? std::string_view(comparator->value.strings[0].value)
                                              : kDefaultComparator);
  const Given* type = node.tag(Slot::match);
  if (type == nullptr || type->rule->name == "is") return out;
  out.type = type->rule->name == "contains"  ? MatchType::contains
             : type->rule->name == "matches" ? MatchType::matches
             : type->rule->name == "value"   ? MatchType::value
                                             : MatchType::count;
  if (type->rule->value == Value::string)
    out.relation = find_relation(type->value.strings[0].value).value_or(Relation::eq);
  return out;
}

/// Whether any value matches any key (RFC 5228 section 5.7). `remember`: a :matches sets the match
/// variables.
bool Interpreter::match(const Node& node, const std::vector<std::string>& values,
                        const Argument& keys, bool remember) {
  const Matcher how = matcher(node);
  if (how.type == MatchType::count) return match_count(node, values.size(), keys);
  const std::vector<std::string> wanted = texts(keys);
  std::vector<std::string>* captures = remember && script_.variables ? &captures_ : nullptr;
  for (const std::string& value : values) {
    for (const std::string& key : wanted) {
      if (!matches(how, value, key, work_, captures)) continue;
      if (captures != nullptr && how.type == MatchType::matches)
        captured_message_ = looks_at_message(node);
      return true;
    }
  }
  return false;
}

/// RFC 5231 section 4.2: how many there are, compared with the keys.
bool Interpreter::match_count(const Node& node, std::size_t count, const Argument& keys) {
  const Matcher how = matcher(node);
  const std::string number = std::to_string(count);
  for (const std::string& key : texts(keys)) {
    if (holds(how.relation, compare(*how.comparator, number, key))) return true;
  }
  return false;
}

}  // namespace mailscope::sieve
