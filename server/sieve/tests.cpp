// What the tests of a script look at.
#include <algorithm>
#include <array>

#include "server/mail/date.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/dates.hpp"
#include "server/sieve/extensions.hpp"
#include "server/sieve/flags.hpp"
#include "server/sieve/interpreter.hpp"

namespace mailscope::sieve {
namespace {

/// RFC 7352 section 3.3: entries need not live longer, and 7 days are what is usual.
constexpr net::Duration kMaxDuplicateLifetime = std::chrono::hours(24 * 30);
constexpr net::Duration kDuplicateLifetime = std::chrono::hours(24 * 7);

/// What it costs to ask for a mailbox, or for all of them, in octets looked at.
constexpr std::uint64_t kMailboxWork = 1'000, kMailboxesWork = 10'000;
/// And for an annotation: all that the mailbox has are looked through, some megabytes at worst.
constexpr std::uint64_t kAnnotationWork = 1'000'000;

/// The date of a field: all of it, or what follows the last semicolon (RFC 5260 section 4).
std::optional<mail::ParsedDate> date_of(const mail::Field& field) {
  std::string_view value = field.value;
  if (const std::size_t semicolon = value.rfind(';'); semicolon != std::string_view::npos)
    value.remove_prefix(semicolon + 1);
  return mail::parse_date(value);
}

std::string_view part_name(const Node& node) {
  const Given* part = node.tag(Slot::address_part);
  return part ? part->rule->name : std::string_view("all");
}

}  // namespace

bool Interpreter::allof(const Node& node) {
  return std::ranges::all_of(node.tests, [this](const Node& each) { return test(each); });
}

bool Interpreter::anyof(const Node& node) {
  return std::ranges::any_of(node.tests, [this](const Node& each) { return test(each); });
}

bool Interpreter::inverse(const Node& node) {
  return !test(node.tests.front());
}

bool Interpreter::size(const Node& node) {
  const std::uint64_t limit = node.positional[0].number;
  const std::uint64_t octets = message_.size();
  return node.tag(Slot::size)->rule->name == "over" ? octets > limit : octets < limit;
}

bool Interpreter::exists(const Node& node) {
  for (const std::string& name : texts(node.positional[0])) {
    if (fields_named(name).empty()) return false;
  }
  return true;
}

/// None when there is nothing left to spend: a list of names may be as long as the script.
std::vector<const mail::Field*> Interpreter::fields_named(std::string_view name) {
  if (!spend(message_.field_count() + 1)) return {};
  auto found = message_.fields(name);
  for (const mail::Field* field : found) spend(field->whole.size());
  return work_ > 0 ? std::move(found) : std::vector<const mail::Field*>();
}

/// Fields of these names; with :index the one that it means (RFC 5260 section 6).
std::vector<const mail::Field*> Interpreter::fields(const Node& node, const Argument& names) {
  std::vector<const mail::Field*> out;
  for (const std::string& name : texts(names)) {
    const auto found = fields_named(name);
    out.insert(out.end(), found.begin(), found.end());
  }
  const Given* index = node.tag(Slot::index);
  if (index == nullptr) return out;
  const std::uint64_t number = index->value.number;
  if (number == 0 || number > out.size()) return {};
  const std::size_t place = node.tag(Slot::last) ? out.size() - static_cast<std::size_t>(number)
                                                 : static_cast<std::size_t>(number) - 1;
  return {out[place]};
}

bool Interpreter::header(const Node& node) {
  std::vector<std::string> values;
  for (const mail::Field* field : fields(node, node.positional[0]))
    values.push_back(field_text(*field));
  return match(node, values, node.positional[1]);
}

bool Interpreter::match_addresses(const Node& node, const std::vector<TestAddress>& addresses,
                                  const Argument& keys) {
  std::vector<std::string> values;
  const bool counted = matcher(node).type == MatchType::count;
  for (const TestAddress& address : addresses) {
    if (counted && !address.sound) continue;
    if (auto part = address_part(address, part_name(node))) values.push_back(std::move(*part));
  }
  return match(node, values, keys);
}

bool Interpreter::address(const Node& node) {
  std::vector<TestAddress> addresses;
  for (const mail::Field* field : fields(node, node.positional[0])) {
    if (!is_address_header(field->name)) continue;
    auto found = field_addresses(*field);
    std::ranges::move(found, std::back_inserter(addresses));
  }
  return match_addresses(node, addresses, node.positional[1]);
}

bool Interpreter::envelope(const Node& node) {
  const bool counted = matcher(node).type == MatchType::count;
  std::vector<TestAddress> addresses;
  bool null_path = false;
  for (const std::string& part : texts(node.positional[0])) {
    const bool from = mail::iequals(part, "from");
    if (!from && !mail::iequals(part, "to")) {
      fail(node.at, "the parts of an envelope are \"from\" and \"to\"");
      return false;
    }
    const mail::Mailbox& mailbox = from ? input_.from : input_.to;
    null_path = null_path || mailbox.null();
    if (!mailbox.null())
      addresses.push_back({mailbox.local, mailbox.domain, mailbox.to_string(), true});
  }
  // RFC 5228 section 5.4: the null path is the empty string, whatever part is asked for.
  if (null_path && !counted && match(node, {std::string()}, node.positional[1])) return true;
  return match_addresses(node, addresses, node.positional[1]);
}

bool Interpreter::string(const Node& node) {
  const std::vector<std::string> sources = texts(node.positional[0]);
  if (matcher(node).type == MatchType::count) {
    const auto filled = std::ranges::count_if(sources, [](const auto& s) { return !s.empty(); });
    return match_count(node, static_cast<std::size_t>(filled), node.positional[1]);
  }
  return match(node, sources, node.positional[1]);
}

/// The flags of the variables that are named, or of the internal one.
std::vector<std::string> Interpreter::flags_of(const Argument& names) const {
  if (names.strings.empty()) return flags_;
  std::vector<std::string> out;
  for (const Text& name : names.strings) {
    auto flags = parse_flags({std::string(variable(name.value))}, script_.limits.flags);
    std::ranges::move(flags, std::back_inserter(out));
  }
  return out;
}

bool Interpreter::hasflag(const Node& node) {
  const std::vector<std::string> flags = flags_of(node.positional[0]);
  if (matcher(node).type == MatchType::count)
    return match_count(node, flags.size(), node.positional[1]);
  // RFC 5232 section 2: a string of several flags is a list of them.
  Argument keys;
  for (const std::string& list : texts(node.positional[1])) {
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = std::min(list.find(' ', at), list.size());
      if (end > at) keys.strings.push_back({list.substr(at, end - at), node.at, false});
      at = end + 1;
    }
  }
  return match(node, flags, keys);
}

