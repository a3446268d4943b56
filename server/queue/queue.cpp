// What is due, and starting it. What came of it is in queue_results.cpp.
#include "server/queue/queue.hpp"

#include <algorithm>

#include "server/mail/idna.hpp"
#include "server/mail/text.hpp"
#include "server/queue/running.hpp"
#include "server/smtp/grammar.hpp"

namespace mailscope::queue {

using State = QueueRecipient::State;

namespace {

/// The field "TLS-Required: No" (RFC 8689 section 5).
bool says_tls_optional(std::string_view content) {
  constexpr std::string_view kField = "TLS-Required:";
  // Few messages have it: a search for the name is cheaper than a parse of every header.
  const std::string_view header = content.substr(0, content.find("\r\n\r\n"));
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = std::min(header.find("\r\n", at), header.size());
    const std::string_view line = header.substr(at, end - at);
    if (line.size() > kField.size() && smtp::equal_nocase(line.substr(0, kField.size()), kField)) {
      return smtp::equal_nocase(mail::trim(line.substr(kField.size())), "No");
    }
    at = end + 2;
  }
  return false;
}

bool is_under(std::string_view domain, std::string_view parent) {
  return domain.size() > parent.size() && domain.ends_with(parent) &&
         domain[domain.size() - parent.size() - 1] == '.';
}

}  // namespace

OutboundQueue::OutboundQueue(QueueEnvironment environment, QueueOptions options, Submit submit,
                             NewId new_id)
    : environment_(std::move(environment)),
      options_(std::move(options)),
      submit_(std::move(submit)),
      new_id_(std::move(new_id)),
      timer_(environment_.base.timers),
      lanes_([this](const std::string& destination) { return limits_of(destination); }) {
  environment_.base.memory = &memory_;
}

OutboundQueue::~OutboundQueue() = default;

void OutboundQueue::start() {
  for (QueueEntry& entry : environment_.store.load_all()) take_up(std::move(entry));
  later();
}

void OutboundQueue::add(const smtp::Envelope& envelope,
                        std::shared_ptr<const std::string> content) {
  QueueEntry entry;
  entry.id = envelope.queue_id;
  entry.reverse_path = envelope.reverse_path;
  entry.asked = envelope.asked;
  entry.message_id = envelope.message_id;
  entry.content = std::move(content);
  entry.created = environment_.base.timers.now();
  for (const smtp::Recipient& asked : envelope.recipients) {
    QueueRecipient& recipient = entry.recipients.emplace_back();
    recipient.mailbox = asked.mailbox;
    recipient.orcpt = asked.orcpt;
    recipient.notify = asked.notify;
    // RFC 4865 section 4: held until its time has come.
    recipient.next_try = begin_of(entry);
  }
  if (entry.recipients.empty()) return;
  environment_.store.put(entry);
  const std::string id = entry.id;
  take_up(std::move(entry));
  if (envelope.message != 0) facts_.at(id).message = envelope.message;
  later();
}

void OutboundQueue::take_up(QueueEntry entry) {
  const std::string id = entry.id;
  Facts facts;
  facts.cause = environment_.base.sink.cause();
  facts.message = environment_.base.sink.message(entry.message_id);
  facts.eight_bit = smtp::has_eight_bit(*entry.content);
  // What came as lines was looked at when it came.
  facts.binary = entry.asked.body == smtp::Body::binary && smtp::has_binary(*entry.content);
  facts.utf8_header = entry.asked.smtputf8 && smtp::has_utf8_header(*entry.content);
  facts.tls_optional = !entry.asked.require_tls && says_tls_optional(*entry.content);
  facts_.insert_or_assign(id, facts);
  entries_.insert_or_assign(id, std::move(entry));
  place(id);
}

void OutboundQueue::flush(std::string_view domain) {
  const net::Time now = environment_.base.timers.now();
  for (auto& [id, entry] : entries_) {
    if (entry.asked.hold_until && *entry.asked.hold_until > now) continue;
    for (QueueRecipient& recipient : entry.recipients) {
      if (recipient.state != State::waiting) continue;
      if (domain.empty() || recipient.mailbox.domain == domain) {
        recipient.next_try = std::min(recipient.next_try, now);
      }
    }
    facts_.at(id).cause = environment_.base.sink.cause();
    place(id);
  }
  later();
}

