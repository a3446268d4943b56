#include "server/host/mail_handler.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "server/queue/dsn.hpp"

namespace mailscope::host {
namespace {

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
      delivery_(environment.organisation, environment.timers, environment.sink, environment.self) {}

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
  if (path.null() || environment_.organisation.account_of(path) == envelope.account)
    return smtp::Answer::accept();
  return smtp::Answer::reply(
      reply(553, 5, 7, 1, "The address does not belong to " + envelope.account));
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
  // The final 250 says that this host has taken responsibility: that is its cause.
  environment_.sink.set_cause(submit(envelope, std::move(content)));
  return smtp::Answer::accept();
}

trace::EventId MailHandler::submit(smtp::Envelope envelope, std::string content) {
  if (envelope.queue_id.empty()) envelope.queue_id = new_queue_id();
  if (envelope.message == 0) envelope.message = environment_.sink.message(envelope.message_id);
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  const trace::EventId event = accepted(envelope, content);
  environment_.sink.set_cause(event);
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

std::vector<MailHandler::Refused> MailHandler::route(const smtp::Envelope& envelope,
                                                     std::string content) {
  const Organisation& organisation = environment_.organisation;
  std::vector<Refused> refused;
  smtp::Envelope elsewhere = envelope;
  elsewhere.recipients.clear();
  std::map<std::string, store::Uid> served;  // accounts that have their copy
  for (const smtp::Recipient& recipient : envelope.recipients) {
    const auto account = organisation.account_of(recipient.mailbox);
    if (!account) {
      if (organisation.is_local(recipient.mailbox))
        refused.emplace_back(recipient, store::StoreError::no_such_account);
      else
        elsewhere.recipients.push_back(recipient);
      continue;
    }
    if (const auto copy = served.find(*account); copy != served.end()) {
      delivery_.deliver_again(envelope, recipient.mailbox, copy->second);
      continue;
    }
    const auto uid = delivery_.deliver(envelope, recipient.mailbox, *account, content);
    if (uid)
      served.emplace(*account, uid.value);
    else
      refused.emplace_back(recipient, uid.error);
  }
  if (!elsewhere.recipients.empty()) {
    queue_->add(elsewhere, std::make_shared<const std::string>(std::move(content)));
  }
  return refused;
}

void MailHandler::notify_refused(const smtp::Envelope& envelope, std::string_view content,
                                 const std::vector<Refused>& refused) {
  trace::Sink& sink = environment_.sink;
  const trace::Tracer tracer(sink, {environment_.self, 0, 0, envelope.message});
  queue::Dsn dsn;
  dsn.reporting_mta = environment_.hostname;
  dsn.queue_id = envelope.queue_id;
  dsn.to = envelope.reverse_path;
  dsn.now = dsn.arrived = environment_.timers.now();
  dsn.original = content;
  for (const auto& [recipient, error] : refused) {
    const mail::Mailbox& mailbox = recipient.mailbox;
    const smtp::Reply why =
        error == store::StoreError::no_such_account
            ? reply(550, 5, 1, 1,
                    "User unknown: there is no mailbox " + mailbox.to_string() + " here")
            : reply(552, 5, 2, 2, std::string(store::to_string(error)));
    tracer.record(trace::Kind::mail_failed, {envelope.queue_id, mailbox.to_string(),
                                             why.status.to_string(), why.to_string()});
    dsn.recipients.push_back(
        {mailbox, queue::DsnAction::failed, why, environment_.hostname, dsn.now});
  }
  if (envelope.reverse_path.null()) {
    tracer.record(trace::Kind::mail_discarded,
                  {envelope.queue_id, "a notification is never answered with another"});
    return;
  }
  smtp::Envelope report;
  report.queue_id = new_queue_id();
  report.recipients = {envelope.reverse_path};
  report.message_id = "<" + report.queue_id + "@" + environment_.hostname + ">";
  dsn.message_id = report.message_id;
  sink.set_cause(tracer.record(
      trace::Kind::mail_bounced,
      {envelope.queue_id, report.queue_id, "failed", envelope.reverse_path.to_string()}));
  submit(std::move(report), queue::build_dsn(dsn));
}

}  // namespace mailscope::host
