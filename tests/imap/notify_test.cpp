// NOTIFY as a dialogue (RFC 5465).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

const std::string kSelect = R"(
    C: s SELECT INBOX
    S: ...
    S: s OK ...
)";

}  // namespace

TEST_CASE("new messages are told of at any time", "[imap]") {
  play(kSelect + R"(
    C: a NOTIFY SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge))
    S: a OK You will be notified
    2C: a APPEND INBOX {15+}
    2C: Subject: Hi
    2C:
    2C:
    2S: a OK ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] {15}
    S: Subject: Hi
    S: 
    S: )
    C: b UID STORE 1 +FLAGS (\Deleted)
    S: * 1 FETCH (UID 1 FLAGS (\Deleted \Recent))
    S: b OK Stored
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c EXPUNGE
    2S: * 1 EXPUNGE
    2S: c OK ...
    S: * 1 EXPUNGE
    C: c APPEND INBOX {4+}
    C: mine
    S: * 1 EXISTS
    S: * 1 RECENT
    S: c OK ...
  )");
}

TEST_CASE("SELECTED-DELAYED keeps numbers until a command", "[imap]") {
  play(kSelect + R"(
    C: a NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
    S: a OK You will be notified
    2C: a APPEND INBOX (\Deleted) {4+}
    2C: text
    2S: a OK ...
    S: * 1 EXISTS
    S: * 1 RECENT
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c STORE 1 +FLAGS.SILENT (\Flagged)
    2S: c OK ...
    S: * 1 FETCH (UID 1 FLAGS (\Flagged \Deleted \Recent))
    2C: d EXPUNGE
    2S: * 1 EXPUNGE
    2S: d OK ...
    C: b FETCH 1 (FLAGS)
    S: b NO [EXPUNGEISSUED] ...
    C: c NOOP
    S: * 1 EXPUNGE
    S: c OK Done
  )");
}

TEST_CASE("what was not asked for is not told", "[imap]") {
  play(kSelect + R"(
    C: a NOTIFY SET (personal (MailboxName))
    S: a OK You will be notified
    2C: a APPEND INBOX {4+}
    2C: text
    2S: a OK ...
    C: b NOOP
    S: b OK Done
    C: c NOTIFY SET (selected (MessageNew MessageExpunge))
    S: * 1 EXISTS
    S: * 1 RECENT
    S: c OK You will be notified
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c STORE 1 +FLAGS.SILENT (\Flagged)
    2S: c OK ...
    C: d NOTIFY NONE
    S: d OK You will not be notified
    2C: d APPEND INBOX {4+}
    2C: text
    2S: * 2 EXISTS
    2S: * 1 RECENT
    2S: d OK ...
    C: e NOOP
    S: e OK Done
  )");
}

TEST_CASE("other mailboxes are told of by STATUS", "[imap]") {
  play(R"(
    2C: a CREATE Lists/Lemonade
    2S: a OK ...
    2C: b CREATE Lists/Im2000
    2S: b OK ...
    C: a NOTIFY SET STATUS (subtree Lists (MessageNew MessageExpunge FlagChange))
    S: * STATUS Lists (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0 HIGHESTMODSEQ 1)
    S: * STATUS Lists/... (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0 HIGHESTMODSEQ 1)
    S: * STATUS Lists/... (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0 HIGHESTMODSEQ 1)
    S: a OK You will be notified
    2C: c APPEND Lists/Lemonade {4+}
    2C: text
    2S: c OK ...
    S: * STATUS Lists/Lemonade (UIDNEXT 2 MESSAGES 1)
    2C: d APPEND INBOX {4+}
    2C: text
    2S: d OK ...
    C: b APPEND Lists/Lemonade {4+}
    C: mine
    S: b OK ...
    2C: e SELECT Lists/Lemonade
    2S: ...
    2S: e OK ...
    2C: f STORE 1 +FLAGS.SILENT (\Seen \Deleted)
    2S: f OK ...
    S: * STATUS Lists/Lemonade (UIDVALIDITY ... UNSEEN 1)
    2C: g EXPUNGE
    2S: * 1 EXPUNGE
    2S: g OK ...
    S: * STATUS Lists/Lemonade (UIDNEXT 3 MESSAGES 1)
    C: c IDLE
    S: + ...
    2C: h APPEND Lists/Im2000 {4+}
    2C: text
    2S: h OK ...
    S: * STATUS Lists/Im2000 (UIDNEXT 2 MESSAGES 1)
    C: DONE
    S: c OK ...
  )");
}

