// ESEARCH in several mailboxes (RFC 7377).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

void fill(World& world) {
  for (const char* name : {"folder1", "folder2/banana", "folder2/banana/peel", "folder2/empty"})
    static_cast<void>(world.store.create_mailbox("alice@acme.example", name, {}));
  for (const char* name : {"folder1", "folder1", "folder2/banana", "folder2/banana/peel"})
    world.append(name, crlf("Subject: chad\n\nText\n"));
}

}  // namespace

TEST_CASE("ESEARCH names mailboxes", "[imap]") {
  play(R"(
    C: tag1 ESEARCH IN (mailboxes "folder1" subtree "folder2") unseen
    S: * ESEARCH (TAG "tag1" MAILBOX folder1 UIDVALIDITY ...) UID ALL 1:2
    S: * ESEARCH (TAG "tag1" MAILBOX folder2/banana UIDVALIDITY ...) UID ALL 1
    S: * ESEARCH (TAG "tag1" MAILBOX folder2/banana/peel UIDVALIDITY ...) UID ALL 1
    S: tag1 OK Searched
    C: tag2 ESEARCH IN (mailboxes "folder1" subtree-one "folder2") subject "chad"
    S: * ESEARCH (TAG "tag2" MAILBOX folder1 UIDVALIDITY ...) UID ALL 1:2
    S: * ESEARCH (TAG "tag2" MAILBOX folder2/banana UIDVALIDITY ...) UID ALL 1
    S: tag2 OK Searched
    C: tag3 ESEARCH IN (personal) RETURN (COUNT MIN) SUBJECT chad
    S: * ESEARCH (TAG "tag3" MAILBOX folder1 UIDVALIDITY ...) UID MIN 1 COUNT 2
    S: * ESEARCH (TAG "tag3" MAILBOX folder2/banana UIDVALIDITY ...) UID MIN 1 COUNT 1
    S: * ESEARCH (TAG "tag3" MAILBOX folder2/banana/peel UIDVALIDITY ...) UID MIN 1 COUNT 1
    S: tag3 OK Searched
    C: tag4 ESEARCH IN (mailboxes (folder1 folder1 nowhere)) ALL
    S: * ESEARCH (TAG "tag4" MAILBOX folder1 UIDVALIDITY ...) UID ALL 1:2
    S: tag4 OK Searched
    C: tag5 ESEARCH IN (subscribed) TEXT nothing
    S: tag5 OK Searched
  )",
       fill);
}

TEST_CASE("ESEARCH and the selected mailbox", "[imap]") {
  play(R"(
    C: a ESEARCH UNSEEN
    S: a BAD Select a mailbox first
    C: b ESEARCH IN (selected) UNSEEN
    S: b BAD Select a mailbox first
    C: c EXAMINE folder1
    S: ...
    S: c OK ...
    C: d ESEARCH UNSEEN
    S: * ESEARCH (TAG "d" MAILBOX folder1 UIDVALIDITY ...) UID ALL 1:2
    S: d OK Searched
    C: e ESEARCH IN (selected mailboxes folder1) 2
    S: * ESEARCH (TAG "e" MAILBOX folder1 UIDVALIDITY ...) UID ALL 2
    S: e OK Searched
    C: f ESEARCH IN (personal) RETURN (SAVE) ALL
    S: f BAD SAVE goes with a search of the selected mailbox alone
    C: f2 ESEARCH IN (selected mailboxes folder1) RETURN (SAVE) ALL
    S: f2 BAD SAVE goes with a search of the selected mailbox alone
    C: g ESEARCH IN (selected-delayed) ALL
    S: g BAD Syntax error...
    C: h ESEARCH IN () ALL
    S: h BAD Syntax error...
    C: i ESEARCH IN (personal)
    S: i BAD Syntax error...
    C: j ESEARCH CHARSET KOI8-R ALL
    S: j NO [BADCHARSET ...
  )",
       fill);
}

