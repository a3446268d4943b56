// DELETE (RFC 3501 section 6.3.4): a mailbox with all that is in it.
//
//   C: a DELETE Projects/2025
//   S: a OK Deleted
#include "server/imap/commands/commands.hpp"
#include "server/imap/list_line.hpp"

namespace mailscope::imap {

Outcome run_delete(Session& session, Cursor& arguments, Numbering) {
  std::string name, sent;
  if (!arguments.space() || !arguments.mailbox(name, &sent) || !arguments.end())
    return syntax_error(arguments);
  if (name == "INBOX") return no("INBOX cannot be deleted", "CANNOT");
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  if (auto reply = session.access().lacks(info->id, Right::remove)) return std::move(*reply);
  const MailboxPlace place = session.access().locate(name);
  const bool selected = session.view() != nullptr && session.view()->id() == info->id;
  if (const auto error = session.store().remove_mailbox(place.account, place.name);
      error != store::StoreError::none) {
    return refused(error);
  }
  session.tracer().record(trace::Kind::store_mailbox, {session.account(), name, "deleted"});
  tell_name(session, name, sent);
  if (selected) {
    session.unselect();
    session.say("OK", "CLOSED", "The selected mailbox is gone");
  }
  return ok("Deleted");
}

}  // namespace mailscope::imap
