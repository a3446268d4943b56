// What is due, and starting it. What came of it is in queue_results.cpp.
#include "server/queue/queue.hpp"

#include <algorithm>

#include "server/queue/running.hpp"

namespace mailscope::queue {

using State = QueueRecipient::State;

OutboundQueue::OutboundQueue(QueueEnvironment environment, QueueOptions options, Submit submit,
                             NewId new_id)
    : environment_(std::move(environment)),
      options_(std::move(options)),
      submit_(std::move(submit)),
      new_id_(std::move(new_id)),
      timer_(environment_.base.timers) {}

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
    recipient.next_try = entry.created;
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
  facts_.insert_or_assign(id, facts);
  entries_.insert_or_assign(id, std::move(entry));
  place(id);
}

void OutboundQueue::flush(std::string_view domain) {
  const net::Time now = environment_.base.timers.now();
  for (auto& [id, entry] : entries_) {
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

std::vector<const DeliveryAttempt*> OutboundQueue::attempts() const {
  std::vector<const DeliveryAttempt*> all;
  for (const auto& running : running_) all.push_back(running->attempt.get());
  return all;
}

net::Time OutboundQueue::next_due() const {
  return due_.empty() ? net::kNever : due_.begin()->first;
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

/// The next thing to do about an entry: the earliest retry, or the warning about the delay.
net::Time OutboundQueue::due(const QueueEntry& entry) const {
  const std::set<std::string>& parked = facts_.at(entry.id).parked;
  net::Time earliest = net::kNever;
  bool tried = false;
  for (const QueueRecipient& recipient : entry.recipients) {
    if (recipient.state != State::waiting) continue;
    tried = tried || recipient.attempts > 0;
    if (parked.contains(destination_of(recipient)) || busy(entry, recipient)) continue;
    earliest = std::min(earliest, recipient.next_try);
  }
  const net::Duration warn_after = options_.schedule.warn_after;
  if (tried && !entry.warned && warn_after > net::Duration::zero()) {
    earliest = std::min(earliest, entry.created + warn_after);
  }
  return earliest;
}

void OutboundQueue::place(const std::string& id) {
  const auto facts = facts_.find(id);
  if (facts == facts_.end()) return;
  due_.erase({facts->second.due, id});
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
  // What is due and not started waits for a running delivery to end, not for the clock.
  const net::Time now = environment_.base.timers.now();
  const auto next = due_.upper_bound({now, std::string(1, '\x7f')});
  timer_.set(next == due_.end() ? net::kNever : next->first, [this] { run(); });
}

void OutboundQueue::run() {
  run_wanted_ = false;
  const net::Time now = environment_.base.timers.now();
  // Each step may add and move entries, so the next one is looked up afresh. When all places are
  // taken the rest stays due: run() is called again when one is free.
  Place at{net::Time::min(), {}};
  while (open_attempts() < options_.max_attempts) {
    const auto next = due_.upper_bound(at);
    if (next == due_.end() || next->first > now) break;
    at = *next;
    QueueEntry& entry = entries_.at(at.second);
    const trace::CauseScope scope(environment_.base.sink, facts_.at(entry.id).cause);
    warn(entry);
    start_attempts(entry);
    place(at.second);
  }
  set_timer();
}

std::size_t OutboundQueue::open_attempts() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(running_, [](const auto& running) { return running->open(); }));
}

void OutboundQueue::park(const QueueEntry& entry, const std::string& destination,
                         net::Time next_try) {
  facts_.at(entry.id).parked.insert(destination);
  parked_[destination].emplace(next_try, entry.id);
}

void OutboundQueue::unpark(const std::string& destination) {
  const auto found = parked_.find(destination);
  if (found == parked_.end()) return;
  const std::string id = found->second.extract(found->second.begin()).value().second;
  if (found->second.empty()) parked_.erase(found);
  facts_.at(id).parked.erase(destination);
  place(id);
}

/// Starts a delivery for each destination of the entry that is due and free.
void OutboundQueue::start_attempts(QueueEntry& entry) {
  const net::Time now = environment_.base.timers.now();
  const std::set<std::string>& parked = facts_.at(entry.id).parked;
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    const QueueRecipient& recipient = entry.recipients[i];
    if (recipient.state != State::waiting || recipient.next_try > now) continue;
    const std::string& destination = destination_of(recipient);
    if (parked.contains(destination) || busy(entry, recipient)) continue;
    groups[destination].push_back(i);
  }
  for (auto& [destination, recipients] : groups) {
    if (!start_attempt(entry, std::move(recipients), destination)) return;
  }
}

/// False when no more deliveries may run at all.
bool OutboundQueue::start_attempt(QueueEntry& entry, std::vector<std::size_t> recipients,
                                  const std::string& destination) {
  if (open_attempts() >= options_.max_attempts) return false;
  const auto same = [&](const auto& running) {
    return running->open() && running->destination == destination;
  };
  if (std::ranges::count_if(running_, same) >=
      static_cast<std::ptrdiff_t>(options_.max_per_destination)) {
    park(entry, destination, entry.recipients[recipients.front()].next_try);
    return true;
  }
  const Facts& facts = facts_.at(entry.id);
  smtp::Transaction transaction;
  transaction.reverse_path = entry.reverse_path;
  transaction.asked = entry.asked;
  transaction.content = entry.content;
  transaction.needs_8bitmime = facts.eight_bit;
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
  running.attempt->start();
  return true;
}

}  // namespace mailscope::queue
