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

// Section 3.4: of the quota only what the new message needs more than the old one counts. Both
// happen in one turn, and the quota is what it was at its end.
class QuotaOfDifference {
 public:
  QuotaOfDifference(store::MailStore& store, std::string owner, const store::MessageInfo& old)
      : store_(store),
        owner_(std::move(owner)),
        octets_(store.quota(owner_)),
        messages_(store.message_quota(owner_)) {
    if (octets_ != 0) store_.set_quota(owner_, octets_ + old.size);
    if (messages_ != 0) store_.set_message_quota(owner_, messages_ + 1);
  }
  ~QuotaOfDifference() {
    if (octets_ != 0) store_.set_quota(owner_, octets_);
    if (messages_ != 0) store_.set_message_quota(owner_, messages_);
  }
  QuotaOfDifference(const QuotaOfDifference&) = delete;
  QuotaOfDifference& operator=(const QuotaOfDifference&) = delete;

 private:
  store::MailStore& store_;
  std::string owner_;
  std::uint64_t octets_, messages_;
};

// Section 4.1: what UID STORE, UID EXPUNGE and APPEND need.
std::optional<Reply> lacks_rights(const Session& session, store::MailboxId target) {
  const Access access = session.access();
  for (const Right right : {Right::del_flag, Right::expunge}) {
    if (auto reply = access.lacks(session.view()->id(), right)) return reply;
  }
  return access.lacks(target, Right::insert);
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
  const auto old = uids.empty() ? std::nullopt : session.store().message(view.id(), uids.front());
  if (!old) return no("No such message", "NONEXISTENT");
  const auto target = session.find_mailbox(request.mailbox);
  if (!target) return no("No such mailbox: create it first", "TRYCREATE");
  if (auto reply = lacks_rights(session, target->id)) return std::move(*reply);
  AppendMessage& message = request.messages.front();
  message.flags = session.access().permitted(target->id, message.flags);

  const std::string owner = session.store().owner(view.id());
  std::optional<QuotaOfDifference> difference;
  if (session.store().owner(target->id) == owner) difference.emplace(session.store(), owner, *old);
  const Appended appended = append_messages(session, *target, request);
  difference.reset();
  if (const auto* problem = std::get_if<Reply>(&appended)) return *problem;
  const std::string code = append_code(session, *target, std::get<0>(appended));
  if (!code.empty()) session.say("OK", code, "Replacement is here");
  const auto gone = session.store().expunge(view.id(), uids);
  session.note_removed();
  session.tracer().record(trace::Kind::store_expunged,
                          {session.account(), session.mailbox_name(), format_set(gone)});
  return ok("Replaced", expunge_code(session));
}

}  // namespace mailscope::imap
