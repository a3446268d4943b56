#include "sim/world/plan.hpp"

#include <algorithm>
#include <cctype>

namespace mailscope::world {
namespace {

using host::Service;

// 198.18.0.0/15 is set aside for networks that are not the Internet (RFC 2544, RFC 6890): the
// infrastructure and the first 510 domains live there, one /24 each. More domains get 10.0.0.0/8,
// and devices that do not fit beside their servers 100.64.0.0/10.
constexpr std::uint32_t kInfrastructure = (198u << 24) | (18u << 16);
constexpr std::uint32_t kManyDomains = 10u << 24;
constexpr std::uint32_t kManyDevices = (100u << 24) | (64u << 16);
constexpr std::size_t kFirstNetworks = 510;

// Last octets inside a domain's network.
constexpr std::uint32_t kNameServerHost = 2, kResolverHost = 3, kMailHost = 10, kFirstMxHost = 25;
constexpr std::uint32_t kFirstDeviceHost = 100, kLastDeviceHost = 250;

class Planner {
 public:
  explicit Planner(const scenario::Scenario& scenario) : scenario_(scenario) {}

  Plan make() {
    infrastructure();
    for (const scenario::Domain& domain : scenario_.domains) {
      ++domain_number_;
      organisation(domain);
    }
    return std::move(plan_);
  }

 private:
  void add(HostPlan host) {
    plan_.by_name.emplace(host.name, plan_.hosts.size());
    plan_.hosts.push_back(std::move(host));
  }

  void infrastructure() {
    HostPlan root;
    root.name = kRootServer;
    root.label = "root";
    root.role = HostRole::dns_root;
    root.address = net::Address::v4(kInfrastructure + 1);
    root.zone = ".";
    add(std::move(root));
    std::uint32_t next =
        kInfrastructure + 10;  // the visitor is .250: at most 240 TLDs stay clear of it
    for (const scenario::Domain& domain : scenario_.domains) {
      const std::string tld = tld_of(domain.name);
      if (plan_.find(tld_server(tld)) != nullptr) continue;
      HostPlan host;
      host.name = tld_server(tld);
      host.label = "." + tld;
      host.role = HostRole::dns_tld;
      host.address = net::Address::v4(next++);
      host.zone = tld;
      add(std::move(host));
    }
  }

  std::uint32_t network() const {
    return (domain_number_ <= kFirstNetworks ? kInfrastructure : kManyDomains) +
           static_cast<std::uint32_t>(domain_number_) * 256;
  }

  HostPlan server(const scenario::Domain& domain, std::string name, std::string label,
                  HostRole role, std::uint32_t number) const {
    HostPlan host;
    host.name = std::move(name);
    host.label = std::move(label);
    host.domain = domain.name;
    host.role = role;
    host.address = net::Address::v4(network() + number);
    return host;
  }

  void organisation(const scenario::Domain& domain) {
    for (const scenario::User& user : domain.users) {
      for (const scenario::Device& device : user.devices) client(domain, user, device);
    }
    HostPlan mail =
        server(domain, domain.mail_host(), domain.mail_host(), HostRole::mail, kMailHost);
    const bool own_mx = std::any_of(domain.mx.begin(), domain.mx.end(),
                                    [&](const auto& mx) { return mx.host == mail.name; });
    // Without an MX record senders fall back to the domain's address record, which is this host's.
    if (own_mx || (!domain.publish_mx && !domain.null_mx)) mail.services.push_back(Service::mx);
    for (const Service service :
         {Service::submission, Service::submissions, Service::imap, Service::imaps, Service::pop3,
          Service::pop3s, Service::lmtp, Service::sieve}) {
      if (domain.tls == scenario::TlsUse::none && host::info(service).implicit_tls) continue;
      mail.services.push_back(service);
    }
    add(std::move(mail));
    std::uint32_t number = kFirstMxHost;
    for (const scenario::MailExchanger& mx : domain.mx) {
      const bool ours = mx.host.ends_with("." + domain.name);
      if (!ours || plan_.find(mx.host) != nullptr) continue;
      HostPlan host = server(domain, mx.host, mx.host, HostRole::mail, number++);
      host.services = {Service::mx};
      add(std::move(host));
    }
    HostPlan resolver =
        server(domain, resolver_of(domain.name), "Resolver", HostRole::resolver, kResolverHost);
    add(std::move(resolver));
    HostPlan ns = server(domain, name_server(domain.name), name_server(domain.name),
                         HostRole::dns_auth, kNameServerHost);
    ns.zone = domain.name;
    add(std::move(ns));
    device_number_ = kFirstDeviceHost;
  }

  void client(const scenario::Domain& domain, const scenario::User& user,
              const scenario::Device& device) {
    HostPlan host;
    host.name = device_host(domain, user, device);
    host.label = user.devices.size() > 1 ? user.label + "'s " + device.name : user.label;
    host.domain = domain.name;
    host.role = HostRole::client;
    host.user = user.name + "@" + domain.name;
    host.device = device.name;
    host.address = device_number_ <= kLastDeviceHost
                       ? net::Address::v4(network() + device_number_++)
                       : net::Address::v4(kManyDevices + ++many_devices_);
    add(std::move(host));
  }

  const scenario::Scenario& scenario_;
  Plan plan_;
  std::size_t domain_number_ = 0;
  std::uint32_t device_number_ = kFirstDeviceHost;
  std::uint32_t many_devices_ = 0;
};

}  // namespace

std::string HostPlan::roles_text() const {
  switch (role) {
    case HostRole::dns_root:
      return "dns-root";
    case HostRole::dns_tld:
      return "dns-tld";
    case HostRole::dns_auth:
      return "dns-auth";
    case HostRole::resolver:
      return "resolver";
    case HostRole::visitor:
    case HostRole::client:
      return "client";
    case HostRole::mail:
      break;
  }
  std::string text;
  for (const Service service : services) {
    const host::ServiceInfo& row = host::info(service);
    if (row.implicit_tls) continue;
    text += (text.empty() ? "" : " ") + std::string(service == Service::mx ? "mx" : row.name);
  }
  return text;
}

const HostPlan* Plan::find(std::string_view name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &hosts[found->second];
}

std::vector<const HostPlan*> Plan::mail_hosts(std::string_view domain) const {
  std::vector<const HostPlan*> list;
  for (const HostPlan& host : hosts) {
    if (host.role == HostRole::mail && host.domain == domain) list.push_back(&host);
  }
  return list;
}

std::string tld_of(std::string_view domain) {
  return std::string(domain.substr(domain.rfind('.') + 1));
}
std::string tld_server(std::string_view tld) {
  return "a.nic." + std::string(tld);
}
std::string name_server(std::string_view domain) {
  return "ns1." + std::string(domain);
}
std::string resolver_of(std::string_view domain) {
  return "resolver." + std::string(domain);
}

std::string device_host(const scenario::Domain& domain, const scenario::User& user,
                        const scenario::Device& device) {
  std::string label = user.name;
  for (char& c : label) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-')
      c = '-';  // a dot would be a new label
  }
  return label + "-" + device.name + "." + domain.name;
}

Plan make_plan(const scenario::Scenario& scenario, bool visitor) {
  Plan plan = Planner(scenario).make();
  if (visitor) {
    HostPlan you;
    you.name = kVisitor;
    you.label = "You";
    you.role = HostRole::visitor;
    you.address = net::Address::v4(kInfrastructure + 250);
    plan.by_name.emplace(you.name, plan.hosts.size());
    plan.hosts.push_back(std::move(you));
  }
  return plan;
}

}  // namespace mailscope::world
