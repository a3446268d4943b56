// What servers say, and what follows from it (RFC 1034 section 5.3.3 step 4).
#include <algorithm>
#include <utility>

#include "server/dns/interpret.hpp"
#include "server/dns/task.hpp"

namespace mailscope::dns {
namespace {

using std::chrono::seconds;

/// A server that timed out comes last for 2, 4, 8... seconds, at most this long.
constexpr net::Duration kMaxAvoid = seconds(60);

/// Records with one name and type put together, in the order of the section.
std::vector<std::vector<Record>> sets_of(const std::vector<Record>& records) {
  std::vector<std::vector<Record>> sets;
  for (const auto& record : records) {
    const auto set = std::find_if(sets.begin(), sets.end(), [&](const auto& other) {
      return other.front().type == record.type && other.front().name == record.name;
    });
    if (set != sets.end()) {
      set->push_back(record);
    } else {
      sets.push_back({record});
    }
  }
  return sets;
}

}  // namespace

void Task::replied(const net::Address& address, const Reply& reply) {
  const auto now = resolver_.client_.environment().timers.now();
  auto& state = resolver_.server(address);
  if (reply.kind == Reply::Kind::timeout) {
    const auto avoid = seconds(2) * (1 << std::min(state.timeouts, 5));
    ++state.timeouts;
    state.avoid_until = now + std::min<net::Duration>(avoid, kMaxAvoid);
    return ask_next();
  }
  answered_ = true;
  state.timeouts = 0;
  state.avoid_until = {};
  if (reply.kind == Reply::Kind::malformed) return useless(address, "sent no DNS message");
  if (reply.kind == Reply::Kind::unreachable) {
    return useless(address, "cannot be reached on TCP");
  }
  // RFC 6298 section 2 in small: old knowledge counts seven parts of eight.
  state.round_trip = state.round_trip == net::Duration{}
                         ? reply.round_trip
                         : (state.round_trip * 7 + reply.round_trip) / 8;
  const Rcode rcode = reply.message.rcode;
  if (!state.no_edns && (rcode == Rcode::formerr || rcode == Rcode::notimp)) {
    // RFC 6891 section 7: perhaps it only does not know EDNS.
    state.no_edns = true;
    for (auto& server : servers_) {
      if (server.address == address) return ask(server);
    }
  }
  if (rcode != Rcode::noerror && rcode != Rcode::nxdomain) {
    return useless(address, "answered " + to_string(rcode));
  }
  understand(address, reply.message);
}

void Task::useless(const net::Address& address, std::string why) {
  for (auto& server : servers_) {
    if (server.address == address) server.useless = true;
  }
  detail_ = address.to_string() + ' ' + std::move(why);
  ask_next();
}

void Task::understand(const net::Address& address, const Message& message) {
  // What is not said with authority comes from somebody's cache: a lame server (RFC 1912 section
  // 2.8), or one that was never meant to be asked.
  if (message.authoritative && (take_answer(message) || take_negative(message))) return;
  if (message.rcode == Rcode::noerror && take_referral(message)) return;
  useless(address, "is not an authority for " + zone_.zone_text());
}

/// True when the answer section says something about the name.
bool Task::take_answer(const Message& message) {
  Chain chain = follow(message.answers, current_, type_, zone_);
  if (chain.records.empty()) return false;
  cache_sets(chain.records);
  if (chain.complete) {
    Answer answer;
    answer.outcome = Outcome::ok;
    answer.records = std::move(chain.records);
    finish(std::move(answer));
    return true;
  }
  for (auto& record : chain.records) {
    const Name target = std::get<Cname>(record.data).target;
    chain_.push_back(std::move(record));
    if (!alias_to(target)) return true;
  }
  // RFC 2308 section 2.1: what the response says otherwise is about the end of the chain, and can
  // be believed when that is in the same zone.
  if (current_.is_within(zone_) && negative_soa(message, current_, zone_) &&
      take_negative(message)) {
    return true;
  }
  proceed();
  return true;
}

/// True when the name, or the type at the name, is said not to exist.
bool Task::take_negative(const Message& message) {
  const auto now = resolver_.client_.environment().timers.now();
  Answer answer;
  answer.soa = negative_soa(message, current_, zone_);
  if (message.rcode == Rcode::nxdomain) {
    answer.outcome = Outcome::nxdomain;
  } else {
    // RFC 2308 section 2.2: NODATA has a SOA; older servers send nothing at all.
    const bool empty = message.answers.empty() && message.authority.empty();
    if (!answer.soa && !empty) return false;
    answer.outcome = Outcome::nodata;
  }
  resolver_.cache_.put_negative(now, current_, type_, answer.outcome, answer.soa);
  if (answer.soa) answer.soa->ttl = negative_ttl(*answer.soa);
  finish(std::move(answer));
  return true;
}

/// True when the authority section leads further down towards the name.
bool Task::take_referral(const Message& message) {
  std::vector<Record> delegation;
  for (const auto& record : message.authority) {
    // Only down, and only on the way to the name: a referral to the zone itself or to one above
    // would go round in circles.
    if (!std::holds_alternative<Ns>(record.data) || record.name == zone_ ||
        !record.name.is_within(zone_) || !current_.is_within(record.name)) {
      continue;
    }
    if (delegation.empty() || delegation.front().name == record.name) delegation.push_back(record);
  }
  if (delegation.empty()) return false;
  std::vector<Name> hosts;
  for (const auto& record : delegation) hosts.push_back(std::get<Ns>(record.data).host);
  // Bailiwick: this server may give addresses of hosts in its own zone alone. Anything else could
  // be a lie about somebody else's (RFC 2181 section 5.4.1).
  std::vector<Record> glue;
  for (const auto& record : message.additional) {
    const bool wanted = std::find(hosts.begin(), hosts.end(), record.name) != hosts.end();
    const bool address = record.type == Type::a || record.type == Type::aaaa;
    if (wanted && address && record.name.is_within(zone_)) glue.push_back(record);
  }
  const auto now = resolver_.client_.environment().timers.now();
  resolver_.cache_.put(now, delegation, Trust::referral);
  for (const auto& set : sets_of(glue)) resolver_.cache_.put(now, set, Trust::glue);
  const Name zone = delegation.front().name;
  if (enter_zone(zone, hosts, glue)) {
    ask_next();
  } else {
    answered_ = true;
    fail(Outcome::servfail, "the delegation of " + zone.zone_text() + " has no address");
  }
  return true;
}

void Task::cache_sets(const std::vector<Record>& records) {
  // An answer to ANY need not be all that there is (RFC 8482 section 4.1), but each set is whole.
  const auto now = resolver_.client_.environment().timers.now();
  for (const auto& set : sets_of(records)) resolver_.cache_.put(now, set, Trust::answer);
}

void Task::fail(Outcome outcome, std::string detail) {
  const auto now = resolver_.client_.environment().timers.now();
  // RFC 9520 section 3.2: failures are remembered for a moment, so that they are not asked for in
  // a loop. Not those of a task that only helps another: a circle is not its fault.
  if (depth_ == 0) resolver_.cache_.put_failure(now, name_, type_, outcome, detail);
  Answer answer;
  answer.outcome = outcome;
  answer.detail = std::move(detail);
  finish(std::move(answer));
}

void Task::finish(Answer answer) {
  if (done_) return;
  done_ = true;
  deadline_.cancel();
  resolver_.client_.cancel(asking_);
  if (waiting_on_ != nullptr) waiting_on_->forget(this);
  waiting_on_ = nullptr;
  answer.name = name_;
  answer.type = type_;
  if (answer.temporary()) {
    answer.records.clear();
  } else {
    answer.records.insert(answer.records.begin(), chain_.begin(), chain_.end());
  }
  if (answer.outcome == Outcome::ok) {
    answer.ttl = 0x7fffffff;
    for (const auto& record : answer.records) answer.ttl = std::min(answer.ttl, record.ttl);
  } else if (answer.soa) {
    answer.ttl = answer.soa->ttl;
  }
  resolver_.task_over(*this);
  const auto listeners = std::exchange(listeners_, {});
  for (const auto& [owner, listener] : listeners) listener(answer);
}

}  // namespace mailscope::dns
