// APPEND (RFC 3501 section 6.3.11) with APPENDUID (RFC 4315 section 3).
//
//   C: a APPEND Sent (\Seen) "17-Jul-1996 02:44:25 -0700" {310}
//   S: + Ready for literal data
//   C: (310 octets)
//   S: a OK [APPENDUID 38505 3955] Appended
#include "server/imap/append_request.hpp"
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {
namespace {

Reply no_target() {
  // RFC 3501 section 6.3.11: the client may create it and try again.
  return no("No such mailbox: create it first", "TRYCREATE");
}

/// An APPEND or REPLACE whose first literal has not come yet.
struct Beginning {
  std::string mailbox;
  bool replaces = false;
  Numbering numbering = Numbering::sequence;
  SequenceSet replaced;
};

// False: the whole command will tell.
bool peek(Cursor& cursor, Beginning& out) {
  std::string_view tag;
  if (!cursor.tag(tag) || !cursor.space()) return false;
  if (cursor.word("UID")) {
    out.numbering = Numbering::uid;
    if (!cursor.space()) return false;
  }
  out.replaces = cursor.word("REPLACE");
  if (out.replaces) {
    if (!cursor.space() || !parse_sequence_set(cursor, out.replaced)) return false;
  } else if (!cursor.word("APPEND")) {
    return false;
  }
  // A mailbox name that is itself the literal ends here too.
  return cursor.space() && cursor.peek() != '{' && cursor.mailbox(out.mailbox);
}

// Octets that REPLACE sets free for an account (RFC 8508 section 3.4).
std::uint64_t set_free(Session& session, const Beginning& begun, std::string_view owner) {
  const MailboxView* view = session.view();
  if (!begun.replaces || view == nullptr || session.store().owner(view->id()) != owner) return 0;
  const auto found = positions(session, begun.replaced, begun.numbering);
  const auto* ranges = std::get_if<std::vector<PositionRange>>(&found);
  if (ranges == nullptr || ranges->empty()) return 0;
  const auto info = session.store().message(view->id(), view->uid_at(ranges->front().first));
  return info ? info->size : 0;
}

}  // namespace

std::optional<Reply> append_refusal(Session& session, std::string_view partial, std::size_t size) {
  Cursor cursor(partial);
  cursor.set_utf8(session.style().utf8());
  Beginning begun;
  if (!peek(cursor, begun)) return std::nullopt;
  const auto info = session.find_mailbox(begun.mailbox);
  if (!info) return no_target();
  if (auto reply = session.access().lacks(info->id, Right::insert)) return reply;
  const std::string owner = session.store().owner(info->id);
  const std::uint64_t quota = session.store().quota(owner);
  if (quota != 0 && session.store().used(owner) + size > quota + set_free(session, begun, owner)) {
    session.tracer().record(trace::Kind::store_refused,
                            {session.account(), begun.mailbox, "over quota"});
    return refused(store::StoreError::over_quota);
  }
  return std::nullopt;
}

std::string append_code(const Session& session, const store::MailboxInfo& target,
                        const std::vector<store::Uid>& uids) {
  // RFC 4315 section 3: nothing of a mailbox that the user may not open.
  if (!session.offers("UIDPLUS") || !session.access().rights(target.id).has(Right::read)) return {};
  return "APPENDUID " + std::to_string(target.uid_validity) + ' ' + format_set(uids);
}

Outcome run_append(Session& session, Cursor& arguments, Numbering) {
  AppendRequest request;
  if (!arguments.space() || !parse_append(arguments, request)) return syntax_error(arguments);
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);
  const auto info = session.find_mailbox(request.mailbox);
  if (!info) return no_target();
  if (auto reply = session.access().lacks(info->id, Right::insert)) return std::move(*reply);
  for (AppendMessage& message : request.messages)
    message.flags = session.access().permitted(info->id, message.flags);
  const Appended appended = append_messages(session, *info, request);
  if (const auto* problem = std::get_if<Reply>(&appended)) return *problem;
  return ok("Appended", append_code(session, *info, std::get<0>(appended)));
}

}  // namespace mailscope::imap
