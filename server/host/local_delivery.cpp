#include "server/host/local_delivery.hpp"

#include <string>

#include "server/imap/flags.hpp"
#include "server/store/flags.hpp"

namespace mailscope::host {

store::StoreResult<store::Uid> LocalDelivery::deliver(
    const smtp::Envelope& envelope, const mail::Mailbox* recipient, std::string_view account,
    std::string_view content, std::string_view mailbox, const store::Flags& flags) {
  store::MailStore& store = organisation_.store();
  const auto place = store.mailbox(account, mailbox);
  if (!place) return store::StoreError::no_such_mailbox;
  std::string octets = "Return-Path: <" + envelope.reverse_path.to_string() + ">\r\n";
  octets += content;
  // One pointer for all recipients of a message: the store keeps its octets once.
  if (!last_ || *last_ != octets) last_ = std::make_shared<const std::string>(std::move(octets));
  const net::Time now = clock_.now();
  const store::NewMessage message{last_, store::normalised(flags), now, now};
  const auto uids = store.append(place->id, std::span(&message, 1));
  if (!uids) {
    tracer_.record(trace::Kind::store_refused, envelope.message,
                   {account, mailbox, store::to_string(uids.error)});
    return uids.error;
  }
  const store::Uid uid = uids.value.front();
  std::string shown;
  if (message.flags != store::Flags()) imap::append_flags(shown, message.flags);
  trace::Sink& sink = tracer_.sink();
  const trace::CauseScope scope(sink, sink.cause());
  sink.set_cause(tracer_.record(trace::Kind::store_appended, envelope.message,
                                {account, mailbox, uid, last_->size(), shown}));
  if (recipient) deliver_again(envelope, *recipient, mailbox, uid);
  return uid;
}

void LocalDelivery::deliver_again(const smtp::Envelope& envelope, const mail::Mailbox& recipient,
                                  std::string_view mailbox, store::Uid uid) {
  tracer_.record(trace::Kind::mail_delivered, envelope.message,
                 {envelope.queue_id, recipient.to_string(), mailbox, uid});
}

}  // namespace mailscope::host
