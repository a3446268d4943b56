// What breaks, and its mending: each fault of the scenario is switched on and off here.
#include <algorithm>
#include <utility>

#include "sim/scenario/loader.hpp"
#include "sim/world/dns_tree.hpp"
#include "sim/world/world_nodes.hpp"

namespace mailscope::world {
namespace {

struct Words {
  std::string target, what;
};

Words words(const scenario::FaultKind& kind) {
  struct Visitor {
    Words operator()(const scenario::HostDown& f) const { return {f.host, "down"}; }
    Words operator()(const scenario::LinkFault& f) const {
      std::string what;
      auto add = [&what](const char* word) {
        what += (what.empty() ? "" : ", ") + std::string(word);
      };
      if (f.down) add("link down");
      if (f.latency) add("slow");
      if (f.bandwidth_bps) add("narrow");
      if (f.loss) add("lossy");
      return {f.b.empty() ? f.a : f.a + " - " + f.b, what};
    }
    Words operator()(const scenario::DnsFault& f) const {
      return {f.name + " " + f.type, f.values.empty() ? "record missing" : "record changed"};
    }
    Words operator()(const scenario::MailboxFull& f) const { return {f.account, "mailbox full"}; }
    Words operator()(const scenario::SwitchFault& f) const { return {f.host, describe(f.what)}; }
  };
  return std::visit(Visitor{}, kind);
}

}  // namespace

void World::apply(const scenario::Fault& fault, std::size_t number, bool on) {
  const Words text = words(fault.kind);
  const trace::CauseScope scope(recorder_, 0);
  recorder_.set_cause(recorder_.record(trace::Kind::lesson_fault,
                                       {recorder_.log().find_host(text.target), 0, 0, 0},
                                       {text.target, text.what, on ? 1 : 0}));
  if (const auto* host = std::get_if<scenario::HostDown>(&fault.kind))
    apply(*host, on);
  else if (const auto* link = std::get_if<scenario::LinkFault>(&fault.kind))
    apply(*link, on);
  else if (const auto* dns = std::get_if<scenario::DnsFault>(&fault.kind))
    apply(*dns, on);
  else if (const auto* full = std::get_if<scenario::MailboxFull>(&fault.kind))
    apply(*full, on);
  else
    apply(std::get<scenario::SwitchFault>(fault.kind), number, on);
}

bool World::changes(const std::string& what, bool on) {
  int& holding = same_faults_[what];
  return on ? holding++ == 0 : --holding == 0;
}

void World::begin(const scenario::Fault& fault, std::size_t number) {
  faults_on_[number] = &fault;
  apply(fault, number, true);
}
void World::end(std::size_t number) {
  const auto on = faults_on_.find(number);
  if (on == faults_on_.end()) return;  // somebody ended it before its time
  const scenario::Fault& fault = *on->second;
  faults_on_.erase(on);
  apply(fault, number, false);
}

void World::schedule(const scenario::Fault& fault, std::size_t number, net::Time from) {
  kernel_.set(from + fault.at, [this, &fault, number] { begin(fault, number); });
  if (fault.lasts) kernel_.set(from + fault.at + *fault.lasts, [this, number] { end(number); });
}

std::size_t World::add_fault(scenario::Fault fault) {
  added_faults_.push_back(std::move(fault));
  const std::size_t number = scenario_.faults.size() + added_faults_.size() - 1;
  schedule(added_faults_.back(), number, kernel_.now());
  return number;
}

bool World::end_fault(std::size_t number) {
  if (!faults_on_.contains(number)) return false;
  kernel_.set(kernel_.now(), [this, number] { end(number); });
  return true;
}

std::vector<std::pair<std::size_t, std::string>> World::faults_on() const {
  std::vector<std::pair<std::size_t, std::string>> list;
  for (const auto& [number, fault] : faults_on_) {
    const Words text = words(fault->kind);
    list.emplace_back(number, text.target + ": " + text.what);
  }
  return list;
}

void World::apply(const scenario::LinkFault& fault, bool on) {
  sim::LinkOptions extra;
  if (on) {
    if (fault.latency) extra.latency = *fault.latency;
    if (fault.bandwidth_bps) extra.bandwidth_bps = *fault.bandwidth_bps;
    if (fault.loss)
      extra.loss_ppm = static_cast<std::uint32_t>(*fault.loss * sim::kPartsPerMillion + 0.5);
  }
  const sim::LinkState state = on ? sim::LinkState::down : sim::LinkState::up;
  const bool turns = fault.down && changes("link " + fault.a + " " + fault.b, on);
  const bool impairs = fault.latency || fault.bandwidth_bps || fault.loss;
  for (sim::HostNetwork* a : hosts_named(fault.a)) {
    if (fault.b.empty()) {
      if (turns) internet_->set_link_state(*a, state);
      if (impairs) internet_->impair(*a, extra);
      continue;
    }
    for (sim::HostNetwork* b : hosts_named(fault.b)) {
      if (a == b) continue;
      if (turns) internet_->set_link_state(*a, *b, state);
      if (impairs) internet_->impair(*a, *b, extra);
    }
  }
}

void World::apply(const scenario::MailboxFull& fault, bool on) {
  if (!changes("full " + fault.account, on)) return;
  // One octet is a limit that every message exceeds; the user's own quota comes back afterwards.
  store_->set_quota(fault.account, on ? 1 : scenario_.find_user(fault.account)->quota_octets);
}

std::vector<sim::HostNetwork*> World::hosts_named(const std::string& name) {
  std::vector<sim::HostNetwork*> list;
  if (sim::HostNetwork* host = internet_->find_host(name)) return {host};
  for (const HostPlan& plan : plan_.hosts) {
    if (plan.domain == name) list.push_back(internet_->find_host(plan.name));
  }
  return list;
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
