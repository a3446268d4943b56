// NOOP (RFC 3501 section 6.1.2) and CHECK (section 6.4.1): a chance to hear the news.
//
//   C: a NOOP
//   S: * 22 EXPUNGE
//   S: * 23 EXISTS
//   S: a OK Done
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_noop(Session&, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  return ok("Done");
}

// The store keeps nothing back that a checkpoint would have to write.
Outcome run_check(Session&, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  return ok("Checked");
}

}  // namespace mailscope::imap
