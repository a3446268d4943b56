#include "sim/scenario/names.hpp"

#include <cctype>
#include <vector>

namespace mailscope::scenario {
namespace {

std::string device_host(const User& user, const Device& device, const Domain& domain) {
  std::string label = user.name;
  for (char& c : label)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '-';
  return label + "-" + device.name + "." + domain.name;
}

}  // namespace

/// A host of the world gets its name; two cannot share one.
void Names::claim(const Node& at, const std::string& name, const std::string& what) {
  const auto [place, is_new] = claimed_.emplace(name, what);
  if (!is_new) at.fail(fmt::format("{} would be both {} and {}", name, place->second, what));
  hosts_.insert(name);
}

/// Every host name of the world: servers, devices, resolvers, the DNS itself.
void Names::gather(const Node& domains) {
  constexpr std::size_t kMaxTopLevelDomains = 240;  // their servers share one network with the root
  std::set<std::string> tops;
  for (const auto& [written, node] : domains.members()) {
    const Domain& domain = *scenario_.find_domain(lower(written));
    hosts_.insert(domain.name);  // a domain stands for all of its hosts on a link
    claim(node, domain.mail_host(), "the mail server of " + domain.name);
    claim(node, "ns1." + domain.name, "the name server of " + domain.name);
    claim(node, "resolver." + domain.name, "the resolver of " + domain.name);
    for (std::size_t i = 0; i < domain.mx.size(); ++i) {
      const std::string& server = domain.mx[i].host;
      if (server == domain.mail_host() || !within(server, domain.name)) continue;
      claim(node["mx"].items()[i], server, "a mail exchanger of " + domain.name);
    }
    const auto users = node["users"].items();
    for (std::size_t i = 0; i < users.size(); ++i) {
      const User& user = domain.users[i];
      for (const Device& device : user.devices) {
        claim(users[i], device_host(user, device, domain),
              "a device of " + user.name + "@" + domain.name);
      }
    }
    if (tops.insert(domain.name.substr(domain.name.rfind('.') + 1)).second &&
        tops.size() > kMaxTopLevelDomains) {
      node.fail_at_key(
          fmt::format("a scenario has at most {} top-level domains", kMaxTopLevelDomains));
    }
  }
  hosts_.insert("a.root-servers.net");
  for (const std::string& top : tops) hosts_.insert("a.nic." + top);
  for (const auto& [written, node] : domains.members()) {
    const auto host = claimed_.find(lower(written));
    if (host != claimed_.end()) {
      node.fail_at_key(fmt::format("{} is {}; a domain cannot have the name of a host", host->first,
                                   host->second));
    }
  }
  for (const auto& [name, node] : domains.members()) {
    const Domain* domain = scenario_.find_domain(lower(name));
    for (std::size_t i = 0; i < domain->mx.size(); ++i) {
      const std::string& host = domain->mx[i].host;
      if (!hosts_.contains(host))
        node["mx"].fail(fmt::format("the mail exchanger {} is no host of this scenario", host));
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
