// STATUS items (RFC 3501 section 6.3.10), as STATUS asks for them and LIST RETURN (STATUS (...))
// does:
//
//   S: * STATUS Drafts (MESSAGES 4 UNSEEN 0)
#pragma once

#include <string_view>
#include <vector>

#include "server/imap/capabilities.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/response_writer.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

struct StatusItem {
  std::string_view name;
  std::string_view capability;  // what it belongs to; empty: the base protocol
  /// Writes the value.
  void (*write)(ResponseWriter& out, const Session& session, const store::MailboxInfo& info);
  EnabledSet enables = 0;  // asking for it turns this on (RFC 7162 section 3.1)
};

struct StatusRequest {
  std::vector<const StatusItem*> items;
  Uses uses;
};

/// A list in parentheses.
bool parse_status_items(Cursor& cursor, StatusRequest& out);
/// The whole line.
void write_status(Session& session, const StatusRequest& request, const store::MailboxInfo& info);

}  // namespace mailscope::imap
