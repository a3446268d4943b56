// Access control lists and other users' mailboxes (RFC 4314, RFC 2342, RFC 8440).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {

TEST_CASE("access control lists are set, shown and removed", "[imap]") {
  play(R"(
    C: a CREATE INBOX/Drafts
    S: a OK ...
    C: b MYRIGHTS INBOX/Drafts
    S: * MYRIGHTS INBOX/Drafts lrswipkxteacd
    S: b OK Rights shown
    C: A001 SeTacl INBOX/Drafts David lrswida
    S: A001 OK Access control list changed
    C: A002 getacl INBOX/Drafts
    S: * ACL INBOX/Drafts alice@acme.example lrswipkxteacd David lrswitead
    S: A002 OK Access control list shown
    C: A003 SETACL INBOX/Drafts Chris lrswi
    S: A003 OK ...
    C: A004 SETACL INBOX/Drafts Chris +cda
    S: A004 OK ...
    C: A005 SETACL INBOX/Drafts David -wsd
    S: A005 OK ...
    C: A006 GETACL INBOX/Drafts
    S: * ACL INBOX/Drafts alice@acme.example lrswipkxteacd Chris lrswikxteacd David lria
    S: A006 OK ...
    C: A035 SETACL INBOX/Drafts John lrQswicda
    S: A035 BAD Uppercase rights are not allowed
    C: A036 SETACL INBOX/Drafts John lrqswicda
    S: A036 BAD The q right is not supported
    C: B002 DeleteAcl INBOX/Drafts David
    S: B002 OK ...
    C: B003 SETACL INBOX/Drafts -Fred wetd
    S: B003 OK ...
    C: B004 GETACL INBOX/Drafts
    S: * ACL INBOX/Drafts alice@acme.example lrswipkxteacd -Fred wted Chris lrswikxteacd
    S: B004 OK ...
    C: c LISTRIGHTS INBOX/Drafts smith
    S: * LISTRIGHTS INBOX/Drafts smith "" l r s w i p k x t e a c d
    S: c OK Rights listed
    C: d LISTRIGHTS INBOX/Drafts alice
    S: * LISTRIGHTS INBOX/Drafts alice la r s w i p k x t e c d
    S: d OK Rights listed
  )");
}

TEST_CASE("what access commands refuse", "[imap]") {
  play(R"(
    C: a GETACL Nowhere
    S: a NO [NONEXISTENT] No such mailbox
    C: b SETACL INBOX "" l
    S: b BAD Identifiers...
    C: c SETACL INBOX "a	b" l
    S: c BAD Identifiers...
    C: d SETACL INBOX bob
    S: d BAD Syntax error...
    C: e MYRIGHTS
    S: e BAD Syntax error...
    5C: a GETACL "Other users/alice/INBOX"
    5S: a NO [NONEXISTENT] No such mailbox
    5C: b MYRIGHTS "Other users/alice/INBOX"
    5S: b NO [NONEXISTENT] No such mailbox
  )");
}

TEST_CASE("mailboxes of other users appear as far as rights go", "[imap]") {
  play(R"(
    C: a CREATE Shared
    S: a OK ...
    C: b CREATE Shared/Deep
    S: b OK ...
    5C: a NAMESPACE
    5S: * NAMESPACE (("" "/")) (("Other users/" "/")) NIL
    5S: a OK ...
    5C: b LIST "" "Other users/*"
    5S: b OK Listed
    5C: c SELECT "Other users/alice/Shared"
    5S: c NO [NONEXISTENT] No such mailbox
    C: c SETACL Shared bob l
    S: c OK ...
    5C: d LIST "" "Other users/*"
    5S: * LIST (\HasNoChildren) "/" "Other users/alice/Shared"
    5S: d OK Listed
    5C: e LIST "" %
    5S: * LIST (\HasNoChildren \Archive) "/" Archive
    5S: * LIST (\HasNoChildren \Drafts) "/" Drafts
    5S: * LIST (\HasNoChildren) "/" INBOX
    5S: * LIST (\HasNoChildren \Junk) "/" Junk
    5S: * LIST (\Noselect \HasChildren) "/" "Other users"
    5S: * LIST (\HasNoChildren \Sent) "/" Sent
    5S: * LIST (\HasNoChildren \Trash) "/" Trash
    5S: e OK Listed
    5C: f SELECT "Other users/alice/Shared"
    5S: f NO [NOPERM] Missing right on the mailbox: r
    5C: g STATUS "Other users/alice/Shared" (MESSAGES)
    5S: g NO [NOPERM] ...
    5C: h MYRIGHTS "Other users/alice/Shared"
    5S: * MYRIGHTS "Other users/alice/Shared" l
    5S: h OK ...
    5C: i GETACL "Other users/alice/Shared"
    5S: i NO [NOPERM] ...
    5C: j LIST "" "Other users/*" RETURN (MYRIGHTS)
    5S: * LIST (\HasNoChildren) "/" "Other users/alice/Shared"
    5S: * MYRIGHTS "Other users/alice/Shared" l
    5S: j OK Listed
    5C: k SUBSCRIBE "Other users/alice/Shared"
    5S: k OK Subscribed
    5C: l LSUB "" "Other*"
    5S: * LSUB () "/" "Other users/alice/Shared"
    5S: l OK ...
  )");
}

