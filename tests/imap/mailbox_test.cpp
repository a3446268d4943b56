// Mailboxes: SELECT, EXAMINE, CREATE, DELETE, RENAME, LIST, LSUB, STATUS, APPEND.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {

TEST_CASE("SELECT and EXAMINE", "[imap]") {
  play(R"(
    C: a SELECT inbox
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * OK [UNSEEN 2] First unseen
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded \*)] Flags are kept
    S: * OK [UIDNEXT 4] Next UID
    S: * OK [UIDVALIDITY 1] UIDs hold
    S: ...
    S: a OK [READ-WRITE] Selected
    C: b EXAMINE INBOX
    S: * OK [CLOSED] Previous mailbox closed
    S: * FLAGS ...
    S: * 3 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 2] First unseen
    S: * OK [PERMANENTFLAGS ()] ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [UIDVALIDITY 1] ...
    S: ...
    S: b OK [READ-ONLY] ...
    C: c STORE 1 +FLAGS (\Deleted)
    S: c NO [READ-ONLY] ...
    C: d EXPUNGE
    S: d NO [READ-ONLY] ...
    C: e SELECT Nowhere
    S: * OK [CLOSED] ...
    S: e NO [NONEXISTENT] No such mailbox
    C: f FETCH 1 FLAGS
    S: f BAD Select a mailbox first
  )",
       [](World& world) {
         world.append("INBOX", "a\r\n", {store::kSeen, {"$Forwarded"}});
         world.append("INBOX", "b\r\n");
         world.append("INBOX", "c\r\n");
       });
}

