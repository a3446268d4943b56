// Message disposition notifications (RFC 8098): what "reject" sends to the sender of a message
// (RFC 5429 section 2.2.1).
//
//   Content-Type: multipart/report; report-type=disposition-notification; boundary="..."
//     1 text/plain                          the reason, for the person
//     2 message/disposition-notification    for programs
//     3 message/rfc822 or text/rfc822-headers   what came back
#pragma once

#include <string>
#include <string_view>

#include "server/mail/address.hpp"
#include "server/net/time.hpp"

namespace mailscope::host {

struct Mdn {
  std::string hostname;     // of this host
  mail::Mailbox to;         // who sent the message
  mail::Mailbox recipient;  // who refuses it
  std::string orcpt;       // "type;address" as the sender wrote it, or empty (RFC 3461 section 4.2)
  std::string reason;      // UTF-8
  std::string message_id;  // of the notification, with angle brackets
  net::Time now{};
  std::string_view original;          // the message's content
  std::size_t max_returned = 51'200;  // octets; a larger message comes back as its header
};

/// The whole message. CRLF line ends.
std::string build_mdn(const Mdn& mdn);

}  // namespace mailscope::host
