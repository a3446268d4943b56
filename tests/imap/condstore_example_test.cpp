// The examples of RFC 7162 that condstore_test.cpp and qresync_test.cpp do not hold already, with
// small mod-sequences.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

// `count` messages with the mod-sequences 2, 3, ...
std::function<void(World&)> messages(int count) {
  return [count](World& world) {
    for (int i = 1; i <= count; ++i)
      world.append("INBOX", "Subject: " + std::to_string(i) + "\r\n\r\nText\r\n");
    world.store.clear_recent(world.mailbox("INBOX"));
  };
}

constexpr const char* kSelect = R"(
    C: s SELECT INBOX (CONDSTORE)
    S: ...
    S: s OK ...
)";

}  // namespace

TEST_CASE("examples 3 to 8: conditional STORE", "[imap][condstore]") {
  play(std::string(kSelect) + R"(
    C: a103 UID STORE 6,4,8 (UNCHANGEDSINCE 10) +FLAGS.SILENT (\Deleted)
    S: * 4 FETCH (UID 4 MODSEQ (11))
    S: * 6 FETCH (UID 6 MODSEQ (11))
    S: * 8 FETCH (UID 8 MODSEQ (11))
    S: a103 OK Stored
    C: a104 STORE * (UNCHANGEDSINCE 10) +FLAGS.SILENT (\Deleted $Processed)
    S: * 9 FETCH (UID 9 MODSEQ (12))
    S: a104 OK Stored
    C: d105 STORE 7,5,9 (UNCHANGEDSINCE 10) +FLAGS.SILENT (\Deleted)
    S: * 5 FETCH (UID 5 MODSEQ (13))
    S: * 7 FETCH (UID 7 MODSEQ (13))
    S: d105 OK [MODIFIED 9] Conditional STORE failed for some
    C: a102 STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)
    S: a102 OK [MODIFIED 1] Conditional STORE failed for some
    C: e105 STORE 2,1:3 (UNCHANGEDSINCE 10) +FLAGS.SILENT (\Deleted)
    S: * 1 FETCH (UID 1 MODSEQ (14))
    S: * 2 FETCH (UID 2 MODSEQ (14))
    S: * 3 FETCH (UID 3 MODSEQ (14))
    S: e105 OK Stored
  )",
       messages(9));
  // The first word about mod-sequences tells the highest (example 5).
  play(R"(
    C: s SELECT INBOX
    S: ...
    S: s OK ...
    C: c101 STORE 3 (UNCHANGEDSINCE 4) -FLAGS.SILENT (\Deleted)
    S: * OK [HIGHESTMODSEQ 4] Highest
    S: * 3 FETCH (UID 3 MODSEQ (4))
    S: c101 OK Stored
  )",
       messages(3));
}

TEST_CASE("examples 7 and 10: what has changed is told with MODIFIED", "[imap][condstore]") {
  play(std::string(kSelect) + R"(
    2C: s SELECT INBOX
    2S: ...
    2S: s OK ...
    2C: a STORE 2 +FLAGS.SILENT ($Processed)
    2S: a OK Stored
    C: a106 STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT ($Processed)
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Processed)
    S: * OK [PERMANENTFLAGS ...
    S: * 2 FETCH (UID 2 MODSEQ (5) FLAGS ($Processed))
    S: * 1 FETCH (UID 1 MODSEQ (6))
    S: * 3 FETCH (UID 3 MODSEQ (6))
    S: a106 OK [MODIFIED 2] Conditional STORE failed for some
    C: b108 STORE 2 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\Answered)
    S: * 2 FETCH (UID 2 MODSEQ (7))
    S: b108 OK Stored
  )",
       messages(3));
}

TEST_CASE("example 11: some of the messages are gone", "[imap][condstore]") {
  play(std::string(kSelect) + R"(
    2C: s SELECT INBOX
    2S: ...
    2S: s OK ...
    2C: a STORE 4:7 +FLAGS.SILENT (\Deleted)
    2S: a OK Stored
    2C: b EXPUNGE
    2S: * 4 EXPUNGE
    2S: * 4 EXPUNGE
    2S: * 4 EXPUNGE
    2S: * 4 EXPUNGE
    2S: b OK Expunged
    2C: c STORE 2 +FLAGS.SILENT (\Answered)
    2S: c OK Stored
    C: B001 STORE 1:7 (UNCHANGEDSINCE 8) +FLAGS (\SEEN)
    S: * 2 FETCH (UID 2 MODSEQ (11) FLAGS (\Answered))
    S: * 1 FETCH (UID 1 MODSEQ (12) FLAGS (\Seen))
    S: * 3 FETCH (UID 3 MODSEQ (12) FLAGS (\Seen))
    S: B001 NO [MODIFIED 2] Some of the messages are gone
    C: B002 NOOP
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: B002 OK Done
    C: b003 STORE 2 (UNCHANGEDSINCE 11) +FLAGS (\Seen)
    S: * 2 FETCH (UID 2 MODSEQ (13) FLAGS (\Answered \Seen))
    S: b003 OK Stored
  )",
       messages(7));
}

