// STATUS (RFC 3501 section 6.3.10).
//
//   C: a STATUS Drafts (MESSAGES UNSEEN)
//   S: * STATUS Drafts (MESSAGES 4 UNSEEN 0)
//   S: a OK Status
#include "server/imap/commands/commands.hpp"
#include "server/imap/status_items.hpp"

namespace mailscope::imap {

Outcome run_status(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  StatusRequest request;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space() ||
      !parse_status_items(arguments, request) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  if (auto reply = session.access().lacks(info->id, Right::read)) return std::move(*reply);
  session.enable(request.uses.enables());
  write_status(session, request, *info);
  return ok("Status");
}

}  // namespace mailscope::imap
