// IMAP4rev2 (RFC 9051) and UTF8=ACCEPT (RFC 6855): what changes for a client that has enabled them.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

void two(World& world) {
  world.append("INBOX", "Subject: one\r\n\r\nText\r\n");
  world.append("INBOX", "Subject: two\r\n\r\nText\r\n", {store::kDeleted, {}});
}

}  // namespace

TEST_CASE("SELECT, SEARCH and FETCH of IMAP4rev2", "[imap][rev2]") {
  play(R"(
    C: a ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: a OK Enabled
    C: b SELECT inbox
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * LIST () "/" INBOX
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 3] ...
    S: b OK [READ-WRITE] ...
    C: c SEARCH ALL
    S: * ESEARCH (TAG "c") ALL 1:2
    S: c OK Searched
    C: d UID SEARCH SUBJECT three
    S: * ESEARCH (TAG "d") UID
    S: d OK Searched
    C: e FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS ())
    S: e OK Fetched
    C: f STATUS INBOX (MESSAGES SIZE DELETED)
    S: * STATUS INBOX (MESSAGES 2 SIZE 44 DELETED 1)
    S: f OK Status
    C: g APPEND INBOX {10}
    S: + ...
    C: Subject: x
    S: * 3 EXISTS
    S: g OK ...
    C: h SELECT Trash
    S: * OK [CLOSED] ...
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * LIST () "/" Trash
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 1] ...
    S: h OK ...
  )",
       two);
}

TEST_CASE("names of mailboxes in UTF-8", "[imap][utf8]") {
  for (const std::string what : {"IMAP4rev2", "UTF8=ACCEPT"}) {
    INFO(what);
    play("C: a ENABLE " + what + "\nS: * ENABLED " + what + R"(
      S: a OK Enabled
      C: b CREATE "Entwürfe"
      S: b OK [MAILBOXID ...
      C: c LIST "" "Entw*"
      S: * LIST (\HasNoChildren) "/" "Entwürfe"
      S: c OK Listed
      C: d LIST "" "%ü*"
      S: * LIST (\HasNoChildren) "/" "Entwürfe"
      S: d OK Listed
      C: e STATUS {9+}
      C: Entwürfe (MESSAGES)
      S: * STATUS "Entwürfe" (MESSAGES 0)
      S: e OK Status
      C: f CREATE "R&D"
      S: f OK [MAILBOXID ...
      C: g LIST "" "R*"
      S: * LIST (\HasNoChildren) "/" R&D
      S: g OK Listed
      2C: h LIST "" "Entw*"
      2S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
      2S: h OK Listed
      2C: i STATUS "Entwürfe" (MESSAGES)
      2S: i NO [NONEXISTENT] No such mailbox
      2C: j STATUS "R&-D" (MESSAGES)
      2S: * STATUS R&-D (MESSAGES 0)
      2S: j OK Status
    )");
    play("C: a ENABLE " + what + "\nS: * ENABLED " + what +
         "\nS: a OK Enabled\nC: b CREATE \"\xff\xfe\"\nS: b BAD ...\n");
  }
}

TEST_CASE("UTF8=ACCEPT: APPEND and SEARCH", "[imap][utf8]") {
  play(R"(
    C: a ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: a OK Enabled
    C: b APPEND Drafts (\Draft) UTF8 (~{16+}
    C: Subject: Grüße)
    S: b OK [APPENDUID ... 1] Appended
    C: c APPEND Drafts (\Draft) UTF8 ({16+}
    C: Subject: Grüße)
    S: c BAD ...
    C: d EXAMINE Drafts
    S: * FLAGS ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 2] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 2] ...
    S: d OK ...
    C: e FETCH 1 ENVELOPE
    S: * 1 FETCH (ENVELOPE (NIL "Grüße" NIL NIL NIL NIL NIL NIL NIL NIL))
    S: e OK Fetched
    C: f SEARCH SUBJECT "grüße"
    S: * SEARCH 1
    S: f OK Searched
    C: g SEARCH CHARSET UTF-8 SUBJECT "grüße"
    S: g BAD ...
  )");
}

TEST_CASE("what IMAP4rev2 holds needs no name of its own", "[imap][rev2]") {
  play(R"(
    C: a LIST "" INBOX RETURN (CHILDREN)
    S: a BAD ...
    C: b UNSELECT
    S: b BAD ...
    C: c ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: c OK Enabled
    C: d LIST "" INBOX RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: d OK Listed
  )",
       [](World& world) {
         world.hide("LIST-EXTENDED");
         world.hide("UNSELECT");
       });
}

TEST_CASE("a server of IMAP4rev2 alone", "[imap][rev2]") {
  play(R"(
    C: a SELECT INBOX
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * LIST () "/" INBOX
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 3] ...
    S: a OK ...
    C: b SEARCH ALL
    S: * ESEARCH (TAG "b") ALL 1:2
    S: b OK Searched
  )",
       [](World& world) {
         two(world);
         world.hide("IMAP4rev1");
       });
}

}  // namespace mailscope::imap::test
