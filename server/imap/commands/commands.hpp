// The handlers of the commands, one file each. Each reads its arguments, which begin with the space
// behind the command's name, does its work, and returns the tagged answer or what goes on.
#pragma once

#include <string_view>

#include "server/imap/session.hpp"

namespace mailscope::imap {

// Any state (RFC 3501 section 6.1, RFC 2971).
Outcome run_capability(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_noop(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_logout(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_id(Session& session, Cursor& arguments, Numbering numbering);

// Not authenticated (RFC 3501 section 6.2).
Outcome run_starttls(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_authenticate(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_login(Session& session, Cursor& arguments, Numbering numbering);

// Authenticated (RFC 3501 section 6.3, RFC 5161, RFC 2342, RFC 2177).
Outcome run_enable(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_select(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_examine(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_create(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_delete(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_rename(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_subscribe(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_unsubscribe(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_list(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_lsub(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_namespace(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_status(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_append(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_compress(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_unauthenticate(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_idle(Session& session, Cursor& arguments, Numbering numbering);

// Selected (RFC 3501 section 6.4, RFC 3691, RFC 4315, RFC 6851).
Outcome run_check(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_close(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_unselect(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_expunge(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_search(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_fetch(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_store(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_copy(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_move(Session& session, Cursor& arguments, Numbering numbering);

Outcome run_replace(Session& session, Cursor& arguments, Numbering numbering);

// Sorting, sharing, annotating, notifying (RFC 5256, 5267, 7377, 5255, 4314, 9208, 5464, 4467,
// 5465).
Outcome run_language(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_comparator(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_setacl(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_deleteacl(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_getacl(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_listrights(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_myrights(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_getquota(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_getquotaroot(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_setquota(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_getmetadata(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_setmetadata(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_genurlauth(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_resetkey(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_urlfetch(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_notify(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_esearch(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_cancelupdate(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_sort(Session& session, Cursor& arguments, Numbering numbering);
Outcome run_thread(Session& session, Cursor& arguments, Numbering numbering);
/// "* MYRIGHTS ..." of a mailbox, for LIST too (RFC 8440).
void write_myrights(Session& session, const store::MailboxInfo& info);
/// "* NAMESPACE ...".
void write_namespaces(Session& session);

/// "APPENDUID 38505 3955", or empty where UIDPLUS is not offered.
std::string append_code(const Session& session, const store::MailboxInfo& target,
                        const std::vector<store::Uid>& uids);
/// Whether an APPEND can be refused before its messages of `size` octets are sent. `partial`: the
/// command up to the literal.
std::optional<Reply> append_refusal(Session& session, std::string_view partial, std::size_t size);
/// COPY and MOVE up to where they differ: reads the arguments, copies, records. The untagged part
/// of MOVE's answer is written here.
Reply copy_messages(Session& session, Cursor& arguments, Numbering numbering, bool move);
/// Expunges these messages, of those only that are \Deleted, and records it. False: there were
/// none.
bool expunge_deleted(Session& session, std::span<const PositionRange> among);

/// The response code of an answer to a command that has expunged: HIGHESTMODSEQ where the client
/// has enabled QRESYNC (RFC 7162 section 3.2.7), or empty.
std::string expunge_code(const Session& session);

}  // namespace mailscope::imap
