// APPEND (RFC 3501 section 6.3.11) with APPENDUID (RFC 4315 section 3).
//
//   C: a APPEND Sent (\Seen) "17-Jul-1996 02:44:25 -0700" {310}
//   S: + Ready for literal data
//   C: (310 octets)
//   S: a OK [APPENDUID 38505 3955] Appended
#include "server/imap/commands/commands.hpp"
#include "server/imap/date_time.hpp"
#include "server/imap/flags.hpp"
#include "server/mail/mime.hpp"

namespace mailscope::imap {
namespace {

Reply no_target() {
  // RFC 3501 section 6.3.11: the client may create it and try again.
  return no("No such mailbox: create it first", "TRYCREATE");
}

}  // namespace

std::optional<Reply> append_refusal(Session& session, std::string_view partial, std::size_t size) {
  Cursor cursor(partial);
  std::string_view tag;
  std::string name;
  // A mailbox name that is itself the literal, or a mistake: the whole command will tell.
  if (!cursor.tag(tag) || !cursor.space() || !cursor.word("APPEND") || !cursor.space() ||
      cursor.peek() == '{' || !cursor.mailbox(name)) {
    return std::nullopt;
  }
  if (!session.find_mailbox(name)) return no_target();
  const std::uint64_t quota = session.store().quota(session.account());
  if (quota != 0 && session.store().used(session.account()) + size > quota) {
    session.tracer().record(trace::Kind::store_refused, {session.account(), name, "over quota"});
    return refused(store::StoreError::over_quota);
  }
  return std::nullopt;
}

Outcome run_append(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  store::Flags flags;
  net::Time date = session.now();
  std::string_view octets;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space())
    return syntax_error(arguments);
  if (arguments.peek() == '(' && (!parse_flag_list(arguments, flags) || !arguments.space()))
    return syntax_error(arguments);
  if (arguments.peek() == '"' && (!parse_date_time(arguments, date) || !arguments.space()))
    return syntax_error(arguments);
  if (!arguments.literal(octets) || !arguments.end()) return syntax_error(arguments);
  if (octets.empty()) return no("A message cannot be empty");

  const auto info = session.find_mailbox(name);
  if (!info) return no_target();
  const auto uid = session.store().append(info->id, octets, flags, date);
  if (!uid) {
    session.tracer().record(trace::Kind::store_refused,
                            {session.account(), info->name, to_string(uid.error)});
    return refused(uid.error);
  }
  std::string shown;
  append_flags(shown, flags);
  const std::string message_id = mail::parse_header(octets).text("Message-ID");
  session.tracer().record(trace::Kind::store_appended, session.tracer().sink().message(message_id),
                          {session.account(), info->name, uid.value, octets.size(), shown});
  if (!session.offers("UIDPLUS")) return ok("Appended");
  return ok("Appended",
            "APPENDUID " + std::to_string(info->uid_validity) + ' ' + std::to_string(uid.value));
}

}  // namespace mailscope::imap
