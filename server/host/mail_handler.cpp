#include "server/host/mail_handler.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "server/queue/dsn.hpp"

namespace mailscope::host {
namespace {

/// Messages of one sender that are held for future release: a calendar's worth.
constexpr std::size_t kMaxHeld = 100;

smtp::Reply reply(int code, std::uint16_t klass, std::uint16_t subject, std::uint16_t detail,
                  std::string text) {
  return {code, {klass, subject, detail}, std::move(text)};
}

smtp::Reply store_reply(store::StoreError error) {
  if (error == store::StoreError::over_quota) {
    // 4.2.2 rather than 5.2.2: the owner may make room before the sender's queue gives up.
    return reply(452, 4, 2, 2, "The mailbox is full");
  }
  return reply(451, 4, 3, 0,
               "The mailbox cannot be written: " + std::string(store::to_string(error)));
}

}  // namespace

MailHandler::MailHandler(Environment environment)
    : environment_(environment),
      ids_(environment.entropy.fork("queue-id")),
      delivery_(environment.organisation, environment.timers, environment.sink, environment.self),
      filtering_({environment.organisation, environment.timers, environment.sink, environment.self,
                  environment.hostname, delivery_, [this] { return new_queue_id(); },
                  [this](smtp::Envelope envelope, std::string content) {
                    submit(std::move(envelope), std::move(content));
                  }}),
      expansion_({environment.organisation, environment.timers, environment.sink, environment.self,
                  [this](smtp::Envelope envelope, std::string content) {
                    submit(std::move(envelope), std::move(content));
                  }}) {}

std::string MailHandler::new_queue_id() {
  // Unique at this host also against what waits in the queue from before a restart.
  for (;;) {
    std::string id = ids_->hex(4);
    std::transform(id.begin(), id.end(), id.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (queue_ == nullptr || !queue_->entries().contains(id)) return id;
  }
}

smtp::Answer MailHandler::on_mail(smtp::ServerEngine& session, const smtp::PathArgument&) {
  const smtp::Envelope& envelope = session.envelope();
  if (session.options().role == smtp::Role::mx || envelope.account.empty())
    return smtp::Answer::accept();
  // A user sends under the own address; a notification (null path) is anyone's.
  const mail::Mailbox& path = envelope.reverse_path;
  if (!path.null() && environment_.organisation.account_of(path) != envelope.account) {
    return smtp::Answer::reply(
        reply(553, 5, 7, 1, "The address does not belong to " + envelope.account));
  }
  // RFC 4865 section 6: what is held takes room for days.
  // Under any of the user's addresses; a null path is of whoever stands in AUTH.
  const auto is_theirs = [&](const queue::QueueEntry& entry) {
    const auto sender = entry.reverse_path.null() ? mail::Mailbox::parse(entry.asked.auth)
                                                  : std::optional(entry.reverse_path);
    return sender && environment_.organisation.account_of(*sender) == envelope.account;
  };
  if (envelope.asked.hold_until && queue_->held(is_theirs) >= kMaxHeld) {
    return smtp::Answer::reply(
        reply(552, 5, 7, 16, "Too many messages of this sender wait for their time"));
  }
  return smtp::Answer::accept();
}

bool MailHandler::trusts(const smtp::ServerEngine& session, const mail::Mailbox& submitter) {
  return environment_.organisation.account_of(submitter) == session.envelope().account;
}

smtp::Answer MailHandler::on_rcpt(smtp::ServerEngine& session, const mail::Mailbox& recipient) {
  const Organisation& organisation = environment_.organisation;
  const trace::Tracer& tracer = session.tracer();
  const std::string address = recipient.to_string();
  auto decided = [&](const char* verdict, const char* reason) {
    tracer.sink().set_cause(
        tracer.record(trace::Kind::policy_recipient, {address, verdict, reason}));
  };
  if (organisation.is_local(recipient)) {
    const auto account = organisation.account_of(recipient);
    if (!account) {
      const auto verdict = expansion_.verdict(recipient, session.envelope().reverse_path);
      if (verdict.word != nullptr) {
        decided(verdict.word, verdict.reason);
        return verdict.refusal ? smtp::Answer::reply(*verdict.refusal) : smtp::Answer::accept();
      }
      decided("unknown", "no such mailbox in this domain");
      return smtp::Answer::reply(
          reply(550, 5, 1, 1, "User unknown: there is no mailbox " + address + " here"));
    }
    if (!organisation.has_room(*account,
                               std::max<std::uint64_t>(session.envelope().declared_size, 1))) {
      decided("full", "the quota is used up");
      return smtp::Answer::reply(store_reply(store::StoreError::over_quota));
    }
    decided("local", "a mailbox of this domain");
    return smtp::Answer::accept();
  }
  if (session.options().role == smtp::Role::lmtp) {
    // RFC 2033 section 4.2: final delivery and nothing else; there is no queue behind it.
    decided("denied", "LMTP delivers to mailboxes of this domain alone");
    return smtp::Answer::reply(
        reply(550, 5, 1, 2, "Final delivery only: " + recipient.domain + " is not served here"));
  }
  if (session.envelope().account.empty()) {
    decided("denied", "not a domain of this host, and the client is nobody's");
    return smtp::Answer::reply(
        reply(550, 5, 7, 1, "Relaying denied: " + recipient.domain + " is not served here"));
  }
  decided("relay", "the client is logged in");
  return smtp::Answer::accept();
}

smtp::Answer MailHandler::on_message(smtp::ServerEngine&, const smtp::Envelope& envelope,
                                     std::string content) {
  const Organisation& organisation = environment_.organisation;
  // Nobody has room: say so while the client can still be told. Some have: take the message, and
  // tell the sender about the others in a notification.
  std::size_t without_room = 0;
  for (const smtp::Recipient& recipient : envelope.recipients) {
    const auto account = organisation.account_of(recipient.mailbox);
    if (account && !organisation.has_room(*account, content.size())) ++without_room;
  }
  if (without_room == envelope.recipients.size())
    return smtp::Answer::reply(store_reply(store::StoreError::over_quota));
  auto refusal = refused_by_all(envelope, content);
  // The final 250 says that this host has taken responsibility: that is its cause.
  if (!refusal) {
    environment_.sink.set_cause(submit(envelope, std::move(content)));
  } else {
    std::set<std::string> asked;  // a user with many addresses is asked once
    for (const smtp::Recipient& recipient : envelope.recipients) {
      const std::string account = *organisation.account_of(recipient.mailbox);
      if (asked.insert(account).second) filtering_.refused(envelope, recipient, account, content);
    }
  }
  filtering_.settled();
  return refusal ? smtp::Answer::reply(std::move(*refusal)) : smtp::Answer::accept();
}

std::vector<smtp::Answer> MailHandler::on_delivery(smtp::ServerEngine&,
                                                   const smtp::Envelope& envelope,
                                                   std::string content) {
  const Organisation& organisation = environment_.organisation;
  std::vector<smtp::Answer> answers;
  smtp::Envelope taken = envelope;
  taken.recipients.clear();
  for (const smtp::Recipient& recipient : envelope.recipients) {
    const auto account = organisation.account_of(recipient.mailbox);
    // What stands for others is expanded; whatever fails behind that is reported.
    const bool fits = !account || organisation.has_room(*account, content.size());
    if (fits) taken.recipients.push_back(recipient);
    answers.push_back(fits ? smtp::Answer::accept()
                           : smtp::Answer::reply(store_reply(store::StoreError::over_quota)));
  }
  if (taken.recipients.empty()) return answers;
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  environment_.sink.set_cause(accepted(taken, content));
  const trace::Tracer tracer(environment_.sink, {environment_.self, 0, 0, envelope.message});
  for (const auto& [refused, why, reason] : route(taken, std::move(content))) {
    // Whoever speaks LMTP keeps what is refused and tells its sender.
    tracer.record(trace::Kind::mail_failed, {envelope.queue_id, refused.mailbox.to_string(),
                                             why.status.to_string(), why.to_string()});
    tracer.record(trace::Kind::mail_discarded,
                  {envelope.queue_id, "the client is told in the answer"});
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (envelope.recipients[i].mailbox == refused.mailbox) answers[i] = smtp::Answer::reply(why);
    }
  }
  return answers;
}

smtp::Answer MailHandler::on_verify(smtp::ServerEngine& session, std::string_view who,
                                    bool expand) {
  // RFC 5321 section 7.3: who exists here is told to users alone.
  if (session.envelope().account.empty()) return smtp::Answer::accept();
  const Organisation& organisation = environment_.organisation;
  if (who.size() >= 2 && who.front() == '<' && who.back() == '>') {
    who = who.substr(1, who.size() - 2);
  }
  std::string address(who);
  if (address.find('@') == std::string::npos) address += "@" + organisation.domain();
  const auto mailbox = mail::Mailbox::parse(address, mail::Utf8::yes);
  if (!mailbox) return smtp::Answer::reply(reply(501, 5, 1, 3, "This is no address"));
  if (!organisation.is_local(*mailbox)) {
    return smtp::Answer::reply(reply(252, 2, 5, 0, "Not of this domain; send the message and see"));
  }
  const auto account = organisation.account_of(*mailbox);
  if (!account) return smtp::Answer::reply(reply(550, 5, 1, 1, "There is no such mailbox here"));
  return smtp::Answer::reply(reply(250, 2, 1, 5, "<" + (expand ? *account : address) + ">"));
}

smtp::Answer MailHandler::on_etrn(smtp::ServerEngine&, char kind, std::string_view node) {
  if (kind == '#' || queue_ == nullptr) {
    return smtp::Answer::reply(reply(458, 4, 3, 0, "Unable to queue messages for this node"));
  }
  const bool below = kind == '@';
  const std::size_t count = queue_->waiting_for(node, below);
  // RFC 1985 section 5.1.
  if (count == 0) {
    return smtp::Answer::reply(
        reply(251, 2, 0, 0, "OK, no messages waiting for node " + std::string(node)));
  }
  queue_->flush_for(node, below);
  return smtp::Answer::reply(reply(253, 2, 0, 0,
                                   "OK, " + std::to_string(count) + " pending messages for node " +
                                       std::string(node) + " started"));
}

void MailHandler::release(const smtp::Envelope& envelope, std::string content) {
  const auto refused = route(envelope, content);
  if (!refused.empty()) notify_refused(envelope, content, refused);
}

/// The refusal of the recipients' filters, when none of them takes the message (RFC 5429
/// section 2.1.1).
std::optional<smtp::Reply> MailHandler::refused_by_all(const smtp::Envelope& envelope,
                                                       std::string_view content) {
  std::optional<smtp::Reply> out;
  for (const smtp::Recipient& recipient : envelope.recipients) {
    const auto account = environment_.organisation.account_of(recipient.mailbox);
    if (!account) return std::nullopt;
    auto refusal = filtering_.refusal(envelope, recipient, *account, content);
    if (!refusal) return std::nullopt;
    if (!out) out = std::move(refusal);
  }
  return out;
}

trace::EventId MailHandler::submit(smtp::Envelope envelope, std::string content) {
  if (envelope.queue_id.empty()) envelope.queue_id = new_queue_id();
  if (envelope.message == 0) envelope.message = environment_.sink.message(envelope.message_id);
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  const trace::EventId event = accepted(envelope, content);
  environment_.sink.set_cause(event);
  if (envelope.asked.hold_until && *envelope.asked.hold_until > environment_.timers.now()) {
    // RFC 4865: it waits in the queue, whoever it is for.
    queue_->add(envelope, std::make_shared<const std::string>(std::move(content)));
    return event;
  }
  const auto refused = route(envelope, content);
  if (!refused.empty()) notify_refused(envelope, content, refused);
  return event;
}

trace::EventId MailHandler::accepted(const smtp::Envelope& envelope, const std::string& content) {
  std::string recipients;
  for (const smtp::Recipient& recipient : envelope.recipients) {
    recipients += (recipients.empty() ? "" : " ") + recipient.mailbox.to_string();
  }
  const trace::Origin origin{environment_.self, 0, 0, envelope.message};
  return environment_.sink.record(
      trace::Kind::mail_accepted, origin,
      {envelope.queue_id, envelope.message_id, envelope.reverse_path.to_string(), recipients,
       content.size(), content});
}

std::vector<Placed> MailHandler::expanded(const smtp::Envelope& envelope,
                                          const std::string& content,
                                          std::vector<Refused>& refused) {
  const Organisation& organisation = environment_.organisation;
  std::vector<Placed> out;
  for (const smtp::Recipient& recipient : envelope.recipients) {
    if (!organisation.is_local(recipient.mailbox)) {
      out.push_back({recipient, {}});
    } else if (auto account = organisation.account_of(recipient.mailbox)) {
      out.push_back({recipient, std::move(*account)});
    } else {
      Expansion::Result result =
          expansion_.expand(envelope, recipient, content, envelope.recipients);
      if (result.refusal) refused.push_back({recipient, std::move(*result.refusal)});
      if (result.success) notify_delivered(envelope, content, {recipient}, *result.success);
      for (Placed& each : result.local) out.push_back(std::move(each));
    }
  }
  return out;
}

std::vector<MailHandler::Refused> MailHandler::route(const smtp::Envelope& envelope,
                                                     std::string content) {
  std::vector<Refused> refused;
  smtp::Envelope elsewhere = envelope;
  elsewhere.recipients.clear();
  std::map<std::string, Delivered> served;  // accounts that have had their turn
  std::vector<smtp::Recipient> delivered;   // whose sender wants to know
  const auto told = [&](const smtp::Recipient& recipient) {
    if (recipient.notify.has(smtp::Notify::success)) delivered.push_back(recipient);
  };
  for (const auto& [recipient, account] : expanded(envelope, content, refused)) {
    if (account.empty()) {
      elsewhere.recipients.push_back(recipient);
      continue;
    }
    const auto [turn, first] = served.try_emplace(account);
    if (first) turn->second = filtering_.deliver(envelope, recipient, account, content);
    const Delivered& done = turn->second;
    if (done.refusal) {
      refused.push_back({recipient, *done.refusal, done.reason});
      continue;
    }
    if (!first) filtering_.deliver_again(envelope, recipient, done);
    told(recipient);
  }
  if (!delivered.empty())
    notify_delivered(envelope, content, delivered, queue::DsnAction::delivered);
  if (!elsewhere.recipients.empty()) {
    queue_->add(elsewhere, std::make_shared<const std::string>(std::move(content)));
  }
  return refused;
}

queue::Dsn MailHandler::report_about(const smtp::Envelope& envelope,
                                     std::string_view content) const {
  queue::Dsn dsn;
  dsn.reporting_mta = environment_.hostname;
  dsn.postmaster = "postmaster@" + environment_.organisation.domain();
  dsn.queue_id = envelope.queue_id;
  dsn.to = envelope.reverse_path;
  dsn.envid = envelope.asked.envid;
  dsn.ret = envelope.asked.require_tls ? smtp::Return::headers : envelope.asked.ret;
  if (envelope.asked.by) dsn.deliver_by = envelope.asked.by->deadline;
  dsn.hold_request = envelope.asked.hold_request;
  dsn.now = dsn.arrived = environment_.timers.now();
  dsn.original = content;
  return dsn;
}

/// Sends the notification to the sender of the message that it is about.
void MailHandler::send_report(const smtp::Envelope& envelope, queue::Dsn dsn) {
  const trace::Tracer tracer(environment_.sink, {environment_.self, 0, 0, envelope.message});
  smtp::Envelope report;
  report.queue_id = new_queue_id();
  // RFC 3461 section 6.1: a notification asks for none about itself.
  smtp::NotifySet never;
  never.add(smtp::Notify::never);
  report.recipients.emplace_back(envelope.reverse_path, "", never);
  report.asked.smtputf8 = smtp::has_eight_bit(envelope.reverse_path.to_string());
  report.asked.require_tls = envelope.asked.require_tls;
  // RFC 6710 section 4.6: it is as urgent as the message.
  report.asked.priority = envelope.asked.priority;
  report.message_id = "<" + report.queue_id + "@" + environment_.hostname + ">";
  dsn.message_id = report.message_id;
  environment_.sink.set_cause(
      tracer.record(trace::Kind::mail_bounced,
                    {envelope.queue_id, report.queue_id, queue::to_string(dsn.recipients[0].action),
                     envelope.reverse_path.to_string()}));
  submit(std::move(report), queue::build_dsn(dsn));
}

void MailHandler::notify_delivered(const smtp::Envelope& envelope, std::string_view content,
                                   const std::vector<smtp::Recipient>& recipients,
                                   queue::DsnAction action) {
  if (envelope.reverse_path.null()) return;
  queue::Dsn dsn = report_about(envelope, content);
  for (const smtp::Recipient& recipient : recipients) {
    queue::DsnRecipient& told = dsn.recipients.emplace_back();
    told.mailbox = recipient.mailbox;
    told.orcpt = recipient.orcpt;
    told.action = action;
    told.status = {2, 0, 0};
  }
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  send_report(envelope, std::move(dsn));
}

void MailHandler::notify_refused(const smtp::Envelope& envelope, std::string_view content,
                                 const std::vector<Refused>& refused) {
  const trace::Tracer tracer(environment_.sink, {environment_.self, 0, 0, envelope.message});
  queue::Dsn dsn = report_about(envelope, content);
  for (const auto& [recipient, why, reason] : refused) {
    const mail::Mailbox& mailbox = recipient.mailbox;
    tracer.record(trace::Kind::mail_failed, {envelope.queue_id, mailbox.to_string(),
                                             why.status.to_string(), why.to_string()});
    if (!recipient.notify.wants(smtp::Notify::failure, true)) continue;
    queue::DsnRecipient& told = dsn.recipients.emplace_back();
    told.mailbox = mailbox;
    told.orcpt = recipient.orcpt;
    told.reply = why;
    told.own_reply = true;
    told.reason = reason;
    told.last_attempt = dsn.now;
  }
  if (envelope.reverse_path.null() || dsn.recipients.empty()) {
    tracer.record(trace::Kind::mail_discarded,
                  {envelope.queue_id, envelope.reverse_path.null()
                                          ? "a notification is never answered with another"
                                          : "nobody is told: the sender asked for that"});
    return;
  }
  send_report(envelope, std::move(dsn));
}

}  // namespace mailscope::host
