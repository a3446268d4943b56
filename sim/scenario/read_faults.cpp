// Reading "faults": what breaks, and the lesson switches of servers.
#include <algorithm>
#include <cctype>

#include "server/dns/deviation.hpp"
#include "server/net/prefix.hpp"
#include "sim/scenario/readers.hpp"

namespace mailscope::scenario {
namespace {

void check_reply(const Node& node) {
  const std::string& text = node.text();
  const bool code =
      text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3,
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!code || text[0] < '2' || text[0] > '5' || (text.size() > 3 && text[3] != ' ')) {
    node.fail(
        "an SMTP reply begins with three digits, 200 to 599, and a space: \"451 4.3.0 Try "
        "again later\"");
  }
}

/// What both kinds of switches have: for whom, how often, with which reply.
policy::Switch any_switch(const Node& node, const Names& names) {
  policy::Switch out;
  out.protocol = *policy::parse_protocol(node.text("protocol", "smtp"));
  if (node.has("user")) out.user = names.user_address(node["user"]);
  if (node.has("clients")) {
    out.clients = net::Prefix::parse(node.text("clients"));
    if (!out.clients) node["clients"].fail("not an address or a range such as 198.18.1.0/24");
  }
  out.times = node.integer<int>("times", 0);
  out.text = node.text("reply");
  const bool smtp =
      out.protocol == policy::Protocol::smtp || out.protocol == policy::Protocol::lmtp;
  if (smtp && node.has("reply")) check_reply(node["reply"]);
  if (out.protocol == policy::Protocol::dns)
    refuse(node, "user", "has no meaning in the DNS: nobody logs in");
  return out;
}

void check_dns_reply(const Node& node, bool of_edns) {
  const std::string word = node.text();
  const auto code = dns::parse_rcode(word);
  if (word == policy::kTruncated || (code && (of_edns || *code != dns::Rcode::badvers))) return;
  node.fail(
      "a DNS server answers NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED or TRUNCATED, "
      "and BADVERS where the capability EDNS is used");
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

policy::Switch chosen_answer(const Node& node, const Names& names) {
  policy::Switch out = any_switch(node, names);
  out.command = upper(node.text("command"));
  if (out.command == "END-OF-DATA") out.command = ".";
  if (out.protocol == policy::Protocol::dns) {
    if (out.command != "QUERY" && !dns::parse_type(out.command))
      node["command"].fail(
          fmt::format("{} is no type that a DNS query asks for; \"QUERY\" stands for all of them",
                      out.command));
    if (node.has("reply")) check_dns_reply(node["reply"], false);
    refuse(node, "lose", "belongs to SMTP");
    out.name = lower(node.text("name"));
  } else {
    refuse(node, "name", "belongs to the protocol \"dns\"");
  }
  out.act = node.boolean("drop", false)   ? policy::Switch::Act::drop
            : node.boolean("lose", false) ? policy::Switch::Act::lose
                                          : policy::Switch::Act::reply;
  return out;
}

policy::Switch capability_switch(const Node& node, const Names& names) {
  policy::Switch out = any_switch(node, names);
  out.capability = upper(node.text("name"));
  if (out.protocol == policy::Protocol::dns) {
    if (std::ranges::find(dns::kCapabilities, out.capability) == dns::kCapabilities.end())
      node["name"].fail("a DNS server has the capabilities EDNS, UDP, TCP and RECURSION");
    refuse(node, "announce", "has no meaning in the DNS: its servers announce nothing");
    if (node.has("reply")) check_dns_reply(node["reply"], out.capability == "EDNS");
  }
  if (node.has("announce")) {
    out.act = policy::Switch::Act::announce;
    out.text = node.text("announce");
  } else if (node.boolean("drop", false)) {
    out.act = policy::Switch::Act::drop;
  } else if (node.has("reply") || node.boolean("broken", false)) {
    out.act = policy::Switch::Act::reply;
  } else {
    out.act = policy::Switch::Act::hide;
  }
  return out;
}

FaultKind host_fault(const Node& node, bool down, const Names& names) {
  const std::string name = names.host(node["host"]);
  const bool answer = node.has("answer");
  const bool capability = node.has("capability");
  if (down + answer + capability != 1)
    node.fail("a fault of a host needs one of \"down\", \"answer\" and \"capability\"");
  if (down) return HostDown{name};
  const Node inside = node[answer ? "answer" : "capability"];
  SwitchFault out{name, answer ? chosen_answer(inside, names) : capability_switch(inside, names)};
  names.check_serves(node["host"], name, out.what.protocol);
  return out;
}

FaultKind link_fault(const Node& node, bool down, const Names& names) {
  LinkFault out;
  const Node ends = node["link"];
  if (ends.json().is_string()) {
    out.a = names.host(ends, true);
  } else {
    out.a = names.host(ends.items()[0], true);
    out.b = names.host(ends.items()[1], true);
  }
  out.down = down;
  if (node.has("latency")) out.latency = node.duration("latency");
  if (node.has("bandwidth")) out.bandwidth_bps = node["bandwidth"].unit(parse_rate);
  if (node.has("loss")) out.loss = node["loss"].unit(parse_percent);
  if (!down && !out.latency && !out.bandwidth_bps && !out.loss) {
    node.fail("a fault of a link needs \"down\", \"latency\", \"bandwidth\" or \"loss\"");
  }
  return out;
}

FaultKind dns_fault(const Node& node, const Scenario& scenario) {
  DnsFault out;
  out.name = lower(node.text("name"));
  out.type = node.text("type");
  const Domain* owner = nullptr;
  for (const Domain& domain : scenario.domains)
    if (within(out.name, domain.name)) owner = &domain;
  if (owner == nullptr)
    node["name"].fail(fmt::format("{} is in no domain of this scenario", out.name));
  if (node.has("missing") && !node.boolean("missing", true))
    node["missing"].fail("\"missing\" is true or left out");
  if (node.has("values"))
    for (const Node& value : node["values"].items()) out.values.push_back(value.text());
  out.ttl_s = node.integer<std::uint32_t>("ttl", owner->ttl_s);
  return out;
}

}  // namespace

Fault read_fault(const Node& node, const Names& names, const Scenario& scenario) {
  Fault out;
  out.at = node.duration("at");
  if (node.has("for")) out.lasts = node.duration("for");
  out.place = node.place();
  bool down = false;
  if (node.has("down")) {
    const Node value = node["down"];
    if (value.json().is_string()) {
      if (node.has("for")) value.fail("\"down\" and \"for\" both say how long; one is enough");
      out.lasts = value.unit(parse_duration);
      down = true;
    } else {
      down = value.json().get<bool>();
      if (!down) value.fail("\"down\" is true or a duration; leave it out when nothing is down");
    }
  }
  if (!node.has("host"))
    for (const char* key : {"answer", "capability"}) refuse(node, key, "belongs to a \"host\"");
  if (!node.has("link"))
    for (const char* key : {"latency", "bandwidth", "loss"})
      refuse(node, key, "belongs to a \"link\"");
  if (!node.has("host") && !node.has("link"))
    refuse(node, "down", "belongs to a \"host\" or a \"link\"");
  if (node.has("host"))
    out.kind = host_fault(node, down, names);
  else if (node.has("link"))
    out.kind = link_fault(node, down, names);
  else if (node.has("dns"))
    out.kind = dns_fault(node["dns"], scenario);
  else
    out.kind = MailboxFull{names.user_address(node["mailboxFull"])};
  return out;
}

}  // namespace mailscope::scenario
