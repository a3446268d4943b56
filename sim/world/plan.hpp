// The plan of a world: which hosts there are, what they do and where they live, worked out from the
// scenario alone. Pure data; the same scenario always gives the same plan.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/host/services.hpp"
#include "server/net/address.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::world {

enum class HostRole : std::uint8_t { dns_root, dns_tld, dns_auth, resolver, mail, client, visitor };

struct HostPlan {
  std::string name;
  std::string label;   // for people: "Alice", "Resolver", "mx1.globex.example"
  std::string domain;  // empty: part of the internet itself
  HostRole role{};
  net::Address address;
  std::vector<host::Service> services;  // of a mail host
  std::string zone;                     // of a name server: the zone that it is the authority for
  std::string user;                     // of a client: the owner's address
  std::string device;                   // of a client: the device's name
  /// As the trace says it: "mx submission imap pop3", "dns-root", "client".
  std::string roles_text() const;
};

struct Plan {
  std::vector<HostPlan> hosts;
  const HostPlan* find(std::string_view name) const;
  /// The mail hosts of a domain, its own mail server first.
  std::vector<const HostPlan*> mail_hosts(std::string_view domain) const;

  std::map<std::string, std::size_t, std::less<>> by_name;
};

inline constexpr std::string_view kRootServer = "a.root-servers.net";
std::string tld_of(std::string_view domain);
std::string tld_server(std::string_view tld);      // "a.nic.example"
std::string name_server(std::string_view domain);  // "ns1.acme.example"
std::string resolver_of(std::string_view domain);  // "resolver.acme.example"
std::string device_host(const scenario::Domain& domain, const scenario::User& user,
                        const scenario::Device& device);

/// The host that real clients act through: "you" on the map (see sim/gateway).
inline constexpr std::string_view kVisitor = "you";

/// `visitor`: with the host "you".
Plan make_plan(const scenario::Scenario& scenario, bool visitor = false);

}  // namespace mailscope::world
