// Notifications of a user's script (RFC 5436): a short letter about a message that has come.
//
//   Auto-Submitted: auto-notified; owner-email="recipient@example.org"
//   Received: ...                      those of the message
//   From: recipient@example.org
//   To: 0123456789@sms.example.net
//   Subject: From Knitting list: A new sweater
#pragma once

#include <string>
#include <string_view>

#include "server/mail/mime.hpp"
#include "server/net/time.hpp"
#include "server/sieve/actions.hpp"

namespace mailscope::host {

struct Notice {
  const sieve::Notification& asked;
  const mail::Header& header;  // of the message that it is about
  std::string owner;           // the address of the account
  std::string from;            // "Name <a@b>" or "a@b"
  std::string message_id;      // with angle brackets
  net::Time now;
};
/// The whole letter, CRLF line ends.
std::string build_notice(const Notice& notice);

}  // namespace mailscope::host
