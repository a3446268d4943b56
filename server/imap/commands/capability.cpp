// CAPABILITY (RFC 3501 section 6.1.1).
//
//   C: a CAPABILITY
//   S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR STARTTLS LOGINDISABLED
//   S: a OK Capabilities listed
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_capability(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  session.out().line("*", "CAPABILITY " + capability_list(session));
  return ok("Capabilities listed");
}

}  // namespace mailscope::imap
