// The life of a world: what it is at the start, what happens in it and how it ends.
#include "sim/world/world.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "server/store/memory_store.hpp"
#include "sim/world/event_match.hpp"
#include "sim/world/version.hpp"
#include "sim/world/world_nodes.hpp"

namespace mailscope::world {
namespace {

/// Events of a world that serves real clients: weeks are not a runaway scenario.
constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();

/// A run without an end of its own is cut here: longer than every queue's last attempt.
constexpr net::Duration kLongestRun = std::chrono::hours(24 * 60);

}  // namespace

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

}  // namespace mailscope::world
