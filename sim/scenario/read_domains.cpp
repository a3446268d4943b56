// Reading "domains": users and their devices, exchangers, records, times of the queue.
#include <algorithm>
#include <cctype>
#include <set>

#include "server/mail/address.hpp"
#include "server/sieve/script.hpp"
#include "sim/scenario/readers.hpp"

namespace mailscope::scenario {
namespace {

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

/// A script that would not run is no scenario: the error says where in the script.
std::string read_sieve(const Node& node) {
  std::string script = node.text();
  const sieve::Compiled compiled = sieve::compile(script);
  if (!compiled.script)
    node.fail("the Sieve script is wrong: " + compiled.problems.front().to_string());
  return script;
}

User read_user(const Node& node) {
  User out;
  if (node.json().is_string()) {
    out.name = lower(node.text());
  } else {
    out.name = lower(node.text("name"));
    out.label = node.text("label");
    out.password = node.text("password");
    if (node.has("sieve")) out.sieve = read_sieve(node["sieve"]);
    if (node.has("quota")) out.quota_octets = node["quota"].unit(parse_size);
    if (node.has("devices")) {
      std::set<std::string> seen;
      for (const Node& entry : node["devices"].items()) {
        Device device;
        device.name = lower(entry.text("name", "laptop"));
        device.protocol =
            entry.text("protocol", "imap") == "pop3" ? Protocol::pop3 : Protocol::imap;
        const std::string security = entry.text("security", "starttls");
        device.security = security == "none"  ? Security::none
                          : security == "tls" ? Security::tls
                                              : Security::starttls;
        device.login = entry.text("login");
        device.leave_on_server = entry.boolean("leaveOnServer", false);
        if (!seen.insert(device.name).second)
          entry.fail(fmt::format("the device {} is there twice", device.name));
        out.devices.push_back(std::move(device));
      }
    }
  }
  if (out.label.empty()) out.label = capital(out.name);
  if (out.devices.empty()) out.devices.emplace_back();
  return out;
}

/// Addresses that mail can be sent to, of any domain.
std::vector<std::string> addresses(const Node& node) {
  std::vector<std::string> list = node.texts();
  for (const std::string& address : list) {
    if (!mail::Mailbox::parse(address))
      node.fail(fmt::format("{} is no mail address: a local part has at most {} octets", address,
                            mail::kMaxLocalPart));
  }
  return list;
}

/// Aliases, lists, the catch-all: who gets mail besides the users.
void read_directory(const Node& node, Domain& out) {
  const auto is_user = [&](const std::string& name) {
    return std::ranges::any_of(out.users, [&](const User& user) { return user.name == name; });
  };
  const auto is_alias = [&](const std::string& name) {
    return std::ranges::any_of(out.aliases, [&](const Alias& each) { return each.name == name; });
  };
  if (node.has("aliases")) {
    for (const auto& [name, targets] : node["aliases"].members())
      out.aliases.push_back({lower(name), addresses(targets)});
  }
  if (node.has("lists")) {
    for (const auto& [written, entry] : node["lists"].members()) {
      List list;
      list.name = lower(written);
      if (is_user(list.name) || is_alias(list.name))
        entry.fail_at_key(fmt::format("{} is a user or an alias already", list.name));
      list.title = entry.text("title");
      list.members = addresses(entry["members"]);
      list.members_only = entry.boolean("membersOnly", false);
      out.lists.push_back(std::move(list));
    }
  }
  out.catch_all = lower(node.text("catchAll"));
  if (!out.catch_all.empty() && !is_user(out.catch_all) && !is_alias(out.catch_all))
    node["catchAll"].fail(fmt::format("{} is neither a user nor an alias here", out.catch_all));
}

void read_exchangers(const Node& node, Domain& out) {
  if (!node.has("mx")) {
    out.mx.push_back({out.mail_host(), 10});
    return;
  }
  const Node mx = node["mx"];
  if (mx.json().is_string()) {
    out.null_mx = mx.text() == "null";
    out.publish_mx = false;
    return;
  }
  int preference = 10;
  for (const Node& entry : mx.items()) {
    MailExchanger server;
    const bool plain = entry.json().is_string();
    server.host = lower(plain ? entry.text() : entry.text("host"));
    if (server.host.find('.') == std::string::npos) server.host += "." + out.name;
    server.preference = plain ? preference : entry.integer<int>("preference", preference);
    preference += 10;
    for (const auto& other : out.mx) {
      if (other.host == server.host)
        entry.fail(fmt::format("the mail exchanger {} is there twice", server.host));
    }
    out.mx.push_back(std::move(server));
  }
}

/// How many deliveries run at a time and how fast, in all and to one domain.
void read_limits(const Node& node, Queue& out) {
  out.connections = node.integer<int>("connections", out.connections);
  out.messages_per_connection =
      node.integer<int>("messagesPerConnection", out.messages_per_connection);
  out.per_domain.connections =
      node.integer<int>("connectionsPerDomain", out.per_domain.connections);
  out.per_domain.messages_per_minute =
      node.integer<int>("messagesPerMinute", out.per_domain.messages_per_minute);
  if (!node.has("domains")) return;
  for (const auto& [name, entry] : node["domains"].members()) {
    DestinationLimits limits;
    limits.connections = entry.integer<int>("connections", out.per_domain.connections);
    limits.messages_per_minute =
        entry.integer<int>("messagesPerMinute", out.per_domain.messages_per_minute);
    if (!out.domains.emplace(lower(name), limits).second)
      entry.fail_at_key(fmt::format("the domain {} is there twice", lower(name)));
  }
}

void read_queue(const Node& node, Domain& out) {
  using namespace std::chrono_literals;
  out.queue.retry = {1min, 5min, 15min, 30min, 1h, 2h, 4h};
  out.queue.warn_after = 4h;
  out.queue.expire_after = 24h * 5;
  if (!node.has("queue")) return;
  const Node times = node["queue"];
  if (times.has("retry")) {
    out.queue.retry.clear();
    for (const Node& entry : times["retry"].items()) {
      const Duration wait = entry.unit(parse_duration);
      if (wait < 1s) entry.fail("a queue waits at least 1s before it tries again");
      out.queue.retry.push_back(wait);
    }
  }
  out.queue.warn_after = times.duration("warnAfter", out.queue.warn_after);
  out.queue.expire_after = times.duration("expireAfter", out.queue.expire_after);
  if (out.queue.expire_after < out.queue.warn_after && times.has("warnAfter")) {
    times["warnAfter"].fail("the warning comes after the message was given up (expireAfter)");
  }
  out.queue.warn_after = std::min(out.queue.warn_after, out.queue.expire_after);
  read_limits(times, out.queue);
}

}  // namespace

void read_domain(const std::string& written, const Node& node, Scenario& scenario) {
  Domain out;
  out.name = lower(written);
  if (scenario.find_domain(out.name) != nullptr)
    node.fail_at_key(fmt::format("the domain {} is there twice", out.name));
  out.label = node.text("label");
  std::set<std::string> seen;
  for (const Node& entry : node["users"].items()) {
    User person = read_user(entry);
    if (!seen.insert(person.name).second) {
      entry.fail(fmt::format("the user {}@{} is there twice", person.name, out.name));
    }
    out.users.push_back(std::move(person));
  }
  read_directory(node, out);
  read_exchangers(node, out);
  const std::string tls = node.text("tls", "offered");
  out.tls = tls == "none" ? TlsUse::none : tls == "required" ? TlsUse::required : TlsUse::offered;
  out.plaintext_auth = node.boolean("plaintextAuth", false);
  if (node.has("moreLogins")) {
    for (const Node& entry : node["moreLogins"].items()) out.more_logins.push_back(entry.text());
  }
  if (node.has("popLoginDelay")) out.login_delay = node["popLoginDelay"].unit(parse_duration);
  out.ttl_s = node.integer<std::uint32_t>("ttl", 3600);
  out.max_message_octets =
      node.has("maxMessage") ? node["maxMessage"].unit(parse_size) : 25'000'000;
  if (node.has("records")) {
    for (const Node& entry : node["records"].items()) {
      RecordText record;
      record.name = lower(entry.text("name"));
      if (record.name == "@")
        record.name = out.name;
      else if (!within(record.name, out.name))
        record.name += "." + out.name;
      record.type = entry.text("type");
      record.value = entry.text("value");
      record.ttl_s = entry.integer<std::uint32_t>("ttl", out.ttl_s);
      out.records.push_back(std::move(record));
    }
  }
  read_queue(node, out);
  if (out.tls == TlsUse::none) {
    // No certificate, no STARTTLS: the devices of the domain cannot ask for it, and servers must
    // then take passwords as they come.
    out.plaintext_auth = true;
    for (User& person : out.users) {
      for (Device& device : person.devices) device.security = Security::none;
    }
  }
  scenario.domains.push_back(std::move(out));
}

}  // namespace mailscope::scenario