TEST_CASE("CREATE, LIST and DELETE", "[imap]") {
  play(R"(
    C: a CREATE Projects/2026/
    S: a OK [MAILBOXID ...
    C: b LIST "" %
    S: * LIST (\HasNoChildren \Archive) "/" Archive
    S: * LIST (\HasNoChildren \Drafts) "/" Drafts
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Junk) "/" Junk
    S: * LIST (\HasChildren) "/" Projects
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: b OK Listed
    C: c LIST Projects/ *
    S: * LIST (\HasNoChildren) "/" Projects/2026
    S: c OK Listed
    C: d LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S: d OK Listed
    C: e LIST "" inbox
    S: * LIST (\HasNoChildren) "/" INBOX
    S: e OK Listed
    C: f CREATE Sent
    S: f NO [ALREADYEXISTS] ...
    C: g CREATE inbox
    S: g NO [ALREADYEXISTS] ...
    C: h DELETE Projects
    S: h NO [HASCHILDREN] ...
    C: i DELETE Projects/2026
    S: i OK Deleted
    C: j DELETE Projects
    S: j OK Deleted
    C: k DELETE Projects
    S: k NO [NONEXISTENT] ...
    C: l DELETE INBOX
    S: l NO [CANNOT] ...
    C: m CREATE "a//b"
    S: m NO [CANNOT] ...
    C: m1 CREATE ""
    S: m1 NO [CANNOT] ...
    C: n CREATE Entw&APw-rfe
    S: n OK [MAILBOXID ...
    C: o LIST "" Entw*
    S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
    S: o OK Listed
    C: p CREATE Entw&APw
    S: p NO [CANNOT] not a valid mailbox name
    C: q CREATE Outbox (USE (\Sent))
    S: q OK [MAILBOXID ...
    C: r LIST "" Outbox
    S: * LIST (\HasNoChildren \Sent) "/" Outbox
    S: r OK Listed
    C: s CREATE X (USE (\Magic))
    S: s NO [USEATTR] ...
    C: t CREATE "two words"
    S: t OK [MAILBOXID ...
    C: u LIST "" two*
    S: * LIST (\HasNoChildren) "/" "two words"
    S: u OK Listed
  )");
}

TEST_CASE("RENAME", "[imap]") {
  play(R"(
    C: a CREATE one/two
    S: a OK [MAILBOXID ...
    C: b RENAME one three
    S: b OK Renamed
    C: c LIST "" *wo
    S: * LIST (\HasNoChildren) "/" three/two
    S: c OK Listed
    C: d SELECT INBOX
    S: * FLAGS ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERM...
    S: * OK [UIDNEXT 2] ...
    S: ...
    S: d OK [READ-WRITE] Selected
    C: e RENAME INBOX old
    S: * 1 EXPUNGE
    S: e OK Renamed
    C: f STATUS old (MESSAGES)
    S: * STATUS old (MESSAGES 1)
    S: f OK Status
    C: g RENAME none other
    S: g NO [NONEXISTENT] ...
    C: h RENAME old Sent
    S: h NO [ALREADYEXISTS] ...
  )",
       [](World& world) { world.append("INBOX", "a\r\n"); });
}

TEST_CASE("subscriptions", "[imap]") {
  play(R"(
    C: a CREATE lists/imap
    S: a OK [MAILBOXID ...
    C: b SUBSCRIBE lists/imap
    S: b OK Subscribed
    C: c LSUB "" lists*
    S: * LSUB () "/" lists/imap
    S: c OK Listed
    C: d LSUB "" l%
    S: * LSUB (\Noselect) "/" lists
    S: d OK Listed
    C: e DELETE lists/imap
    S: e OK Deleted
    C: f LSUB "" lists*
    S: * LSUB (\Noselect) "/" lists/imap
    S: f OK Listed
    C: g UNSUBSCRIBE lists/imap
    S: g OK Unsubscribed
    C: h LSUB "" lists*
    S: h OK Listed
    C: i SUBSCRIBE nowhere
    S: i NO [NONEXISTENT] ...
  )");
}

TEST_CASE("names that are not coded as names are belong to no mailbox", "[imap]") {
  // They are well-formed astrings (RFC 3501 section 9): the answer is NO and not BAD.
  play(R"(
    C: a SELECT Bad&Name
    S: a NO [NONEXISTENT] No such mailbox
    C: b CREATE &AGE-
    S: b NO [CANNOT] ...
    C: c STATUS !#$&'+,-.0123456789:;<=>?@^_`|[} (MESSAGES)
    S: c NO [NONEXISTENT] No such mailbox
    C: d RENAME Drafts &
    S: d NO [CANNOT] ...
    C: e SUBSCRIBE &
    S: e NO [NONEXISTENT] No such mailbox
    C: f LIST "" &%
    S: f OK Listed
    C: g APPEND & {5}
    S: g NO [TRYCREATE] No such mailbox: create it first
    C: h DELETE &
    S: h NO [NONEXISTENT] No such mailbox
  )");
}

TEST_CASE("STATUS", "[imap]") {
  play(R"(
    C: a STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
    S: * STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 1)
    S: a OK Status
    C: b STATUS Sent (APPENDLIMIT)
    S: * STATUS Sent (APPENDLIMIT 52428800)
    S: b OK Status
    C: c STATUS nowhere (MESSAGES)
    S: c NO [NONEXISTENT] ...
    C: d STATUS INBOX ()
    S: d BAD ...
    C: e STATUS INBOX (SPLINES)
    S: e BAD ...
  )",
       [](World& world) {
         world.append("INBOX", "a\r\n", {store::kSeen, {}});
         world.append("INBOX", "b\r\n");
       });
}

TEST_CASE("APPEND", "[imap]") {
  play(R"(
    C: a APPEND Sent (\Seen $X) "17-Jul-1996 02:44:25 -0700" {10}
    S: + Ready for literal data
    C: a: b
    C:
    C: c!
    S: a OK [APPENDUID ... 1] Appended
    C: b APPEND nowhere {10}
    S: b NO [TRYCREATE] ...
    C: c APPEND nowhere {3+}
    C: abc
    S: c NO [TRYCREATE] ...
    C: d APPEND Sent {0}
    S: + Ready for literal data
    C:
    S: d NO A message cannot be empty
    C: e APPEND Sent {101}
    S: e NO [TOOBIG] ...
    C: f APPEND Sent {101+}
    C: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x
    S: f NO [TOOBIG] ...
    C: g APPEND Sent (\Recent) {3+}
    C: abc
    S: g BAD ...
    C: h EXAMINE Sent
    S: * FLAGS (... $X)
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * OK [PERM...
    S: * OK [UIDNEXT 2] ...
    S: ...
    S: h OK ...
    C: i FETCH 1 (FLAGS INTERNALDATE RFC822)
    S: * 1 FETCH (FLAGS (\Seen $X \Recent) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822 {10}
    S: a: b
    S:
    S: c!)
    S: i OK Fetched
  )",
       [](World& world) { world.options.append_limit = 100; });
}

TEST_CASE("APPEND into the selected mailbox, and over quota", "[imap]") {
  play(R"(
    C: a SELECT Drafts
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK [PERM...
    S: * OK [UIDNEXT 1] ...
    S: ...
    S: a OK ...
    C: b APPEND Drafts {3+}
    C: abc
    S: * 1 EXISTS
    S: * 1 RECENT
    S: b OK [APPENDUID ... 1] Appended
    C: c APPEND Drafts {30}
    S: c NO [OVERQUOTA] ...
    C: d APPEND Drafts {10+}
    C: 0123456789
    S: d NO [OVERQUOTA] ...
  )",
       [](World& world) { world.store.set_quota("alice@acme.example", 10); });
}

TEST_CASE("CREATE with a use where that is not offered", "[imap]") {
  play(R"(
    C: a CREATE Out (USE (\Sent))
    S: a BAD ...
    C: b CREATE Out
    S: b OK [MAILBOXID ...
  )",
       [](World& world) { world.hide("CREATE-SPECIAL-USE"); });
}

}  // namespace mailscope::imap::test