std::size_t OutboundQueue::held(const std::function<bool(const QueueEntry&)>& is_theirs) const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [&](const auto& each) {
    return each.second.asked.hold_until && is_theirs(each.second);
  }));
}

std::size_t OutboundQueue::waiting_for(std::string_view domain, bool below) const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [&](const auto& each) {
    return std::ranges::any_of(each.second.recipients, [&](const QueueRecipient& recipient) {
      const std::string& to = recipient.mailbox.domain;
      return recipient.state == State::waiting &&
             (mail::same_domain(to, domain) || (below && is_under(to, domain)));
    });
  }));
}

void OutboundQueue::flush_for(std::string_view domain, bool below) {
  std::set<std::string> domains;
  for (const auto& [id, entry] : entries_) {
    for (const QueueRecipient& recipient : entry.recipients) {
      const std::string& to = recipient.mailbox.domain;
      if (mail::same_domain(to, domain) || (below && is_under(to, domain))) domains.insert(to);
    }
  }
  for (const std::string& each : domains) flush(each);
}

std::vector<const DeliveryAttempt*> OutboundQueue::attempts() const {
  std::vector<const DeliveryAttempt*> all;
  for (const auto& running : running_) all.push_back(running->attempt.get());
  return all;
}

net::Time OutboundQueue::next_due() const {
  const net::Time due = due_.empty() ? net::kNever : due_.begin()->first;
  return std::min(due, lanes_.opens());
}

bool OutboundQueue::busy(const QueueEntry& entry, const QueueRecipient& recipient) const {
  const std::string& destination = destination_of(recipient);
  return std::ranges::any_of(running_, [&](const auto& running) {
    return running->open() && running->id == entry.id && running->destination == destination;
  });
}

const std::string& OutboundQueue::destination_of(const QueueRecipient& recipient) const {
  return options_.attempt.smart_host.empty() ? recipient.mailbox.domain
                                             : options_.attempt.smart_host;
}

net::Time OutboundQueue::begin_of(const QueueEntry& entry) const {
  return std::max(entry.created, entry.asked.hold_until.value_or(entry.created));
}

bool OutboundQueue::in_lane(const QueueEntry& entry, const QueueRecipient& recipient) const {
  return lanes_.waits(destination_of(recipient), entry.id);
}

DestinationLimits OutboundQueue::limits_of(const std::string& destination) const {
  const auto own = std::ranges::find_if(options_.destinations, [&](const auto& each) {
    return mail::same_domain(each.first, destination);
  });
  return own == options_.destinations.end() ? options_.per_destination : own->second;
}

/// The next thing to do about an entry: the earliest retry, the warning about the delay, or the end
/// of the time that it has.
net::Time OutboundQueue::due(const QueueEntry& entry) const {
  net::Time earliest = net::kNever;
  bool tried = false;
  for (const QueueRecipient& recipient : entry.recipients) {
    if (recipient.state != State::waiting) continue;
    const bool waits_for_turn = in_lane(entry, recipient);
    tried = tried || recipient.attempts > 0 || waits_for_turn;
    if (waits_for_turn || busy(entry, recipient)) continue;
    earliest = std::min(earliest, recipient.next_try);
  }
  const net::Duration warn_after = options_.schedule.warn_after;
  if (tried && !entry.warned && warn_after > net::Duration::zero()) {
    earliest = std::min(earliest, begin_of(entry) + warn_after);
  }
  const bool idle = std::ranges::any_of(entry.recipients, [&](const QueueRecipient& recipient) {
    return recipient.state == State::waiting && !busy(entry, recipient);
  });
  if (idle && entry.asked.by && (entry.asked.by->give_up || !entry.told_late)) {
    earliest = std::min(earliest, entry.asked.by->deadline);
  }
  return earliest;
}

void OutboundQueue::unplace(const std::string& id) {
  net::Time& due = facts_.at(id).due;
  due_.erase({std::exchange(due, net::kNever), id});
}

