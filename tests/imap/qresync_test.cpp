// QRESYNC (RFC 7162 section 3.2).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr const char* kAlice = "alice@acme.example";

// UIDs 1 to 6 (mod-sequences 2 to 7); then 2 and 4 were expunged (8) and 5 was flagged (9).
void history(World& world) {
  const store::MailboxId inbox = world.mailbox("INBOX");
  for (int i = 1; i <= 6; ++i) world.append("INBOX", "Subject: x\r\n\r\nText\r\n");
  world.store.clear_recent(inbox);
  (void)world.store.expunge(inbox, {2, 4});
  (void)world.store.change_flags(inbox, {5}, store::FlagChange::add, {store::kFlagged, {}});
}

std::string validity(World& world) {
  return std::to_string(world.store.mailbox(kAlice, "INBOX")->uid_validity);
}

const std::string kFacts = R"(
    S: * FLAGS ...
    S: * 4 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 7] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 9] ...
)";

void with_validity(std::string script) {
  for (const bool octet_by_octet : {false, true}) {
    World world;
    history(world);
    std::string text = script;
    for (std::size_t at; (at = text.find("=val")) != std::string::npos;)
      text.replace(at, 4, validity(world));
    play_in(world, text, octet_by_octet);
  }
}

}  // namespace

TEST_CASE("SELECT (QRESYNC ...)", "[imap][qresync]") {
  with_validity(R"(
    C: a ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: a OK Enabled
    C: b SELECT INBOX (QRESYNC (=val 7))
  )" + kFacts + R"(
    S: * VANISHED (EARLIER) 2,4
    S: * 3 FETCH (UID 5 MODSEQ (9) FLAGS (\Flagged))
    S: b OK [READ-WRITE] ...
    C: c SELECT INBOX (QRESYNC (=val 2 3:6))
    S: * OK [CLOSED] ...
  )" + kFacts + R"(
    S: * VANISHED (EARLIER) 4
    S: * 2 FETCH (UID 3 MODSEQ (4) FLAGS ())
    S: * 3 FETCH (UID 5 MODSEQ (9) FLAGS (\Flagged))
    S: * 4 FETCH (UID 6 MODSEQ (7) FLAGS ())
    S: c OK [READ-WRITE] ...
    C: d EXAMINE INBOX (QRESYNC (=val 8 1:6 (1,3 1,3)))
    S: * OK [CLOSED] ...
    S: * FLAGS ...
    S: * 4 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERMANENTFLAGS ()] ...
    S: * OK [UIDNEXT 7] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 9] ...
    S: * 3 FETCH (UID 5 MODSEQ (9) FLAGS (\Flagged))
    S: d OK [READ-ONLY] ...
    C: e SELECT INBOX (QRESYNC (4000000000 2 1:6))
    S: * OK [CLOSED] ...
  )" + kFacts + R"(
    S: e OK [READ-WRITE] ...
  )");
}

TEST_CASE("SELECT (QRESYNC ...) that is wrong", "[imap][qresync]") {
  with_validity(R"(
    C: a SELECT INBOX (QRESYNC (=val 7))
    S: a BAD ENABLE QRESYNC comes first
    C: b ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: b OK Enabled
    C: c SELECT INBOX (QRESYNC (=val 0))
    S: c BAD ...
    C: d SELECT INBOX (QRESYNC (0 7))
    S: d BAD ...
    C: e SELECT INBOX (QRESYNC (=val 7 1:*))
    S: e BAD ...
    C: f SELECT INBOX (QRESYNC (=val 7 (1:3)))
    S: f BAD ...
    C: g SELECT INBOX (QRESYNC =val 7)
    S: g BAD ...
    C: h SELECT INBOX (QRESYNC (=val 7 $))
    S: h BAD ...
  )");
}

