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
  const auto uid = store.append(inbox->id, octets, {}, clock_.now());
  if (!uid) {
    tracer_.record(trace::Kind::store_refused, envelope.message,
                   {account, "INBOX", store::to_string(uid.error)});
    return uid.error;
  }
  trace::Sink& sink = tracer_.sink();
  const trace::CauseScope scope(sink, sink.cause());
  sink.set_cause(tracer_.record(trace::Kind::store_appended, envelope.message,
                                {account, "INBOX", uid.value, octets.size(), ""}));
  deliver_again(envelope, recipient, uid.value);
  return uid.value;
}

void LocalDelivery::deliver_again(const smtp::Envelope& envelope, const mail::Mailbox& recipient,
                                  store::Uid uid) {
  tracer_.record(trace::Kind::mail_delivered, envelope.message,
                 {envelope.queue_id, recipient.to_string(), "INBOX", uid});
}

}  // namespace mailscope::host
