// "notify" and its tests (RFC 5435). The only method is mailto (RFC 5436).
#include <algorithm>

#include "server/mail/text.hpp"
#include "server/sieve/interpreter.hpp"
#include "server/sieve/mailto.hpp"
#include "server/sieve/outbound.hpp"
#include "server/sieve/strings.hpp"

namespace mailscope::sieve {
namespace {

/// Work for each octet of a URI: it is taken apart, decoded, and its addresses are compared.
constexpr std::size_t kReadings = 20;

}  // namespace

/// Whether what a message says would stand in the text, by way of match variables.
bool Interpreter::from_message(const Text& given) const {
  if (!given.variable) return false;
  std::size_t at = 0;
  while (const auto reference = find_reference(given.value, at)) {
    if (reference->name.empty() ? captured_message_ : message_variables_.contains(reference->name))
      return true;
    at = reference->end;
  }
  return false;
}

/// Whether the values of a test are those of the message.
bool Interpreter::looks_at_message(const Node& node) const {
  const std::string_view name = node.rule->name;
  if (name != "string") {
    return name == "header" || name == "address" || name == "envelope" || name == "date" ||
           name == "hasflag";  // a flag may have been made of a match
  }
  return std::ranges::any_of(node.positional[0].strings,
                             [this](const Text& each) { return from_message(each); });
}

/// RFC 5435 section 8: whoever writes to a user must not choose who is notified.
std::optional<Mailto> Interpreter::notify_method(const Text& given) {
  if (from_message(given)) return std::nullopt;
  const std::string uri = text(given);
  return spend(uri.size() * kReadings) ? parse_mailto(uri) : std::nullopt;
}

void Interpreter::notify(const Node& node) {
  const Text& given = node.positional[0].strings[0];
  auto method = notify_method(given);
  if (!method) {
    return fail(given.at, from_message(given)
                              ? "what a message says may not be in the method of 'notify'"
                              : "this is no mailto URI with mail addresses");
  }
  Action action;
  action.kind = Action::Kind::notify;
  Notification& letter = action.notification;
  if (const Given* message = node.tag(Slot::message)) letter.message = text(message->value);
  if (const Given* from = node.tag(Slot::from)) {
    letter.from = text(from->value);
    if (!parse_outbound(letter.from)) return fail(from->at, "':from' is no mail address");
  }
  if (const Given* importance = node.tag(Slot::importance)) {
    const std::string level = text(importance->value);
    if (!is_importance(level))
      return fail(importance->at, "':importance' is \"1\", \"2\" or \"3\"");
    letter.importance = level[0] - '0';
  }
  // RFC 5436 section 2.7: nobody is notified twice of one message.
  for (auto* addresses : {&method->to, &method->cc}) {
    std::erase_if(*addresses, [this](const mail::Mailbox& each) {
      const bool again = std::ranges::find(notified_, each) != notified_.end();
      if (!again) notified_.push_back(each);
      return again;
    });
  }
  if (notified_.size() > script_.limits.notified) {
    return fail(node.at,
                "more than " + std::to_string(script_.limits.notified) + " addresses are notified");
  }
  if (method->to.empty() && method->cc.empty()) return;
  letter.method = std::move(*method);
  action.header = message_.changed_header();
  add(node.at, std::move(action));
}

bool Interpreter::valid_notify_method(const Node& node) {
  return std::ranges::all_of(node.positional[0].strings, [this](const Text& each) {
    return spend(each.value.size() + 1) && notify_method(each).has_value();
  });
}

bool Interpreter::notify_method_capability(const Node& node) {
  if (!notify_method(node.positional[0].strings[0])) return false;
  if (!mail::iequals(text(node.positional[1]), "online")) return false;
  // RFC 5436 section 2.2: nobody knows who reads mail at this moment.
  return match(node, {"maybe"}, node.positional[2]);
}

}  // namespace mailscope::sieve