bool Interpreter::body(const Node& node) {
  const Given* transform = node.tag(Slot::body);
  std::vector<std::string> values;
  const auto take = [&](std::vector<std::string> found) {
    for (std::string& each : found) {
      if (spend(each.size() + 1)) values.push_back(std::move(each));
    }
  };
  if (transform != nullptr && transform->rule->name == "raw") {
    if (const auto raw = message_.raw_body()) take({std::string(*raw)});
  } else if (transform != nullptr && transform->rule->name == "content") {
    for (const std::string& type : texts(transform->value)) {
      if (work_ > 0) take(message_.content(type));
    }
  } else {
    take(message_.text());
  }
  // RFC 5173 section 6: sets no match variables.
  return match(node, values, node.positional[0], false);
}

bool Interpreter::match_date(const Node& node, std::optional<std::pair<net::Time, int>> at,
                             const Argument& part, const Argument& keys) {
  if (matcher(node).type == MatchType::count) return match_count(node, at ? 1 : 0, keys);
  if (!at) return false;
  const Given* zone = node.tag(Slot::zone);
  // The server's own time zone is UTC.
  int minutes = 0;
  if (zone != nullptr) {
    minutes =
        zone->rule->value == Value::none ? at->second : parse_zone(text(zone->value)).value_or(0);
  }
  const auto value = date_part(text(part), at->first, minutes);
  return value && match(node, {*value}, keys);
}

bool Interpreter::date(const Node& node) {
  const auto found = fields(node, node.positional[0]);
  std::optional<std::pair<net::Time, int>> at;
  if (!found.empty()) {
    if (const auto parsed = date_of(*found.front())) at = {parsed->time, parsed->zone_minutes};
  }
  return match_date(node, at, node.positional[1], node.positional[2]);
}

bool Interpreter::currentdate(const Node& node) {
  return match_date(node, std::pair(input_.now, 0), node.positional[0], node.positional[1]);
}

bool Interpreter::mailboxexists(const Node& node) {
  const auto names = texts(node.positional[0]);
  return std::ranges::all_of(names, [this](const auto& name) {
    return spend(kMailboxWork) && surroundings_.mailbox_exists(name);
  });
}

std::optional<std::string> Interpreter::annotation(std::string_view mailbox,
                                                   std::string_view entry) {
  if (!spend(kAnnotationWork)) return std::nullopt;
  auto value = surroundings_.annotation(mailbox, entry);
  if (value && !spend(value->size())) return std::nullopt;
  return value;
}

bool Interpreter::match_annotation(const Node& node, std::string_view mailbox,
                                   const Argument& entry, const Argument& keys) {
  const auto value = annotation(mailbox, text(entry));
  if (matcher(node).type == MatchType::count) return match_count(node, value ? 1 : 0, keys);
  return value && match(node, {*value}, keys);
}

