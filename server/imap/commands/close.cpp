// CLOSE (RFC 3501 section 6.4.2) and UNSELECT (RFC 3691): back to the authenticated state, with and
// without removing what is \Deleted.
//
//   C: a CLOSE
//   S: a OK Closed
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_close(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  const MailboxView& view = *session.view();
  // No EXPUNGE is sent: the client's numbers end here anyway. Nor is HIGHESTMODSEQ, since it has
  // not been told what went (RFC 7162 section 3.2.8).
  // RFC 4314 section 4: without the right nothing is removed, and that is no failure.
  if (!view.read_only() && view.exists() > 0 &&
      session.access().rights(view.id()).has(Right::expunge)) {
    const PositionRange all{0, view.exists() - 1};
    expunge_deleted(session, {&all, 1});
  }
  session.unselect();
  return ok("Closed");
}

Outcome run_unselect(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  session.unselect();
  return ok("Unselected");
}

}  // namespace mailscope::imap
