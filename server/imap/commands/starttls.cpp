// STARTTLS (RFC 3501 section 6.2.1).
//
//   C: a STARTTLS
//   S: a OK Begin TLS negotiation now
//   (TLS handshake; everything learnt before it is void)
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_starttls(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  if (session.secure()) return bad("TLS is active already");
  if (!session.options().starttls || !session.offers("STARTTLS"))
    return bad("TLS is not available");
  Reply reply = ok("Begin TLS negotiation now");
  reply.then = Reply::Then::start_tls;
  return reply;
}

}  // namespace mailscope::imap
