// RENAME (RFC 3501 section 6.3.5). INBOX stays, its messages move into the new mailbox.
//
//   C: a RENAME Projects Archive/Projects
//   S: a OK Renamed
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_rename(Session& session, Cursor& arguments, Numbering) {
  std::string from, to;
  if (!arguments.space() || !arguments.mailbox(from) || !arguments.space() ||
      !arguments.mailbox(to) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (to.size() > 1 && to.back() == '/') to.pop_back();
  if (const auto error = session.store().rename_mailbox(session.account(), from, to);
      error != store::StoreError::none) {
    return refused(error);
  }
  session.tracer().record(trace::Kind::store_mailbox,
                          {session.account(), from, "renamed to " + to});
  return ok("Renamed");
}

}  // namespace mailscope::imap
