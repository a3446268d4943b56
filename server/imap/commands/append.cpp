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

// The mailbox of an APPEND or REPLACE whose first literal has not come yet; false: the whole
// command will tell.
bool peek_mailbox(Cursor& cursor, std::string& name) {
  std::string_view tag;
  SequenceSet set;
  if (!cursor.tag(tag) || !cursor.space()) return false;
  if (cursor.word("UID") && !cursor.space()) return false;
  if (cursor.word("REPLACE")) {
    if (!cursor.space() || !parse_sequence_set(cursor, set)) return false;
  } else if (!cursor.word("APPEND")) {
    return false;
  }
  // A mailbox name that is itself the literal ends here too.
  return cursor.space() && cursor.peek() != '{' && cursor.mailbox(name);
}

}  // namespace

std::optional<Reply> append_refusal(Session& session, std::string_view partial, std::size_t size) {
  Cursor cursor(partial);
  cursor.set_utf8(session.style().utf8());
  std::string name;
  if (!peek_mailbox(cursor, name)) return std::nullopt;
  const auto info = session.find_mailbox(name);
  if (!info) return no_target();
  if (auto reply = session.access().lacks(info->id, Right::insert)) return reply;
  const std::string owner = session.store().owner(info->id);
  const std::uint64_t quota = session.store().quota(owner);
  if (quota != 0 && session.store().used(owner) + size > quota) {
    session.tracer().record(trace::Kind::store_refused, {session.account(), name, "over quota"});
    return refused(store::StoreError::over_quota);
  }
  return std::nullopt;
}

std::string append_code(const Session& session, const store::MailboxInfo& target,
                        const std::vector<store::Uid>& uids) {
  if (!session.offers("UIDPLUS")) return {};
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
