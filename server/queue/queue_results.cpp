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
  lanes_.ended(running.destination, environment_.base.timers.now());
  go_on(running);
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
  tell_passed_on(entry, running);
  const net::Time expiry = begin_of(entry) + options_.schedule.expire_after;
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
                                begin_of(entry) + options_.schedule.expire_after);
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

/// What stands in the place of a reply for a message that was never tried (RFC 3463 section 3.5:
/// congestion of the mail system).
smtp::Reply OutboundQueue::waits_for_turn(const std::string& destination) const {
  const DestinationLimits limits = lanes_.limits(destination);
  std::string text = "It waits for its turn: " + std::to_string(limits.connections) +
                     " at a time go to " + destination;
  if (limits.gap > net::Duration::zero()) {
    text += ", " + std::to_string(std::chrono::minutes(1) / limits.gap) + " a minute";
  }
  return {0, {4, 4, 5}, std::move(text)};
}

/// Tells the sender once when a message waits for too long.
void OutboundQueue::warn(QueueEntry& entry) {
  const net::Duration after = options_.schedule.warn_after;
  if (entry.warned || after <= net::Duration::zero()) return;
  if (environment_.base.timers.now() < begin_of(entry) + after) return;
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    const QueueRecipient& recipient = entry.recipients[i];
    if (recipient.state != State::waiting) continue;
    if (recipient.attempts > 0 || in_lane(entry, recipient)) waiting.push_back(i);
  }
  if (waiting.empty()) return;
  for (const std::size_t i : waiting) {
    QueueRecipient& recipient = entry.recipients[i];
    if (recipient.attempts == 0) recipient.last_reply = waits_for_turn(destination_of(recipient));
  }
  entry.warned = true;
  environment_.store.put(entry);
  if (!entry.reverse_path.null()) notify(entry, waiting, DsnAction::delayed);
}

/// RFC 2852 section 4.1.3: the time for a message is up. With R it goes back, with N the sender is
/// told and it goes on.
void OutboundQueue::overdue(QueueEntry& entry) {
  if (!entry.asked.by || environment_.base.timers.now() < entry.asked.by->deadline) return;
  if (!entry.asked.by->give_up && entry.told_late) return;
  std::vector<std::size_t> late;
  for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
    const QueueRecipient& recipient = entry.recipients[i];
    if (recipient.state == State::waiting && !busy(entry, recipient)) late.push_back(i);
  }
  if (late.empty()) return;
  const smtp::Reply too_late{0, {4, 4, 7}, "It could not be delivered in the time that was given"};
  for (const std::size_t i : late) {
    QueueRecipient& recipient = entry.recipients[i];
    if (recipient.last_reply == smtp::Reply{}) recipient.last_reply = too_late;
  }
  if (!entry.asked.by->give_up) {
    entry.warned = entry.told_late = true;
    environment_.store.put(entry);
    if (!entry.reverse_path.null()) notify(entry, late, DsnAction::delayed, {4, 4, 7});
    return;
  }
  for (const std::size_t i : late) give_up(entry, i, {5, 4, 7});
  notify(entry, late, DsnAction::failed, {5, 4, 7});
  leave_lanes(entry);  // of those that go on being sent none waits in a lane
  save(std::string(entry.id));
}

/// "Relayed": the next server will not tell the sender what was asked for (RFC 3461 section 5.2.2),
/// or does not know of a deadline that is to come (RFC 2852 section 4.1.4.2); with T each relaying
/// is told.
void OutboundQueue::tell_passed_on(QueueEntry& entry, const Running& running) {
  if (entry.reverse_path.null()) return;
  const std::optional<smtp::DeliverBy>& by = entry.asked.by;
  const bool in_time = by && environment_.base.timers.now() < by->deadline;
  std::vector<std::size_t> relayed;
  const auto& results = running.attempt->results();
  for (std::size_t k = 0; k < results.size(); ++k) {
    if (results[k].fate != Fate::delivered) continue;
    const smtp::NotifySet notify = entry.recipients[running.recipients[k]].notify;
    if (notify.has(smtp::Notify::never)) continue;
    const bool last_word = notify.has(smtp::Notify::success) && !results[k].dsn_passed_on;
    const bool deadline_lost = in_time && !results[k].by_passed_on;
    if (last_word || deadline_lost || (by && by->trace)) relayed.push_back(running.recipients[k]);
  }
  if (!relayed.empty()) notify(entry, relayed, DsnAction::relayed);
}

