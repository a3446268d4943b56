// SELECT and EXAMINE (RFC 3501 sections 6.3.1 and 6.3.2).
//
//   C: a SELECT INBOX
//   S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)
//   S: * 172 EXISTS
//   S: * 1 RECENT
//   S: * OK [UNSEEN 12] First unseen
//   S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded \*)] Flags are
//   kept S: * OK [UIDNEXT 4392] Next UID S: * OK [UIDVALIDITY 3857529045] UIDs hold S: a OK
//   [READ-WRITE] INBOX selected
#include "server/imap/commands/commands.hpp"
#include "server/imap/select_request.hpp"

namespace mailscope::imap {
namespace {

Outcome open(Session& session, Cursor& arguments, bool read_only) {
  SelectRequest request;
  if (!arguments.space() || !parse_select(arguments, request) || !arguments.end())
    return syntax_error(arguments);
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);

  // Whether it succeeds or not, the mailbox that was selected is no longer.
  if (session.view() != nullptr) {
    session.unselect();
    // RFC 7162 section 3.2.11: what follows speaks of the new mailbox.
    session.out().line("*", "OK [CLOSED] Previous mailbox closed");
  }
  const auto info = session.find_mailbox(request.mailbox);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  session.select(*info, read_only);

  const MailboxView& view = *session.view();
  std::string flags = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
  for (const std::string& keyword : view.keywords()) flags += ' ' + keyword;
  ResponseWriter& out = session.out();
  out.line("*", "FLAGS (" + flags + ")");
  out.begin("*").number(view.exists()).text(" EXISTS").end();
  out.begin("*").number(view.recent()).text(" RECENT").end();
  if (view.first_unseen() != 0) {
    out.begin("*").text("OK [UNSEEN ").number(view.first_unseen()).text("] First unseen").end();
  }
  out.line("*", read_only ? "OK [PERMANENTFLAGS ()] No flags can be changed"
                          : "OK [PERMANENTFLAGS (" + flags + " \\*)] Flags are kept");
  out.begin("*").text("OK [UIDNEXT ").number(info->uid_next).text("] Next UID").end();
  out.begin("*").text("OK [UIDVALIDITY ").number(info->uid_validity).text("] UIDs hold").end();
  return read_only ? ok("Examined, nothing can be changed", "READ-ONLY")
                   : ok("Selected", "READ-WRITE");
}

}  // namespace

Outcome run_select(Session& session, Cursor& arguments, Numbering) {
  return open(session, arguments, false);
}
Outcome run_examine(Session& session, Cursor& arguments, Numbering) {
  return open(session, arguments, true);
}

}  // namespace mailscope::imap
