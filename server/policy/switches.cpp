#include "server/policy/switches.hpp"

#include "server/mail/text.hpp"

namespace mailscope::policy {
namespace {

constexpr std::string_view kNames[] = {"smtp", "imap", "pop3", "sieve", "lmtp", "dns"};

/// "SIZE" of "SIZE 1000".
std::string_view keyword_of(std::string_view announced) {
  return announced.substr(0, announced.find(' '));
}

/// Names without a dot behind the last label.
bool covers(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return true;
  if (!pattern.starts_with("*.")) return mail::iequals(pattern, name);
  const std::string_view below = pattern.substr(1);
  return name.size() > below.size() &&
         mail::iequals(name.substr(name.size() - below.size()), below);
}

}  // namespace

std::string_view to_string(Protocol protocol) {
  return kNames[static_cast<std::size_t>(protocol)];
}

std::optional<Protocol> parse_protocol(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Protocol>(i);
  }
  return std::nullopt;
}

std::string describe(const Switch& what) {
  const bool one_command = what.capability.empty();
  std::string subject =
      one_command ? what.command : what.capability + " of " + std::string(to_string(what.protocol));
  if (one_command && what.protocol == Protocol::dns) subject += " queries";
  if (!what.name.empty()) subject += " for " + what.name;
  std::string words;
  switch (what.act) {
    case Switch::Act::hide:
      words = "hides " + subject;
      break;
    case Switch::Act::announce:
      words = "announces " + subject + " as " + what.text;
      break;
    case Switch::Act::reply:
      words =
          what.text.empty() ? "refuses " + subject : "answers " + subject + " with " + what.text;
      break;
    case Switch::Act::drop:
      words = what.protocol == Protocol::dns ? "does not answer " + subject
                                             : "drops the connection at " + subject;
      break;
    case Switch::Act::lose:
      words = "does " + subject + " and drops the connection";
      break;
  }
  if (!what.user.empty()) words += " for " + what.user;
  if (what.clients) words += " for clients in " + what.clients->to_string();
  return words;
}

bool SessionSwitches::concerns(const Switch& each) const {
  if (each.protocol != protocol_ || each.times < 0) return false;
  if (!each.user.empty() && each.user != user_) return false;
  return !each.clients || each.clients->contains(client_);
}

const Switch* SessionSwitches::last(std::string_view capability, Switch::Act act) const {
  if (table_ == nullptr) return nullptr;
  const Switch* found = nullptr;
  for (const Switch& each : table_->all()) {
    if (each.act == act && mail::iequals(each.capability, capability) && concerns(each)) {
      found = &each;
    }
  }
  return found;
}

bool SessionSwitches::offers(std::string_view capability) const {
  return last(capability, Switch::Act::hide) == nullptr;
}

std::optional<std::string> SessionSwitches::announced(std::string_view capability,
                                                      std::string as_is) const {
  if (!offers(capability)) return std::nullopt;
  const Switch* other = last(capability, Switch::Act::announce);
  return other == nullptr ? std::move(as_is) : other->text;
}

std::vector<std::string> SessionSwitches::announced_besides(
    bool (*has)(std::string_view capability)) const {
  std::vector<std::string> found;
  if (table_ == nullptr) return found;
  for (const Switch& each : table_->all()) {
    if (each.act != Switch::Act::announce || has(each.capability) || !concerns(each)) continue;
    found.push_back(each.text.empty() ? std::string(keyword_of(each.capability)) : each.text);
  }
  return found;
}

std::optional<Deviation> SessionSwitches::take(Switch& each, std::string_view refusal) {
  if (each.times > 0 && --each.times == 0) each.times = -1;  // used up
  return Deviation{each.act, each.text.empty() ? std::string(refusal) : each.text};
}

std::optional<Deviation> SessionSwitches::at_command(std::string_view command) {
  if (table_ == nullptr) return std::nullopt;
  for (Switch& each : table_->all()) {
    if (each.command.empty() || !mail::iequals(each.command, command)) continue;
    if (concerns(each)) return take(each, {});
  }
  return std::nullopt;
}

std::optional<Deviation> SessionSwitches::at_query(std::string_view type, std::string_view name,
                                                   bool datagram) {
  if (table_ == nullptr) return std::nullopt;
  for (Switch& each : table_->all()) {
    const bool asked = each.command == "QUERY" || mail::iequals(each.command, type);
    if (!asked || !covers(each.name, name) || !concerns(each)) continue;
    if (each.text == kTruncated && !datagram) continue;
    return take(each, {});
  }
  return std::nullopt;
}

std::optional<Deviation> SessionSwitches::at_use(std::string_view capability,
                                                 std::string_view refusal) {
  if (table_ == nullptr || capability.empty()) return std::nullopt;
  for (Switch& each : table_->all()) {
    if (each.act == Switch::Act::hide || each.act == Switch::Act::announce) continue;
    if (!mail::iequals(each.capability, capability)) continue;
    if (concerns(each)) return take(each, refusal);
  }
  return std::nullopt;
}

}  // namespace mailscope::policy
