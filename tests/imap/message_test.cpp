// Messages: STORE, EXPUNGE, COPY, MOVE, SEARCH, IDLE, and what other connections are told.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

/// Sends SELECT INBOX on a connection and passes over the answer.
constexpr std::string_view kOpen = R"--(
    C: open SELECT INBOX
    S: * FLAGS ...
    S: * ... EXISTS
    S: * ... RECENT
    S: ...
    S: open OK ...
)--";

std::string open() {
  return std::string(kOpen);
}

void five(World& world) {
  for (int i = 1; i <= 5; ++i) {
    world.append("INBOX", "Subject: number " + std::to_string(i) + "\r\n\r\nbody\r\n",
                 {store::kSeen, {}});
  }
}

void one_unseen(World& world) {
  five(world);
  world.store.change_flags(world.mailbox("INBOX"), {5}, store::FlagChange::set, {});
}

std::string unseen_open() {
  std::string script(kOpen);
  script.insert(script.find("    S: ..."), "    S: * OK [UNSEEN 5] ...\n");
  return script;
}

}  // namespace

TEST_CASE("STORE", "[imap]") {
  play(open() + R"--(
    C: a STORE 2:3 +FLAGS (\Deleted $X)
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $X)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $X \*)] ...
    S: * 2 FETCH (FLAGS (\Deleted \Seen $X \Recent))
    S: * 3 FETCH (FLAGS (\Deleted \Seen $X \Recent))
    S: a OK Stored
    C: b STORE 2 -FLAGS.SILENT (\Deleted)
    S: b OK Stored
    C: c UID STORE 2,9 FLAGS \Flagged $Y
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $X $Y)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $X $Y \*)] ...
    S: * 2 FETCH (UID 2 FLAGS (\Flagged $Y \Recent))
    S: c OK Stored
    C: d STORE 6 FLAGS ()
    S: d BAD There are only 5 messages
    C: e STORE 2 FLAGS (\Recent)
    S: e BAD ...
    C: f STORE 2 FLAG ()
    S: f BAD Syntax error: expected FLAGS, ...
    C: g UID STORE 99 FLAGS ()
    S: g OK Stored
    C: h STORE * FLAGS ()
    S: * 5 FETCH (FLAGS (\Recent))
    S: h OK Stored
    C: i STORE 2 -FLAGS ($y)
    S: * 2 FETCH (FLAGS (\Flagged \Recent))
    S: i OK Stored
  )--",
       five);
}

TEST_CASE("the example of RFC 5530 for LIMIT", "[imap]") {
  std::string many;
  for (int i = 1; i <= 250; ++i) many += " f" + std::to_string(i);
  play("C: a SELECT INBOX\nS: ...\nS: a OK ...\nC: m STORE 1 FLAGS" + many +
           "\nS: m NO [LIMIT] Too many keywords, or one that is too long\nC: n APPEND INBOX (" +
           many.substr(1) + ") {1+}\nC: x\nS: n NO [LIMIT] ...\nC: o FETCH 1 (FLAGS)\n" +
           "S: * 1 FETCH (FLAGS (\\Recent))\nS: o OK Fetched\n",
       [](World& world) { world.append("INBOX", "Subject: x\r\n\r\n"); });
}

TEST_CASE("EXPUNGE, UID EXPUNGE and CLOSE", "[imap]") {
  play(open() + R"--(
    C: a STORE 1,3,4 +FLAGS.SILENT (\Deleted)
    S: a OK Stored
    C: b UID EXPUNGE 3:4
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: b OK Expunged
    C: c EXPUNGE
    S: * 1 EXPUNGE
    S: c OK Expunged
    C: d FETCH 1:* UID
    S: * 1 FETCH (UID 2)
    S: * 2 FETCH (UID 5)
    S: d OK Fetched
    C: e STORE 1 +FLAGS.SILENT (\Deleted)
    S: e OK Stored
    C: f UNSELECT
    S: f OK Unselected
    C: g STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 2)
    S: g OK Status
    C: h SELECT INBOX
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * 0 RECENT
    S: ...
    S: h OK ...
    C: i CLOSE
    S: i OK Closed
    C: j STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 1)
    S: j OK Status
    C: k CHECK
    S: k BAD Select a mailbox first
  )--",
       five);
}

