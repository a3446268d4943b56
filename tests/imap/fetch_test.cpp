// FETCH: every item, sections of nested messages, ENVELOPE and BODYSTRUCTURE, long answers.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr std::string_view kOpen = R"--(
    C: open EXAMINE INBOX
    S: * FLAGS ...
    S: * ... EXISTS
    S: * ... RECENT
    S: ...
    S: open OK ...
)--";

std::string opened(std::string_view script) {
  return std::string(kOpen) + std::string(script);
}

// The message of RFC 3501 section 8, shortened.
const std::string kPlain = crlf(
    "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\nFrom: Terry Gray <gray@cac.washington.edu>\n"
    "Subject: IMAP4rev1 WG mtg summary and minutes\nTo: imap@cac.washington.edu\n"
    "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\n"
    "Message-Id: <B27397-0100000@cac.washington.edu>\nMIME-Version: 1.0\n"
    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n\nline one\nline two\n");

// RFC 3501 section 6.4.5's example tree: 1 text, 2 octets, 3 a message with a multipart, 4 more.
const std::string kNested = crlf(
    "Subject: outer\nContent-Type: multipart/mixed; boundary=o\n\npreamble\n"
    "--o\nContent-Type: text/plain\n\nfirst\n"
    "--o\nContent-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n"
    "Content-Disposition: attachment; filename=x.bin\n\nAAEC\n"
    "--o\nContent-Type: message/rfc822\nContent-Description: fwd\n\n"
    "Subject: inner\nFrom: a@b\nContent-Type: multipart/alternative; boundary=i\n\n"
    "--i\nContent-Type: text/plain\n\nplain\n--i\nContent-Type: text/html\n\n<p>html</p>\n--i--\n"
    "--o\nContent-Type: message/rfc822\n\nSubject: single\n\nalone\n"
    "--o--\n");

void with(World& world, std::string_view octets) {
  world.append("INBOX", octets, {store::kSeen, {}});
}

}  // namespace

TEST_CASE("macros, facts and envelope", "[imap]") {
  play(opened(R"--(
    C: a FETCH 1 FAST
    S: * 1 FETCH (FLAGS (\Seen \Recent) INTERNALDATE " 2-Mar-2026 09:00:00 +0000" RFC822.SIZE ...)
    S: a OK Fetched
    C: b FETCH 1 ENVELOPE
    S: * 1 FETCH (ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>"))
    S: b OK Fetched
    C: c UID FETCH 1 (BODY BODYSTRUCTURE)
    S: * 1 FETCH (UID 1 BODY ("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 20 2) BODYSTRUCTURE ("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 20 2 NIL NIL NIL NIL))
    S: c OK Fetched
    C: d FETCH 2 FLAGS
    S: d BAD There are only 1 messages
    C: e UID FETCH 2:* FLAGS
    S: * 1 FETCH ...
    S: e OK Fetched
  )--"),
       [](World& world) { with(world, kPlain); });
}

TEST_CASE("sections of a plain message", "[imap]") {
  play(opened(R"--(
    C: a FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT "x-none")]
    S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT x-none)] {49}
    S: Subject: IMAP4rev1 WG mtg summary and minutes
    S:
    S: )
    S: a OK Fetched
    C: b FETCH 1 (BODY[TEXT]<5.8> BODY[1]<100.5> BODY[2] BODY[1.1] BODY[1.MIME]<0.4> BODY[1.HEADER])
    S: * 1 FETCH (BODY[TEXT]<5> {8}
    S: one
    S: lin BODY[1]<100> {0}
    S:  BODY[2] NIL BODY[1.1] NIL BODY[1.MIME]<0> {4}
    S: Date BODY[1.HEADER] NIL)
    S: b OK Fetched
    C: c FETCH 1 RFC822.TEXT
    S: * 1 FETCH (RFC822.TEXT {20}
    S: line one
    S: line two
    S: )
    S: c OK Fetched
    C: d FETCH 1 BODY[HEADER.FIELDS.NOT (Date From Subject To Cc Message-Id Content-Type)]
    S: * 1 FETCH (BODY[HEADER.FIELDS.NOT (Date From Subject To Cc Message-Id Content-Type)] {21}
    S: MIME-Version: 1.0
    S:
    S: )
    S: d OK Fetched
  )--"),
       [](World& world) { with(world, kPlain); });
}