void OutboundQueue::place(const std::string& id) {
  const auto facts = facts_.find(id);
  if (facts == facts_.end()) return;
  unplace(id);
  facts->second.due = due(entries_.at(id));
  if (facts->second.due != net::kNever) due_.emplace(facts->second.due, id);
}

void OutboundQueue::later() {
  if (std::exchange(run_wanted_, true)) return;
  environment_.base.turn.after([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) run();
  });
}

void OutboundQueue::set_timer() {
  // What is full waits for a running delivery to end, not for the clock.
  timer_.set(next_due(), [this] { run(); });
}

void OutboundQueue::run() {
  run_wanted_ = false;
  const net::Time now = environment_.base.timers.now();
  std::vector<Lanes::Turn> entered;
  while (!due_.empty() && due_.begin()->first <= now) {
    tend(std::string(due_.begin()->second), entered);
  }
  start_turns();
  for (const Lanes::Turn& each : entered) {
    if (lanes_.waits(each.destination, each.id)) tell_why(each);
  }
  set_timer();
}

/// Does what is due about an entry; what is to be sent then waits for its turn.
void OutboundQueue::tend(const std::string& id, std::vector<Lanes::Turn>& entered) {
  const trace::CauseScope scope(environment_.base.sink, facts_.at(id).cause);
  if (release(id)) return;
  overdue(entries_.at(id));
  const auto left = entries_.find(id);
  if (left == entries_.end()) return;
  warn(left->second);
  enter_lanes(left->second, entered);
  place(id);
}

/// Starts deliveries while there are places. When all are taken the rest waits: run() is called
/// again when one is free.
void OutboundQueue::start_turns() {
  const net::Time now = environment_.base.timers.now();
  while (open_attempts() < options_.max_attempts) {
    const auto turn = lanes_.next(now);
    if (!turn) return;
    const QueueEntry& entry = entries_.at(turn->id);
    const trace::CauseScope scope(environment_.base.sink, facts_.at(turn->id).cause);
    std::vector<std::size_t> recipients = startable(entry, turn->destination);
    lanes_.started(turn->destination, turn->id, now);
    make_running(entry, std::move(recipients), turn->destination).attempt->start();
    place(turn->id);
  }
}

/// Records once why a message that could go does not.
void OutboundQueue::tell_why(const Lanes::Turn& waiting) {
  const QueueEntry& entry = entries_.at(waiting.id);
  const trace::CauseScope scope(environment_.base.sink, facts_.at(waiting.id).cause);
  const DestinationLimits limits = lanes_.limits(waiting.destination);
  const auto tell = [&](std::string_view why, std::int64_t limit) {
    record(entry, trace::Kind::mail_waits, {entry.id, waiting.destination, why, limit});
  };
  switch (lanes_.hold(waiting.destination, environment_.base.timers.now())) {
    case Lanes::Hold::connections:
      return tell("connections", static_cast<std::int64_t>(limits.connections));
    case Lanes::Hold::rate:
      return tell("rate", std::chrono::minutes(1) / limits.gap);
    case Lanes::Hold::open:
      return tell("places", static_cast<std::int64_t>(options_.max_attempts));
  }
}

/// RFC 4865: the time of a held message has come, and the host does with it what it does with any.
bool OutboundQueue::release(const std::string& id) {
  QueueEntry& entry = entries_.at(id);
  if (!entry.asked.hold_until || !release_) return false;
  if (*entry.asked.hold_until > environment_.base.timers.now()) return false;
  smtp::Envelope envelope;
  envelope.queue_id = entry.id;
  envelope.helo = options_.attempt.hostname;
  envelope.client = environment_.base.network.address();
  envelope.reverse_path = entry.reverse_path;
  envelope.asked = entry.asked;
  envelope.asked.hold_until.reset();
  envelope.message_id = entry.message_id;
  envelope.message = facts_.at(id).message;
  for (const QueueRecipient& each : entry.recipients) {
    envelope.recipients.emplace_back(each.mailbox, each.orcpt, each.notify);
  }
  std::string content = *entry.content;
  forget(id);
  release_(std::move(envelope), std::move(content));
  return true;
}

