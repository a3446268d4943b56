// Reading "script": what people do.
#include <algorithm>
#include <type_traits>

#include "server/mail/encoding.hpp"
#include "sim/scenario/readers.hpp"

namespace mailscope::scenario {
namespace {

std::vector<std::string> addresses(const Node& node, const char* key) {
  return node.has(key) ? node[key].texts() : std::vector<std::string>();
}

Attachment attachment(const Node& node) {
  constexpr std::uint64_t kMaxMadeUp = 50'000'000;  // octets; larger than any server here takes
  Attachment out;
  out.name = node.text("name");
  out.type = node.text("type", "application/octet-stream");
  if (node.has("text")) {
    out.content = node.text("text");
  } else if (node.has("base64")) {
    auto content = mail::base64_decode_strict(node.text("base64"));
    if (!content) node["base64"].fail("this is not base64");
    out.content = std::move(*content);
  } else {
    const std::uint64_t size = node["size"].unit(parse_size);
    if (size > kMaxMadeUp)
      node["size"].fail(fmt::format("an attachment has at most {} octets", kMaxMadeUp));
    out.content.reserve(size);
    for (std::uint64_t i = 0, x = 0x2545f491; i < size; ++i) {
      x = x * 6364136223846793005u +
          1442695040888963407u;  // any octets do; they need not be random
      out.content += static_cast<char>(x >> 56);
    }
  }
  return out;
}

Send read_send(const Node& node, const Names& names) {
  Send out;
  out.from = names.user_address(node["from"]);
  out.device = names.device(node, out.from);
  out.to = addresses(node, "to");
  out.cc = addresses(node, "cc");
  out.bcc = addresses(node, "bcc");
  out.subject = node.text("subject", "Hello");
  out.text = node.text(
      "text", node.has("html") ? "" : "Hello,\n\nthis is a message sent with Mailscope.\n");
  out.html = node.text("html");
  if (node.has("attachments"))
    for (const Node& entry : node["attachments"].items())
      out.attachments.push_back(attachment(entry));
  if (node.has("headers")) {
    for (const auto& [name, value] : node["headers"].members())
      out.headers.emplace_back(name, value.text());
  }
  return out;
}

Read read_read(const Node& node, const Names& names) {
  Read out;
  out.who = names.user_address(node["who"]);
  out.device = names.device(node, out.who);
  out.mailbox = node.text("mailbox", "INBOX");
  return out;
}

template <typename T>
T selection(const Node& node, const Names& names) {
  T out;
  out.who = names.user_address(node["who"]);
  out.device = names.device(node, out.who, !std::is_same_v<T, Delete>);
  out.mailbox = node.text("mailbox", "INBOX");
  out.subject = node.text("subject");
  return out;
}

}  // namespace

void read_script(const Node& list, const Names& names, Scenario& scenario) {
  Duration now{};
  for (const Node& entry : list.items()) {
    now = entry.duration("at", now);
    if (entry.has("wait")) {
      now += entry.duration("wait");
      continue;
    }
    ScriptEntry out;
    out.at = now;
    out.place = entry.place();
    if (entry.has("send"))
      out.act = read_send(entry["send"], names);
    else if (entry.has("read"))
      out.act = read_read(entry["read"], names);
    else if (entry.has("delete"))
      out.act = selection<Delete>(entry["delete"], names);
    else if (entry.has("move")) {
      auto act = selection<Move>(entry["move"], names);
      act.to = entry["move"].text("to");
      out.act = std::move(act);
    } else {
      auto act = selection<Flag>(entry["flag"], names);
      act.add = entry["flag"].text("add");
      act.remove = entry["flag"].text("remove");
      out.act = std::move(act);
    }
    scenario.script.push_back(std::move(out));
  }
  std::stable_sort(scenario.script.begin(), scenario.script.end(),
                   [](const ScriptEntry& a, const ScriptEntry& b) { return a.at < b.at; });
}

}  // namespace mailscope::scenario