TEST_CASE("names, subscriptions and annotations are told of", "[imap]") {
  play(R"(
    C: a NOTIFY SET (personal (MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))
    S: a OK You will be notified
    2C: a CREATE NewMailbox
    2S: a OK ...
    S: * LIST (\HasNoChildren) "/" NewMailbox
    2C: b CREATE NewMailbox/Below
    2S: b OK ...
    S: * LIST (\HasNoChildren) "/" NewMailbox/Below
    S: * LIST (\HasChildren) "/" NewMailbox
    2C: c RENAME NewMailbox Renamed
    2S: c OK ...
    S: * LIST (\HasChildren) "/" Renamed ("OLDNAME" (NewMailbox))
    2C: d DELETE Renamed/Below
    2S: d OK ...
    S: * LIST (\NonExistent \HasNoChildren) "/" Renamed/Below
    S: * LIST (\HasNoChildren) "/" Renamed
    2C: e SUBSCRIBE Renamed
    2S: e OK ...
    S: * LIST (\HasNoChildren \Subscribed) "/" Renamed
    2C: f UNSUBSCRIBE Renamed
    2S: f OK ...
    S: * LIST (\HasNoChildren) "/" Renamed
    2C: g SETMETADATA INBOX (/shared/comment "x")
    2S: g OK ...
    S: * METADATA INBOX /shared/comment
    2C: h SETMETADATA INBOX (/shared/comment NIL /private/comment "y")
    2S: h OK ...
    S: * METADATA INBOX /private/comment /shared/comment
    2C: i SETMETADATA "" (/private/vendor/x/y "z")
    2S: i OK ...
    S: * METADATA "" /private/vendor/x/y
    C: b CREATE Own
    S: b OK ...
    C: c NOOP
    S: c OK Done
  )");
}

TEST_CASE("sharing makes mailboxes appear and disappear", "[imap]") {
  play(R"(
    C: a NOTIFY SET (subtree "Other users" (MailboxName))
    S: a OK You will be notified
    5C: a CREATE Shared
    5S: a OK ...
    5C: b SETACL Shared alice lr
    5S: b OK ...
    S: * LIST (\HasNoChildren) "/" "Other users/bob/Shared"
    S: * LIST (\NonExistent \HasChildren) "/" "Other users/bob"
    5C: c DELETEACL Shared alice
    5S: c OK ...
    S: * LIST (\NonExistent \HasNoChildren) "/" "Other users/bob/Shared"
    S: * LIST (\NonExistent \HasNoChildren) "/" "Other users/bob"
  )");
  play(R"(
    5C: a SETACL INBOX alice l
    5S: a OK ...
    C: a NOTIFY SET (mailboxes "Other users/bob/INBOX" (MessageNew MessageExpunge))
    S: * LIST (\NoAccess) "/" "Other users/bob/INBOX"
    S: a OK You will be notified
  )");
}

TEST_CASE("what NOTIFY answers to mistakes", "[imap]") {
  play(R"(
    C: a NOTIFY
    S: a BAD Syntax error...
    C: b NOTIFY SET (personal (MessageNew))
    S: b BAD These events...
    C: c NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))
    S: c NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)] ...
    C: d NOTIFY SET (mailboxes Nowhere (MessageNew MessageExpunge))
    S: d OK You will be notified
  )");
  SECTION("too many mailboxes") {
    World world;
    for (int i = 0; i < 1'000; ++i) {
      const std::string name = "m" + std::to_string(i);
      static_cast<void>(world.store.create_mailbox("alice@acme.example", name, {}));
    }
    play_in(world, R"(
      C: a NOTIFY SET (personal (MessageNew MessageExpunge))
      S: a NO [NOTIFICATIONOVERFLOW] Too many mailboxes to watch
      C: b NOTIFY SET (subtree m (MessageNew MessageExpunge))
      S: b OK You will be notified
    )");
  }
}

