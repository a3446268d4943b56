// What the actions of a script add to its outcome, and which of them go together.
#include "server/sieve/actions.hpp"

#include <algorithm>
#include <utility>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/flags.hpp"
#include "server/sieve/interpreter.hpp"
#include "server/sieve/outbound.hpp"
#include "server/sieve/strings.hpp"

namespace mailscope::sieve {
namespace {

// RFC 5230 section 4.1: the maximum must be greater than 30 days.
constexpr std::chrono::seconds kMaxVacation = std::chrono::hours(24 * 365);
constexpr std::chrono::seconds kMinVacationDays = std::chrono::hours(24);
constexpr std::chrono::seconds kVacation = std::chrono::hours(24 * 7);

using Kind = Action::Kind;

bool refuses(Kind kind) {
  return kind == Kind::reject || kind == Kind::ereject;
}

/// RFC 5229 section 4.1: modifiers are applied from the highest precedence down.
constexpr Slot kModifiers[] = {Slot::modifier_40, Slot::modifier_30, Slot::modifier_20,
                               Slot::modifier_15, Slot::modifier_10};

std::string mailbox_name(std::string name) {
  return mail::iequals(name, "INBOX") ? std::string("INBOX") : name;
}

/// Arguments as they stand in the script, each with its length, so that no two sets of them look
/// the same (RFC 5230 section 4.2).
void append_counted(std::string& out, const Argument* argument) {
  const std::string value =
      argument && !argument->strings.empty() ? argument->strings[0].value : std::string();
  out += std::to_string(value.size()) + (argument ? "=" : "-") + value;
}

net::Duration vacation_interval(const Node& node) {
  const Given* given = node.tag(Slot::interval);
  if (given == nullptr) return kVacation;
  constexpr auto kMax = static_cast<std::uint64_t>(kMaxVacation.count());
  if (given->rule->name == "seconds")
    return std::chrono::seconds(std::min(given->value.number, kMax));
  const std::uint64_t days = std::min<std::uint64_t>(given->value.number, kMax / 86'400);
  return std::max<std::chrono::seconds>(kMinVacationDays, std::chrono::hours(24 * days));
}

}  // namespace

std::string_view to_string(Kind kind) {
  constexpr std::string_view kNames[] = {"keep",    "fileinto", "redirect", "reject",
                                         "ereject", "vacation", "notify"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// RFC 5429 section 2.4, RFC 5230 section 4.7: refusing goes with no delivery and no answer.
bool Interpreter::allowed(const Node& node, Kind kind) {
  for (const Action& other : outcome_.actions) {
    // RFC 5435 section 7: a notification goes with everything.
    if (other.kind == Kind::notify) continue;
    if ((refuses(kind) || refuses(other.kind)) || (kind == Kind::vacation && other.kind == kind)) {
      fail(node.at, "'" + std::string(to_string(kind)) + "' does not go with '" +
                        std::string(to_string(other.kind)) + "' before it");
      return false;
    }
  }
  return true;
}

void Interpreter::add(Place at, Action action) {
  if (outcome_.actions.size() >= script_.limits.actions)
    fail(at, "the script takes more than " + std::to_string(script_.limits.actions) + " actions");
  else
    outcome_.actions.push_back(std::move(action));
}

/// RFC 5228 section 2.10.3: a mailbox gets one copy; RFC 5232 section 3: the last flags win.
void Interpreter::file(Place at, Action action) {
  for (Action& other : outcome_.actions) {
    if (other.kind != Kind::keep && other.kind != Kind::fileinto) continue;
    if (other.mailbox != action.mailbox || other.special_use != action.special_use) continue;
    other.flags = std::move(action.flags);
    other.create = other.create || action.create;
    return;
  }
  add(at, std::move(action));
}

/// Flags of :flags, else of the internal variable.
std::vector<std::string> Interpreter::flags_for(const Node& node) {
  const Given* given = node.tag(Slot::flags);
  return given ? parse_flags(texts(given->value), script_.limits.flags) : flags_;
}

void Interpreter::keep(const Node& node) {
  if (!allowed(node, Kind::keep)) return;
  Action action;
  action.mailbox = "INBOX";
  action.flags = flags_for(node);
  action.header = message_.changed_header();
  implicit_keep_ = false;
  file(node.at, std::move(action));
}

void Interpreter::fileinto(const Node& node) {
  if (!allowed(node, Kind::fileinto)) return;
  Action action;
  action.kind = Kind::fileinto;
  action.mailbox = mailbox_name(text(node.positional[0]));
  if (!mail::is_valid_utf8(action.mailbox)) return fail(node.at, "the name of a mailbox is UTF-8");
  action.flags = flags_for(node);
  action.header = message_.changed_header();
  action.create = node.tag(Slot::create) != nullptr;
  if (const Given* use = node.tag(Slot::special_use)) {
    action.special_use = text(use->value);
    if (!is_special_use(action.special_use))
      return fail(use->at, "a special use is a flag such as \"\\\\Junk\"");
  }
  // RFC 3894 section 3: a copy leaves the rest as it is.
  if (node.tag(Slot::copy) == nullptr) implicit_keep_ = false;
  file(node.at, std::move(action));
}

void Interpreter::redirect(const Node& node) {
  if (!allowed(node, Kind::redirect)) return;
  const std::string given = text(node.positional[0]);
  const auto address = parse_outbound(given);
  if (!address) {
    fail(node.at, "redirect to \"" + given.substr(0, 80) + "\", which is no mail address");
    return;
  }
  if (node.tag(Slot::copy) == nullptr) implicit_keep_ = false;
  for (const Action& other : outcome_.actions) {
    if (other.kind == Kind::redirect && other.address == *address) return;
  }
  if (++redirects_ > script_.limits.redirects) {
    fail(node.at, "more than " + std::to_string(script_.limits.redirects) + " redirects");
    return;
  }
  Action action;
  action.kind = Kind::redirect;
  action.address = *address;
  action.header = message_.changed_header();
  add(node.at, std::move(action));
}

void Interpreter::discard(const Node&) {
  implicit_keep_ = false;
  outcome_.discarded = true;
}

void Interpreter::refuse(const Node& node, Kind kind) {
  if (!allowed(node, kind)) return;
  Action action;
  action.kind = kind;
  action.text = text(node.positional[0]);
  implicit_keep_ = false;
  add(node.at, std::move(action));
}

void Interpreter::vacation(const Node& node) {
  if (!allowed(node, Kind::vacation)) return;
  Action action;
  action.kind = Kind::vacation;
  Vacation& answer = action.vacation;
  answer.reason = text(node.positional[0]);
  answer.mime = node.tag(Slot::mime) != nullptr;
  answer.interval = vacation_interval(node);
  const Given* subject = node.tag(Slot::subject);
  const Given* from = node.tag(Slot::from);
  if (subject) answer.subject = text(subject->value);
  if (from) {
    const std::string given = text(from->value);
    answer.from = parse_mailbox_list(given);
    if (answer.from.empty()) {
      fail(from->at, "':from' is no mail address: \"" + given.substr(0, 80) + "\"");
      return;
    }
  }
  if (const Given* addresses = node.tag(Slot::addresses))
    answer.addresses = texts(addresses->value);
  if (const Given* handle = node.tag(Slot::handle)) {
    answer.tracking = "handle ";
    append_counted(answer.tracking, &handle->value);
  } else {
    answer.tracking = answer.mime ? "mime " : "text ";
    append_counted(answer.tracking, subject ? &subject->value : nullptr);
    append_counted(answer.tracking, from ? &from->value : nullptr);
    append_counted(answer.tracking, &node.positional[0]);
  }
  action.header = message_.changed_header();
  add(node.at, std::move(action));
}

void Interpreter::set(const Node& node) {
  std::string value = text(node.positional[1]);
  for (const Slot slot : kModifiers) {
    const Given* modifier = node.tag(slot);
    if (modifier == nullptr) continue;
    if (auto changed = modified(modifier->rule->name, std::move(value)))
      value = std::move(*changed);
  }
  set_variable(node.at, node.positional[0].strings[0].value, std::move(value),
               from_message(node.positional[1].strings[0]));
}

/// Into the variable that is named, or the internal one.
void Interpreter::store_flags(const Node& node, std::vector<std::string> flags) {
  const Argument& name = node.positional[0];
  if (name.strings.empty()) {
    flags_ = std::move(flags);
    return;
  }
  const bool dirty = message_variables_.contains(mail::lower(name.strings[0].value)) ||
                     std::ranges::any_of(node.positional[1].strings,
                                         [this](const Text& each) { return from_message(each); });
  set_variable(node.at, name.strings[0].value, join_flags(flags), dirty);
}

void Interpreter::setflag(const Node& node) {
  store_flags(node, parse_flags(texts(node.positional[1]), script_.limits.flags));
}

void Interpreter::addflag(const Node& node) {
  std::vector<std::string> lists = flags_of(node.positional[0]);
  std::ranges::move(texts(node.positional[1]), std::back_inserter(lists));
  store_flags(node, parse_flags(lists, script_.limits.flags));
}

void Interpreter::removeflag(const Node& node) {
  std::vector<std::string> flags = flags_of(node.positional[0]);
  const auto gone = parse_flags(texts(node.positional[1]), script_.limits.flags);
  std::erase_if(flags, [&](const std::string& flag) {
    return std::ranges::any_of(gone, [&](const auto& other) { return mail::iequals(flag, other); });
  });
  store_flags(node, std::move(flags));
}

}  // namespace mailscope::sieve