TEST_CASE("part numbers of nested messages", "[imap]") {
  play(opened(R"--(
    C: a FETCH 1 (BODY[1] BODY[2] BODY[3.HEADER] BODY[3.1] BODY[3.2.MIME] BODY[3.2])
    S: * 1 FETCH (BODY[1] {5}
    S: first BODY[2] {4}
    S: AAEC BODY[3.HEADER] {...}
    S: Subject: inner
    S: From: a@b
    S: Content-Type: multipart/alternative; boundary=i
    S:
    S:  BODY[3.1] {5}
    S: plain BODY[3.2.MIME] {27}
    S: Content-Type: text/html
    S:
    S:  BODY[3.2] {11}
    S: <p>html</p>)
    S: a OK Fetched
    C: b FETCH 1 (BODY[4.TEXT] BODY[4.1] BODY[4.HEADER.FIELDS (subject)] BODY[4.MIME] BODY[4.2] BODY[5] BODY[3.3])
    S: * 1 FETCH (BODY[4.TEXT] {5}
    S: alone BODY[4.1] {5}
    S: alone BODY[4.HEADER.FIELDS (subject)] {19}
    S: Subject: single
    S:
    S:  BODY[4.MIME] {32}
    S: Content-Type: message/rfc822
    S:
    S:  BODY[4.2] NIL BODY[5] NIL BODY[3.3] NIL)
    S: b OK Fetched
    C: c FETCH 1 BODYSTRUCTURE
    S: * 1 FETCH (BODYSTRUCTURE (("text" "plain" ... NIL NIL "7bit" 5 0 NIL NIL NIL NIL)("application" "octet-stream" ("name" "x.bin") NIL NIL "base64" 4 NIL ("attachment" ("filename" "x.bin")) NIL NIL)("message" "rfc822" NIL NIL "fwd" "7bit" ... (NIL "inner" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL) (("text" "plain" ... "7bit" 5 0 NIL NIL NIL NIL)("text" "html" ... "7bit" 11 0 NIL NIL NIL NIL) "alternative" ("boundary" "i") NIL NIL NIL) ... NIL NIL NIL NIL)("message" "rfc822" NIL NIL NIL "7bit" ... (NIL "single" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ... "7bit" 5 0 NIL NIL NIL NIL) ... NIL NIL NIL NIL) "mixed" ("boundary" "o") NIL NIL NIL))
    S: c OK Fetched
  )--"),
       [](World& world) { with(world, kNested); });
}

TEST_CASE("groups, 8-bit header text and quoting in an envelope", "[imap]") {
  play(opened(R"--(
    C: a FETCH 1 ENVELOPE
    S: * 1 FETCH (ENVELOPE (NIL "=?UTF-8?Q?=C3=A9!?=" (("A \"B\" C" NIL "x" "y")) (("A \"B\" C" NIL "x" "y")) ((NIL NIL "r" "s")) ((NIL NIL "team" NIL)(NIL NIL "p" "q")(NIL NIL NIL NIL)) NIL NIL "" NIL))
    S: a OK [DOWNGRADED ...] Fetched
  )--"),
       [](World& world) {
         with(world, crlf("Subject: \xc3\xa9!\nFrom: \"A \\\"B\\\" C\" <x@y>\nReply-To: r@s\nTo: "
                          "team: p@q;\nIn-Reply-To:\n\n"));
       });
}

TEST_CASE("addresses without a domain are shown as far as they go", "[imap]") {
  play(opened(R"--(
    C: a FETCH 1 ENVELOPE
    S: * 1 FETCH (ENVELOPE (NIL NIL (("Cron Daemon" NIL "root" "")) (("Cron Daemon" NIL "root" "")) (("Cron Daemon" NIL "root" "")) (("Ann Other" NIL "" "")(NIL NIL "ann" "")("B" NIL "b" "")(NIL NIL "c" "d")) NIL NIL NIL NIL))
    S: a OK Fetched
  )--"),
       [](World& world) {
         with(world, crlf("From: root (Cron Daemon)\nTo: Ann Other, ann, B <b>, <>, <c@d>\n\n"));
       });
}