TEST_CASE("SAVE and UPDATE in ESEARCH are of the selected mailbox", "[imap]") {
  play(R"(
    C: z ESEARCH IN (personal) RETURN (UPDATE) ALL
    S: z BAD UPDATE goes with a selected mailbox
    C: a SELECT folder1
    S: ...
    S: a OK ...
    C: b ESEARCH IN (selected) RETURN (SAVE) 2
    S: b OK Searched
    C: c FETCH $ (UID)
    S: * 2 FETCH (UID 2)
    S: c OK Fetched
    C: d ESEARCH RETURN (SAVE COUNT) UNSEEN
    S: * ESEARCH (TAG "d" MAILBOX folder1 UIDVALIDITY ...) UID COUNT 2
    S: d OK Searched
    C: e UID SEARCH RETURN (ALL) $
    S: * ESEARCH (TAG "e") UID ALL 1:2
    S: e OK Searched
    C: f ESEARCH IN (mailboxes folder2/banana) $
    S: f OK Searched
    C: g ESEARCH IN (selected mailboxes folder2/banana) $
    S: * ESEARCH (TAG "g" MAILBOX folder1 UIDVALIDITY ...) UID ALL 1:2
    S: g OK Searched
    C: h ESEARCH IN (mailboxes folder1 subtree folder2) RETURN (COUNT UPDATE) FLAGGED
    S: h OK Searched
    C: h ESEARCH RETURN (UPDATE) FLAGGED
    S: h BAD Tag reuse
    C: i STORE 2 +FLAGS.SILENT (\Flagged)
    S: * ESEARCH (TAG "h" MAILBOX folder1 UIDVALIDITY ...) UID ADDTO (0 2)
    S: i OK Stored
    C: j STORE 2 -FLAGS.SILENT (\Flagged)
    S: * ESEARCH (TAG "h" MAILBOX folder1 UIDVALIDITY ...) UID REMOVEFROM (0 2)
    S: j OK Stored
    C: k CANCELUPDATE "h"
    S: k OK No further updates
    C: l ESEARCH IN (mailboxes folder2/banana) RETURN (COUNT UPDATE) ALL
    S: * ESEARCH (TAG "l" MAILBOX folder2/banana UIDVALIDITY ...) UID COUNT 1
    S: * NO [NOUPDATE "l"] No updates of this search
    S: l OK Searched
    C: m ESEARCH IN (mailboxes folder1) RETURN (ALL) MODSEQ 1
    S: * OK [HIGHESTMODSEQ ...] Highest
    S: * ESEARCH (TAG "m" MAILBOX folder1 UIDVALIDITY ...) UID ALL 1:2 MODSEQ ...
    S: m OK Searched
    C: n ESEARCH IN (mailboxes folder1) RETURN (PARTIAL 2:3) ALL
    S: * ESEARCH (TAG "n" MAILBOX folder1 UIDVALIDITY ...) UID PARTIAL (2:3 2)
    S: n OK Searched
    C: o UID ESEARCH 101:200
    S: o OK Searched
    C: p UID ESEARCH 2:200
    S: * ESEARCH (TAG "p" MAILBOX folder1 UIDVALIDITY ...) UID ALL 2
    S: p OK Searched
  )",
       fill);
}

TEST_CASE("ESEARCH passes over what may not be read", "[imap]") {
  play(R"(
    C: a SETACL folder1 bob l
    S: a OK ...
    C: b SETACL folder2/banana bob r
    S: b OK ...
    5C: c ESEARCH IN (subtree "Other users") ALL
    5S: c OK Searched
    5C: d ESEARCH IN (mailboxes "Other users/alice/folder2/banana") ALL
    5S: * ESEARCH (TAG "d" MAILBOX "Other users/alice/folder2/banana" UIDVALIDITY ...) UID ALL 1
    5S: d OK Searched
  )",
       fill);
}

}  // namespace mailscope::imap::test