TEST_CASE("COPY and MOVE", "[imap]") {
  play(open() + R"--(
    C: a COPY 2:3 Archive
    S: a OK [COPYUID ... 2:3 1:2] Copied
    C: b UID COPY 5,77 Archive
    S: b OK [COPYUID ... 5 3] Copied
    C: c UID COPY 77 Archive
    S: c OK Nothing to do
    C: d COPY 1 Nowhere
    S: d NO [TRYCREATE] ...
    C: e MOVE 2,4 Archive
    S: * OK [COPYUID ... 2,4 4:5] Moved
    S: * 2 EXPUNGE
    S: * 3 EXPUNGE
    S: e OK Moved
    C: f FETCH 1:* UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 3)
    S: * 3 FETCH (UID 5)
    S: f OK Fetched
    C: g COPY 1 INBOX
    S: * 4 EXISTS
    S: * 4 RECENT
    S: g OK [COPYUID 1 1 6] Copied
    C: h UID MOVE 1 INBOX
    S: ...
    S: * 1 EXPUNGE
    S: * 4 EXISTS
    S: * 4 RECENT
    S: h OK Moved
  )--",
       five);
}

TEST_CASE("other connections hear of changes at the right moment", "[imap]") {
  play(open() + R"--(
    2C: open SELECT INBOX
    2S: * FLAGS ...
    2S: * 5 EXISTS
    2S: * 0 RECENT
    2S: ...
    2S: open OK ...
    2C: x STORE 2 +FLAGS.SILENT (\Deleted)
    2S: x OK Stored
    2C: y EXPUNGE
    2S: * 2 EXPUNGE
    2S: y OK Expunged
    2C: z STORE 1 +FLAGS (\Answered)
    2S: * 1 FETCH (FLAGS (\Answered \Seen))
    2S: z OK Stored
    C: a FETCH 2 FLAGS
    S: * 1 FETCH (UID 1 FLAGS (\Answered \Seen \Recent))
    S: a NO [EXPUNGEISSUED] Some of the messages are gone
    C: b SEARCH ALL
    S: * SEARCH 1 3 4 5
    S: b OK Searched
    C: c STORE 2:3 +FLAGS (\Flagged)
    S: * 3 FETCH (FLAGS (\Flagged \Seen \Recent))
    S: c NO [EXPUNGEISSUED] ...
    C: d FETCH 3 UID
    S: * 3 FETCH (UID 3)
    S: d OK Fetched
    C: e UID FETCH 1:3 UID
    S: * 1 FETCH (UID 1)
    S: * 3 FETCH (UID 3)
    S: * 2 EXPUNGE
    S: e OK Fetched
    C: f FETCH 2 UID
    S: * 2 FETCH (UID 3)
    S: f OK Fetched
    2C: w NOOP
    2S: * 2 FETCH (UID 3 FLAGS (\Flagged \Seen))
    2S: w OK Done
  )--",
       five);
}

TEST_CASE("a silent STORE does not hide what others did", "[imap]") {
  play(open() + R"--(
    2C: open EXAMINE INBOX
    2S: * FLAGS ...
    2S: * 5 EXISTS
    2S: * 0 RECENT
    2S: ...
    2S: open OK ...
    2C: x CLOSE
    2S: x OK Closed
    2C: y SELECT INBOX
    2S: * FLAGS ...
    2S: * 5 EXISTS
    2S: * 0 RECENT
    2S: ...
    2S: y OK ...
    2C: z STORE 1 +FLAGS.SILENT (\Flagged)
    2S: z OK Stored
    C: a STORE 1 +FLAGS.SILENT (\Answered)
    S: * 1 FETCH (UID 1 FLAGS (\Flagged \Seen \Recent))
    S: a OK Stored
    C: b NOOP
    S: b OK Done
  )--",
       five);
}