std::size_t OutboundQueue::open_attempts() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(running_, [](const auto& running) { return running->open(); }));
}

/// Lets the entry wait for its turn at each destination to which it is to go now.
void OutboundQueue::enter_lanes(const QueueEntry& entry, std::vector<Lanes::Turn>& entered) {
  const net::Time now = environment_.base.timers.now();
  for (const QueueRecipient& recipient : entry.recipients) {
    if (recipient.state != State::waiting || recipient.next_try > now) continue;
    const std::string& destination = destination_of(recipient);
    if (in_lane(entry, recipient) || busy(entry, recipient)) continue;
    lanes_.enter(destination, {entry.asked.priority.value_or(0), recipient.next_try, entry.id},
                 now);
    entered.push_back({destination, entry.id});
  }
}

void OutboundQueue::leave_lanes(const QueueEntry& entry) {
  const net::Time now = environment_.base.timers.now();
  for (const QueueRecipient& recipient : entry.recipients) {
    lanes_.leave(destination_of(recipient), entry.id, now);
  }
}

OutboundQueue::Running& OutboundQueue::make_running(const QueueEntry& entry,
                                                    std::vector<std::size_t> recipients,
                                                    const std::string& destination) {
  const Facts& facts = facts_.at(entry.id);
  smtp::Transaction transaction;
  transaction.reverse_path = entry.reverse_path;
  transaction.asked = entry.asked;
  // RFC 4954 section 5: of whom nothing is known, that is said.
  if (transaction.asked.auth.empty()) transaction.asked.auth = "<>";
  transaction.content = entry.content;
  transaction.needs_8bitmime = facts.eight_bit;
  transaction.needs_binarymime = facts.binary;
  transaction.utf8_header = facts.utf8_header;
  for (const std::size_t i : recipients) {
    const QueueRecipient& recipient = entry.recipients[i];
    transaction.recipients.emplace_back(recipient.mailbox, recipient.orcpt, recipient.notify);
  }
  Running& running = *running_.emplace_back(std::make_unique<Running>());
  running.id = entry.id;
  running.destination = destination;
  running.recipients = std::move(recipients);
  running.attempt = std::make_unique<DeliveryAttempt>(
      environment_.base, options_.attempt, entry.id, facts.message,
      entry.recipients[running.recipients[0]].mailbox.domain, std::move(transaction),
      DeliveryAttempt::Callbacks{[this, &running](DeliveryAttempt&) { decided(running); },
                                 [this, &running](DeliveryAttempt&) { over(running); }});
  running.attempt->set_tls_optional(facts.tls_optional);
  return running;
}

/// Recipients of the entry that wait for this destination and are due.
std::vector<std::size_t> OutboundQueue::startable(const QueueEntry& entry,
                                                  const std::string& destination) const {
  const net::Time now = environment_.base.timers.now();
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    const QueueRecipient& recipient = entry.recipients[i];
    if (recipient.state == State::waiting && recipient.next_try <= now &&
        destination_of(recipient) == destination && !busy(entry, recipient)) {
      found.push_back(i);
    }
  }
  return found;
}

/// The connection of a delivery that has ended serves the next message to the same destination,
/// unless it is another destination's turn and no place is left for that.
bool OutboundQueue::go_on(Running& running) {
  const net::Time now = environment_.base.timers.now();
  const std::string destination = running.destination;
  const auto id = lanes_.first_of(destination, now);
  if (!id) return false;
  if (open_attempts() + 1 >= options_.max_attempts &&
      lanes_.next(now)->destination != destination) {
    return false;
  }
  const QueueEntry& entry = entries_.at(*id);
  const trace::CauseScope scope(environment_.base.sink, environment_.base.sink.cause());
  Running& next = make_running(entry, startable(entry, destination), destination);
  if (!next.attempt->take_over(*running.attempt)) {
    // Nothing has begun, so nothing runs that could still speak to it.
    running_.pop_back();
    return false;
  }
  lanes_.started(destination, *id, now);
  place(*id);
  return true;
}

}  // namespace mailscope::queue
