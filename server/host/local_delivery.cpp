#include "server/host/local_delivery.hpp"

#include <string>

namespace mailscope::host {

store::StoreResult<store::Uid> LocalDelivery::deliver(const smtp::Envelope& envelope,
                                                      const mail::Mailbox& recipient,
                                                      std::string_view account,
                                                      std::string_view content) {
  store::MailStore& store = organisation_.store();
  const auto inbox = store.mailbox(account, "INBOX");
  if (!inbox) return store::StoreError::no_such_mailbox;
  std::string octets = "Return-Path: <" + envelope.reverse_path.to_string() + ">\r\n";
  octets += content;
  // One pointer for all recipients of a message: the store keeps its octets once.
  if (!last_ || *last_ != octets) last_ = std::make_shared<const std::string>(std::move(octets));
  const net::Time now = clock_.now();
  const store::NewMessage message{last_, {}, now, now};
  const auto uids = store.append(inbox->id, std::span(&message, 1));
  if (!uids) {
    tracer_.record(trace::Kind::store_refused, envelope.message,
                   {account, "INBOX", store::to_string(uids.error)});
    return uids.error;
  }
  const store::Uid uid = uids.value.front();
  trace::Sink& sink = tracer_.sink();
  const trace::CauseScope scope(sink, sink.cause());
  sink.set_cause(tracer_.record(trace::Kind::store_appended, envelope.message,
                                {account, "INBOX", uid, last_->size(), ""}));
  deliver_again(envelope, recipient, uid);
  return uid;
}

void LocalDelivery::deliver_again(const smtp::Envelope& envelope, const mail::Mailbox& recipient,
                                  store::Uid uid) {
  tracer_.record(trace::Kind::mail_delivered, envelope.message,
                 {envelope.queue_id, recipient.to_string(), "INBOX", uid});
}

}  // namespace mailscope::host
