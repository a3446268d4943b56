// REPLACE (RFC 8508): a new version of a message in the place of the old one, in one step.
//
//   C: a UID REPLACE 2000 Drafts (\Seen \Draft) {312}
//   S: + Ready for literal data
//   C: (312 octets)
//   S: * OK [APPENDUID 1 2001] Replacement is here
//   S: * 5 EXISTS
//   S: * 4 EXPUNGE
//   S: a OK Replaced
#include "server/imap/append_request.hpp"
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {
namespace {

// RFC 8508 section 3.2: exactly one message.
bool parse_one(Cursor& cursor, SequenceSet& set) {
  if (!parse_sequence_set(cursor, set)) return false;
  const bool one =
      !set.saved && set.ranges.size() == 1 && set.ranges[0].first == set.ranges[0].last;
  return one || cursor.expected("one message before");
}

}  // namespace

Outcome run_replace(Session& session, Cursor& arguments, Numbering numbering) {
  SequenceSet set;
  AppendRequest request;
  if (!arguments.space() || !parse_one(arguments, set) || !arguments.space() ||
      !parse_append(arguments, request)) {
    return syntax_error(arguments);
  }
  if (request.messages.size() > 1) return bad("One message takes the place of one");
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);
  auto found = positions(session, set, numbering);
  if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
  const MailboxView& view = *session.view();
  if (view.read_only()) return no("The mailbox was opened with EXAMINE", "READ-ONLY");
  const auto uids = view.uids_of(std::get<std::vector<PositionRange>>(found));
  // RFC 8508 section 3.3: nothing is appended when there is nothing to replace.
  if (uids.empty() || !session.store().message(view.id(), uids.front()))
    return no("No such message", "NONEXISTENT");
  const auto target = session.find_mailbox(request.mailbox);
  if (!target) return no("No such mailbox: create it first", "TRYCREATE");

  const Appended appended = append_messages(session, *target, request);
  if (const auto* problem = std::get_if<Reply>(&appended)) return *problem;
  const std::string code = append_code(session, *target, std::get<0>(appended));
  if (!code.empty()) session.out().line("*", "OK [" + code + "] Replacement is here");
  const auto gone = session.store().expunge(view.id(), uids);
  session.tracer().record(trace::Kind::store_expunged,
                          {session.account(), session.mailbox_name(), format_set(gone)});
  return ok("Replaced", expunge_code(session));
}

}  // namespace mailscope::imap
