// The arguments of APPEND and REPLACE: messages as literals (RFC 3501 section 6.3.11), several at
// once (RFC 3502), with octets of any kind (RFC 3516 section 4.4), with UTF-8 headers (RFC 6855
// section 4), or put together from pieces (RFC 4469):
//
//   Sent (\Seen) "17-Jul-1996 02:44:25 -0700" {310}...
//   Drafts CATENATE (URL "/Drafts/;UID=20/;SECTION=HEADER" TEXT {42}...)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/imap/reply.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {

/// "TEXT literal", "UTF8 (literal8)" or "URL string" of CATENATE.
struct CatenatePart {
  bool is_url = false;
  std::string url;
  std::string_view text;
};

struct AppendMessage {
  store::Flags flags;
  std::optional<net::Time> date;
  std::string_view octets;  // in the command; empty when there are parts
  std::vector<CatenatePart> parts;
};

struct AppendRequest {
  std::string mailbox;
  std::string sent;                     // its name before it was normalised
  std::vector<AppendMessage> messages;  // at least one
  bool too_many_flags = false;
  Uses uses;
};

/// "mailbox message...", all to the end of the command.
bool parse_append(Cursor& cursor, AppendRequest& out);

/// The appended messages' UIDs, or why nothing was appended. Records what it did. The account's
/// mailbox gets all of the messages or none.
using Appended = std::variant<std::vector<store::Uid>, Reply>;
Appended append_messages(Session& session, const store::MailboxInfo& target,
                         const AppendRequest& request);

/// What a message is put together from (RFC 4469 section 3); the answer when a URL leads nowhere.
std::variant<std::string, Reply> catenated(Session& session,
                                           const std::vector<CatenatePart>& parts);

}  // namespace mailscope::imap