TEST_CASE("rights are asked for at every command", "[imap]") {
  play(R"(
    C: a CREATE Shared
    S: a OK ...
    C: b APPEND Shared (\Draft) {4+}
    C: text
    S: b OK ...
    C: c SETACL Shared bob lr
    S: c OK ...
    5C: a SELECT "Other users/alice/Shared"
    5S: ...
    5S: * 1 EXISTS
    5S: ...
    5S: * OK [PERMANENTFLAGS ()] ...
    5S: ...
    5S: a OK [READ-ONLY] ...
    5C: b STORE 1 +FLAGS (\Seen)
    5S: b NO [READ-ONLY] ...
    5C: c APPEND "Other users/alice/Shared" {4+}
    5C: text
    5S: c NO [NOPERM] ...
    5C: d COPY 1 "Other users/alice/Shared"
    5S: d NO [NOPERM] ...
    5C: e COPY 1 INBOX
    5S: e OK [COPYUID ...] Copied
    5C: f DELETE "Other users/alice/Shared"
    5S: f NO [NOPERM] ...
    5C: g CREATE "Other users/alice/Shared/New"
    5S: g NO [NOPERM] ...
    5C: h RENAME "Other users/alice/Shared" Mine
    5S: h NO [NOPERM] ...
    5C: i CREATE "Other users/alice/New"
    5S: i NO [NOPERM] ...
    5C: j UNSELECT
    5S: j OK ...
    C: d SETACL Shared bob +swi
    S: d OK ...
    5C: k SELECT "Other users/alice/Shared"
    5S: ...
    5S: * 1 EXISTS
    5S: ...
    5S: * OK [PERMANENTFLAGS (\Answered \Flagged \Seen \Draft \*)] ...
    5S: ...
    5S: k OK [READ-WRITE] ...
    5C: l STORE 1 +FLAGS (\Deleted)
    5S: l NO [NOPERM] No right to change these flags
    5C: m STORE 1 +FLAGS (\Deleted \Seen)
    5S: * 1 FETCH (FLAGS (\Seen \Draft \Recent))
    5S: m OK Stored
    5C: n STORE 1 FLAGS (\Deleted \Flagged)
    5S: * 1 FETCH (FLAGS (\Flagged \Recent))
    5S: n OK Stored
    5C: o EXPUNGE
    5S: o NO [NOPERM] ...
    5C: p APPEND "Other users/alice/Shared" (\Deleted \Answered) {4+}
    5C: more
    5S: * 2 EXISTS
    5S: * 2 RECENT
    5S: p OK ...
    5C: q FETCH 2 (FLAGS)
    5S: * 2 FETCH (FLAGS (\Answered \Recent))
    5S: q OK Fetched
    5C: r MOVE 1 INBOX
    5S: r NO [NOPERM] ...
    C: e SETACL Shared bob +te
    S: e OK ...
    5C: s STORE 1 +FLAGS.SILENT (\Deleted)
    5S: * FLAGS ...
    5S: * OK [PERMANENTFLAGS (...\Deleted...)] Flags are kept
    5S: s OK ...
    5C: t EXPUNGE
    5S: * 1 EXPUNGE
    5S: t OK Expunged
    5C: u MOVE 1 INBOX
    5S: * OK [COPYUID ...] Moved
    5S: * 1 EXPUNGE
    5S: u OK Moved
  )");
}

TEST_CASE("owners can take rights from themselves, but not those to see and mend", "[imap]") {
  play(R"(
    C: a SETACL INBOX alice r
    S: a OK ...
    C: b MYRIGHTS INBOX
    S: * MYRIGHTS INBOX lra
    S: b OK ...
    C: c APPEND INBOX {4+}
    C: text
    S: c NO [NOPERM] ...
    C: d DELETEACL INBOX alice
    S: d OK ...
    C: e MYRIGHTS INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: e OK ...
    C: f SETACL INBOX -alice i
    S: f OK ...
    C: g MYRIGHTS INBOX
    S: * MYRIGHTS INBOX lrswpkxteacd
    S: g OK ...
  )");
}

