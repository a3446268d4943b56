// SORT and THREAD as dialogues (RFC 5256, RFC 5267 section 3, RFC 5957).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

std::string message(std::string_view subject, std::string_view from, std::string_view date,
                    std::string_view id = {}, std::string_view references = {}) {
  std::string text = "Subject: " + std::string(subject) + "\nFrom: " + std::string(from) +
                     "\nDate: " + std::string(date) + "\n";
  if (!id.empty()) text += "Message-ID: <" + std::string(id) + ">\n";
  if (!references.empty()) text += "References: " + std::string(references) + "\n";
  return crlf(text + "\nText\n");
}

void fill(World& world) {
  world.append("INBOX", message("lunch", "zoe@x", "3 Mar 2026 09:00:00 +0000", "a@x"));
  world.append("INBOX", message("Re: Apples", "Ada <w@x>", "1 Mar 2026 10:00:00 +0100", "b@x"));
  world.append("INBOX", message("Re: Lunch", "bob@x", "3 Mar 2026 10:00:00 +0000", "c@x", "<a@x>"),
               {store::kFlagged, {}});
  world.append("INBOX", message("apples", "carl@x", "2 Mar 2026 09:00:00 +0000", "d@x"));
  world.append("INBOX",
               message("RE: lunch", "ada@x", "4 Mar 2026 10:00:00 +0000", "e@x", "<a@x> <c@x>"));
}

}  // namespace

TEST_CASE("SORT", "[imap]") {
  play(R"(
    C: a SELECT INBOX
    S: ...
    S: a OK ...
    C: b SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994
    S: * SORT 2 4 1 3 5
    S: b OK Sorted
    C: c SORT (SUBJECT REVERSE DATE) UTF-8 ALL
    S: * SORT 4 2 5 3 1
    S: c OK Sorted
    C: d SORT (SUBJECT) US-ASCII TEXT "not in mailbox"
    S: * SORT
    S: d OK Sorted
    C: e UID SORT (DATE) "utf-8" UNFLAGGED
    S: * SORT 2 4 1 5
    S: e OK Sorted
    C: f SORT (FROM) UTF-8 ALL
    S: * SORT 5 3 4 2 1
    S: f OK Sorted
    C: g SORT (DISPLAYFROM) UTF-8 ALL
    S: * SORT 2 5 3 4 1
    S: g OK Sorted
    C: h SORT (SIZE) UTF-8 1:2
    S: * SORT 1 2
    S: h OK Sorted
    C: i SORT (REVERSE ARRIVAL) UTF-8 ALL
    S: * SORT 1 2 3 4 5
    S: i OK Sorted
  )",
       fill);
}

TEST_CASE("SORT refuses what it does not know", "[imap]") {
  play(R"(
    C: a SORT (SUBJECT) UTF-8 ALL
    S: a BAD Select a mailbox first
    C: b EXAMINE INBOX
    S: ...
    S: b OK ...
    C: c SORT (SUBJECT) KOI8-R ALL
    S: c NO [BADCHARSET (UTF-8 US-ASCII)] ...
    C: d SORT (SUBJECT) ALL
    S: d BAD Syntax error...
    C: e SORT SUBJECT UTF-8 ALL
    S: e BAD Syntax error...
    C: f SORT (BCC) UTF-8 ALL
    S: f BAD Syntax error...
    C: g SORT (SUBJECT) UTF-8
    S: g BAD Syntax error...
    C: h THREAD COPIES UTF-8 ALL
    S: h BAD Syntax error...
  )",
       fill);
  play(R"(
    C: a SORT (DISPLAYTO) UTF-8 ALL
    S: a BAD Select a mailbox first
    C: b EXAMINE Drafts
    S: ...
    S: b OK ...
    C: c SORT (DISPLAYTO) UTF-8 ALL
    S: c BAD Syntax error...
    C: d THREAD REFS UTF-8 ALL
    S: d BAD Syntax error...
    C: e UID THREAD REFERENCES UTF-8 ALL
    S: * THREAD
    S: e OK Threaded
  )",
       [](World& world) {
         world.hide("SORT=DISPLAY");
         world.hide("THREAD=REFS");
       });
}

TEST_CASE("ESORT", "[imap]") {
  play(R"(
    C: a EXAMINE INBOX
    S: ...
    S: a OK ...
    C: E01 UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "E01") UID ALL 5,3,1,4,2
    S: E01 OK Sorted
    C: b SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "b") MIN 2 MAX 5 COUNT 5
    S: b OK Sorted
    C: c SORT RETURN (PARTIAL 2:3 COUNT) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "c") PARTIAL (2:3 4,1) COUNT 5
    S: c OK Sorted
    C: d UID SORT RETURN (PARTIAL 100:200) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "d") UID PARTIAL (100:200 NIL)
    S: d OK Sorted
    C: e SORT RETURN (ALL PARTIAL 1:2) (DATE) UTF-8 ALL
    S: e BAD Syntax error...
    C: f SORT RETURN (SAVE PARTIAL 1:2) (REVERSE DATE) UTF-8 ALL
    S: * ESEARCH (TAG "f") PARTIAL (1:2 5,3)
    S: f OK Sorted
    C: g FETCH $ (UID)
    S: * 3 FETCH (UID 3)
    S: * 5 FETCH (UID 5)
    S: g OK Fetched
    C: h SORT RETURN (SAVE) (DATE) UTF-8 FLAGGED
    S: h OK Sorted
    C: i FETCH $ (UID)
    S: * 3 FETCH (UID 3)
    S: i OK Fetched
    C: j SORT RETURN (MODSEQ) (DATE) UTF-8 ALL
    S: j BAD Syntax error...
  )",
       fill);
}

TEST_CASE("THREAD", "[imap]") {
  play(R"(
    C: a EXAMINE INBOX
    S: ...
    S: a OK ...
    C: b THREAD ORDEREDSUBJECT UTF-8 ALL
    S: * THREAD (2 4)(1 (3)(5))
    S: b OK Threaded
    C: c THREAD REFERENCES US-ASCII ALL
    S: * THREAD (4 2)(1 3 5)
    S: c OK Threaded
    C: d UID THREAD REFS UTF-8 ALL
    S: * THREAD (1 3 5)(2)(4)
    S: d OK Threaded
    C: e THREAD REFERENCES UTF-8 UNFLAGGED
    S: * THREAD (4 2)(1 5)
    S: e OK Threaded
    C: f THREAD ORDEREDSUBJECT US-ASCII TEXT "gewp"
    S: * THREAD
    S: f OK Threaded
  )",
       fill);
}

}  // namespace mailscope::imap::test
