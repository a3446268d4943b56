// Reading "expect", and the matches of events that lessons use as well.
#include <algorithm>

#include "server/trace/event.hpp"
#include "sim/scenario/readers.hpp"

namespace mailscope::scenario {
namespace {

MessageMatch message(const Node& node) {
  MessageMatch out;
  out.from = node.text("from");
  out.to = node.text("to");
  out.subject = node.text("subject");
  out.text = node.text("text");
  if (node.has("flags"))
    for (const Node& flag : node["flags"].items()) out.flags.push_back(flag.text());
  if (node.has("dsn")) {
    const Node dsn = node["dsn"];
    out.dsn = DsnMatch{dsn.text("action"), dsn.text("status"), dsn.text("recipient")};
  }
  return out;
}

ExpectKind expected_mailbox(const Node& node, const Scenario& scenario) {
  ExpectMailbox out;
  const Node path = node[node.has("mailbox") ? "mailbox" : "device"];
  const std::string whole = path.text();
  const auto slash = whole.find('/', whole.find('@'));
  out.account = lower(whole.substr(0, slash));
  const std::string rest = slash == std::string::npos ? "" : whole.substr(slash + 1);
  const User* user = scenario.find_user(out.account);
  if (user == nullptr) path.fail(fmt::format("the world has no user {}", out.account));
  if (node.has("device")) {
    out.device = rest.empty() ? user->devices[0].name : lower(rest);
    const bool known = std::any_of(user->devices.begin(), user->devices.end(),
                                   [&](const Device& d) { return d.name == out.device; });
    if (!known) path.fail(fmt::format("{} has no device {}", out.account, out.device));
    out.mailbox = "INBOX";
  } else {
    out.mailbox = rest.empty() ? "INBOX" : rest;
  }
  if (node.has("count")) out.count = node.integer<int>("count", 0);
  if (node.has("has")) out.has = message(node["has"]);
  if (node.has("hasNot")) out.has_not = message(node["hasNot"]);
  if (!out.count && !out.has && !out.has_not)
    node.fail("what is expected? \"has\", \"hasNot\" or \"count\" is missing");
  return out;
}

EventMatch expected_reply(const Node& node, const Names& names) {
  EventMatch out;
  out.kind = "smtp.reply";
  if (node.has("host")) out.host = names.host(node["host"]);
  out.fields.emplace_back("code", node.integer<std::int64_t>("code", 0));
  if (node.has("enhanced")) out.fields.emplace_back("enhanced", node.text("enhanced"));
  if (node.has("text")) out.fields.emplace_back("text", node.text("text"));
  return out;
}

}  // namespace

EventMatch read_event(const Node& node, const Names& names) {
  EventMatch out;
  out.kind = node.text("kind");
  const trace::KindInfo* kind = trace::find_kind(out.kind);
  if (kind == nullptr) node["kind"].fail(fmt::format("there is no kind of event \"{}\"", out.kind));
  if (node.has("host")) out.host = names.host(node["host"]);
  if (node.has("peer")) out.peer = names.host(node["peer"]);
  if (node.has("fields")) {
    for (const auto& [name, value] : node["fields"].members()) {
      const auto field =
          std::find_if(kind->fields.begin(), kind->fields.end(),
                       [&name = name](const trace::FieldInfo& f) { return f.name == name; });
      if (field == kind->fields.end()) {
        std::string known;
        for (const auto& f : kind->fields)
          known += (known.empty() ? "" : ", ") + std::string(f.name);
        value.fail_at_key(fmt::format("{} has no field \"{}\"; it has {}", out.kind, name, known));
      }
      const bool number = field->type == trace::FieldType::integer;
      if (number != value.json().is_number())
        value.fail(fmt::format("the field {} is a {}", name, number ? "number" : "text"));
      if (number)
        out.fields.emplace_back(name, value.json().get<std::int64_t>());
      else
        out.fields.emplace_back(name, value.text());
    }
  }
  if (node.has("caused")) out.caused = node.boolean("caused", false);
  if (node.has("after")) out.after = node.duration("after");
  if (node.has("before")) out.before = node.duration("before");
  return out;
}

Expectation read_expectation(const Node& node, const Names& names, const Scenario& scenario) {
  Expectation out;
  if (node.has("by")) out.by = node.duration("by");
  out.place = node.place();
  const bool about_messages = node.has("mailbox") || node.has("device");
  if (!about_messages)
    for (const char* key : {"has", "hasNot"})
      refuse(node, key, "belongs to a \"mailbox\" or a \"device\"");
  if (!about_messages && !node.has("queue"))
    refuse(node, "count", "belongs to a \"mailbox\", a \"device\" or a \"queue\"");
  if (about_messages)
    out.kind = expected_mailbox(node, scenario);
  else if (node.has("queue")) {
    if (!node.has("count")) node.fail("\"count\" is missing: how many messages are in the queue?");
    out.kind = ExpectQueue{names.host(node["queue"]), node.integer<int>("count", 0)};
  } else if (node.has("reply")) {
    out.kind = ExpectEvents{{expected_reply(node["reply"], names)}, false};
  } else {
    ExpectEvents events;
    events.never = node.has("never");
    for (const Node& entry : node[events.never ? "never" : "events"].items())
      events.sequence.push_back(read_event(entry, names));
    if (events.sequence[0].caused && !events.never)
      node["events"].items()[0].fail("\"caused\" needs an event before this one");
    out.kind = std::move(events);
  }
  return out;
}

}  // namespace mailscope::scenario