TEST_CASE("examples 12, 14 and 15 to 17", "[imap][condstore]") {
  play(std::string(kSelect) + R"(
    2C: s SELECT INBOX (CONDSTORE)
    2S: ...
    2S: s OK ...
    C: A160 STORE 2 +FLAGS.SILENT (\Deleted)
    S: * 2 FETCH (UID 2 MODSEQ (5))
    S: A160 OK Stored
    2C: C180 NOOP
    2S: * 2 FETCH (UID 2 MODSEQ (5) FLAGS (\Deleted))
    2S: C180 OK Done
    C: s100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)
    S: * 2 FETCH (UID 2 FLAGS (\Deleted) MODSEQ (5))
    S: * 3 FETCH (UID 3 FLAGS () MODSEQ (4))
    S: s100 OK Fetched
    C: a SEARCH MODSEQ "/flags/\\draft" all 4
    S: * SEARCH 2 3 (MODSEQ 5)
    S: a OK Searched
    C: t SEARCH OR NOT MODSEQ 1 LARGER 50000
    S: * SEARCH
    S: t OK Searched
    C: A042 STATUS INBOX (UIDNEXT MESSAGES HIGHESTMODSEQ)
    S: * STATUS INBOX (UIDNEXT 4 MESSAGES 3 HIGHESTMODSEQ 5)
    S: A042 OK Status
  )",
       messages(3));
}

TEST_CASE("section 3.1.9 and examples 19 and 20: SORT with mod-sequences", "[imap][condstore]") {
  play(std::string(kSelect) + R"(
    C: a SEARCH RETURN (ALL) MODSEQ 3
    S: * ESEARCH (TAG "a") ALL 2:3 MODSEQ 4
    S: a OK Searched
    C: b SORT RETURN (ALL) (REVERSE SUBJECT) UTF-8 MODSEQ 3
    S: * ESEARCH (TAG "b") ALL 3,2 MODSEQ 4
    S: b OK Sorted
    C: c SORT RETURN (MAX) (REVERSE SUBJECT) UTF-8 MODSEQ 3
    S: * ESEARCH (TAG "c") MAX 2 MODSEQ 3
    S: c OK Sorted
    C: d UID SORT (REVERSE SUBJECT) UTF-8 MODSEQ 1
    S: * SORT 3 2 1 (MODSEQ 4)
    S: d OK Sorted
    C: e SORT (SUBJECT) UTF-8 MODSEQ 99
    S: * SORT
    S: e OK Sorted
    C: f SORT RETURN (COUNT) (SUBJECT) UTF-8 MODSEQ 99
    S: * ESEARCH (TAG "f") COUNT 0
    S: f OK Sorted
    C: g THREAD ORDEREDSUBJECT UTF-8 MODSEQ 3
    S: * THREAD (2)(3)
    S: g OK Threaded
  )",
       messages(3));
}

TEST_CASE("SETMETADATA is a change of the mailbox", "[imap][condstore]") {
  // Section 3.2.
  play(R"(
    C: a STATUS INBOX (HIGHESTMODSEQ)
    S: * STATUS INBOX (HIGHESTMODSEQ 4)
    S: a OK Status
    C: b SETMETADATA INBOX (/shared/comment "x")
    S: b OK ...
    C: c STATUS INBOX (HIGHESTMODSEQ)
    S: * STATUS INBOX (HIGHESTMODSEQ 5)
    S: c OK Status
  )",
       messages(3));
}

TEST_CASE("mod-sequences stay below expunges that wait", "[imap][qresync]") {
  // The example of section 6.
  play(R"(
    C: e ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: e OK Enabled
    C: s SELECT INBOX
    S: ...
    S: s OK ...
    2C: s SELECT INBOX
    2S: ...
    2S: s OK ...
    2C: a STORE 4 +FLAGS.SILENT (\Deleted)
    2S: a OK Stored
    C: a NOOP
    S: * 4 FETCH (UID 4 MODSEQ (6) FLAGS (\Deleted))
    S: a OK Done
    2C: b EXPUNGE
    2S: * 4 EXPUNGE
    2S: b OK Expunged
    C: A150 STORE 1:2 (UNCHANGEDSINCE 6) +FLAGS.SILENT \Seen
    S: * 1 FETCH (UID 1 MODSEQ (8))
    S: * 2 FETCH (UID 2 MODSEQ (8))
    S: * OK [HIGHESTMODSEQ 6] Highest
    S: A150 OK Stored
    C: A151 STORE 3 +FLAGS.SILENT \Seen
    S: * 3 FETCH (UID 3 MODSEQ (9))
    S: * OK [HIGHESTMODSEQ 6] Highest
    S: A151 OK Stored
    C: A152 NOOP
    S: * VANISHED 4
    S: * OK [HIGHESTMODSEQ 9] Highest
    S: A152 OK Done
    C: A153 STORE 3 +FLAGS.SILENT \Flagged
    S: * 3 FETCH (UID 3 MODSEQ (10))
    S: A153 OK Stored
  )",
       messages(4));
}

TEST_CASE("a UID SEARCH that speaks in numbers lets none change", "[imap][qresync]") {
  // Section 3.2.10.2.
  play(std::string(kSelect) + R"(
    2C: s SELECT INBOX
    2S: ...
    2S: s OK ...
    2C: a STORE 1 +FLAGS.SILENT (\Deleted)
    2S: a OK Stored
    2C: b EXPUNGE
    2S: * 1 EXPUNGE
    2S: b OK Expunged
    C: c UID SEARCH 1:2 UNSEEN
    S: * SEARCH 2
    S: c OK Searched
    C: d UID SORT (SUBJECT) UTF-8 2:3
    S: * SORT 2 3
    S: d OK Sorted
    C: e UID THREAD ORDEREDSUBJECT UTF-8 2:3
    S: * THREAD (2)(3)
    S: e OK Threaded
    C: f UID SEARCH UID 1:3
    S: * SEARCH 2 3
    S: * 1 EXPUNGE
    S: f OK Searched
  )",
       messages(3));
}

}  // namespace mailscope::imap::test
