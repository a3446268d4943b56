// Writes one message's FETCH response (RFC 3501 section 7.4.2):
//
//   S: * 12 FETCH (UID 4392 FLAGS (\Seen) BODY[HEADER.FIELDS (SUBJECT)] {28}
//   S: Subject: Lunch?
//   S:
//   S: )
#pragma once

#include <optional>
#include <string>

#include "server/imap/fetch_items.hpp"
#include "server/imap/message_view.hpp"
#include "server/imap/reply.hpp"
#include "server/imap/response_style.hpp"
#include "server/imap/response_writer.hpp"

namespace mailscope::imap {

struct FetchedMessage {
  const Session* session = nullptr;
  std::uint32_t number = 0;  // sequence number
  const store::MessageInfo* info = nullptr;
  bool recent = false;
  MessageView* message = nullptr;  // may be null when no item needs the octets
  MessageView* stored = nullptr;   // set where `message` stands in the place of this one (RFC 6858)
  bool flags_too = false;          // the command has changed the flags: they are told
  std::string scratch;             // for values that are put together
  std::uint64_t made = 0;          // octets of values that are not the store's own
  /// What the tagged answer must be because of an item that could not be had.
  std::optional<Reply> problem;
};

/// "* 12 FETCH (", or its like for a client that does not want numbers.
void begin_fetch(ResponseWriter& out, const ResponseStyle& style, std::uint32_t number,
                 store::Uid uid);
void write_fetch(ResponseWriter& out, const ResponseStyle& style, const FetchRequest& request,
                 FetchedMessage& fetched);
/// False, and the problem set, when so many octets more would be too much for one response.
bool may_make(FetchedMessage& fetched, std::size_t octets);
/// Whether what is told of the message differs from what it would be of the one that it stands for.
bool shows_surrogate(const FetchRequest& request, const FetchedMessage& fetched);

}  // namespace mailscope::imap
