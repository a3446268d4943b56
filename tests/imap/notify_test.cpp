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
    S: * STATUS Lists (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0)
    S: * STATUS Lists/... (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0)
    S: * STATUS Lists/... (UIDVALIDITY ... UIDNEXT 1 MESSAGES 0)
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

}  // namespace mailscope::imap::test
