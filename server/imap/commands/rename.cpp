// RENAME (RFC 3501 section 6.3.5). INBOX stays, its messages move into the new mailbox.
//
//   C: a RENAME Projects Archive/Projects
//   S: a OK Renamed
#include "server/imap/commands/commands.hpp"
#include "server/imap/list_line.hpp"

namespace mailscope::imap {

Outcome run_rename(Session& session, Cursor& arguments, Numbering) {
  std::string from, to, sent_from, sent_to;
  if (!arguments.space() || !arguments.mailbox(from, &sent_from) || !arguments.space() ||
      !arguments.mailbox(to, &sent_to) || !arguments.end()) {
    return syntax_error(arguments);
  }
  for (std::string* one : {&to, &sent_to}) {
    if (one->size() > 1 && one->back() == '/') one->pop_back();
  }
  const auto info = session.find_mailbox(from);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  if (auto reply = session.access().lacks(info->id, Right::remove)) return std::move(*reply);
  if (to.empty()) return refused(store::StoreError::bad_name);
  if (auto reply = session.access().lacks_create(to)) return std::move(*reply);
  const MailboxPlace old_place = session.access().locate(from);
  const MailboxPlace new_place = session.access().locate(to);
  if (old_place.account != new_place.account)
    return no("A mailbox cannot become somebody else's", "CANNOT");
  if (const auto error =
          session.store().rename_mailbox(old_place.account, old_place.name, new_place.name);
      error != store::StoreError::none) {
    return refused(error);
  }
  session.tracer().record(trace::Kind::store_mailbox,
                          {session.account(), from, "renamed to " + to});
  // RFC 9051 section 6.3.6: whichever of the two was normalised, both are told. INBOX stays,
  // however it was written.
  const bool inbox = from == "INBOX";
  if (session.style().rev2() && ((!inbox && from != sent_from) || to != sent_to))
    write_list_line(session, to, sent_from);
  return ok("Renamed");
}

}  // namespace mailscope::imap
