// STORE (RFC 3501 section 6.4.6).
//
//   C: a STORE 2:4 +FLAGS (\Deleted)
//   S: * 2 FETCH (FLAGS (\Deleted \Seen))
//   S: * 3 FETCH (FLAGS (\Deleted))
//   S: * 4 FETCH (FLAGS (\Deleted \Flagged \Seen))
//   S: a OK Stored
#include "server/imap/commands/commands.hpp"
#include "server/imap/flags.hpp"

namespace mailscope::imap {
namespace {

struct Form {
  std::string_view word;
  store::FlagChange change;
  bool silent;
};
constexpr Form kForms[] = {
    {"FLAGS", store::FlagChange::set, false},
    {"FLAGS.SILENT", store::FlagChange::set, true},
    {"+FLAGS", store::FlagChange::add, false},
    {"+FLAGS.SILENT", store::FlagChange::add, true},
    {"-FLAGS", store::FlagChange::remove, false},
    {"-FLAGS.SILENT", store::FlagChange::remove, true},
};

const Form* parse_form(Cursor& cursor) {
  for (const Form& form : kForms) {
    if (cursor.word(form.word)) return &form;
  }
  cursor.expected("FLAGS, +FLAGS or -FLAGS, with or without .SILENT");
  return nullptr;
}

std::string shown_change(const Form& form, const store::Flags& flags) {
  std::string text(form.word.substr(0, form.word.find('.')));
  text += ' ';
  append_flags(text, flags);
  return text;
}

}  // namespace

Outcome run_store(Session& session, Cursor& arguments, Numbering numbering) {
  SequenceSet set;
  store::Flags flags;
  if (!arguments.space() || !parse_sequence_set(arguments, set) || !arguments.space())
    return syntax_error(arguments);
  const Form* form = parse_form(arguments);
  if (form == nullptr || !arguments.space() || !parse_store_flags(arguments, flags) ||
      !arguments.end()) {
    return syntax_error(arguments);
  }
  auto found = positions(session, set, numbering);
  if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
  MailboxView& view = *session.view();
  if (view.read_only()) return no("The mailbox was opened with EXAMINE", "READ-ONLY");

  // RFC 3501 section 6.4.6: silence is about this change; those of others are told all the same.
  if (form->silent) session.send_updates(false);
  const std::vector<store::Uid> uids = view.uids_of(std::get<std::vector<PositionRange>>(found));
  const auto changed = session.store().change_flags(view.id(), uids, form->change, flags);
  std::vector<store::Uid> there;
  for (const store::MessageInfo& message : changed) {
    there.push_back(message.uid);
    view.told(message.uid, message.modseq);
    if (!form->silent)
      session.send_flags(*view.position_of(message.uid) + 1, message, numbering == Numbering::uid);
  }
  if (!there.empty()) {
    session.tracer().record(
        trace::Kind::store_flags,
        {session.account(), session.mailbox_name(), format_set(there), shown_change(*form, flags)});
  }
  // RFC 2180 section 4.2: some of the messages were expunged by somebody else.
  if (there.size() < uids.size() && numbering == Numbering::sequence) {
    return no("Some of the messages are gone", "EXPUNGEISSUED");
  }
  return ok("Stored");
}

}  // namespace mailscope::imap
