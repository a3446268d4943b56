// The envelope: what SMTP says about a message outside of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/mail/address.hpp"
#include "server/net/address.hpp"
#include "server/trace/event.hpp"

namespace mailscope::smtp {

struct Envelope {
  std::string queue_id;  // name of the message at this host, also in its Received field
  std::string helo;      // what the client called itself
  net::Address client;   // where it connected from
  bool esmtp = false;    // EHLO, not HELO
  bool tls = false;
  std::string account;         // who logged in, or empty
  mail::Mailbox reverse_path;  // null: a notification
  std::vector<mail::Mailbox> recipients;
  std::string body;                 // BODY parameter: "7BIT", "8BITMIME" or empty
  std::uint64_t declared_size = 0;  // SIZE parameter, octets; 0: none
  std::string message_id;  // of the header, with angle brackets; empty until the end of data
  trace::MessageNumber message = 0;  // its number in the trace; 0 until the end of data
};

}  // namespace mailscope::smtp
