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
#include "server/imap/extensions/extensions.hpp"
#include "server/imap/list_line.hpp"
#include "server/imap/select_request.hpp"

namespace mailscope::imap {
namespace {

// RFC 7162 section 3.2.5.1: what happened since the client was here last, first what is gone.
void tell_since(Session& session, const SelectRequest& request) {
  const MailboxView& view = *session.view();
  const store::Changes changes = session.store().changes(view.id(), request.known_modseq);
  std::vector<NumberRange> known = {{1, 0xffffffff}};
  if (request.known_uids) known = resolve(*request.known_uids, 0xffffffff);
  std::vector<store::Uid> vanished;
  for (const store::Uid uid : changes.vanished) {
    if (contains(known, uid)) vanished.push_back(uid);
  }
  if (!vanished.empty()) session.out().line("*", "VANISHED (EARLIER) " + format_set(vanished));
  for (const store::MessageInfo& message : changes.changed) {
    const auto position = view.position_of(message.uid);
    if (position && contains(known, message.uid)) session.send_flags(*position + 1, message, true);
  }
}

Outcome open(Session& session, Cursor& arguments, bool read_only) {
  SelectRequest request;
  if (!arguments.space() || !parse_select(arguments, request) || !arguments.end())
    return syntax_error(arguments);
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);

  if (request.resync && !session.style().qresync()) return bad("ENABLE QRESYNC comes first");
  if (request.by_number && session.style().uid_only())
    return bad("Message numbers are not in use", "UIDREQUIRED");

  // Whether it succeeds or not, the mailbox that was selected is no longer.
  if (session.view() != nullptr) {
    session.unselect();
    // RFC 7162 section 3.2.11: what follows speaks of the new mailbox.
    session.say("OK", "CLOSED", "Previous mailbox closed");
  }
  const auto info = session.find_mailbox(request.mailbox);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  session.enable(request.uses.enables());
  if (auto reply = session.access().lacks(info->id, Right::read)) return std::move(*reply);
  const Rights rights = session.access().rights(info->id);
  // RFC 4314 section 5.2: without a right to change anything the mailbox is read-only.
  read_only = read_only || !rights.any_of(writing_rights());
  session.select(*info, read_only);
  const ResponseStyle style = session.style();

  const MailboxView& view = *session.view();
  ResponseWriter& out = session.out();
  session.send_known_flags();
  out.begin("*").number(view.exists()).text(" EXISTS").end();
  if (style.recent()) out.begin("*").number(view.recent()).text(" RECENT").end();
  // RFC 9051 section 6.3.2: the name instead of the first unseen message.
  if (style.rev2())
    write_list_line(session, info->name, request.sent != info->name ? request.sent : "");
  if (view.first_unseen() != 0 && !style.rev2() && !style.uid_only()) {
    session.say("OK", "UNSEEN " + std::to_string(view.first_unseen()), "First unseen");
  }
  session.send_permanent_flags();
  session.say("OK", "UIDNEXT " + std::to_string(info->uid_next), "Next UID");
  session.say("OK", "UIDVALIDITY " + std::to_string(info->uid_validity), "UIDs hold");
  if (session.offers("OBJECTID"))
    session.say("OK", "MAILBOXID (" + mailbox_object_id(info->id) + ")", "Its name for ever");
  // RFC 4467 section 8.
  if (session.offers("URLAUTH") && session.options().entropy != nullptr)
    session.say("OK", "URLMECH INTERNAL", "URLs can be authorized");
  if (session.offers("CONDSTORE")) {
    session.say("OK", "HIGHESTMODSEQ " + std::to_string(info->highest_modseq), "Highest");
  }
  if (request.resync && request.known_validity == info->uid_validity) tell_since(session, request);
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
