// UIDONLY (RFC 9586): no message numbers in either direction.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {

TEST_CASE("a session without message numbers", "[imap][uidonly]") {
  play(R"(
    C: a ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S: a OK Enabled
    C: b SELECT INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: ...
    S: b OK ...
    C: c UID FETCH 2:* (FLAGS)
    S: * 2 UIDFETCH (FLAGS (\Recent))
    S: * 3 UIDFETCH (FLAGS (\Recent))
    S: * 4 UIDFETCH (FLAGS (\Recent))
    S: c OK Fetched
    C: d UID STORE 3 +FLAGS (\Deleted)
    S: * 3 UIDFETCH (FLAGS (\Deleted \Recent))
    S: d OK Stored
    C: e FETCH 1 FLAGS
    S: e BAD [UIDREQUIRED] ...
    C: f STORE 1 FLAGS ()
    S: f BAD [UIDREQUIRED] ...
    C: g SEARCH ALL
    S: g BAD [UIDREQUIRED] ...
    C: h COPY 1 Trash
    S: h BAD [UIDREQUIRED] ...
    C: i MOVE 1 Trash
    S: i BAD [UIDREQUIRED] ...
    C: j REPLACE 1 Trash {0+}
    C:
    S: j BAD [UIDREQUIRED] ...
    C: k UID SEARCH 1:2
    S: k BAD [UIDREQUIRED] ...
    C: l UID SEARCH UID 1:3 NOT DELETED
    S: * SEARCH 2
    S: l OK Searched
    C: m UID SEARCH RETURN (COUNT) NOT (2 DELETED)
    S: m BAD [UIDREQUIRED] ...
    C: n EXPUNGE
    S: * VANISHED 3
    S: n OK Expunged
    C: o UID MOVE 4 Trash
    S: * OK [COPYUID ... 4 1] Moved
    S: * VANISHED 4
    S: o OK Moved
    2C: p SELECT INBOX
    2S: * FLAGS ...
    2S: * 1 EXISTS
    2S: ...
    2S: p OK ...
    2C: q STORE 1 +FLAGS.SILENT (\Flagged)
    2S: q OK Stored
    C: r NOOP
    S: * 2 UIDFETCH (FLAGS (\Flagged \Recent))
    S: r OK Done
  )",
       [](World& world) {
         for (int i = 0; i < 4; ++i) world.append("INBOX", "Subject: x\r\n\r\nText\r\n");
         (void)world.store.expunge(world.mailbox("INBOX"), {1});
       });
}

TEST_CASE("UIDONLY with QRESYNC", "[imap][uidonly]") {
  play(R"(
    C: a ENABLE UIDONLY QRESYNC
    S: * ENABLED UIDONLY QRESYNC
    S: a OK Enabled
    C: b SELECT INBOX (QRESYNC (1 1 1:5 (1 1)))
    S: b BAD [UIDREQUIRED] ...
    C: c SELECT INBOX (QRESYNC (1 1))
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 3] ...
    S: * 1 UIDFETCH (MODSEQ (2) FLAGS (\Recent))
    S: * 2 UIDFETCH (MODSEQ (3) FLAGS (\Recent))
    S: c OK ...
  )",
       [](World& world) {
         world.append("INBOX", "Subject: x\r\n\r\n");
         world.append("INBOX", "Subject: y\r\n\r\n");
       });
}

}  // namespace mailscope::imap::test
