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
    C: b SELECT INBOX
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * LIST (\HasNoChildren) "/" INBOX
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
    S: * LIST (\HasNoChildren \Trash) "/" Trash
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
      2S: * STATUS Entw&APw-rfe (MESSAGES 0)
      2S: i OK Status
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
    S: * LIST (\HasNoChildren) "/" INBOX
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

// The size differs from the example's, which is not that of the header and text that it tells of.
TEST_CASE("the sample connection of RFC 9051 section 8", "[imap][rev2]") {
  play(R"--(
    C: babc ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: babc OK Enabled
    C: a002 select inbox
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    S: * 18 EXISTS
    S: * LIST (\HasNoChildren) "/" INBOX ("OLDNAME" (inbox))
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 19] ...
    S: * OK [UIDVALIDITY ...
    S: ...
    S: a002 OK [READ-WRITE] ...
    C: a003 fetch 12 full
    S: * 12 FETCH (FLAGS (\Seen) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE 3370 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") BODY ("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 3028 92))
    S: a003 OK Fetched
    C: a004 fetch 12 body[header]
    S: * 12 FETCH (BODY[HEADER] {342}
    S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
    S: From: Terry Gray <gray@cac.washington.edu>
    S: Subject: IMAP4rev2 WG mtg summary and minutes
    S: To: imap@cac.washington.edu
    S: cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
    S: Message-Id: <B27397-0100000@cac.washington.edu>
    S: MIME-Version: 1.0
    S: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
    S:
    S: )
    S: a004 OK Fetched
    C: a005 store 12 +flags \deleted
    S: * 12 FETCH (FLAGS (\Deleted \Seen))
    S: a005 OK Stored
    C: a005a unselect
    S: a005a OK ...
    C: a005b rename inbox Archive/1996
    S: a005b OK Renamed
    C: a006 logout
    S: * BYE ...
    S: a006 OK ...
  )--",
       [](World& world) {
    using std::chrono::year, std::chrono::July;
    for (int number = 1; number < 12; ++number) world.append("INBOX", "Subject: x\r\n\r\n");
    std::string message = crlf(
        "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\n"
        "From: Terry Gray <gray@cac.washington.edu>\n"
        "Subject: IMAP4rev2 WG mtg summary and minutes\nTo: imap@cac.washington.edu\n"
        "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\n"
        "Message-Id: <B27397-0100000@cac.washington.edu>\nMIME-Version: 1.0\n"
        "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n\n");
    for (int line = 0; line < 91; ++line) message += std::string(31, 'x') + "\r\n";
    message += std::string(23, 'x') + "\r\n";
    const net::Time now = world.now;
    world.now = net::Time(std::chrono::sys_days(year{1996} / July / 17)) + std::chrono::hours(9) +
                std::chrono::minutes(44) + std::chrono::seconds(25);
    world.append("INBOX", message, {store::kSeen, {}});
    world.now = now;
    for (int number = 13; number <= 18; ++number) world.append("INBOX", "Subject: x\r\n\r\n");
       });
}

}  // namespace mailscope::imap::test