TEST_CASE("the long example of RFC 5465 section 3.1", "[imap]") {
  // It leaves parentheses out, which is understood, and MessageExpunge for Lists, which is not
  // (section 5).
  play(R"(
    5C: a CREATE Other
    5S: a OK ...
    2C: a CREATE Lists/Lemonade
    2S: a OK ...
    2C: a1 CREATE misc
    2S: a1 OK ...
    C: b notify set status (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MessageNew)
    S: b BAD These events...
    C: b notify set status (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MessageNew MessageExpunge)
    S: * STATUS Lists (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0)
    S: * STATUS Lists/Lemonade (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0)
    S: b OK You will be notified
    C: c select inbox
    S: ...
    S: c OK ...
    2C: b APPEND Lists/Lemonade {4+}
    2C: text
    2S: b OK ...
    S: * STATUS Lists/Lemonade (UIDNEXT 2 MESSAGES 1)
    2C: c APPEND INBOX {69+}
    2C: Subject: Re: good morning
    2C: From: alice@example.org
    2C: To: b@example.org
    2S: c OK ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (from to subject)] ...
    S: Subject: Re: good morning
    S: From: alice@example.org
    S: To: b@example.org
    S: ...
    C: d STATUS misc (UIDVALIDITY UIDNEXT MESSAGES)
    S: * STATUS misc (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0)
    S: d OK ...
    C: e notify set (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MessageNew MessageExpunge) (mailboxes misc MessageNew MessageExpunge)
    S: e OK You will be notified
    2C: d APPEND misc {4+}
    2C: text
    2S: d OK ...
    S: * STATUS misc (UIDNEXT 2 MESSAGES 1)
  )");
}

TEST_CASE("the examples of RFC 5465 section 6 at work", "[imap]") {
  play(R"(
    C: a notify set (mailboxes INBOX (Messagenew messageExpunge)) (personal (SubscriptionChange))
    S: a OK You will be notified
    2C: a APPEND INBOX {4+}
    2C: text
    2S: a OK ...
    S: * STATUS INBOX (UIDNEXT 2 MESSAGES 1)
    2C: b UNSUBSCRIBE INBOX
    2S: b OK ...
    S: * LIST (\HasNoChildren) "/" INBOX
    2C: c SUBSCRIBE Drafts
    2S: c OK ...
    2C: d UNSUBSCRIBE Drafts
    2S: d OK ...
    S: * LIST (\HasNoChildren \Drafts) "/" Drafts
  )");
  play(kSelect + R"(
    C: a notify set (selected (Messagenew (uid flags) messageExpunge)) (personal (MessageNew FlagChange MessageExpunge))
    S: a OK You will be notified
    2C: a APPEND INBOX {4+}
    2C: text
    2S: a OK ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 1 FLAGS (\Recent))
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c STORE 1 +FLAGS.SILENT (\Flagged)
    2S: c OK ...
    2C: d COPY 1 Drafts
    2S: d OK ...
    S: * STATUS Drafts (UIDNEXT 2 MESSAGES 1)
    2C: e SELECT Drafts
    2S: ...
    2S: e OK ...
    2C: f STORE 1 +FLAGS.SILENT (\Seen)
    2S: f OK ...
    S: * STATUS Drafts (UIDVALIDITY ... UNSEEN 0)
  )");
}

TEST_CASE("NOTIFY with mod-sequences", "[imap]") {
  // RFC 5465 sections 3.1, 5.1 and 5.3.
  play(R"(
    C: a NOTIFY SET STATUS (mailboxes INBOX (MessageNew MessageExpunge FlagChange))
    S: * STATUS INBOX (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0 HIGHESTMODSEQ 1)
    S: a OK ...
    C: b ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: b OK ...
    2C: a APPEND INBOX {4+}
    2C: text
    2S: a OK ...
    S: * STATUS INBOX (UIDNEXT 2 MESSAGES 1 HIGHESTMODSEQ 2)
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c STORE 1 +FLAGS.SILENT (\Flagged)
    2S: c OK ...
    S: * STATUS INBOX (UIDVALIDITY ... HIGHESTMODSEQ 3)
    2C: d STORE 1 +FLAGS.SILENT (\Deleted)
    2S: d OK ...
    S: * STATUS INBOX (UIDVALIDITY ... HIGHESTMODSEQ 4)
    2C: e EXPUNGE
    2S: * 1 EXPUNGE
    2S: e OK ...
    S: * STATUS INBOX (UIDNEXT 2 MESSAGES 0 HIGHESTMODSEQ 5)
    C: c NOTIFY SET (selected (MessageNew MessageExpunge))
    S: c OK ...
    C: d SELECT INBOX
    S: ...
    S: d OK ...
    2C: f APPEND INBOX (\Deleted) {4+}
    2C: text
    2S: * 1 EXISTS
    2S: * 1 RECENT
    2S: f OK ...
    S: * 1 EXISTS
    S: * 0 RECENT
    2C: g EXPUNGE
    2S: * 1 EXPUNGE
    2S: g OK ...
    S: * VANISHED 2
  )");
}