bool Interpreter::annotations_exist(std::string_view mailbox, const Argument& entries) {
  return std::ranges::all_of(texts(entries), [&](const std::string& entry) {
    return annotation(mailbox, entry).has_value();
  });
}

bool Interpreter::metadata(const Node& node) {
  const std::string mailbox = text(node.positional[0]);
  return !mailbox.empty() &&
         match_annotation(node, mailbox, node.positional[1], node.positional[2]);
}

bool Interpreter::metadataexists(const Node& node) {
  const std::string mailbox = text(node.positional[0]);
  return !mailbox.empty() && annotations_exist(mailbox, node.positional[1]);
}

bool Interpreter::servermetadata(const Node& node) {
  return match_annotation(node, {}, node.positional[0], node.positional[1]);
}

bool Interpreter::servermetadataexists(const Node& node) {
  return annotations_exist({}, node.positional[0]);
}

bool Interpreter::specialuse_exists(const Node& node) {
  const std::string mailbox =
      node.positional[0].strings.empty() ? std::string() : text(node.positional[0]);
  if (!node.positional[0].strings.empty() && !surroundings_.mailbox_exists(mailbox)) return false;
  const auto uses = texts(node.positional[1]);
  return std::ranges::all_of(uses, [&](const auto& use) {
    return spend(kMailboxesWork) && surroundings_.has_special_use(mailbox, use);
  });
}

namespace {

struct EnvironmentItem {
  std::string_view name;
  std::string_view (*value)(const Environment& environment);
};
/// RFC 5183 section 4.1.
constexpr auto kEnvironment = std::to_array<EnvironmentItem>({
    {"domain", [](const Environment& e) { return e.domain; }},
    {"host", [](const Environment& e) { return e.host; }},
    {"location", [](const Environment&) { return std::string_view("MDA"); }},
    {"name", [](const Environment&) { return std::string_view("Mailscope"); }},
    {"phase", [](const Environment&) { return std::string_view("during"); }},
    {"remote-host", [](const Environment&) { return std::string_view(); }},  // nobody looks it up
    {"remote-ip", [](const Environment& e) { return e.remote_ip; }},
    {"version", [](const Environment&) { return std::string_view("1.0"); }},
});

}  // namespace

bool Interpreter::environment(const Node& node) {
  const std::string name = text(node.positional[0]);
  const auto item = std::ranges::find_if(
      kEnvironment, [&](const EnvironmentItem& each) { return mail::iequals(each.name, name); });
  if (item == kEnvironment.end()) return false;
  const std::string value(item->value(input_.environment));
  if (matcher(node).type == MatchType::count)
    return match_count(node, value.empty() ? 0 : 1, node.positional[1]);
  return match(node, {value}, node.positional[1]);
}

/// RFC 5463 section 4: all of them or none.
bool Interpreter::ihave(const Node& node) {
  std::vector<const Extension*> all;
  for (const Text& name : node.positional[0].strings) {
    const Extension* extension = find_extension(name.value);
    if (extension == nullptr || (script_.offered && !script_.offered(extension->name)))
      return false;
    // These change how a script is read, and it has been read.
    const bool grammar = name.value == "variables" || name.value == "encoded-character";
    if (grammar && !script_.required.contains(name.value)) return false;
    all.push_back(extension);
  }
  for (const Extension* extension : all) {
    found_.emplace(extension->name);
    if (!extension->implies.empty()) found_.emplace(extension->implies);
  }
  return true;
}

bool Interpreter::duplicate(const Node& node) {
  net::Duration lifetime = kDuplicateLifetime;
  if (const Given* seconds = node.tag(Slot::seconds)) {
    if (seconds->value.number == 0) return false;
    const std::chrono::seconds wanted(std::min<std::uint64_t>(
        seconds->value.number,
        std::chrono::duration_cast<std::chrono::seconds>(kMaxDuplicateLifetime).count()));
    lifetime = wanted;
  }
  std::string unique;
  const Given* identity = node.tag(Slot::identity);
  if (identity != nullptr && identity->rule->name == "uniqueid") {
    unique = text(identity->value);
  } else {
    const auto found = fields_named(identity ? text(identity->value) : "Message-ID");
    if (found.empty()) return false;
    unique = field_text(*found.front());
  }
  const Given* handle = node.tag(Slot::handle);
  const std::string name = handle ? text(handle->value) : std::string();
  const std::string id = std::to_string(name.size()) + ":" + name + unique;
  const bool seen = surroundings_.seen(id);
  if (!seen || node.tag(Slot::last) != nullptr) {
    std::erase_if(outcome_.tracked, [&](const Tracked& other) { return other.id == id; });
    outcome_.tracked.push_back({id, lifetime});
    if (outcome_.tracked.size() > script_.limits.actions)
      fail(node.at, "the script tracks too many messages");
  }
  return seen;
}

}  // namespace mailscope::sieve
