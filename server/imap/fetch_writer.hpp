// Writes one message's FETCH response (RFC 3501 section 7.4.2):
//
//   S: * 12 FETCH (UID 4392 FLAGS (\Seen) BODY[HEADER.FIELDS (SUBJECT)] {28}
//   S: Subject: Lunch?
//   S:
//   S: )
#pragma once

#include "server/imap/fetch_items.hpp"
#include "server/imap/message_view.hpp"
#include "server/imap/response_writer.hpp"

namespace mailscope::imap {

struct FetchedMessage {
  std::uint32_t number = 0;  // sequence number
  const store::MessageInfo* info = nullptr;
  bool recent = false;
  MessageView* message = nullptr;  // may be null when no item needs the octets
  bool flags_too = false;          // add FLAGS, which the command has changed
};

void write_fetch(ResponseWriter& out, const FetchRequest& request, const FetchedMessage& fetched);

}  // namespace mailscope::imap
