// What came of a delivery: relayed, later, never; and the letters about it (RFC 5321
// section 4.5.4.1 and section 6.1, RFC 3464).
#include <algorithm>

#include "server/queue/dsn.hpp"
#include "server/queue/queue.hpp"
#include "server/queue/running.hpp"

namespace mailscope::queue {

using smtp::Fate;
using trace::Kind;
using State = QueueRecipient::State;

trace::EventId OutboundQueue::record(const QueueEntry& entry, Kind kind,
                                     std::initializer_list<trace::Value> values) {
  trace::Origin origin;
  origin.host = environment_.base.host;
  origin.message = facts_.at(entry.id).message;
  return environment_.base.sink.record(kind, origin, values);
}

net::Duration OutboundQueue::wait_after(std::uint32_t attempts) const {
  const auto& waits = options_.schedule.waits;
  if (waits.empty()) return std::chrono::minutes(30);  // RFC 5321 section 4.5.4.1
  return waits[std::min<std::size_t>(attempts, waits.size()) - 1];
}

void OutboundQueue::decided(Running& running) {
  const std::string id = running.id;
  if (const auto it = entries_.find(id); it != entries_.end()) {
    QueueEntry& entry = it->second;
    apply(entry, running);
    save(id);
  }
  unpark(running.destination);
  // There is a free place now; and the change must not rest uncommitted (see Turn::end).
  later();
}

void OutboundQueue::apply(QueueEntry& entry, const Running& running) {
  std::vector<std::size_t> failed;
  std::string relayed, relayed_to;
  const auto& results = running.attempt->results();
  for (std::size_t k = 0; k < results.size(); ++k) {
    const std::size_t i = running.recipients[k];
    QueueRecipient& recipient = entry.recipients[i];
    ++recipient.attempts;
    recipient.last_reply = results[k].reply;
    recipient.last_server = running.attempt->server_of(k);
    if (results[k].fate == Fate::delivered) {
      recipient.state = State::delivered;
      relayed += (relayed.empty() ? "" : ", ") + recipient.mailbox.to_string();
      relayed_to = recipient.last_server;
    }
  }
  if (!relayed.empty()) record(entry, Kind::mail_relayed, {entry.id, relayed, relayed_to});
  const net::Time expiry = entry.created + options_.schedule.expire_after;
  for (std::size_t k = 0; k < results.size(); ++k) {
    const std::size_t i = running.recipients[k];
    if (results[k].fate == Fate::failed) {
      give_up(entry, i, dsn_status(results[k].reply, DsnAction::failed));
      failed.push_back(i);
    } else if (results[k].fate == Fate::deferred) {
      if (environment_.base.timers.now() < expiry) {
        defer(entry, entry.recipients[i]);
      } else {
        // RFC 3463 section 3.5: delivery time expired; the last reply says why.
        give_up(entry, i, {4, 4, 7});
        failed.push_back(i);
      }
    }
  }
  if (!failed.empty()) notify(entry, failed, DsnAction::failed);
  warn(entry);
}

void OutboundQueue::defer(QueueEntry& entry, QueueRecipient& recipient) {
  const net::Time now = environment_.base.timers.now();
  // The last try is made when the time is up, not later.
  recipient.next_try = std::min(now + wait_after(recipient.attempts),
                                entry.created + options_.schedule.expire_after);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(recipient.next_try - now).count();
  facts_.at(entry.id).cause =
      record(entry, Kind::mail_deferred,
             {entry.id, recipient.mailbox.to_string(), recipient.last_reply.to_string(),
              recipient.attempts, seconds});
}

void OutboundQueue::give_up(QueueEntry& entry, std::size_t i, smtp::EnhancedStatus status) {
  QueueRecipient& recipient = entry.recipients[i];
  recipient.state = State::failed;
  environment_.base.sink.set_cause(record(entry, Kind::mail_failed,
                                          {entry.id, recipient.mailbox.to_string(),
                                           status.to_string(), recipient.last_reply.to_string()}));
}

/// Tells the sender once when a message waits for too long.
void OutboundQueue::warn(QueueEntry& entry) {
  const net::Duration after = options_.schedule.warn_after;
  if (entry.warned || after <= net::Duration::zero()) return;
  if (environment_.base.timers.now() < entry.created + after) return;
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    const QueueRecipient& recipient = entry.recipients[i];
    if (recipient.state == State::waiting && recipient.attempts > 0) waiting.push_back(i);
  }
  if (waiting.empty()) return;
  entry.warned = true;
  environment_.store.put(entry);
  if (!entry.reverse_path.null()) notify(entry, waiting, DsnAction::delayed);
}

void OutboundQueue::notify(QueueEntry& entry, const std::vector<std::size_t>& which,
                           DsnAction action) {
  if (entry.reverse_path.null()) {
    // RFC 5321 section 6.1: no notification about a notification, or two hosts could go on for
    // ever.
    record(entry, Kind::mail_discarded,
           {entry.id, "nobody is told: the message is a notification itself"});
    return;
  }
  Dsn dsn;
  dsn.reporting_mta = options_.attempt.hostname;
  dsn.queue_id = entry.id;
  dsn.to = entry.reverse_path;
  dsn.now = environment_.base.timers.now();
  dsn.arrived = entry.created;
  dsn.give_up = entry.created + options_.schedule.expire_after;
  dsn.original = *entry.content;
  dsn.max_returned = options_.max_returned;
  for (const std::size_t i : which) {
    const QueueRecipient& recipient = entry.recipients[i];
    DsnRecipient& told = dsn.recipients.emplace_back();
    told.mailbox = recipient.mailbox;
    told.action = action;
    told.reply = recipient.last_reply;
    told.remote_mta = recipient.last_server;
    if (action == DsnAction::failed) {
      told.last_attempt = dsn.now;
      // What was transient to the end failed because the time was up.
      if (recipient.last_reply.transient()) told.status = {4, 4, 7};
    }
  }
  smtp::Envelope envelope;
  envelope.queue_id = new_id_();
  envelope.helo = options_.attempt.hostname;
  envelope.client = environment_.base.network.address();
  // RFC 3464 section 2, RFC 5321 section 4.5.5: a notification has the null reverse-path.
  envelope.recipients.push_back(entry.reverse_path);
  envelope.message_id = "<" + envelope.queue_id + "." + std::to_string(net::unix_seconds(dsn.now)) +
                        "@" + dsn.reporting_mta + ">";
  envelope.message = environment_.base.sink.message(envelope.message_id);
  dsn.message_id = envelope.message_id;
  const trace::CauseScope scope(
      environment_.base.sink,
      record(entry, Kind::mail_bounced,
             {entry.id, envelope.queue_id, to_string(action), entry.reverse_path.to_string()}));
  submit_(std::move(envelope), build_dsn(dsn));
}

/// Writes the entry back, or removes it when nobody waits any more.
void OutboundQueue::save(const std::string& id) {
  const auto it = entries_.find(id);
  const auto& recipients = it->second.recipients;
  const bool waits = std::ranges::any_of(
      recipients, [](const QueueRecipient& r) { return r.state == State::waiting; });
  if (waits) {
    environment_.store.put(it->second);
    return place(id);
  }
  environment_.store.remove(id);
  due_.erase({facts_.at(id).due, id});
  facts_.erase(id);
  entries_.erase(it);
}

void OutboundQueue::over(Running& running) {
  const auto it =
      std::ranges::find_if(running_, [&](const auto& each) { return each.get() == &running; });
  environment_.base.turn.dispose(std::move(*it));
  running_.erase(it);
  later();
}

}  // namespace mailscope::queue
