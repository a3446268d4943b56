// What a mail host does with mail that SMTP brings: who may send what to whom (no open relay),
// final delivery for its own domain, the queue for everything else.
#pragma once

#include <memory>
#include <string>

#include "server/host/expansion.hpp"
#include "server/host/filtering.hpp"
#include "server/host/local_delivery.hpp"
#include "server/host/organisation.hpp"
#include "server/queue/queue.hpp"
#include "server/smtp/server.hpp"

namespace mailscope::host {

class MailHandler final : public smtp::ServerHandler {
 public:
  struct Environment {
    Organisation& organisation;
    net::Timers& timers;
    net::Entropy& entropy;
    trace::Sink& sink;
    trace::HostId self = 0;
    std::string hostname;
  };
  explicit MailHandler(Environment environment);

  /// The queue that mail for other domains goes to; must be set before the first message. Null
  /// while the host is off.
  void set_queue(queue::OutboundQueue* queue) { queue_ = queue; }

  smtp::Answer on_mail(smtp::ServerEngine& session, const smtp::PathArgument& path) override;
  smtp::Answer on_rcpt(smtp::ServerEngine& session, const mail::Mailbox& recipient) override;
  smtp::Answer on_message(smtp::ServerEngine& session, const smtp::Envelope& envelope,
                          std::string content) override;
  std::vector<smtp::Answer> on_delivery(smtp::ServerEngine& session, const smtp::Envelope& envelope,
                                        std::string content) override;
  smtp::Answer on_verify(smtp::ServerEngine& session, std::string_view who, bool expand) override;
  smtp::Answer on_etrn(smtp::ServerEngine& session, char kind, std::string_view node) override;
  bool trusts(const smtp::ServerEngine& session, const mail::Mailbox& submitter) override;
  std::string new_queue_id() override;

  /// Takes responsibility for a message: delivers it or queues it. Also for messages of this host's
  /// own making (notifications). Gives the event mail.accepted; the cause stays what it was.
  trace::EventId submit(smtp::Envelope envelope, std::string content);
  /// The time of a message that was held has come (RFC 4865): delivers it or queues it.
  void release(const smtp::Envelope& envelope, std::string content);

 private:
  /// A recipient whose mailbox did not take the message, and why.
  struct Refused {
    smtp::Recipient recipient;
    smtp::Reply why;
    std::string reason = {};  // see Delivered
  };
  std::optional<smtp::Reply> refused_by_all(const smtp::Envelope& envelope,
                                            std::string_view content);
  trace::EventId accepted(const smtp::Envelope& envelope, const std::string& content);
  /// Delivers what is local, queues the rest. Recipients whose mailbox refuses are returned.
  std::vector<Refused> route(const smtp::Envelope& envelope, std::string content);
  void notify_refused(const smtp::Envelope& envelope, std::string_view content,
                      const std::vector<Refused>& refused);
  void notify_delivered(const smtp::Envelope& envelope, std::string_view content,
                        const std::vector<smtp::Recipient>& recipients, queue::DsnAction action);
  /// The recipients with what they stand for in their place; those that cannot be are `refused`.
  std::vector<Placed> expanded(const smtp::Envelope& envelope, const std::string& content,
                               std::vector<Refused>& refused);
  queue::Dsn report_about(const smtp::Envelope& envelope, std::string_view content) const;
  void send_report(const smtp::Envelope& envelope, queue::Dsn dsn);

  Environment environment_;
  std::unique_ptr<net::Entropy> ids_;
  LocalDelivery delivery_;
  Filtering filtering_;
  Expansion expansion_;
  queue::OutboundQueue* queue_ = nullptr;
};

}  // namespace mailscope::host
