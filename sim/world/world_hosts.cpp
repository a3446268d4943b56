// The hosts of a world and the links between them, made from the scenario.
#include <algorithm>
#include <utility>

#include "server/store/mail_store.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/dns_tree.hpp"
#include "sim/world/organisations.hpp"
#include "sim/world/world_nodes.hpp"

namespace mailscope::world {
namespace {

/// How long the token of a device's login is good: one conversation.
constexpr net::Duration kTokenLife = std::chrono::hours(1);

queue::DestinationLimits destination_limits(const scenario::DestinationLimits& limits) {
  queue::DestinationLimits out;
  out.connections = static_cast<std::size_t>(limits.connections);
  if (limits.messages_per_minute > 0)
    out.gap = net::Duration(std::chrono::minutes(1)) / limits.messages_per_minute;
  return out;
}

void set_queue(const scenario::Queue& queue, host::HostOptions& options) {
  options.schedule.waits = queue.retry;
  options.schedule.warn_after = queue.warn_after;
  options.schedule.expire_after = queue.expire_after;
  options.max_deliveries = static_cast<std::size_t>(queue.connections);
  options.messages_per_connection = static_cast<std::size_t>(queue.messages_per_connection);
  options.per_destination = destination_limits(queue.per_domain);
  for (const auto& [domain, limits] : queue.domains)
    options.destinations[domain] = destination_limits(limits);
}

std::unique_ptr<dns::StubResolver> make_stub(
    sim::HostNetwork& network, sim::Kernel& kernel, net::Entropy& entropy,
    trace::Recorder& recorder, const net::Address& server,
    std::function<trace::HostId(const net::Address&)> host_of) {
  const dns::Environment environment{
      network, kernel, entropy, recorder, network.trace_id(), std::move(host_of)};
  return std::make_unique<dns::StubResolver>(environment,
                                             dns::StubOptions{.servers = {{server, dns::kPort}}});
}

}  // namespace

sim::LinkOptions link_options(const scenario::LinkQuality& quality) {
  sim::LinkOptions link;
  link.latency = quality.latency;
  link.jitter = quality.jitter;
  link.bandwidth_bps = quality.bandwidth_bps;
  link.loss_ppm = static_cast<std::uint32_t>(quality.loss * sim::kPartsPerMillion + 0.5);
  return link;
}

net::TlsIdentity World::identity_of(const std::string& host, const net::CertificateNames& names) {
  if (options_.load_identity) {
    if (auto known = options_.load_identity(host)) return std::move(*known);
  }
  net::TlsIdentity made = ca_->issue(names, net::Validity::at(start_));
  if (options_.save_identity) options_.save_identity(host, made);
  return made;
}

void World::add_hosts() {
  for (const scenario::Domain& domain : scenario_.domains) {
    const auto entropy = secret_stream("logins " + domain.name);
    auto organisation = std::make_unique<host::Organisation>(domain.name, *store_, entropy.get());
    // From the seed: reports find their way back after a restart of `serve`, too.
    organisation->set_rewriting_key(entropy_.fork("srs " + domain.name)->hex(16));
    fill_organisation(domain, *organisation,
                      [&](const scenario::User& user) { return password_of(domain, user); });
    organisations_.emplace(domain.name, std::move(organisation));
  }
  const sim::LinkOptions between = link_options(scenario_.network.between_domains);
  for (const HostPlan& plan : plan_.hosts) {
    sim::HostOptions options;
    options.name = plan.name;
    options.domain = plan.domain;
    options.v4 = plan.address;
    options.access = between;
    // A path crosses two access links; loss is the path's, so only one of its halves may lose.
    options.access.latency = between.latency / 2;
    options.access.jitter = between.jitter / 2;
    options.access.loss_ppm = between.loss_ppm / 2;
    sim::HostNetwork& network = internet_->add_host(options);
    switch (plan.role) {
      case HostRole::dns_root:
      case HostRole::dns_tld:
      case HostRole::dns_auth:
        add_name_server(plan, network);
        break;
      case HostRole::resolver:
        add_resolver(plan, network);
        break;
      case HostRole::mail:
        add_mail_host(plan, network);
        break;
      case HostRole::client:
        add_device(plan, network);
        break;
      case HostRole::visitor:
        break;
    }
  }
  for (auto& [name, node] : mail_) node->host->power_on();
}

void World::add_name_server(const HostPlan& plan, sim::HostNetwork& network) {
  auto node = std::make_unique<NameServer>();
  if (plan.role == HostRole::dns_root) {
    for (dns::Zone& zone : root_zones(plan_)) node->authority.add(std::move(zone));
  } else if (plan.role == HostRole::dns_tld) {
    node->authority.add(tld_zone(scenario_, plan_, plan.zone));
  } else {
    auto zone = domain_zone(*scenario_.find_domain(plan.zone), plan_, {});
    if (!zone)
      throw scenario::ScenarioError(scenario_.file, {"/domains/" + plan.zone + "/records", 0, 0},
                                    zone.error);
    node->authority.add(std::move(*zone));
  }
  node->entropy = entropy_.fork(plan.name);
  NameServer& kept = *name_servers_.emplace(plan.name, std::move(node)).first->second;
  dns::ServerOptions options;
  options.switches = &kept.switches;
  kept.server = std::make_unique<dns::AuthorityServer>(dns_environment(plan.name, network),
                                                       kept.authority, options);
}

void World::add_resolver(const HostPlan& plan, sim::HostNetwork& network) {
  auto node = std::make_unique<ResolverHost>();
  node->entropy = entropy_.fork(plan.name);
  ResolverHost& kept = *resolvers_.emplace(plan.name, std::move(node)).first->second;
  const dns::Environment environment = dns_environment(plan.name, network);
  dns::RecursiveOptions options;
  options.hints = {{dns::name(kRootServer), plan_.find(kRootServer)->address}};
  kept.resolver = std::make_unique<dns::RecursiveResolver>(environment, options);
  dns::ResolverServerOptions server;
  server.server.switches = &kept.switches;
  kept.server = std::make_unique<dns::ResolverServer>(environment, *kept.resolver, server);
}

void World::add_mail_host(const HostPlan& plan, sim::HostNetwork& network) {
  auto node = std::make_unique<MailNode>();
  const scenario::Domain& domain = *scenario_.find_domain(plan.domain);
  auto by_address = [this](const net::Address& a) { return host_of(a); };
  node->entropy = secret_stream(plan.name);
  node->resolver = make_stub(network, kernel_, *node->entropy, recorder_,
                             plan_.find(resolver_of(domain.name))->address, by_address);
  node->queue_store = options_.make_queue_store ? options_.make_queue_store(plan.name)
                                                : std::make_unique<queue::MemoryQueueStore>();
  host::HostOptions options;
  options.name = plan.name;
  options.services = plan.services;
  options.plaintext_auth = domain.plaintext_auth;
  options.show_secrets = scenario_.show_secrets;
  options.pop3_login_delay = domain.login_delay;
  // Real clients come from this machine or, behind the gateway, all from one host.
  options.guard.many_connections = {net::Prefix{net::Address::v4(127, 0, 0, 0), 8},
                                    *net::Prefix::parse("::1")};
  if (const HostPlan* visitor = plan_.find(kVisitor)) {
    options.guard.many_connections.push_back({visitor->address, 32});
  }
  if (options_.xclient) {
    options.xclient_from = {net::Address::v4(127, 0, 0, 1), *net::Address::parse("::1")};
    if (const HostPlan* you = plan_.find(kVisitor)) options.xclient_from.push_back(you->address);
  }
  options.proxy_from = options_.proxy_from;
  if (const HostPlan* you = plan_.find(kVisitor); you != nullptr && !options.proxy_from.empty())
    options.proxy_from.push_back({you->address, 32});
  options.max_message_octets = domain.max_message_octets;
  set_queue(domain.queue, options);
  if (domain.tls != scenario::TlsUse::none) {
    net::CertificateNames names = options_.extra_names;
    names.hosts.insert(names.hosts.begin(), plan.name);
    // Without an MX record the domain's own name is the host's that senders connect to.
    if (!domain.publish_mx && !domain.null_mx && plan.name == domain.mail_host())
      names.hosts.push_back(domain.name);
    names.addresses.insert(names.addresses.begin(), plan.address);
    options.server_tls = [this, names, name = plan.name] {
      net::TlsServerOptions tls;
      tls.identity = identity_of(name, names);
      return net::make_tls_server_context(tls);
    };
    if (!relay_tls_) {
      // Between servers TLS is opportunistic: an unverified certificate beats none (RFC 7435).
      net::TlsClientOptions tls;
      tls.ca_pem = ca_->certificate_pem();
      tls.verify = false;
      relay_tls_ = net::make_tls_client_context(tls);
    }
    options.client_tls = domain.tls == scenario::TlsUse::required ? client_tls() : relay_tls_;
    options.relay_requires_tls = domain.tls == scenario::TlsUse::required;
  }
  if (options_.keep_key_log) options.key_log = [this](std::string_view line) { key_log_ += line; };
  options.memory = &memory_;
  host::HostEnvironment environment{network,
                                    kernel_,
                                    kernel_.turn(),
                                    *node->entropy,
                                    recorder_,
                                    network.trace_id(),
                                    by_address,
                                    *node->resolver,
                                    *node->queue_store,
                                    *organisations_.at(domain.name)};
  node->host = std::make_unique<host::MailHost>(environment, std::move(options));
  mail_.emplace(plan.name, std::move(node));
}

void World::add_device(const HostPlan& plan, sim::HostNetwork& network) {
  auto node = std::make_unique<DeviceNode>();
  const scenario::Domain& domain = *scenario_.find_domain(plan.domain);
  const scenario::User& user = *scenario_.find_user(plan.user);
  const auto device =
      std::find_if(user.devices.begin(), user.devices.end(),
                   [&](const scenario::Device& d) { return d.name == plan.device; });
  node->entropy = entropy_.fork(plan.name);
  node->resolver = make_stub(network, kernel_, *node->entropy, recorder_,
                             plan_.find(resolver_of(domain.name))->address,
                             [this](const net::Address& a) { return host_of(a); });
  DeviceEnvironment environment{network,
                                kernel_,
                                kernel_.turn(),
                                *node->entropy,
                                recorder_,
                                network.trace_id(),
                                *node->resolver,
                                [this] { return client_tls(); },
                                [this](const net::Address& a) { return host_of(a); }};
  DeviceOptions options{plan.name,
                        domain.mail_host(),
                        user.label,
                        plan.user,
                        password_of(domain, user),
                        *device,
                        [this, &domain, &user] { return token_of(domain, user, kTokenLife); }};
  node->device = std::make_unique<Device>(std::move(environment), std::move(options));
  devices_.emplace(plan.name, std::move(node));
}

void World::add_links() {
  for (const scenario::Link& link : scenario_.network.links) {
    const sim::LinkOptions options = link_options(link.quality);
    for (sim::HostNetwork* a : hosts_named(link.a)) {
      for (sim::HostNetwork* b : hosts_named(link.b)) {
        if (a != b) internet_->set_path(*a, *b, options);
      }
    }
    recorder_.record(
        trace::Kind::lesson_link, {},
        {link.a, link.b, options.latency.count() / 1000, options.bandwidth_bps, options.loss_ppm});
  }
}

}  // namespace mailscope::world
