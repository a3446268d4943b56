// NAMESPACE (RFC 2342): one personal namespace, separator "/", nobody else's mailboxes.
//
//   C: a NAMESPACE
//   S: * NAMESPACE (("" "/")) NIL NIL
//   S: a OK Namespaces listed
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_namespace(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  session.out().line("*", "NAMESPACE ((\"\" \"/\")) NIL NIL");
  return ok("Namespaces listed");
}

}  // namespace mailscope::imap
