// NOTIFY (RFC 5465): the client says what it wants to be told at any time.
//
//   C: a NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge)) (personal (MailboxName))
//   S: a OK You will be notified
//   S: * 127 EXISTS
//   S: * 127 FETCH (UID 127001 FLAGS ())
#include "server/imap/commands/commands.hpp"
#include "server/imap/notifier.hpp"

namespace mailscope::imap {

Outcome run_notify(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.space()) return syntax_error(arguments);
  NotifyProgram program;
  switch (parse_notify(arguments, program)) {
    case NotifyParse::syntax:
      return syntax_error(arguments);
    case NotifyParse::bad_together:
      return bad("These events and mailboxes do not go together");
    case NotifyParse::bad_event:
      return no("Some events are not known here", "BADEVENT " + notify_event_names());
    case NotifyParse::none:
      session.notifier().none();
      return ok("You will not be notified");
    case NotifyParse::set:
      break;
  }
  for (const NotifyGroup& group : program.groups) {
    if (!group.fetch) continue;
    if (auto reply = session.unusable(group.fetch->uses)) return std::move(*reply);
  }
  // RFC 5465 section 3.1: what has gathered is told as by NOOP.
  session.send_updates(true);
  if (!session.notifier().set(std::move(program)))
    return no("Too many mailboxes to watch", "NOTIFICATIONOVERFLOW");
  return ok("You will be notified");
}

}  // namespace mailscope::imap