TEST_CASE("new keywords are announced before they are used", "[imap]") {
  play(open() + R"--(
    2C: open SELECT INBOX
    2S: ...
    2S: open OK ...
    C: a STORE 1 +FLAGS ($Forwarded Work)
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded Work)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded Work \*)] ...
    S: * 1 FETCH (FLAGS (\Seen $Forwarded Work \Recent))
    S: a OK Stored
    C: b STORE 2 +FLAGS (work)
    S: * 2 FETCH (FLAGS (\Seen work \Recent))
    S: b OK Stored
    2C: a FETCH 2 FLAGS
    2S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft work)
    2S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft work \*)] ...
    2S: * 2 FETCH (FLAGS (\Seen work))
    2S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded work)
    2S: * OK [PERMANENTFLAGS ...
    2S: * 1 FETCH (UID 1 FLAGS (\Seen $Forwarded Work))
    2S: * 2 FETCH (UID 2 FLAGS (\Seen work))
    2S: a OK Fetched
    C: c STORE 3 FLAGS.SILENT (Silent)
    S: c OK Stored
    C: d FETCH 3 (UID)
    S: * 3 FETCH (UID 3)
    S: d OK Fetched
    C: e FETCH 3 (FLAGS BODY.PEEK[TEXT])
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded Silent Work)
    S: * OK [PERMANENTFLAGS ...
    S: * 3 FETCH (FLAGS (Silent \Recent) BODY[TEXT] {6}
    S: body
    S: )
    S: e OK Fetched
  )--",
       five);
}

TEST_CASE("a silent STORE passes over what others have expunged", "[imap]") {
  // RFC 2180 section 4.2.1.
  play(open() + R"--(
    2C: open SELECT INBOX
    2S: ...
    2S: open OK ...
    2C: x STORE 2 +FLAGS.SILENT (\Deleted)
    2S: x OK Stored
    2C: y EXPUNGE
    2S: * 2 EXPUNGE
    2S: y OK Expunged
    C: a STORE 2:3 +FLAGS.SILENT (\Flagged)
    S: a OK Stored
    C: b STORE 2:3 +FLAGS (\Answered)
    S: * 3 FETCH (FLAGS (\Answered \Flagged \Seen \Recent))
    S: b NO [EXPUNGEISSUED] ...
    C: c NOOP
    S: * 2 EXPUNGE
    S: c OK Done
  )--",
       five);
}

TEST_CASE("IDLE", "[imap]") {
  play(open() + R"--(
    C: a IDLE
    S: + idling
    2C: x APPEND INBOX {3+}
    2C: abc
    2S: x OK ...
    S: * 6 EXISTS
    S: * 6 RECENT
    2C: y SELECT INBOX
    2S: * FLAGS ...
    2S: * 6 EXISTS
    2S: * 0 RECENT
    2S: * OK [UNSEEN 6] ...
    2S: ...
    2S: y OK ...
    2C: z STORE 1 +FLAGS (\Deleted)
    2S: * 1 FETCH (FLAGS (\Deleted \Seen))
    2S: z OK Stored
    S: * 1 FETCH (UID 1 FLAGS (\Deleted \Seen \Recent))
    2C: v EXPUNGE
    2S: * 1 EXPUNGE
    2S: v OK Expunged
    S: * 1 EXPUNGE
    C: done
    S: a OK Idle over
    C: b IDLE
    S: + idling
    C: NOOP
    S: b BAD Only DONE ends IDLE
    C: c IDLE
    S: + idling
    -- wait 30m
    S: * BYE Autologout: ...
    2S: * BYE Autologout: ...
  )--",
       five);
}

