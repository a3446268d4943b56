// SUBSCRIBE and UNSUBSCRIBE (RFC 3501 sections 6.3.6 and 6.3.7).
//
//   C: a SUBSCRIBE Projects
//   S: a OK Subscribed
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_subscribe(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.end())
    return syntax_error(arguments);
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  if (auto reply = session.access().lacks(info->id, Right::lookup)) return std::move(*reply);
  session.store().subscribe(session.account(), name, true);
  session.tracer().record(trace::Kind::store_mailbox, {session.account(), name, "subscribed"});
  return ok("Subscribed");
}

// A subscription may outlive its mailbox, so any name will do.
Outcome run_unsubscribe(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.end())
    return syntax_error(arguments);
  session.store().subscribe(session.account(), name, false);
  session.tracer().record(trace::Kind::store_mailbox, {session.account(), name, "unsubscribed"});
  return ok("Unsubscribed");
}

}  // namespace mailscope::imap