TEST_CASE("what a command does is told whatever NOTIFY asked for", "[imap]") {
  play(kSelect + R"(
    C: a APPEND INBOX (\Deleted) {4+}
    C: text
    S: * 1 EXISTS
    S: * 1 RECENT
    S: a OK ...
    C: a1 APPEND INBOX {4+}
    C: more
    S: * 2 EXISTS
    S: * 2 RECENT
    S: a1 OK ...
    C: b NOTIFY SET (selected NONE) (personal (MailboxName))
    S: b OK You will be notified
    2C: a SELECT INBOX
    2S: ...
    2S: a OK ...
    2C: b STORE 2 +FLAGS.SILENT (\Flagged)
    2S: b OK ...
    C: c NOOP
    S: c OK Done
    C: d EXPUNGE
    S: * 1 EXPUNGE
    S: * 1 FETCH (UID 2 FLAGS (\Flagged \Recent))
    S: d OK Expunged
    C: e MOVE 1 Trash
    S: * OK [COPYUID ...] Moved
    S: * 1 EXPUNGE
    S: e OK Moved
  )");
}

TEST_CASE("searches with UPDATE send what they find", "[imap]") {
  // RFC 5465 section 7: of messages that come into the result, once, whoever wants them.
  play(kSelect + R"(
    C: a00 SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (TO FROM SUBJECT)])) FROM "boss"
    S: * ESEARCH (TAG "a00") COUNT 0
    S: a00 OK Searched
    C: a01 SEARCH RETURN (UPDATE (UID FLAGS)) ALL
    S: * ESEARCH (TAG "a01")
    S: a01 OK Searched
    2C: a APPEND INBOX {19+}
    2C: From: the boss
    2C:
    2C: x
    2S: a OK ...
    2C: b APPEND INBOX {19+}
    2C: From: somebody
    2C:
    2C: x
    2S: b OK ...
    C: b NOOP
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (TO FROM SUBJECT)] {18}
    S: From: the boss
    S: 
    S:  FLAGS (\Recent))
    S: * 2 FETCH (UID 2 FLAGS (\Recent))
    S: * ESEARCH (TAG "a00") ADDTO (0 1)
    S: * ESEARCH (TAG "a01") ADDTO (0 1:2)
    S: b OK Done
    C: c NOTIFY SET (selected (MessageNew (UID RFC822.SIZE) MessageExpunge FlagChange))
    S: c OK You will be notified
    C: d CANCELUPDATE "a00"
    S: d OK ...
    2C: c APPEND INBOX {4+}
    2C: text
    2S: c OK ...
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * 3 FETCH (UID 3 RFC822.SIZE 4 FLAGS (\Recent))
    S: * ESEARCH (TAG "a01") ADDTO (0 3)
    C: e APPEND INBOX {4+}
    C: mine
    S: * 4 EXISTS
    S: * 4 RECENT
    S: * ESEARCH (TAG "a01") ADDTO (0 4)
    S: e OK ...
  )");
}

TEST_CASE("rights that come and go", "[imap]") {
  // RFC 5465 section 5.9.
  play(R"(
    5C: a CREATE Shared
    5S: a OK ...
    5C: b SETACL Shared alice lr
    5S: b OK ...
    C: a NOTIFY SET (mailboxes "Other users/bob/Shared" (MessageNew MessageExpunge))
    S: a OK You will be notified
    5C: c APPEND Shared {4+}
    5C: text
    5S: c OK ...
    S: * STATUS "Other users/bob/Shared" (UIDNEXT 2 MESSAGES 1)
    5C: d SETACL Shared alice l
    5S: d OK ...
    S: * LIST (\NoAccess) "/" "Other users/bob/Shared"
    5C: e APPEND Shared {4+}
    5C: text
    5S: e OK ...
    5C: f SETACL Shared alice lr
    5S: f OK ...
    S: * LIST (\HasNoChildren) "/" "Other users/bob/Shared"
    5C: g APPEND Shared {4+}
    5C: text
    5S: g OK ...
    S: * STATUS "Other users/bob/Shared" (UIDNEXT 4 MESSAGES 3)
    5C: h DELETEACL Shared alice
    5S: h OK ...
    S: * LIST (\NoAccess) "/" "Other users/bob/Shared"
    5C: i SETACL Shared alice lr
    5S: i OK ...
    S: * LIST (\HasNoChildren) "/" "Other users/bob/Shared"
    5C: j DELETE Shared
    5S: j OK ...
  )");
}

}  // namespace mailscope::imap::test