TEST_CASE("new mailboxes inherit the list, renamed ones keep it", "[imap]") {
  play(R"(
    C: a CREATE Shared
    S: a OK ...
    C: b SETACL Shared bob lrk
    S: b OK ...
    5C: a CREATE "Other users/alice/Shared/New"
    5S: a OK ...
    C: c GETACL Shared/New
    S: * ACL Shared/New alice@acme.example lrswipkxteacd bob@acme.example lrkc
    S: c OK ...
    C: d RENAME Shared/New Moved
    S: d OK ...
    5C: b MYRIGHTS "Other users/alice/Moved"
    5S: * MYRIGHTS "Other users/alice/Moved" lrkc
    5S: b OK ...
    C: e SETACL Moved anyone r
    S: e OK ...
    C: f SETACL Moved -bob r
    S: f OK ...
    5C: c STATUS "Other users/alice/Moved" (MESSAGES)
    5S: c NO [NOPERM] ...
    C: g SETACL Moved bob x
    S: g OK ...
    5C: d RENAME "Other users/alice/Moved" "Other users/alice/Shared/Again"
    5S: d OK Renamed
    5C: e DELETE "Other users/alice/Shared/Again"
    5S: e OK Deleted
  )");
}

TEST_CASE("flags that may be changed are told anew with the rights", "[imap]") {
  // RFC 4314 section 5.1.1.
  play(R"(
    C: a SETACL INBOX bob lrs
    S: a OK ...
    5C: a SELECT "Other users/alice/INBOX"
    5S: ...
    5S: * OK [PERMANENTFLAGS (\Seen)] Flags are kept
    5S: ...
    5S: a OK [READ-WRITE] Selected
    C: b SETACL INBOX bob lrswt
    S: b OK ...
    5C: b NOOP
    5S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    5S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags are kept
    5S: b OK Done
    5C: c NOOP
    5S: c OK Done
    5C: d IDLE
    5S: + idling
    C: c SETACL INBOX bob lr
    S: c OK ...
    5S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    5S: * OK [PERMANENTFLAGS ()] Flags are kept
    5C: DONE
    5S: d OK Idle over
  )");
}

TEST_CASE("the example of RFC 4314 section 4: flags that are lost in a copy", "[imap]") {
  struct Row {
    const char *rights, *first, *second, *third;
  };
  for (const Row& row : {Row{"rwis", "\\Draft", "\\Answered", "\\Seen $Forwarded"},
                         Row{"rsti", "\\Deleted", "", "\\Seen"}}) {
    CAPTURE(row.rights);
    const auto fetched = [](int number, const char* flags) {
      const std::string space = *flags == '\0' ? "" : " ";
      return "S: * " + std::to_string(number) + " FETCH (FLAGS (" + flags + space + "\\Recent))\n";
    };
    play("C: m CREATE Target\nS: m OK ...\nC: n SETACL Target bob " + std::string(row.rights) +
             R"(
    S: n OK ...
    5C: a SELECT INBOX
    5S: ...
    5S: a OK ...
    5C: A005 COPY 1:3 "Other users/alice/Target"
    5S: A005 OK ...
    C: b SELECT Target
    S: ...
    S: b OK ...
    C: A007 FETCH 1:3 (FLAGS)
)" + fetched(1, row.first) +
             fetched(2, row.second) + fetched(3, row.third) + "S: A007 OK Fetched\n",
         [](World& world) {
           const auto inbox = world.store.mailbox("bob@acme.example", "INBOX")->id;
           for (const store::Flags& flags :
                {store::Flags{store::kDraft | store::kDeleted, {}},
                 store::Flags{store::kAnswered, {}}, store::Flags{store::kSeen, {"$Forwarded"}}})
             static_cast<void>(world.store.append(inbox, "x", flags, world.now));
         });
  }
}

TEST_CASE("LIST tells no more of a mailbox than STATUS would", "[imap]") {
  // RFC 5819 section 2.
  play(R"(
    C: a SETACL Archive bob l
    S: a OK ...
    5C: a LIST "" "Other users/%/%" RETURN (STATUS (MESSAGES))
    5S: * LIST (\HasNoChildren) "/" "Other users/alice/Archive"
    5S: a OK Listed
    C: b SETACL Archive bob lr
    S: b OK ...
    5C: b LIST "" "Other users/%/%" RETURN (STATUS (MESSAGES))
    5S: * LIST (\HasNoChildren) "/" "Other users/alice/Archive"
    5S: * STATUS ...
    5S: b OK Listed
  )");
}

}  // namespace mailscope::imap::test
