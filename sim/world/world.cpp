#include "sim/world/world.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "server/dns/recursive.hpp"
#include "server/dns/server.hpp"
#include "server/dns/stub.hpp"
#include "server/store/memory_store.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/dns_tree.hpp"
#include "sim/world/event_match.hpp"
#include "sim/world/organisations.hpp"
#include "sim/world/version.hpp"

namespace mailscope::world {
namespace {

/// Events of a world that serves real clients: weeks are not a runaway scenario.
constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();

/// A run without an end of its own is cut here: longer than every queue's last attempt.
constexpr net::Duration kLongestRun = std::chrono::hours(24 * 60);

/// How long the token of a device's login is good: one conversation.
constexpr net::Duration kTokenLife = std::chrono::hours(1);

sim::LinkOptions link_options(const scenario::LinkQuality& quality) {
  sim::LinkOptions link;
  link.latency = quality.latency;
  link.jitter = quality.jitter;
  link.bandwidth_bps = quality.bandwidth_bps;
  link.loss_ppm = static_cast<std::uint32_t>(quality.loss * sim::kPartsPerMillion + 0.5);
  return link;
}

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

}  // namespace

struct World::NameServer {
  std::unique_ptr<net::Entropy> entropy;
  policy::Switches switches;
  dns::Authority authority;
  std::unique_ptr<dns::AuthorityServer> server;
};

struct World::ResolverHost {
  std::unique_ptr<net::Entropy> entropy;
  policy::Switches switches;
  std::unique_ptr<dns::RecursiveResolver> resolver;
  std::unique_ptr<dns::ResolverServer> server;
};

struct World::MailNode {
  std::unique_ptr<net::Entropy> entropy;
  std::unique_ptr<dns::StubResolver> resolver;
  std::unique_ptr<queue::QueueStore> queue_store;
  std::unique_ptr<host::MailHost> host;
};

struct World::DeviceNode {
  std::unique_ptr<net::Entropy> entropy;
  std::unique_ptr<dns::StubResolver> resolver;
  std::unique_ptr<Device> device;
};

World::World(const scenario::Scenario& scenario, WorldOptions options)
    : scenario_(scenario),
      options_(std::move(options)),
      seed_(options_.seed.value_or(scenario.seed)),
      start_(options_.start.value_or(scenario.start)),
      plan_(make_plan(scenario_, options_.visitor)),
      memory_(options_.memory_limit),
      kernel_(start_,
              options_.visitor ? sim::KernelLimits{.max_events = kEndless} : sim::KernelLimits{}),
      recorder_(kernel_),
      entropy_(seed_),
      own_store_(options_.store == nullptr ? std::make_unique<store::MemoryStore>() : nullptr),
      store_(options_.store == nullptr ? own_store_.get() : options_.store) {
  kernel_.attach(recorder_);
  kernel_.turn().on_commit([this] { store_->commit(); });
  const bool capture = scenario_.capture_payloads || options_.capture_payloads;
  sim::InternetOptions internet;
  internet.lan = link_options(scenario_.network.inside_domain);
  internet.trace.segments = internet.trace.datagrams = options_.record_segments;
  internet.trace.payloads = capture;
  internet_ = std::make_unique<sim::Internet>(
      kernel_, recorder_, sim::SeededEntropy(entropy_.fork_seed("internet")), internet);
  ca_ = options_.root ? std::make_unique<net::WorldCa>(secret_stream("ca"), *options_.root)
                      : std::make_unique<net::WorldCa>(secret_stream("ca"), start_);
  describe();
  add_hosts();
  add_links();
  check_dns_faults();
  watch_notes();
  kernel_.end_turn();
}

World::~World() = default;

void World::describe() {
  recorder_.record(
      trace::Kind::lesson_scenario, {},
      {scenario_.title, seed_, start_.time_since_epoch().count(), kVersion, scenario_.description});
  for (const scenario::Domain& domain : scenario_.domains) {
    recorder_.record(trace::Kind::lesson_domain, {}, {domain.name, domain.label});
  }
  for (const HostPlan& host : plan_.hosts) {
    recorder_.record(
        trace::Kind::lesson_host, {recorder_.host(host.name), 0, 0, 0},
        {host.name, host.label, host.domain, host.roles_text(), host.address.to_string()});
  }
  for (const scenario::Domain& domain : scenario_.domains) {
    for (const scenario::User& user : domain.users) {
      std::string devices;
      for (const scenario::Device& device : user.devices)
        devices += (devices.empty() ? "" : " ") + device.name;
      recorder_.record(trace::Kind::lesson_person, {},
                       {user.label, user.name + "@" + domain.name,
                        device_host(domain, user, user.devices.front()), devices});
    }
  }
}

std::unique_ptr<net::Entropy> World::secret_stream(std::string_view label) const {
  return options_.secrets == nullptr ? entropy_.fork(label) : options_.secrets->fork(label);
}

net::TlsIdentity World::identity_of(const std::string& host, const net::CertificateNames& names) {
  if (options_.load_identity) {
    if (auto known = options_.load_identity(host)) return std::move(*known);
  }
  net::TlsIdentity made = ca_->issue(names, net::Validity::at(start_));
  if (options_.save_identity) options_.save_identity(host, made);
  return made;
}

std::string World::password_of(const scenario::Domain& domain, const scenario::User& user) const {
  if (!user.password.empty()) return user.password;
  return entropy_.fork("password " + user.name + "@" + domain.name)->hex(6);
}

std::string World::token_of(const scenario::Domain& domain, const scenario::User& user,
                            net::Duration life) const {
  const net::Time now = kernel_.now();
  return organisations_.at(domain.name)->issue_token(user.name, now, now + life);
}

std::shared_ptr<net::TlsContext> World::client_tls() {
  if (!client_tls_) {
    net::TlsClientOptions options;
    options.ca_pem = ca_->certificate_pem();
    client_tls_ = net::make_tls_client_context(options);
  }
  return client_tls_;
}

trace::HostId World::host_of(const net::Address& address) const {
  sim::HostNetwork* host = internet_->find_host(address);
  if (host == nullptr && options_.visitor) host = internet_->find_host(kVisitor);  // a real client
  return host == nullptr ? trace::HostId{0} : host->trace_id();
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

const dns::Authority* World::authority(std::string_view host) const {
  const auto found = name_servers_.find(host);
  return found == name_servers_.end() ? nullptr : &found->second->authority;
}

dns::RecursiveResolver* World::resolver(std::string_view host) {
  const auto found = resolvers_.find(host);
  return found == resolvers_.end() ? nullptr : found->second->resolver.get();
}

policy::Switches* World::switches(std::string_view host) {
  if (const auto mail = mail_.find(host); mail != mail_.end())
    return &mail->second->host->switches();
  if (const auto server = name_servers_.find(host); server != name_servers_.end())
    return &server->second->switches;
  const auto resolver = resolvers_.find(host);
  return resolver == resolvers_.end() ? nullptr : &resolver->second->switches;
}

dns::Environment World::dns_environment(std::string_view host, net::Network& network) {
  const auto server = name_servers_.find(host);
  net::Entropy& entropy = server != name_servers_.end() ? *server->second->entropy
                                                        : *resolvers_.find(host)->second->entropy;
  return {network,
          kernel_,
          entropy,
          recorder_,
          internet_->find_host(host)->trace_id(),
          [this](const net::Address& a) { return host_of(a); }};
}

namespace {

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

/// What a fault will put into the DNS must be records, and this is known before the run.
void World::check_dns_faults() {
  for (const scenario::Fault& fault : scenario_.faults) {
    const auto* change = std::get_if<scenario::DnsFault>(&fault.kind);
    if (change == nullptr) continue;
    for (const scenario::Domain& domain : scenario_.domains) {
      if (change->name != domain.name && !change->name.ends_with("." + domain.name)) continue;
      const auto zone = domain_zone(domain, plan_, {*change});
      if (!zone) throw scenario::ScenarioError(scenario_.file, fault.place, zone.error);
    }
  }
}

std::vector<sim::HostNetwork*> World::hosts_named(const std::string& name) {
  std::vector<sim::HostNetwork*> list;
  if (sim::HostNetwork* host = internet_->find_host(name)) return {host};
  for (const HostPlan& plan : plan_.hosts) {
    if (plan.domain == name) list.push_back(internet_->find_host(plan.name));
  }
  return list;
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

/// The author's sentences become events of their own, caused by the event that they are about.
void World::watch_notes() {
  if (scenario_.lesson.notes.empty()) return;
  auto open = std::make_shared<std::vector<const scenario::Note*>>();
  for (const scenario::Note& note : scenario_.lesson.notes) open->push_back(&note);
  recorder_.set_listener([this, open](trace::EventId id) {
    for (const scenario::Note*& note : *open) {
      if (note == nullptr || !matches(note->when, log(), id, start_)) continue;
      const scenario::Note& found = *std::exchange(note, nullptr);
      const trace::CauseScope scope(recorder_, id);
      const trace::Event about = log().at(id);
      recorder_.record(trace::Kind::lesson_note, {about.host, about.peer, 0, about.message},
                       {found.say + "\n" + found.more + "\n" + found.rfc});
    }
  });
}

void World::schedule(Happenings which) {
  if (std::exchange(scheduled_, true)) return;
  const trace::CauseScope scope(recorder_, 0);
  for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
    schedule(scenario_.faults[i], i, start_);
  }
  if (which == Happenings::faults_only) return;
  for (const scenario::Chapter& chapter : scenario_.lesson.chapters) {
    kernel_.set(start_ + chapter.at, [this, &chapter] {
      recorder_.record(trace::Kind::lesson_chapter, {}, {chapter.title});
    });
  }
  for (const scenario::ScriptEntry& entry : scenario_.script) {
    kernel_.set(start_ + entry.at, [this, &entry] {
      std::visit(
          [&](const auto& act) {
            const std::string* who = nullptr;
            if constexpr (requires { act.who; })
              who = &act.who;
            else
              who = &act.from;
            const scenario::User& user = *scenario_.find_user(*who);
            const scenario::Domain& domain =
                *scenario_.find_domain(who->substr(who->find('@') + 1));
            const auto device =
                std::find_if(user.devices.begin(), user.devices.end(),
                             [&](const scenario::Device& d) { return d.name == act.device; });
            devices_.at(device_host(domain, user, *device))->device->act(act);
          },
          entry.act);
    });
  }
  for (std::size_t i = 0; i < scenario_.expect.size(); ++i) {
    const scenario::Expectation& expectation = scenario_.expect[i];
    if (!expectation.by) continue;
    kernel_.set(start_ + *expectation.by,
                [this, &expectation, i] { verdicts_[i] = check(expectation, *this); });
  }
}

void World::run() {
  schedule();
  const net::Duration longest = scenario_.duration.value_or(kLongestRun);
  if (scenario_.duration) {
    if (kernel_.run_until(start_ + longest) == sim::RunEnd::limit)
      throw std::runtime_error(kernel_.problem());
  } else {
    // The clock stays at the last event, so that the end of the trace is the end of what happened.
    while (kernel_.next_time() <= start_ + longest) {
      if (!kernel_.run_one()) {
        if (!kernel_.problem().empty()) throw std::runtime_error(kernel_.problem());
        break;
      }
    }
  }
  for (std::size_t i = 0; i < scenario_.expect.size(); ++i) {
    if (!verdicts_.contains(i)) verdicts_[i] = check(scenario_.expect[i], *this);
  }
  for (const auto& [i, verdict] : verdicts_) {
    const trace::CauseScope scope(recorder_, 0);
    recorder_.record(trace::Kind::lesson_expect, {},
                     {verdict.place.pointer, verdict.holds ? 1 : 0, verdict.expected});
  }
}

std::vector<Verdict> World::verdicts() const {
  std::vector<Verdict> list;
  for (const auto& [i, verdict] : verdicts_) list.push_back(verdict);
  return list;
}

host::MailHost* World::mail_host(std::string_view name) {
  const auto found = mail_.find(name);
  return found == mail_.end() ? nullptr : found->second->host.get();
}

Device* World::device(std::string_view host) {
  const auto found = devices_.find(host);
  return found == devices_.end() ? nullptr : found->second->device.get();
}

// Faults that need the nodes above.

void World::apply(const scenario::HostDown& fault, bool on) {
  if (!changes("down " + fault.host, on)) return;
  sim::HostNetwork& network = *internet_->find_host(fault.host);
  internet_->set_host_state(network, on ? sim::HostState::off : sim::HostState::up);
  if (const auto node = mail_.find(fault.host); node != mail_.end()) {
    if (on)
      node->second->host->power_off();
    else
      node->second->host->power_on();
  }
}

void World::apply(const scenario::DnsFault& fault, bool on) {
  if (on) {
    dns_faults_.push_back(fault);
  } else {
    const auto same =
        std::find_if(dns_faults_.begin(), dns_faults_.end(), [&](const scenario::DnsFault& other) {
          return other.name == fault.name && other.type == fault.type &&
                 other.values == fault.values;
        });
    if (same != dns_faults_.end()) dns_faults_.erase(same);
  }
  for (const scenario::Domain& domain : scenario_.domains) {
    const bool inside = fault.name == domain.name || fault.name.ends_with("." + domain.name);
    if (!inside) continue;
    auto zone = domain_zone(domain, plan_, dns_faults_);
    if (!zone) throw scenario::ScenarioError(scenario_.file, {}, "DNS fault: " + zone.error);
    name_servers_.at(name_server(domain.name))->authority.add(std::move(*zone));
  }
}

void World::apply(const scenario::SwitchFault& fault, std::size_t number, bool on) {
  policy::Switches& switches = *this->switches(fault.host);
  if (on) {
    switches_[number] = switches.add(fault.what);
    return;
  }
  switches.remove(switches_.at(number));
  switches_.erase(number);
}

}  // namespace mailscope::world
