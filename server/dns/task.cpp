// Where to look: the cache, the zones, the choice of a server. What servers say is in
// task_answers.cpp.
#include "server/dns/task.hpp"

#include <algorithm>

#include "server/dns/interpret.hpp"

namespace mailscope::dns {
namespace {

using std::chrono::milliseconds;

/// Addresses of a zone's servers that are looked up for one delegation. A hostile zone can name any
/// number of hosts and so make the resolver ask for all of them (RFC 9520 and the NXNSAttack).
constexpr int kMaxHostsResolved = 6;
/// A wait shorter than this gives up on servers that are merely busy.
constexpr net::Duration kMinTimeout = milliseconds(300);
/// Servers within this much of the fastest are as good as it, so that load spreads.
constexpr net::Duration kRoundTripBand = milliseconds(50);

}  // namespace

Task::Task(RecursiveResolver& resolver, Name name, Type type, int depth,
           std::shared_ptr<int> budget)
    : resolver_(resolver),
      name_(std::move(name)),
      type_(type),
      depth_(depth),
      budget_(std::move(budget)),
      current_(name_),
      deadline_(resolver.client_.environment().timers) {}

void Task::start() {
  const auto now = resolver_.client_.environment().timers.now();
  deadline_.set(now + resolver_.options_.deadline, [this] {
    fail(answered_ ? Outcome::servfail : Outcome::timeout,
         detail_.empty() ? "no answer in time" : detail_);
  });
  proceed();
}

void Task::listen(const Task* owner, Listener listener) {
  listeners_.emplace_back(owner, std::move(listener));
}

void Task::forget(const Task* owner) {
  std::erase_if(listeners_, [owner](const auto& entry) { return entry.first == owner; });
}

bool Task::waits_for(const Task& other) const {
  for (const Task* task = this; task != nullptr; task = task->waiting_on_) {
    if (task == &other) return true;
  }
  return false;
}

void Task::proceed() {
  if (take_from_cache()) return;
  if (!choose_zone()) return fail(Outcome::servfail, "no root servers are known");
  ask_next();
}

/// Follows the cache as far as it goes; true when the question is over.
bool Task::take_from_cache() {
  const auto now = resolver_.client_.environment().timers.now();
  for (;;) {
    const Cache::Entry* entry = resolver_.cache_.find(now, current_, type_);
    if (entry != nullptr && entry->trust == Trust::answer) {
      Answer answer;
      answer.outcome = entry->outcome;
      answer.detail = entry->detail;
      answer.records = Cache::aged(*entry, now);
      answer.soa = entry->soa;
      if (answer.soa) answer.soa->ttl = Cache::ttl_left(*entry, now);
      finish(std::move(answer));
      return true;
    }
    if (type_ == Type::cname || type_ == Type::any) return false;
    const Cache::Entry* alias = resolver_.cache_.find(now, current_, Type::cname);
    if (alias == nullptr || alias->outcome != Outcome::ok || alias->trust != Trust::answer) {
      return false;
    }
    const auto records = Cache::aged(*alias, now);
    const auto* cname = std::get_if<Cname>(&records.front().data);
    if (cname == nullptr) return false;
    chain_.push_back(records.front());
    if (!alias_to(cname->target)) return true;
  }
}

/// Goes on with `target`; false, and the end, when that is a loop.
bool Task::alias_to(const Name& target) {
  const bool seen = std::any_of(chain_.begin(), chain_.end(),
                                [&](const Record& record) { return record.name == target; });
  if (seen || chain_.size() > kMaxAliases) {
    fail(Outcome::servfail, "the CNAMEs of " + name_.to_string() + " lead in a circle");
    return false;
  }
  current_ = target;
  return true;
}

/// Enters the closest zone above the name whose servers are known; false: not even the root's are.
bool Task::choose_zone() {
  // The DS record of a zone is its parent's (RFC 4035 section 3.1.4.1).
  Name zone = type_ == Type::ds ? current_.parent() : current_;
  for (;; zone = zone.parent()) {
    if (cached_servers(zone)) return true;
    if (zone.is_root()) break;
  }
  zone_ = Name();
  round_ = 0;
  servers_.clear();
  hosts_.clear();
  for (const auto& hint : resolver_.options_.hints) add_server(hint.name, hint.address);
  return !servers_.empty();
}

bool Task::cached_servers(const Name& zone) {
  const auto now = resolver_.client_.environment().timers.now();
  const Cache::Entry* entry = resolver_.cache_.find(now, zone, Type::ns);
  if (entry == nullptr || entry->outcome != Outcome::ok) return false;
  std::vector<Name> hosts;
  for (const auto& record : entry->records) {
    if (const auto* ns = std::get_if<Ns>(&record.data)) hosts.push_back(ns->host);
  }
  return enter_zone(zone, hosts, {});
}

/// False when no server of the zone has an address or could be found to have one: then its parent
/// must be asked for the glue again.
bool Task::enter_zone(const Name& zone, const std::vector<Name>& hosts,
                      const std::vector<Record>& glue) {
  servers_.clear();
  hosts_.clear();
  round_ = 0;
  hosts_resolved_ = 0;
  answered_ = false;
  detail_.clear();
  zone_ = zone;
  for (const auto& host : hosts) {
    const std::size_t before = servers_.size();
    for (const auto& record : glue) {
      if (record.name != host) continue;
      if (const auto* a = std::get_if<A>(&record.data)) add_server(host, a->address);
      if (const auto* aaaa = std::get_if<Aaaa>(&record.data)) add_server(host, aaaa->address);
    }
    if (servers_.size() == before) add_cached_addresses(host);
    // The address of a host inside of the zone could be had from the zone alone.
    if (servers_.size() == before && !host.is_within(zone)) hosts_.push_back(host);
  }
  // RFC 1034 section 5.3.3 step 2: begin anywhere, so that the servers share the load.
  net::Entropy& entropy = resolver_.client_.entropy();
  for (std::size_t i = servers_.size(); i > 1; --i) {
    std::swap(servers_[i - 1], servers_[entropy.below(i)]);
  }
  return !servers_.empty() || !hosts_.empty();
}

void Task::add_server(const Name& host, const net::Address& address) {
  const auto& options = resolver_.options_;
  if (address.is_v6() ? !options.ipv6 : !options.ipv4) return;
  const bool known = std::any_of(servers_.begin(), servers_.end(),
                                 [&](const Server& server) { return server.address == address; });
  if (!known) servers_.push_back({host, address, 0, false});
}

void Task::add_cached_addresses(const Name& host) {
  const auto now = resolver_.client_.environment().timers.now();
  for (const Type type : {Type::a, Type::aaaa}) {
    const Cache::Entry* entry = resolver_.cache_.find(now, host, type);
    if (entry == nullptr) continue;
    for (const auto& record : entry->records) {
      if (const auto* a = std::get_if<A>(&record.data)) add_server(host, a->address);
      if (const auto* aaaa = std::get_if<Aaaa>(&record.data)) add_server(host, aaaa->address);
    }
  }
}

void Task::ask_next() {
  while (!done_) {
    if (Server* server = next_server()) return ask(*server);
    if (resolve_next_host()) return;
    // Whether another round is of use: somebody is left who has only been silent so far.
    const bool anyone = std::any_of(servers_.begin(), servers_.end(),
                                    [](const Server& server) { return !server.useless; });
    if (!anyone || ++round_ >= resolver_.options_.rounds) {
      return fail(
          answered_ || servers_.empty() ? Outcome::servfail : Outcome::timeout,
          !detail_.empty() ? detail_ : "no server of " + zone_.zone_text() + " can be reached");
    }
  }
}

/// The best server that was not asked in this round; nullptr: all were.
Task::Server* Task::next_server() {
  const auto now = resolver_.client_.environment().timers.now();
  // Those that failed lately come last; among the others the fast ones come first.
  const auto cost = [&](const Server& server) {
    const auto& state = resolver_.server(server.address);
    return std::pair(state.avoid_until > now, state.round_trip / kRoundTripBand);
  };
  Server* best = nullptr;
  for (auto& server : servers_) {
    if (server.useless || server.tries > round_) continue;
    if (best == nullptr || cost(server) < cost(*best)) best = &server;
  }
  return best;
}

/// Begins to look for the address of a server whose name alone is known; false: there is none left.
bool Task::resolve_next_host() {
  while (!hosts_.empty()) {
    const Name host = hosts_.front();
    hosts_.erase(hosts_.begin());
    if (++hosts_resolved_ > kMaxHostsResolved) return false;
    const Type type = resolver_.options_.ipv4 ? Type::a : Type::aaaa;
    Task* task = resolver_.task_for(host, type, depth_ + 1, budget_);
    if (task == nullptr) {
      detail_ = "too many lookups to find the servers of " + zone_.zone_text();
      continue;
    }
    // Zones whose servers are in each other's care, without glue: nobody can find them.
    if (task->waits_for(*this)) {
      detail_ = "the servers of " + zone_.zone_text() + " can only be found by asking them";
      continue;
    }
    waiting_on_ = task;
    task->listen(this, [this, host](const Answer& answer) {
      waiting_on_ = nullptr;
      for (const auto& address : answer.addresses()) add_server(host, address);
      if (answer.addresses().empty()) {
        detail_ = host.zone_text() +
                  (answer.detail.empty() ? " has no address" : " is not found: " + answer.detail);
      }
      ask_next();
    });
    return true;
  }
  return false;
}

void Task::ask(Server& server) {
  if (--*budget_ < 0) return fail(Outcome::servfail, "too many queries for one question");
  const auto& state = resolver_.server(server.address);
  Ask question;
  question.server = {server.address, resolver_.options_.port};
  question.question = {current_, type_, Class::in};
  question.edns = !state.no_edns;
  question.timeout = timeout_for(server);
  question.attempt = ++server.tries;
  asked_at_ = resolver_.client_.environment().timers.now();
  asking_ = resolver_.client_.ask(std::move(question),
                                  [this, address = server.address](const Reply& reply) {
                                    asking_ = 0;
                                    replied(address, reply);
                                  });
}

net::Duration Task::timeout_for(const Server& server) {
  const auto& options = resolver_.options_;
  const auto round_trip = resolver_.server(server.address).round_trip;
  auto timeout =
      round_trip == net::Duration{} ? options.first_timeout : std::max(round_trip * 3, kMinTimeout);
  for (int i = 0; i < server.tries && timeout < options.max_timeout; ++i) timeout *= 2;
  return std::min(timeout, options.max_timeout);
}

}  // namespace mailscope::dns