TEST_CASE("VANISHED in the place of EXPUNGE", "[imap][qresync]") {
  with_validity(R"(
    C: a ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: a OK Enabled
    C: b SELECT INBOX
  )" + kFacts + R"(
    S: b OK ...
    2C: a ENABLE QRESYNC
    2S: * ENABLED QRESYNC
    2S: a OK Enabled
    2C: b SELECT INBOX
  )" + R"(
    2S: * FLAGS ...
    2S: * 4 EXISTS
    2S: * 0 RECENT
    2S: * OK [UNSEEN 1] ...
    2S: * OK [PERMANENTFLAGS ...
    2S: * OK [UIDNEXT 7] ...
    2S: * OK [UIDVALIDITY ...
    2S: * OK [MAILBOXID ...
    2S: * OK [HIGHESTMODSEQ 9] ...
    2S: b OK ...
    C: c UID STORE 3,5:6 +FLAGS.SILENT (\Deleted)
    S: * 2 FETCH (UID 3 MODSEQ (10))
    S: * 3 FETCH (UID 5 MODSEQ (10))
    S: * 4 FETCH (UID 6 MODSEQ (10))
    S: c OK Stored
    C: d UID EXPUNGE 5:6
    S: * VANISHED 5:6
    S: d OK [HIGHESTMODSEQ 11] Expunged
    2C: e FETCH 3 (UID)
    2S: * 2 FETCH (UID 3 MODSEQ (10) FLAGS (\Deleted))
    2S: * OK [HIGHESTMODSEQ 9] Highest
    2S: e NO [EXPUNGEISSUED] ...
    2C: f UID FETCH 1:* (FLAGS) (CHANGEDSINCE 9 VANISHED)
    2S: * 2 FETCH (UID 3 FLAGS (\Deleted) MODSEQ (10))
    2S: * VANISHED 5:6
    2S: * OK [HIGHESTMODSEQ 11] Highest
    2S: f OK Fetched
    2C: g UID FETCH 1:100 (FLAGS) (CHANGEDSINCE 7 VANISHED)
    2S: * VANISHED (EARLIER) 2,4:6
    2S: * 2 FETCH (UID 3 FLAGS (\Deleted) MODSEQ (10))
    2S: g OK Fetched
    C: h CLOSE
    S: h OK Closed
    2C: i NOOP
    2S: * VANISHED 3
    2S: * OK [HIGHESTMODSEQ 12] Highest
    2S: i OK Done
    2C: j CLOSE
    2S: j OK Closed
  )");
}

// RFC 7162 section 3.2 and section 6: a client that lost the connection behind "c" would otherwise
// believe that it has seen all up to 12, and never hear of the expunge.
TEST_CASE("the mark of what a client has been told", "[imap][qresync]") {
  with_validity(R"(
    C: a ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: a OK Enabled
    C: b SELECT INBOX
  )" + kFacts + R"(
    S: b OK ...
    2C: a SELECT INBOX
    2S: * FLAGS ...
    2S: * 4 EXISTS
    2S: ...
    2S: a OK ...
    2C: b STORE 3 +FLAGS.SILENT (\Deleted)
    2S: b OK Stored
    2C: c EXPUNGE
    2S: * 3 EXPUNGE
    2S: c OK Expunged
    C: c STORE 1 +FLAGS (\Flagged)
    S: * 1 FETCH (UID 1 MODSEQ (12) FLAGS (\Flagged))
    S: * OK [HIGHESTMODSEQ 9] Highest
    S: c OK Stored
    C: d NOOP
    S: * VANISHED 5
    S: * OK [HIGHESTMODSEQ 12] Highest
    S: d OK Done
    C: e IDLE
    S: + ...
    2C: d APPEND INBOX {1+}
    2C: x
    2S: * 4 EXISTS
    2S: * 1 RECENT
    2S: ...
    2S: d OK ...
    S: * 4 EXISTS
    S: * 0 RECENT
    S: * OK [HIGHESTMODSEQ 13] Highest
    C: DONE
    S: e OK ...
  )");
}

TEST_CASE("UID FETCH with VANISHED needs its company", "[imap][qresync]") {
  with_validity(R"(
    C: a SELECT INBOX
  )" + kFacts + R"(
    S: a OK ...
    C: b UID FETCH 1:* (FLAGS) (CHANGEDSINCE 7 VANISHED)
    S: b BAD ENABLE QRESYNC comes before VANISHED
    C: c ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: * OK [HIGHESTMODSEQ 9] Highest
    S: c OK Enabled
    C: d FETCH 1:* (FLAGS) (CHANGEDSINCE 7 VANISHED)
    S: d BAD ...
    C: e UID FETCH 1:* (FLAGS) (VANISHED)
    S: e BAD ...
    C: f UID FETCH 4:5 (UID) (CHANGEDSINCE 7 VANISHED)
    S: * VANISHED (EARLIER) 4
    S: * 3 FETCH (UID 5 MODSEQ (9))
    S: f OK Fetched
    C: g UID MOVE 6 Trash
    S: * OK [COPYUID ... 6 1] Moved
    S: * VANISHED 6
    S: g OK [HIGHESTMODSEQ 10] Moved
  )");
}

}  // namespace mailscope::imap::test
