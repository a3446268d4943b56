// Searches that are kept up to date (CONTEXT=SEARCH, CONTEXT=SORT, RFC 5267).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

void fill(World& world) {
  for (const char* subject : {"delta", "alpha", "charly"})
    world.append("INBOX", crlf("Subject: " + std::string(subject) + "\n\nText\n"));
}

constexpr const char* kSelect = R"(
    C: s SELECT INBOX
    S: ...
    S: s OK ...
)";

void play_selected(const std::string& script) {
  play(kSelect + script, fill);
}

}  // namespace

TEST_CASE("CONTEXT is a hint", "[imap]") {
  play_selected(R"(
    C: A01 SEARCH RETURN (CONTEXT COUNT) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A01") COUNT 3
    S: A01 OK Searched
  )");
}

TEST_CASE("UPDATE tells what comes and goes", "[imap]") {
  play_selected(R"(
    C: B01 UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk
    S: * ESEARCH (TAG "B01") UID COUNT 0
    S: B01 OK Searched
    C: B01 SORT RETURN (UPDATE) (DATE) UTF-8 FLAGGED
    S: B01 BAD Tag reuse
    C: c STORE 2:3 +FLAGS.SILENT (\Deleted $Junk)
    S: * ESEARCH (TAG "B01") UID ADDTO (0 2:3)
    S: c OK Stored
    C: d STORE 2 -FLAGS.SILENT ($Junk)
    S: * ESEARCH (TAG "B01") UID REMOVEFROM (0 2)
    S: d OK Stored
    C: e EXPUNGE
    S: * ESEARCH (TAG "B01") UID REMOVEFROM (0 3)
    S: * 2 EXPUNGE
    S: * 2 EXPUNGE
    S: e OK Expunged
    C: f CANCELUPDATE "B01"
    S: f OK No further updates
    C: g STORE 1 +FLAGS.SILENT (\Deleted $Junk)
    S: g OK Stored
    C: h CANCELUPDATE "B01"
    S: h BAD No such search is kept up to date
  )");
}

TEST_CASE("UPDATE tells of what others do, with message numbers", "[imap]") {
  play_selected(R"(
    C: a SEARCH RETURN (UPDATE ALL) UNSEEN
    S: * ESEARCH (TAG "a") ALL 1:3
    S: a OK Searched
    2C: a APPEND INBOX {4+}
    2C: text
    2S: a OK ...
    C: b NOOP
    S: * 4 EXISTS
    S: * 4 RECENT
    S: * ESEARCH (TAG "a") ADDTO (0 4)
    S: b OK Done
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c STORE 1 +FLAGS.SILENT (\Seen \Deleted)
    2S: c OK ...
    C: c IDLE
    S: + ...
    S: * 1 FETCH (UID 1 FLAGS (\Deleted \Seen \Recent))
    S: * ESEARCH (TAG "a") REMOVEFROM (0 1)
    C: DONE
    S: c OK ...
    2C: d STORE 2 +FLAGS.SILENT (\Deleted)
    2S: d OK ...
    2C: e EXPUNGE
    2S: * 1 EXPUNGE
    2S: * 1 EXPUNGE
    2S: e OK ...
    C: d NOOP
    S: * ESEARCH (TAG "a") REMOVEFROM (0 2)
    S: * 1 EXPUNGE
    S: * 1 EXPUNGE
    S: d OK Done
  )");
}

TEST_CASE("UPDATE of a sorted search tells places", "[imap]") {
  play_selected(R"(
    C: C01 UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED
    S: * ESEARCH (TAG "C01") UID ALL 2:3,1
    S: C01 OK Sorted
    C: a APPEND INBOX {19+}
    C: Subject: bravo
    C:
    C: x
    S: * 4 EXISTS
    S: * 4 RECENT
    S: * ESEARCH (TAG "C01") UID ADDTO (2 4)
    S: a OK ...
    C: b STORE 3 +FLAGS.SILENT (\Deleted)
    S: * ESEARCH (TAG "C01") UID REMOVEFROM (3 3)
    S: b OK Stored
    C: c STORE 1:4 FLAGS.SILENT (\Deleted)
    S: * ESEARCH (TAG "C01") UID REMOVEFROM (3 1 1 2,4)
    S: c OK Stored
    C: d STORE 1:4 FLAGS.SILENT ()
    S: * ESEARCH (TAG "C01") UID ADDTO (1 1 1 2:3 2 4)
    S: d OK Stored
  )");
}

TEST_CASE("numbers in a program are those of when it came", "[imap]") {
  play_selected(R"(
    C: a UID SEARCH RETURN (UPDATE ALL) 2:3 UNSEEN
    S: * ESEARCH (TAG "a") UID ALL 2:3
    S: a OK Searched
    C: b STORE 1 +FLAGS.SILENT (\Deleted)
    S: b OK Stored
    C: c EXPUNGE
    S: * 1 EXPUNGE
    S: c OK Expunged
    C: d STORE 1 +FLAGS.SILENT (\Seen)
    S: * ESEARCH (TAG "a") UID REMOVEFROM (0 2)
    S: d OK Stored
  )");
}

TEST_CASE("updates end with the mailbox, and there is a limit", "[imap]") {
  std::string script;
  for (int i = 0; i < 10; ++i) {
    const std::string tag = "t" + std::to_string(i);
    script += "C: " + tag + " SEARCH RETURN (UPDATE COUNT) SEEN\nS: * ESEARCH (TAG \"" + tag +
              "\") COUNT 0\nS: " + tag + " OK Searched\n";
  }
  play_selected(script + R"(
    C: B02 UID SORT RETURN (UPDATE COUNT) (DATE) UTF-8 KEYWORD $Junk
    S: * ESEARCH (TAG "B02") UID COUNT 0
    S: * NO [NOUPDATE "B02"] No updates of this search
    S: B02 OK Sorted
    C: a SELECT INBOX
    S: ...
    S: a OK ...
    C: b STORE 1 +FLAGS.SILENT (\Seen)
    S: b OK Stored
  )");
}

}  // namespace mailscope::imap::test
