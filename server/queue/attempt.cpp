// Where to: the mail exchangers of a domain and their addresses (RFC 5321 section 5.1, RFC 7505).
#include "server/queue/attempt.hpp"

#include <algorithm>
#include <utility>

#include "server/mail/idna.hpp"
#include "server/smtp/grammar.hpp"

namespace mailscope::queue {

using smtp::Reply;
using trace::Kind;

std::string_view to_string(AttemptState state) {
  constexpr std::string_view names[] = {"idle", "mx", "addresses", "connecting", "talking", "done"};
  return names[static_cast<std::size_t>(state)];
}

namespace {

/// The address in "[192.0.2.1]" or "[IPv6:2001:db8::1]".
std::optional<net::Address> literal_address(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (smtp::equal_nocase(text.substr(0, 5), "IPv6:")) text.remove_prefix(5);
  return net::Address::parse(text);
}

std::string reason(const dns::Answer& answer) {
  std::string out(dns::to_string(answer.outcome));
  if (!answer.detail.empty()) out += ": " + answer.detail;
  return out;
}

}  // namespace

DeliveryAttempt::DeliveryAttempt(AttemptEnvironment environment, const AttemptOptions& options,
                                 std::string queue_id, trace::MessageNumber message,
                                 std::string domain, smtp::Transaction transaction,
                                 Callbacks callbacks)
    : environment_(std::move(environment)),
      options_(options),
      queue_id_(std::move(queue_id)),
      message_(message),
      domain_(std::move(domain)),
      transaction_(std::move(transaction)),
      callbacks_(std::move(callbacks)),
      results_(transaction_.recipients.size()),
      deciders_(results_.size()),
      connect_timer_(environment_.timers) {
  for (std::size_t i = 0; i < results_.size(); ++i) {
    results_[i].recipient = transaction_.recipients[i].mailbox;
  }
}

DeliveryAttempt::~DeliveryAttempt() = default;

void DeliveryAttempt::start() {
  cause_ = environment_.sink.cause();
  if (!options_.smart_host.empty()) {
    implicit_mx_ = true;
    order({{0, options_.smart_host}});
  } else if (const auto address = literal_address(domain_)) {
    // RFC 5321 section 5: an address literal says where to; there is nothing to look up.
    exchangers_ = {{0, domain_}};
    exchanger_ = 1;
    targets_ = {{domain_, *address}};
    next_server();
  } else {
    ask_mx();
  }
}

void DeliveryAttempt::ask_mx() {
  state_ = AttemptState::mx;
  // RFC 5891 section 4: the DNS knows domains in Unicode by their A-labels.
  const auto name = mail::ascii_domain(domain_);
  if (!name) {
    note_all({553, {5, 1, 2}, "The domain " + smtp::printable(domain_) + " is not valid"});
    return nobody_left();
  }
  lookup_ = environment_.resolver.query(*name, dns::Type::mx,
                                        [this](const dns::Answer& answer) { mx_answer(answer); });
}

void DeliveryAttempt::mx_answer(const dns::Answer& answer) {
  cause_ = environment_.sink.cause();
  switch (answer.outcome) {
    case dns::Outcome::nxdomain:
      note_all({550, {5, 1, 2}, "The domain " + domain_ + " does not exist"});
      return nobody_left();
    case dns::Outcome::servfail:
    case dns::Outcome::timeout:
      note_all(
          {451, {4, 4, 3}, "No answer from the DNS for " + domain_ + " (" + reason(answer) + ")"});
      return nobody_left();
    case dns::Outcome::nodata:
      // RFC 5321 section 5.1: without MX records the domain is its own mail exchanger.
      implicit_mx_ = true;
      return order({{0, mail::ascii_domain(domain_).value_or(domain_)}});
    case dns::Outcome::ok:
      break;
  }
  const auto records = answer.all<dns::Mx>();
  std::vector<Exchanger> found;
  for (const dns::Mx& mx : records) {
    if (!mx.exchange.is_root()) found.push_back({mx.preference, mx.exchange.lower().to_string()});
  }
  if (found.empty()) {
    // RFC 7505 section 3: "MX 0 ." says that there is no mail here, and that asking again is no
    // use.
    note_all({556, {5, 1, 10}, "The domain " + domain_ + " accepts no mail (null MX)"});
    return nobody_left();
  }
  order(std::move(found));
}

void DeliveryAttempt::order(std::vector<Exchanger> found) {
  exchangers_ = std::move(found);
  // Shuffled, then sorted by preference: equal ones share the load at random (RFC 5321
  // section 5.1).
  for (std::size_t i = exchangers_.size(); i > 1; --i) {
    std::swap(exchangers_[i - 1], exchangers_[environment_.entropy.below(i)]);
  }
  std::ranges::stable_sort(exchangers_, {}, &Exchanger::preference);
  std::string list;
  for (const Exchanger& each : exchangers_) {
    if (!list.empty()) list += ", ";
    list += std::to_string(each.preference) + " " + each.name;
  }
  const trace::CauseScope scope(environment_.sink, cause_);
  cause_ = environment_.sink.record(Kind::policy_mx, origin(), {domain_, list});
  drop_self_and_worse();
  if (exchangers_.size() > options_.max_exchangers) exchangers_.resize(options_.max_exchangers);
  if (exchangers_.empty()) {
    note_all({554, {5, 4, 6}, "Mail for " + domain_ + " would come back to this host"});
    return nobody_left();
  }
  next_exchanger();
}

/// RFC 5321 section 5.1: a host that is itself in the list must not turn to itself nor to those it
/// is preferred to, or mail would go round in circles.
void DeliveryAttempt::drop_self_and_worse() {
  const auto self =
      std::ranges::find_if(exchangers_, [&](const Exchanger& e) { return is_self(e.name); });
  if (self == exchangers_.end()) return;
  const std::uint16_t preference = self->preference;
  std::erase_if(exchangers_, [&](const Exchanger& e) { return e.preference >= preference; });
}

bool DeliveryAttempt::is_self(std::string_view name) const {
  return smtp::equal_nocase(name, options_.hostname) ||
         std::ranges::any_of(options_.own_names,
                             [&](const std::string& own) { return smtp::equal_nocase(own, name); });
}

bool DeliveryAttempt::is_self(const net::Address& address) const {
  return address == environment_.network.address() ||
         std::ranges::find(options_.own_addresses, address) != options_.own_addresses.end();
}

void DeliveryAttempt::next_exchanger() {
  if (exchanger_ == exchangers_.size() && !postponed_.empty()) {
    // Nobody else is left: now those that failed lately, in their order.
    targets_.assign(postponed_.rbegin(), postponed_.rend());
    postponed_.clear();
    desperate_ = true;
    return next_server();
  }
  if (exchanger_ == exchangers_.size()) return nobody_left();
  target_ = {exchangers_[exchanger_++].name, {}};
  if (const auto address = literal_address(target_.name)) {
    targets_ = {{target_.name, *address}};
    return next_server();
  }
  ask_addresses();
}

void DeliveryAttempt::ask_addresses() {
  state_ = AttemptState::addresses;
  found_v6_.clear();
  found_v4_.clear();
  lookup_trouble_ = false;
  lookups_open_ = (options_.ipv6 ? 1 : 0) + (options_.ipv4 ? 1 : 0);
  if (lookups_open_ == 0) return addresses_known();
  const trace::CauseScope scope(environment_.sink, cause_);
  if (options_.ipv6) {
    lookup_ = environment_.resolver.query(
        target_.name, dns::Type::aaaa,
        [this](const dns::Answer& answer) { address_answer(answer, true); });
  }
  if (options_.ipv4) {
    second_lookup_ = environment_.resolver.query(
        target_.name, dns::Type::a,
        [this](const dns::Answer& answer) { address_answer(answer, false); });
  }
}

void DeliveryAttempt::address_answer(const dns::Answer& answer, bool v6) {
  cause_ = environment_.sink.cause();
  (v6 ? found_v6_ : found_v4_) = answer.addresses();
  lookup_trouble_ = lookup_trouble_ || answer.temporary();
  if (--lookups_open_ == 0) addresses_known();
}

void DeliveryAttempt::addresses_known() {
  std::vector<net::Address> addresses = std::move(found_v6_);
  addresses.insert(addresses.end(), found_v4_.begin(), found_v4_.end());
  if (addresses.empty()) {
    if (lookup_trouble_) {
      note_all({451, {4, 4, 3}, "No answer from the DNS for the address of " + target_.name});
    } else if (implicit_mx_) {
      note_all({550,
                {5, 1, 2},
                "The domain " + domain_ + " has neither mail exchangers nor an address"});
    } else {
      // RFC 5321 section 5.1: mail exchangers that lead nowhere are an error to be reported.
      note_all({550, {5, 4, 4}, "The mail exchanger " + target_.name + " has no address"});
    }
    return next_exchanger();
  }
  if (addresses.size() > options_.max_addresses) addresses.resize(options_.max_addresses);
  targets_.clear();
  for (auto it = addresses.rbegin(); it != addresses.rend(); ++it) {
    targets_.push_back({target_.name, *it});
  }
  next_server();
}

void DeliveryAttempt::next_server() {
  // RFC 5321 section 5.1: not to this host itself, under whatever name its address is given.
  while (!targets_.empty() && is_self(targets_.back().address)) {
    note_all({554, {5, 4, 6}, "Mail for " + domain_ + " would come back to this host"});
    targets_.pop_back();
  }
  if (servers_tried_ == options_.max_servers) return nobody_left();
  if (targets_.empty()) return next_exchanger();
  target_ = std::move(targets_.back());
  targets_.pop_back();
  if (environment_.memory != nullptr && !desperate_ &&
      environment_.memory->avoids(target_.address, environment_.timers.now())) {
    postponed_.push_back(std::move(target_));
    return next_server();
  }
  ++servers_tried_;
  connect(options_.tls_context != nullptr || tls_policy() == smtp::ClientOptions::Tls::required);
}

}  // namespace mailscope::queue
