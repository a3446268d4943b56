// STORE (RFC 3501 section 6.4.6).
//
//   C: a STORE 2:4 +FLAGS (\Deleted)
//   S: * 2 FETCH (FLAGS (\Deleted \Seen))
//   S: * 3 FETCH (FLAGS (\Deleted))
//   S: * 4 FETCH (FLAGS (\Deleted \Flagged \Seen))
//   S: a OK Stored
#include "server/imap/commands/commands.hpp"
#include "server/imap/flags.hpp"
#include "server/imap/view_scan.hpp"

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

// RFC 7162 section 3.1.3: "(UNCHANGEDSINCE n) ", or nothing.
bool parse_condition(Cursor& cursor, std::optional<std::uint64_t>& out) {
  if (cursor.peek() != '(') return true;
  std::uint64_t since = 0;
  if (!cursor.character('(') || !cursor.word("UNCHANGEDSINCE") || !cursor.space() ||
      !cursor.number64(since) || !cursor.character(')') || !cursor.space()) {
    return false;
  }
  out = since;
  return true;
}

// Takes those out of the ranges that have changed since, and returns them. `missing`: how many are
// no longer there.
std::vector<PositionRange> take_modified(Session& session, std::vector<PositionRange>& ranges,
                                         store::ModSeq since, std::size_t& missing) {
  std::vector<PositionRange> kept, modified;
  ViewScan scan(ranges);
  while (!scan.done()) {
    scan.run_flags(session.store(), *session.view(),
                   [&](std::uint32_t position, const store::MessageInfo& message) {
                     auto& list = message.modseq <= since ? kept : modified;
                     if (!list.empty() && list.back().last + 1 == position)
                       list.back().last = position;
                     else
                       list.push_back({position, position});
                     return true;
                   });
  }
  ranges = std::move(kept);
  missing = scan.missing();
  return modified;
}

std::string modified_code(Session& session, const std::vector<PositionRange>& modified,
                          Numbering numbering) {
  if (modified.empty()) return {};
  std::vector<std::uint32_t> numbers = session.view()->uids_of(modified);
  if (numbering == Numbering::sequence) {
    numbers.clear();
    for (const PositionRange& range : modified) {
      for (std::uint32_t at = range.first; at <= range.last; ++at) numbers.push_back(at + 1);
    }
  }
  return "MODIFIED " + format_set(numbers);
}

struct Request {
  SequenceSet set;
  std::optional<std::uint64_t> unchanged_since;
  const Form* form = nullptr;
  store::Flags flags;
  bool too_many_flags = false;
  /// Set where FLAGS may not replace all flags: with these rights (RFC 4314 section 4).
  std::optional<Rights> may_change;
};

bool parse_store(Cursor& cursor, Request& out) {
  if (!cursor.space() || !parse_sequence_set(cursor, out.set) || !cursor.space() ||
      !parse_condition(cursor, out.unchanged_since)) {
    return false;
  }
  out.form = parse_form(cursor);
  return out.form != nullptr && cursor.space() &&
         parse_store_flags(cursor, out.flags, out.too_many_flags) && cursor.end();
}

// FLAGS without the right to all of them: those that may be changed are taken away, and then those
// that are wanted added.
std::vector<store::MessageInfo> change_in_store(Session& session, const Request& request,
                                                const std::vector<store::Uid>& uids) {
  store::MailStore& store = session.store();
  const store::MailboxId mailbox = session.view()->id();
  if (!request.may_change)
    return store.change_flags(mailbox, uids, request.form->change, request.flags);
  store::Flags all;
  all.system = 0xff;
  if (request.may_change->has(Right::write)) all.keywords = session.view()->keywords();
  const store::Flags mine = session.access().permitted(mailbox, all);
  static_cast<void>(store.change_flags(mailbox, uids, store::FlagChange::remove, mine));
  return store.change_flags(mailbox, uids, store::FlagChange::add, request.flags);
}

// Changes the flags and tells of it; the UIDs that were there.
std::vector<store::Uid> change(Session& session, const Request& request,
                               const std::vector<store::Uid>& uids, Numbering numbering) {
  MailboxView& view = *session.view();
  const bool modseq = session.style().modseq();
  const auto highest = [&] {
    const auto info = session.store().mailbox(view.id());
    return info ? info->highest_modseq : 0;
  };
  const store::ModSeq before = highest();
  const auto changed = change_in_store(session, request, uids);
  std::vector<store::Uid> there;
  there.reserve(changed.size());
  for (const store::MessageInfo& message : changed) {
    there.push_back(message.uid);
    if (message.modseq <= before) view.told(message.uid, message.modseq);
    // RFC 7162 section 3.1.3: the new mod-sequence is told even in silence.
    if (request.form->silent && !modseq) continue;
    session.send_flags(*view.position_of(message.uid) + 1, message,
                       numbering == Numbering::uid || modseq, !request.form->silent);
  }
  view.told_all(before, highest());
  if (!there.empty()) {
    session.tracer().record(trace::Kind::store_flags,
                            {session.account(), session.mailbox_name(), format_set(there),
                             shown_change(*request.form, request.flags)});
  }
  return there;
}

// RFC 4314 section 4: what the user may not change stays as it is; only when that is everything
// the command fails.
std::optional<Reply> restrict_to_rights(const Session& session, Request& request) {
  const Access access = session.access();
  const Rights rights = access.rights(session.view()->id());
  const Rights flag_rights = *Rights::parse("swt");
  if (!rights.any_of(flag_rights)) return no("No right to change flags", "NOPERM");
  if ((rights | flag_rights) == rights) return std::nullopt;
  const store::Flags allowed = access.permitted(session.view()->id(), request.flags);
  if (request.form->change == store::FlagChange::set) {
    request.may_change = rights;
  } else if (allowed.system == 0 && allowed.keywords.empty()) {
    return no("No right to change these flags", "NOPERM");
  }
  request.flags = allowed;
  return std::nullopt;
}

}  // namespace

Outcome run_store(Session& session, Cursor& arguments, Numbering numbering) {
  Request request;
  if (!parse_store(arguments, request)) return syntax_error(arguments);
  auto found = positions(session, request.set, numbering);
  if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
  if (request.unchanged_since) {
    if (!session.offers("CONDSTORE")) return bad("Syntax error: CONDSTORE is not offered");
    session.enable(kCondstore);
  }
  if (request.too_many_flags) return too_many_keywords();
  if (session.view()->read_only()) return no("The mailbox was opened with EXAMINE", "READ-ONLY");
  if (auto reply = restrict_to_rights(session, request)) return std::move(*reply);

  // RFC 3501 section 6.4.6: silence is about this change; those of others are told all the same.
  if (request.form->silent || request.unchanged_since) session.send_updates(false);
  auto& ranges = std::get<std::vector<PositionRange>>(found);
  std::string code;
  std::size_t missing = 0;
  if (request.unchanged_since) {
    const auto modified = take_modified(session, ranges, *request.unchanged_since, missing);
    code = modified_code(session, modified, numbering);
  }
  const std::vector<store::Uid> uids = session.view()->uids_of(ranges);
  missing += uids.size() - change(session, request, uids, numbering).size();
  // RFC 2180 section 4.2: some of the messages were expunged by somebody else. Who wants no answer
  // for the others needs none for these.
  if (missing > 0 && numbering == Numbering::sequence && !request.form->silent)
    return no("Some of the messages are gone", code.empty() ? "EXPUNGEISSUED" : code);
  return code.empty() ? ok("Stored") : ok("Conditional STORE failed for some", code);
}

}  // namespace mailscope::imap
