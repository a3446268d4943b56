// COPY (RFC 3501 section 6.4.7) with COPYUID (RFC 4315 section 3).
//
//   C: a COPY 2:4 Projects
//   S: a OK [COPYUID 38505 304,319:320 3956:3958] Copied
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

namespace {

// RFC 4314 section 4: flags that the user may not set there do not come along.
void drop_flags(Session& session, store::MailboxId target, const std::vector<store::Uid>& uids) {
  const Access access = session.access();
  const Rights flag_rights = *Rights::parse("swt");
  const Rights rights = access.rights(target);
  if ((rights | flag_rights) == rights) return;
  for (const store::Uid uid : uids) {
    const auto info = session.store().message(target, uid);
    if (!info) continue;
    const store::Flags kept = access.permitted(target, info->flags);
    if (kept != info->flags)
      static_cast<void>(session.store().change_flags(target, {uid}, store::FlagChange::set, kept));
  }
}

}  // namespace

Reply copy_messages(Session& session, Cursor& arguments, Numbering numbering, bool move) {
  SequenceSet set;
  std::string name;
  if (!arguments.space() || !parse_sequence_set(arguments, set) || !arguments.space() ||
      !arguments.mailbox(name) || !arguments.end()) {
    return syntax_error(arguments);
  }
  auto found = positions(session, set, numbering);
  if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
  const MailboxView& view = *session.view();
  if (move && view.read_only()) return no("The mailbox was opened with EXAMINE", "READ-ONLY");
  const auto target = session.find_mailbox(name);
  if (!target) return no("No such mailbox: create it first", "TRYCREATE");
  const Access access = session.access();
  if (auto reply = access.lacks(target->id, Right::insert)) return std::move(*reply);
  if (move) {
    // RFC 6851 section 4.4: what STORE of \\Deleted and EXPUNGE need.
    for (const Right right : {Right::del_flag, Right::expunge}) {
      if (auto reply = access.lacks(view.id(), right)) return std::move(*reply);
    }
  }

  const std::vector<store::Uid> uids = view.uids_of(std::get<std::vector<PositionRange>>(found));
  const auto copied = session.store().copy(view.id(), uids, target->id, move, session.now());
  if (!copied) {
    if (copied.error == store::StoreError::over_quota) {
      session.tracer().record(trace::Kind::store_refused,
                              {session.account(), target->name, to_string(copied.error)});
    }
    return refused(copied.error);
  }
  const std::string_view done = move ? "Moved" : "Copied";
  // By UID, what is not there is passed over (RFC 3501 section 6.4.8), and so is a result without
  // messages (RFC 5182 section 2.1).
  if (copied.value.empty()) {
    return numbering == Numbering::uid || set.saved
               ? ok("Nothing to do")
               : no("These messages are gone", "EXPUNGEISSUED");
  }
  std::vector<store::Uid> from, to;
  for (const auto& pair : copied.value) {
    from.push_back(pair.from);
    to.push_back(pair.to);
  }
  drop_flags(session, target->id, to);
  session.note_put(target->id, to);
  if (move) session.note_removed();
  const std::string source = format_set(from);
  session.tracer().record(trace::Kind::store_copied, {session.account(), session.mailbox_name(),
                                                      source, target->name, move ? 1 : 0});
  // RFC 4315 section 3: nothing of a mailbox that the user may not open.
  if (!session.offers("UIDPLUS") || !access.rights(target->id).has(Right::read))
    return ok(std::string(done), move ? expunge_code(session) : "");
  std::string code =
      "COPYUID " + std::to_string(target->uid_validity) + ' ' + source + ' ' + format_set(to);
  if (!move) return ok(std::string(done), std::move(code));
  // RFC 6851 section 4.3: the UIDs are told before the EXPUNGEs.
  session.say("OK", code, "Moved");
  return ok(std::string(done), expunge_code(session));
}

Outcome run_copy(Session& session, Cursor& arguments, Numbering numbering) {
  return copy_messages(session, arguments, numbering, false);
}

}  // namespace mailscope::imap