TEST_CASE("a selected mailbox that somebody deletes", "[imap]") {
  play(R"--(
    C: a SELECT Junk
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: ...
    S: a OK ...
    2C: x DELETE Junk
    2S: x OK Deleted
    C: b NOOP
    S: * BYE The selected mailbox was deleted
    -- closed
  )--");
  play(R"--(
    C: a SELECT Junk
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: ...
    S: a OK ...
    C: b DELETE Junk
    S: * OK [CLOSED] ...
    S: b OK Deleted
    C: c CHECK
    S: c BAD Select a mailbox first
  )--");
}

TEST_CASE("SEARCH by facts", "[imap]") {
  play(unseen_open() + R"--(
    C: a SEARCH ALL
    S: * SEARCH 1 2 3 4 5
    S: a OK Searched
    C: b SEARCH UNSEEN
    S: * SEARCH 5
    S: b OK Searched
    C: c SEARCH NOT UNSEEN 2:9
    S: * SEARCH 2 3 4
    S: c OK Searched
    C: d UID SEARCH OR UID 1 UID 4:*
    S: * SEARCH 1 4 5
    S: d OK Searched
    C: e SEARCH FLAGGED
    S: * SEARCH
    S: e OK Searched
    C: f SEARCH SINCE 2-Mar-2026 BEFORE 3-Mar-2026 ON "2-Mar-2026"
    S: * SEARCH 1 2 3 4 5
    S: f OK Searched
    C: g SEARCH BEFORE 2-Mar-2026
    S: * SEARCH
    S: g OK Searched
    C: h SEARCH LARGER 5 SMALLER 500 (NEW)
    S: * SEARCH 5
    S: h OK Searched
    C: i SEARCH OLD
    S: * SEARCH
    S: i OK Searched
    C: j SEARCH UNKEYWORD $x 1
    S: * SEARCH 1
    S: j OK Searched
    C: k SEARCH CHARSET KOI8-R ALL
    S: k NO [BADCHARSET (UTF-8 US-ASCII)] ...
    C: l SEARCH BOGUS
    S: l BAD Syntax error: expected a search key at octet 10
  )--",
       one_unseen);
}

TEST_CASE("SEARCH in headers and bodies", "[imap]") {
  const auto mails = [](World& world) {
    world.append("INBOX",
                 crlf("From: Bob <bob@globex.example>\nTo: alice@acme.example\nSubject: Lunch?\n"
                      "Date: Mon, 2 Mar 2026 23:30:00 -0500\n\nAt noon?\n"),
                 {store::kSeen, {}});
    world.append(
        "INBOX",
        crlf("From: =?utf-8?Q?J=C3=BCrgen?= <j@x.example>\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n"
             "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: "
             "quoted-printable\n\n"
             "Sch=F6ne Gr=FC=DFe aus Wien\n"),
        {store::kSeen, {}});
    world.append(
        "INBOX",
        crlf(
            "Subject: parts\nX-Empty:\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8gV29ybGQ=\n"
            "--b\nContent-Type: message/rfc822\n\nSubject: inside\n\ndeep text\n--b--\n"),
        {store::kSeen, {}});
  };
  play(open() + R"--(
    C: a SEARCH SUBJECT lunch
    S: * SEARCH 1
    S: a OK Searched
    C: b SEARCH FROM bob@GLOBEX TO acme
    S: * SEARCH 1
    S: b OK Searched
    C: c SEARCH CHARSET UTF-8 FROM {7+}
    C: JÜRGEN
    S: * SEARCH 2
    S: c OK Searched
    C: d SEARCH CHARSET UTF-8 SUBJECT "grüße"
    S: * SEARCH 2
    S: d OK Searched
    C: e SEARCH CHARSET UTF-8 BODY "SCHÖNE GRÜSSE"
    S: * SEARCH
    S: e OK Searched
    C: f SEARCH CHARSET UTF-8 BODY "SCHÖNE"
    S: * SEARCH 2
    S: f OK Searched
    C: g SEARCH BODY "hello world"
    S: * SEARCH 3
    S: g OK Searched
    C: h SEARCH BODY inside
    S: * SEARCH 3
    S: h OK Searched
    C: i SEARCH TEXT "deep text"
    S: * SEARCH 3
    S: i OK Searched
    C: j SEARCH TEXT "subject: parts"
    S: * SEARCH 3
    S: j OK Searched
    C: k SEARCH BODY parts
    S: * SEARCH
    S: k OK Searched
    C: l SEARCH HEADER X-Empty ""
    S: * SEARCH 3
    S: l OK Searched
    C: m SEARCH SENTON 2-Mar-2026
    S: * SEARCH 1
    S: m OK Searched
    C: n SEARCH NOT SENTSINCE 1-Jan-2026
    S: * SEARCH 2 3
    S: n OK Searched
    C: o UID SEARCH OR SUBJECT lunch BODY Wien
    S: * SEARCH 1 2
    S: o OK Searched
  )--",
       mails);
}