TEST_CASE("parameters are shown as they were sent, with continuations joined", "[imap]") {
  // RFC 2231 section 6. Characters in other charsets are for the client to decode.
  play(opened(R"--(
    C: a FETCH 1 BODYSTRUCTURE
    S: * 1 FETCH (BODYSTRUCTURE ("application" "pdf" ("name*" "utf-8''%E2%82%AC%20rates.pdf" "x" "=?utf-8?Q?=C3=A9?=") NIL NIL "base64" 4 NIL ("attachment" ("filename" "plain.pdf" "filename*" "utf-8''%C3%A9.pdf" "note" "one two")) NIL NIL))
    S: a OK Fetched
  )--"),
       [](World& world) {
         with(world, crlf("Content-Type: application/pdf; name*0*=utf-8''%E2%82%AC%20;\n"
                          " name*1=\"rates.pdf\"; x=\"=?utf-8?Q?=C3=A9?=\"\n"
                          "Content-Transfer-Encoding: base64\nContent-Disposition: attachment;\n"
                          " filename=plain.pdf; filename*=utf-8''%C3%A9.pdf;\n"
                          " note*1=two; note*0=\"one \"\n\nAAEC"));
       });
}

TEST_CASE("no string of a response holds a NUL", "[imap]") {
  play(opened("C: a FETCH 1 ENVELOPE\n"
              "S: * 1 FETCH (ENVELOPE (NIL {3}\n"
              "S: a\x80"
              "b NIL NIL NIL NIL NIL NIL NIL NIL))\n"
              "S: a OK Fetched\n"),
       [](World& world) { with(world, std::string("Subject: a\0b\r\n\r\n", 16)); });
}

TEST_CASE("BODY[] sets \\Seen, BODY.PEEK[] does not", "[imap]") {
  play(R"--(
    C: open SELECT INBOX
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 1] ...
    S: ...
    S: open OK ...
    C: a FETCH 1:2 BODY.PEEK[]
    S: * 1 FETCH (BODY[] {3}
    S: abc)
    S: * 2 FETCH (BODY[] {3}
    S: def)
    S: a OK Fetched
    C: b FETCH 1 BODY[]
    S: * 1 FETCH (BODY[] {3}
    S: abc FLAGS (\Seen \Recent))
    S: b OK Fetched
    C: c FETCH 1:2 (FLAGS RFC822)
    S: * 1 FETCH (FLAGS (\Seen \Recent) RFC822 {3}
    S: abc)
    S: * 2 FETCH (FLAGS (\Seen \Recent) RFC822 {3}
    S: def)
    S: c OK Fetched
    C: d NOOP
    S: d OK Done
  )--",
       [](World& world) {
         world.append("INBOX", "abc");
         world.append("INBOX", "def");
       });
}

TEST_CASE("a long answer waits for room", "[imap]") {
  World world;
  const std::string big(3'000'000, 'm');
  for (int i = 0; i < 3; ++i) with(world, big + std::to_string(i));
  ServerEngine engine(world.options, world.accounts, world.store,
                      trace::Tracer(world.trace, trace::Origin{}));
  engine.start(world.now);
  engine.receive(world.now, "a LOGIN alice secret\r\nb EXAMINE INBOX\r\n");
  (void)engine.take_output();
  engine.receive(world.now, "c FETCH 1:3 (UID BODY.PEEK[])\r\nd NOOP\r\n");
  std::string all;
  int rounds = 0;
  while (engine.has_output()) {
    const std::string part = engine.take_output().bytes;
    CHECK(part.size() <= kHighWater + kStreamFrom);
    all += part;
    ++rounds;
    engine.drained(world.now);
  }
  CHECK(rounds > 30);
  std::string expected;
  for (int i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i + 1);
    expected += "* " + number + " FETCH (UID " + number + " BODY[] {3000001}\r\n" + big +
                std::to_string(i) + ")\r\n";
  }
  CHECK(all == expected + "c OK Fetched\r\nd OK Done\r\n");
}

TEST_CASE("flags of very many messages", "[imap]") {
  World world;
  constexpr int kCount = 20'000;
  for (int i = 0; i < kCount; ++i) with(world, "x");
  Line line(world);
  line.send("a LOGIN alice secret\r\nb EXAMINE INBOX\r\n", false);
  (void)line.take();
  line.send("c FETCH 1:* FLAGS\r\n", false);
  const std::string all = line.take();
  CHECK(std::count(all.begin(), all.end(), '\n') == kCount + 1);
  CHECK(all.ends_with("* 20000 FETCH (FLAGS (\\Seen \\Recent))\r\nc OK Fetched\r\n"));
}

}  // namespace mailscope::imap::test
