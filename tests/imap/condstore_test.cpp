// CONDSTORE (RFC 7162 section 3.1).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

// Three messages with the mod-sequences 2, 3 and 4.
void three(World& world) {
  for (const char* subject : {"one", "two", "three"})
    world.append("INBOX", std::string("Subject: ") + subject + "\r\n\r\nText\r\n");
}

constexpr const char* kSelect = R"(
    C: s SELECT INBOX (CONDSTORE)
    S: * FLAGS ...
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 4] ...
    S: s OK ...
)";

void selected(const std::string& script) {
  play(kSelect + script, three);
}

}  // namespace

TEST_CASE("FETCH MODSEQ and CHANGEDSINCE", "[imap][condstore]") {
  selected(R"(
    C: a FETCH 1:3 (MODSEQ)
    S: * 1 FETCH (MODSEQ (2))
    S: * 2 FETCH (MODSEQ (3))
    S: * 3 FETCH (MODSEQ (4))
    S: a OK Fetched
    C: b FETCH 1:* (FLAGS) (CHANGEDSINCE 3)
    S: * 3 FETCH (FLAGS (\Recent) MODSEQ (4))
    S: b OK Fetched
    C: c UID FETCH 1:2 (UID) (CHANGEDSINCE 2)
    S: * 2 FETCH (UID 2 MODSEQ (3))
    S: c OK Fetched
    C: d FETCH 1:* (FLAGS) (CHANGEDSINCE 99)
    S: d OK Fetched
    C: e FETCH 1:* (FLAGS) (CHANGEDSINCE 9223372036854775807)
    S: e OK Fetched
    C: f FETCH 1:* (FLAGS) (CHANGEDSINCE 9223372036854775808)
    S: f BAD ...
    C: g FETCH 1:* (FLAGS) (CHANGEDSINCE)
    S: g BAD ...
    C: h FETCH 1:* (FLAGS) ()
    S: h BAD ...
    C: i FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]
    S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {16}
    S: Subject: one
    S:
    S:  UID 1 FLAGS (\Seen \Recent) MODSEQ (5))
    S: i OK Fetched
  )");
}

TEST_CASE("STORE UNCHANGEDSINCE", "[imap][condstore]") {
  selected(R"(
    C: a STORE 1 (UNCHANGEDSINCE 2) +FLAGS (\Flagged)
    S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Flagged \Recent))
    S: a OK Stored
    C: b STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\Deleted)
    S: * 2 FETCH (UID 2 MODSEQ (6))
    S: * 3 FETCH (UID 3 MODSEQ (6))
    S: b OK [MODIFIED 1] ...
    C: c UID STORE 1:3 (UNCHANGEDSINCE 0) +FLAGS (\Draft)
    S: c OK [MODIFIED 1:3] ...
    C: d STORE 2 +FLAGS (\Draft)
    S: * 2 FETCH (UID 2 MODSEQ (7) FLAGS (\Deleted \Draft \Recent))
    S: d OK Stored
    C: e STORE 2 (UNCHANGEDSINCE) +FLAGS (\Draft)
    S: e BAD ...
    C: f STORE 2 (UNCHANGEDBEFORE 3) +FLAGS (\Draft)
    S: f BAD ...
    C: g UID STORE 2,77 (UNCHANGEDSINCE 7) -FLAGS (\Draft)
    S: * 2 FETCH (UID 2 MODSEQ (8) FLAGS (\Deleted \Recent))
    S: g OK Stored
  )");
}

TEST_CASE("two clients with conditional STORE", "[imap][condstore]") {
  play(std::string(kSelect) + R"(
    2C: s EXAMINE INBOX
    2S: * FLAGS ...
    2S: * 3 EXISTS
    2S: * 0 RECENT
    2S: * OK [UNSEEN 1] ...
    2S: * OK [PERMANENTFLAGS ...
    2S: * OK [UIDNEXT 4] ...
    2S: * OK [UIDVALIDITY ...
    2S: * OK [MAILBOXID ...
    2S: * OK [HIGHESTMODSEQ 4] ...
    2S: s OK ...
    C: a STORE 2 +FLAGS.SILENT (\Answered)
    S: * 2 FETCH (UID 2 MODSEQ (5))
    S: a OK Stored
    2C: b NOOP
    2S: * 2 FETCH (UID 2 FLAGS (\Answered))
    2S: b OK Done
    2C: c FETCH 3 (MODSEQ)
    2S: * OK [HIGHESTMODSEQ 5] Highest
    2S: * 3 FETCH (MODSEQ (4))
    2S: c OK Fetched
    C: d STORE 3 +FLAGS.SILENT (\Answered)
    S: * 3 FETCH (UID 3 MODSEQ (6))
    S: d OK Stored
    2C: e NOOP
    2S: * 3 FETCH (UID 3 MODSEQ (6) FLAGS (\Answered))
    2S: e OK Done
  )",
       three);
}

TEST_CASE("SEARCH MODSEQ and STATUS HIGHESTMODSEQ", "[imap][condstore]") {
  selected(R"(
    C: a SEARCH MODSEQ 3
    S: * SEARCH 2 3 (MODSEQ 4)
    S: a OK Searched
    C: b SEARCH MODSEQ "/flags/\\draft" all 4
    S: * SEARCH 3 (MODSEQ 4)
    S: b OK Searched
    C: c SEARCH OR NOT MODSEQ 3 SUBJECT "two"
    S: * SEARCH 1 2 (MODSEQ 3)
    S: c OK Searched
    C: d UID SEARCH MODSEQ 99
    S: * SEARCH
    S: d OK Searched
    C: e SEARCH RETURN (MIN) MODSEQ 1
    S: * ESEARCH (TAG "e") MIN 1 MODSEQ 2
    S: e OK Searched
    C: f SEARCH RETURN (MIN MAX) MODSEQ 1
    S: * ESEARCH (TAG "f") MIN 1 MAX 3 MODSEQ 4
    S: f OK Searched
    C: g SEARCH RETURN (MAX) MODSEQ 99
    S: * ESEARCH (TAG "g")
    S: g OK Searched
    C: h SEARCH MODSEQ "/flags/\\draft" everybody 4
    S: h BAD ...
    C: i SEARCH MODSEQ "draft" all 4
    S: i BAD ...
    C: j STATUS INBOX (HIGHESTMODSEQ MESSAGES)
    S: * STATUS INBOX (HIGHESTMODSEQ 4 MESSAGES 3)
    S: j OK Status
  )");
}

TEST_CASE("ENABLE CONDSTORE in the selected state tells where things stand", "[imap][condstore]") {
  play(R"(
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 4] ...
    S: s OK ...
    C: a ENABLE CONDSTORE
    S: * ENABLED CONDSTORE
    S: * OK [HIGHESTMODSEQ 4] Highest
    S: a OK Enabled
    C: b ENABLE CONDSTORE
    S: * ENABLED CONDSTORE
    S: b OK Enabled
  )",
       three);
}

TEST_CASE("a server without CONDSTORE", "[imap][condstore]") {
  play(R"(
    C: a SELECT INBOX (CONDSTORE)
    S: a BAD ...
    C: b SELECT INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: b OK ...
    C: c FETCH 1 (MODSEQ)
    S: c BAD ...
    C: d STORE 1 (UNCHANGEDSINCE 2) FLAGS (\Seen)
    S: d BAD ...
    C: e SEARCH MODSEQ 1
    S: e BAD ...
    C: g STATUS INBOX (HIGHESTMODSEQ)
    S: g BAD ...
  )",
       [](World& world) {
         three(world);
         world.hide("CONDSTORE");
       });
}

}  // namespace mailscope::imap::test