/// `status`: instead of what the last reply says.
void OutboundQueue::notify(QueueEntry& entry, const std::vector<std::size_t>& recipients,
                           DsnAction action, smtp::EnhancedStatus status) {
  // RFC 3461 section 4.1: who does not say gets failures and delays; what is relayed was chosen.
  std::vector<std::size_t> which;
  for (const std::size_t i : recipients) {
    const smtp::NotifySet asked = entry.recipients[i].notify;
    if (action == DsnAction::failed && !asked.wants(smtp::Notify::failure, true)) continue;
    if (action == DsnAction::delayed && !asked.wants(smtp::Notify::delay, true)) continue;
    which.push_back(i);
  }
  if (which.empty()) {
    if (action == DsnAction::failed) {
      record(entry, Kind::mail_discarded, {entry.id, "nobody is told: the sender asked for that"});
    }
    return;
  }
  if (entry.reverse_path.null()) {
    // RFC 5321 section 6.1: no notification about a notification, or two hosts could go on for
    // ever.
    record(entry, Kind::mail_discarded,
           {entry.id, "nobody is told: the message is a notification itself"});
    return;
  }
  Dsn dsn;
  dsn.reporting_mta = options_.attempt.hostname;
  dsn.postmaster = options_.postmaster;
  dsn.queue_id = entry.id;
  dsn.to = entry.reverse_path;
  dsn.now = environment_.base.timers.now();
  dsn.arrived = entry.created;
  dsn.give_up = begin_of(entry) + options_.schedule.expire_after;
  dsn.envid = entry.asked.envid;
  // RFC 8689 section 4.3: what must not travel in the clear does not come back whole.
  dsn.ret = entry.asked.require_tls ? smtp::Return::headers : entry.asked.ret;
  if (entry.asked.by) dsn.deliver_by = entry.asked.by->deadline;
  dsn.hold_request = entry.asked.hold_request;
  dsn.original = *entry.content;
  dsn.max_returned = options_.max_returned;
  for (const std::size_t i : which) {
    const QueueRecipient& recipient = entry.recipients[i];
    DsnRecipient& told = dsn.recipients.emplace_back();
    told.mailbox = recipient.mailbox;
    told.orcpt = recipient.orcpt;
    told.action = action;
    told.reply = recipient.last_reply;
    told.remote_mta = recipient.last_server;
    told.status = status;
    if (action == DsnAction::failed) {
      told.last_attempt = dsn.now;
      // What was transient to the end failed because the time was up.
      if (!status.present() && recipient.last_reply.transient()) told.status = {4, 4, 7};
    }
  }
  smtp::Envelope envelope;
  envelope.queue_id = new_id_();
  envelope.helo = options_.attempt.hostname;
  envelope.client = environment_.base.network.address();
  // RFC 3464 section 2, RFC 5321 section 4.5.5: a notification has the null reverse-path.
  // RFC 3461 section 6.1: and asks for none about itself.
  smtp::NotifySet never;
  never.add(smtp::Notify::never);
  envelope.recipients.emplace_back(entry.reverse_path, "", never);
  envelope.asked.smtputf8 = smtp::has_eight_bit(entry.reverse_path.to_string());
  envelope.asked.require_tls = entry.asked.require_tls;
  // RFC 6710 section 4.6: it is as urgent as the message.
  envelope.asked.priority = entry.asked.priority;
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
  forget(id);
}

void OutboundQueue::forget(const std::string& id) {
  environment_.store.remove(id);
  unplace(id);
  leave_lanes(entries_.at(id));
  facts_.erase(id);
  entries_.erase(id);
}

void OutboundQueue::over(Running& running) {
  const auto it =
      std::ranges::find_if(running_, [&](const auto& each) { return each.get() == &running; });
  environment_.base.turn.dispose(std::move(*it));
  running_.erase(it);
  later();
}

}  // namespace mailscope::queue
