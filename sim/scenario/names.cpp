#include "sim/scenario/names.hpp"

#include <cctype>
#include <map>
#include <vector>

namespace mailscope::scenario {
namespace {

std::string device_host(const User& user, const Device& device, const Domain& domain) {
  std::string label = user.name;
  for (char& c : label)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '-';
  return label + "-" + device.name + "." + domain.name;
}

std::string top_level(const Domain& domain) {
  return domain.name.substr(domain.name.rfind('.') + 1);
}

/// A host of the world, what it is, and where the file says so.
struct Claim {
  std::size_t domain;  // index
  std::string host, what;
  HostKind kind;
  std::string at;  // "mx/0", "users/2"; empty: the domain as a whole
};

std::vector<Claim> claims(const Scenario& scenario) {
  std::vector<Claim> all;
  for (std::size_t d = 0; d < scenario.domains.size(); ++d) {
    const Domain& domain = scenario.domains[d];
    const auto add = [&](std::string host, std::string what, HostKind kind, std::string at = {}) {
      all.push_back({d, std::move(host), std::move(what), kind, std::move(at)});
    };
    add(domain.mail_host(), "the mail server of " + domain.name, HostKind::mail);
    add("ns1." + domain.name, "the name server of " + domain.name, HostKind::dns);
    add("resolver." + domain.name, "the resolver of " + domain.name, HostKind::dns);
    for (std::size_t i = 0; i < domain.mx.size(); ++i) {
      const std::string& server = domain.mx[i].host;
      if (server == domain.mail_host() || !within(server, domain.name)) continue;
      add(server, "a mail exchanger of " + domain.name, HostKind::exchanger,
          "mx/" + std::to_string(i));
    }
    for (std::size_t i = 0; i < domain.users.size(); ++i) {
      for (const Device& device : domain.users[i].devices) {
        add(device_host(domain.users[i], device, domain),
            "a device of " + domain.users[i].name + "@" + domain.name, HostKind::device,
            "users/" + std::to_string(i));
      }
    }
  }
  return all;
}

}  // namespace

Names::Names(const Scenario& scenario) : scenario_(scenario) {
  hosts_.insert("a.root-servers.net");
  kinds_["a.root-servers.net"] = HostKind::dns;
  for (const Domain& domain : scenario.domains) {
    hosts_.insert(domain.name);  // a domain stands for all of its hosts on a link
    hosts_.insert("a.nic." + top_level(domain));
    kinds_["a.nic." + top_level(domain)] = HostKind::dns;
  }
  for (const Claim& claim : claims(scenario)) {
    hosts_.insert(claim.host);
    kinds_[claim.host] = claim.kind;
  }
}

void check_names(const Scenario& scenario, const Node& domains) {
  constexpr std::size_t kMaxTopLevelDomains = 240;  // their servers share one network with the root
  const auto nodes = domains.members();             // in the order of scenario.domains
  std::map<std::string, std::string> claimed;
  for (const Claim& claim : claims(scenario)) {
    const auto [known, is_new] = claimed.emplace(claim.host, claim.what);
    if (is_new) continue;
    Node at = nodes[claim.domain].second;
    if (const auto slash = claim.at.find('/'); slash != std::string::npos)
      at = at[claim.at.substr(0, slash)].items()[std::stoul(claim.at.substr(slash + 1))];
    at.fail(fmt::format("{} would be both {} and {}", claim.host, known->second, claim.what));
  }
  std::set<std::string> tops;
  for (std::size_t d = 0; d < nodes.size(); ++d) {
    const Domain& domain = scenario.domains[d];
    const Node& node = nodes[d].second;
    if (tops.insert(top_level(domain)).second && tops.size() > kMaxTopLevelDomains) {
      node.fail_at_key(
          fmt::format("a scenario has at most {} top-level domains", kMaxTopLevelDomains));
    }
    if (const auto host = claimed.find(domain.name); host != claimed.end()) {
      node.fail_at_key(fmt::format("{} is {}; a domain cannot have the name of a host", host->first,
                                   host->second));
    }
    for (const auto& [name, limits] : domain.queue.domains) {
      if (scenario.find_domain(name) != nullptr) continue;
      for (const auto& [written, entry] : node["queue"]["domains"].members()) {
        if (lower(written) == name)
          entry.fail_at_key(fmt::format("{} is no domain of this scenario", name));
      }
    }
    for (const MailExchanger& exchanger : domain.mx) {
      if (!claimed.contains(exchanger.host)) {
        node["mx"].fail(
            fmt::format("the mail exchanger {} is no host of this scenario", exchanger.host));
      }
    }
  }
}

/// Full name of a host as written; fails when the world has none of that name.
std::string Names::host(const Node& node, bool domains_too) const {
  const std::string name = lower(node.text());
  std::vector<std::string> found;
  if (hosts_.contains(name) && (domains_too || scenario_.find_domain(name) == nullptr)) return name;
  if (name.find('.') == std::string::npos) {
    for (const Domain& domain : scenario_.domains) {
      if (hosts_.contains(name + "." + domain.name)) found.push_back(name + "." + domain.name);
    }
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1)
    node.fail(fmt::format("\"{}\" may be {} or {}: give the full name", name, found[0], found[1]));
  if (scenario_.find_domain(name) != nullptr) {
    node.fail(fmt::format("{} is a domain; a host is meant here, such as mail.{}", name, name));
  }
  node.fail(fmt::format("the world has no host {}; it has {}", name, some_hosts()));
}

void Names::check_serves(const Node& node, const std::string& host,
                         policy::Protocol protocol) const {
  const HostKind kind = kinds_.at(host);
  const bool serves = protocol == policy::Protocol::dns    ? kind == HostKind::dns
                      : protocol == policy::Protocol::smtp ? kind <= HostKind::exchanger
                                                           : kind == HostKind::mail;
  if (serves) return;
  node.fail(fmt::format("{} does not serve {}; {} does", host, policy::to_string(protocol),
                        protocol == policy::Protocol::dns    ? "a name server or a resolver"
                        : protocol == policy::Protocol::smtp ? "a mail server or mail exchanger"
                                                             : "a domain's mail server"));
}

std::string Names::some_hosts() const {
  std::string text;
  int count = 0;
  for (const auto& name : hosts_) {
    if (scenario_.find_domain(name) != nullptr) continue;
    if (++count > 12) return text + ", ...";
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string Names::user_address(const Node& node) const {
  const std::string address = lower(node.text());
  if (scenario_.find_user(address) != nullptr) return address;
  const std::string domain = address.substr(address.find('@') + 1);
  node.fail(scenario_.find_domain(domain) == nullptr
                ? fmt::format("the world has no domain {}", domain)
                : fmt::format("the domain {} has no user {}", domain,
                              address.substr(0, address.find('@'))));
}

/// Name of the device that acts: as given, or the user's first one.
std::string Names::device(const Node& act, const std::string& address, bool needs_imap) const {
  const User& user = *scenario_.find_user(address);
  const std::string wanted = lower(act.text("device"));
  for (const Device& candidate : user.devices) {
    if (!wanted.empty() && candidate.name != wanted) continue;
    if (needs_imap && candidate.protocol != Protocol::imap) {
      if (wanted.empty()) continue;
      act["device"].fail(fmt::format("{} reads by POP3, which cannot do this; IMAP can", wanted));
    }
    return candidate.name;
  }
  if (wanted.empty())
    act.fail(fmt::format("{} has no device with IMAP, which this needs", address));
  act["device"].fail(fmt::format("{} has no device {}", address, wanted));
}

}  // namespace mailscope::scenario
