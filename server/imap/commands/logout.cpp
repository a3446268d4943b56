// LOGOUT (RFC 3501 section 6.1.3).
//
//   C: a LOGOUT
//   S: * BYE Logging out
//   S: a OK Good bye
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_logout(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  session.unselect();  // nobody needs to hear of changes any more
  session.out().line("*", "BYE Logging out");
  Reply reply = ok("Good bye");
  reply.then = Reply::Then::log_out;
  return reply;
}

}  // namespace mailscope::imap
