// Automatic answers of a user's script (RFC 5230, RFC 3834): when one may be sent, and the letter.
//
//   From: bob@globex.example
//   To: alice@acme.example
//   Subject: Auto: Lunch?
//   In-Reply-To: <1@acme.example>
//   Auto-Submitted: auto-replied
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"
#include "server/mail/mime.hpp"
#include "server/net/time.hpp"
#include "server/sieve/actions.hpp"

namespace mailscope::host {

/// Whether the message says that no person has sent it (RFC 3834 section 5).
bool sent_automatically(const mail::Header& header);

/// The addresses that the message says it is for (RFC 5230 section 4.5).
std::vector<mail::Mailbox> recipients_of(const mail::Header& header);

/// Why the message must not be answered automatically; empty: it may be. `own`: the addresses of
/// the one who would answer.
std::string_view why_no_answer(const mail::Header& header, const mail::Mailbox& sender,
                               const std::vector<std::string>& own);

struct Answer {
  const sieve::Vacation& vacation;
  const mail::Header& header;  // of the message that is answered
  std::string from;            // unless the script gives an address
  mail::Mailbox to;
  std::string message_id;
  net::Time now;
};
/// The whole answer, CRLF line ends.
std::string build_answer(const Answer& answer);

}  // namespace mailscope::host