TEST_CASE("SEARCH finds addresses as the envelope has them", "[imap]") {
  play(open() + R"--(
    C: a SEARCH FROM user@domain.example
    S: * SEARCH 1 2 3
    S: a OK Searched
    C: b SEARCH FROM comment
    S: * SEARCH 1
    S: b OK Searched
    C: c SEARCH HEADER to "<user@domain.example>"
    S: * SEARCH
    S: c OK Searched
    C: d SEARCH LARGER 4294967296
    S: * SEARCH
    S: d OK Searched
    C: e SEARCH SMALLER 4294967296
    S: * SEARCH 1 2 3
    S: e OK Searched
    C: f SEARCH BODY "" TEXT ""
    S: * SEARCH 1 2 3
    S: f OK Searched
  )--",
       [](World& world) {
         for (const char* from : {"<user (comment)@ (comment) domain.example>",
                                  "user @ domain . example (Who)", "\"us\\er\"@domain.example"})
           world.append("INBOX",
                        "From: " + std::string(from) + "\r\nContent-Type: image/png\r\n\r\nx\r\n",
                        {store::kSeen, {}});
       });
}

TEST_CASE("what commands do to the store is in the trace, with its cause", "[imap]") {
  World world;
  one_unseen(world);
  Line line(world);
  line.send("a LOGIN alice secret\r\nb SELECT INBOX\r\n", false);
  line.send(
      "c STORE 1:2 +FLAGS (\\Deleted)\r\nd EXPUNGE\r\ne COPY 1 Sent\r\nf MOVE 1 Junk\r\n"
      "g FETCH 2 BODY[]\r\nh CREATE new\r\n",
      false);
  std::vector<std::string> seen;
  for (const auto& event : world.trace.events) {
    if (!event.text.starts_with("store.")) continue;
    REQUIRE(event.cause != 0);
    const std::string& cause = world.trace.events[event.cause - 1].text;
    seen.push_back(event.text + " <- " + cause.substr(0, cause.find('|', 13)));
  }
  CHECK(seen == std::vector<std::string>{
                    "store.flags|alice@acme.example|INBOX|1:2|+FLAGS (\\Deleted) <- imap.command|c",
                    "store.expunged|alice@acme.example|INBOX|1:2 <- imap.command|d",
                    "store.copied|alice@acme.example|INBOX|3|Sent|0 <- imap.command|e",
                    "store.copied|alice@acme.example|INBOX|3|Junk|1 <- imap.command|f",
                    "store.flags|alice@acme.example|INBOX|5|+FLAGS (\\Seen) <- imap.command|g",
                    "store.mailbox|alice@acme.example|new|created <- imap.command|h",
                });
  CHECK(world.trace.of("imap.response").back() == "imap.response|h|OK [MAILBOXID (Fd)] Created|31");
  bool shortened = false;
  for (const auto& text : world.trace.of("imap.response")) {
    shortened = shortened ||
                text.find("|2 FETCH (BODY[] {27} FLAGS (\\Seen \\Recent))|") != std::string::npos;
  }
  CHECK(shortened);
}

}  // namespace mailscope::imap::test
