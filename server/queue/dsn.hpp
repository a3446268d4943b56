// Delivery status notifications (RFC 3464): the letter that tells a sender what became of a
// message.
//
//   Content-Type: multipart/report; report-type=delivery-status; boundary="..."
//     1 text/plain               for the person
//     2 message/delivery-status  for programs: Reporting-MTA, then a block for each recipient
//     3 message/rfc822 or text/rfc822-headers   what came back
//
// Where an address or the header is in UTF-8, the parts are those of RFC 6533:
// message/global-delivery-status, message/global, message/global-headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"
#include "server/net/time.hpp"
#include "server/smtp/envelope.hpp"
#include "server/smtp/reply.hpp"

namespace mailscope::queue {

enum class DsnAction : std::uint8_t { failed, delayed, relayed, delivered, expanded };
std::string_view to_string(DsnAction action);

struct DsnRecipient {
  mail::Mailbox mailbox;
  std::string orcpt = {};  // as in smtp::Recipient
  DsnAction action = DsnAction::failed;
  smtp::Reply reply;       // the last one
  std::string remote_mta;  // the server that said it, or empty
  net::Time last_attempt{};
  smtp::EnhancedStatus status{};  // absent: dsn_status() of the reply
  bool own_reply = false;         // this host said it to itself, as an SMTP server would
  std::string reason = {};  // of the recipient's script that refused the message, UTF-8, or empty
};

struct Dsn {
  std::string reporting_mta;  // name of this host
  std::string postmaster;     // whom an answer reaches; empty: nobody
  std::string queue_id;       // of the message that this is about
  mail::Mailbox to;           // its sender
  std::string envid;          // as in smtp::MailParameters
  smtp::Return ret = smtp::Return::unsaid;
  net::Time deliver_by{};    // its deadline (RFC 2852); 0: none
  std::string hold_request;  // as in smtp::MailParameters
  std::string message_id;    // of the notification, with angle brackets
  net::Time now{};
  net::Time arrived{};                   // when the message was accepted
  net::Time give_up{};                   // with delayed: until when it will be tried
  std::vector<DsnRecipient> recipients;  // of one action
  std::string_view original;             // the message's content
  std::size_t max_returned = 51'200;     // octets; a larger message comes back as its header,
                                         // unless all of it was asked for
};

/// Status of RFC 3463 for a recipient: the server's own, or one derived from the code of the reply.
smtp::EnhancedStatus dsn_status(const smtp::Reply& reply, DsnAction action);
/// True when the notification is in UTF-8 and must be sent with SMTPUTF8 (RFC 6533): an address
/// that it is for, or tells of, is not ASCII.
bool dsn_needs_utf8(const Dsn& dsn);
/// The whole message. CRLF line ends, 7-bit clean but for a returned message that is not.
std::string build_dsn(const Dsn& dsn);

}  // namespace mailscope::queue
