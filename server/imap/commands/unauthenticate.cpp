// UNAUTHENTICATE (RFC 8437): the connection stays, with its TLS and without its compression, for
// somebody else.
//
//   C: a UNAUTHENTICATE
//   S: a OK [CAPABILITY IMAP4rev1 ... AUTH=PLAIN] Nobody is logged in now
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_unauthenticate(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  session.forget_user();
  Reply reply = ok("Nobody is logged in now", "CAPABILITY " + capability_list(session));
  if (session.compressed()) reply.then = Reply::Then::uncompress;
  return reply;
}

}  // namespace mailscope::imap
