// EXPUNGE (RFC 3501 section 6.4.3) and UID EXPUNGE (RFC 4315 section 2.1).
//
//   C: a UID EXPUNGE 3000:3002
//   S: * 3 EXPUNGE
//   S: * 3 EXPUNGE
//   S: a OK Expunged
#include "server/imap/commands/commands.hpp"
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {

bool expunge_deleted(Session& session, std::span<const PositionRange> among) {
  const MailboxView& view = *session.view();
  std::vector<store::Uid> uids;
  // Messages that the client does not know yet are not its to remove.
  ViewScan scan({among.begin(), among.end()});
  while (!scan.done()) {
    scan.run_flags(session.store(), view, [&](std::uint32_t, const store::MessageInfo& message) {
      if ((message.flags.system & store::kDeleted) != 0) uids.push_back(message.uid);
      return true;
    });
  }
  const std::vector<store::Uid> gone = session.store().expunge(view.id(), uids);
  if (gone.empty()) return false;
  session.note_removed();
  session.tracer().record(trace::Kind::store_expunged,
                          {session.account(), session.mailbox_name(), format_set(gone)});
  return true;
}

std::string expunge_code(const Session& session) {
  if (!session.style().qresync()) return {};
  return "HIGHESTMODSEQ " + std::to_string(session.highest_modseq());
}

Outcome run_expunge(Session& session, Cursor& arguments, Numbering numbering) {
  MailboxView& view = *session.view();
  std::vector<PositionRange> among;
  if (numbering == Numbering::uid) {
    SequenceSet set;
    if (!arguments.space() || !parse_sequence_set(arguments, set)) return syntax_error(arguments);
    auto found = positions(session, set, numbering);
    if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
    among = std::get<std::vector<PositionRange>>(std::move(found));
  } else if (view.exists() > 0) {
    among.push_back({0, view.exists() - 1});
  }
  if (!arguments.end()) return syntax_error(arguments);
  if (view.read_only()) return no("The mailbox was opened with EXAMINE", "READ-ONLY");
  if (auto reply = session.access().lacks(view.id(), Right::expunge)) return std::move(*reply);
  const bool any = expunge_deleted(session, among);
  return ok("Expunged", any ? expunge_code(session) : "");
}

}  // namespace mailscope::imap
