// MOVE (RFC 6851): COPY and EXPUNGE in one step that cannot be cut in two.
//
//   C: a UID MOVE 42:69 Archive
//   S: * OK [COPYUID 432432 42:69 1202:1229] Moved
//   S: * 22 EXPUNGE
//   S: ...
//   S: a OK Moved
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_move(Session& session, Cursor& arguments, Numbering numbering) {
  return copy_messages(session, arguments, numbering, true);
}

}  // namespace mailscope::imap
