// UTF8=ACCEPT (RFC 6855): what clients with and without it send and get.
#include "server/mail/downgrade.hpp"
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

const std::string kPlain = crlf("From: a@b.example\nSubject: plain\n\nText\n");
// UTF-8 in the header of the message and of its second part.
const std::string kInternational = crlf(
    "From: José <josé@exämple.com>\nSubject: Grüße\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhallö\n--b\n"
    "Content-Type: text/plain; name=\"bücher.txt\"\nContent-Disposition: attachment\n\n"
    "zwei\n--b--\n");

void fill(World& world) {
  world.append("INBOX", kPlain);
  world.append("INBOX", kInternational);
  world.append("INBOX", crlf("Subject: plain\nContent-Type: text/plain; charset=utf-8\n\nhallö\n"));
}

constexpr const char* kSelect = R"(
    C: s SELECT INBOX
    S: ...
    S: s OK ...
)";

// What FETCH answers to a client, without the tagged line.
std::string fetch(World& world, const std::string& items, bool enable) {
  Line line(world);
  line.send("l LOGIN alice secret\r\n", false);
  if (enable) line.send("e ENABLE UTF8=ACCEPT\r\n", false);
  line.send("s EXAMINE INBOX\r\n", false);
  line.take();
  line.send("f FETCH 2 (" + items + ")\r\n", false);
  return line.take();
}

}  // namespace

TEST_CASE("older clients get surrogates, and are told of which messages", "[imap]") {
  play(std::string(kSelect) + R"(
    C: a FETCH 1:3 (UID BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])
    S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (FROM SUBJECT)] {37}
    S: From: a@b.example
    S: Subject: plain
    S: 
    S: )
    S: * 2 FETCH (UID 2 BODY[HEADER.FIELDS (FROM SUBJECT)] ...
    S: From: =?UTF-8?...
    S:  <invalid@internationalized-address.invalid>
    S: Subject: =?UTF-8?...
    S: 
    S: )
    S: * 3 FETCH (UID 3 BODY[HEADER.FIELDS (FROM SUBJECT)] {18}
    S: Subject: plain
    S: 
    S: )
    S: a OK [DOWNGRADED 2] Fetched
    C: b FETCH 2 (ENVELOPE)
    S: * 2 FETCH (ENVELOPE (NIL "=?UTF-8?...?=" (("=?UTF-8?...?=" NIL "invalid" "internationalized-address.invalid"))...
    S: b OK [DOWNGRADED 2] Fetched
    C: c UID FETCH 2 (BODY.PEEK[2.MIME])
    S: * 2 FETCH (UID 2 BODY[2.MIME] ...
    S: Content-Type: text/plain
    S: Content-Disposition: attachment
    S: 
    S: )
    S: c OK [DOWNGRADED 2] Fetched
    C: d FETCH 1,3 (ENVELOPE BODYSTRUCTURE)
    S: ...
    S: d OK Fetched
    C: d1 UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (To Cc Content-Type)]
    S: * 1 FETCH ...
    S: 
    S: )
    S: * 2 FETCH (UID 2 BODY[HEADER.FIELDS (To Cc Content-Type)] {45}
    S: Content-Type: multipart/mixed; boundary=b
    S: 
    S: )
    S: * 3 FETCH ...
    S: Content-Type: text/plain; charset=utf-8
    S: 
    S: )
    S: d1 OK Fetched
    C: d2 FETCH 2 (BODY.PEEK[1] BODY.PEEK[]<0.6>)
    S: * 2 FETCH (BODY[1] {6}
    S: hallö BODY[]<0> {6}
    S: From: )
    S: d2 OK Fetched
    C: e ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: e OK Enabled
    C: f FETCH 2 (ENVELOPE)
    S: * 2 FETCH (ENVELOPE (NIL "Grüße" (("José" NIL "josé" "exämple.com"))...
    S: f OK Fetched
  )",
       fill);
}

TEST_CASE("all items speak of one message, whichever it is", "[imap]") {
  World world;
  fill(world);
  const std::string older = mail::downgrade_message(kInternational).value();
  for (const bool enabled : {false, true}) {
    CAPTURE(enabled);
    const std::string& shown = enabled ? kInternational : older;
    const std::string size = std::to_string(shown.size());
    const std::string done = enabled ? "f OK Fetched\r\n" : "f OK [DOWNGRADED 2] Fetched\r\n";
    const std::string literal = " {" + size + "}\r\n" + shown + ")\r\n";
    CHECK(fetch(world, "BODY.PEEK[]", enabled) == "* 2 FETCH (BODY[]" + literal + done);
    CHECK(fetch(world, "RFC822", enabled) == "* 2 FETCH (RFC822" + literal + done);
    CHECK(fetch(world, "BINARY.PEEK[]", enabled) == "* 2 FETCH (BINARY[]" + literal + done);
    CHECK(fetch(world, "BINARY.SIZE[]", enabled) ==
          "* 2 FETCH (BINARY.SIZE[] " + size + ")\r\n" + done);
    // Sizes are right also where nothing else of the message is asked for.
    const std::string told = "RFC822.SIZE " + size;
    CHECK(fetch(world, "RFC822.SIZE", enabled) == "* 2 FETCH (" + told + ")\r\nf OK Fetched\r\n");
    CHECK(fetch(world, "RFC822.SIZE RFC822.HEADER", enabled).starts_with("* 2 FETCH (" + told));
    CHECK(fetch(world, "RFC822.SIZE BODY.PEEK[]<0.10>", enabled) ==
          "* 2 FETCH (" + told + " BODY[]<0> {10}\r\n" + shown.substr(0, 10) + ")\r\n" + done);
    const std::string header = shown.substr(0, shown.find("\r\n\r\n") + 4);
    CHECK(fetch(world, "RFC822.HEADER", enabled) == "* 2 FETCH (RFC822.HEADER {" +
                                                        std::to_string(header.size()) + "}\r\n" +
                                                        header + ")\r\n" + done);
  }
  // The name of the thread does not depend on who asks.
  const auto thread = [&](bool enabled) {
    const std::string answer = fetch(world, "THREADID", enabled);
    return answer.substr(0, answer.find("\r\n"));
  };
  CHECK(thread(false) == thread(true));
}

TEST_CASE("a site without UTF8=ACCEPT passes on what it has", "[imap]") {
  World world;
  fill(world);
  world.hide("UTF8=ACCEPT");
  CHECK(fetch(world, "BODY.PEEK[]", false).find("josé@exämple.com") != std::string::npos);
  play_in(world, R"(
    C: a APPEND INBOX {15+}
    C: Subject: ä
    C:
    C:
    S: a OK ...
  )");
}

TEST_CASE("NOTIFY and updated searches send what the client can read", "[imap]") {
  play(std::string(kSelect) + R"(
    C: a NOTIFY SET (selected (MessageNew (BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge))
    S: a OK ...
    2C: a ENABLE UTF8=ACCEPT
    2S: ...
    2S: a OK ...
    2C: b APPEND INBOX UTF8 (~{15+}
    2C: Subject: ä
    2C:
    2C: )
    2S: b OK ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {31}
    S: Subject: =?UTF-8?Q?=C3=A4?=
    S: 
    S: )
  )");
}

TEST_CASE("headers with 8-bit characters are appended by who takes them", "[imap]") {
  play(R"(
    C: a APPEND INBOX {16}
    S: + Ready for literal data
    C: Subject: ä
    C:
    C: x
    S: a NO ENABLE UTF8=ACCEPT comes before 8-bit characters in a header
    C: b APPEND INBOX UTF8 (~{15+}
    C: Subject: ä
    C:
    C: )
    S: b NO ENABLE UTF8=ACCEPT comes...
    C: c APPEND INBOX CATENATE (TEXT {11+}
    C: Subject: ä TEXT {4+}
    C:
    C:
    C: )
    S: c NO ENABLE UTF8=ACCEPT comes...
    C: d APPEND INBOX {18+}
    C: Subject: a
    C:
    C: ää
    S: d OK ...
    C: e ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: e OK Enabled
    C: f APPEND INBOX UTF8 (~{15+}
    C: Subject: ä
    C:
    C: )
    S: f OK ...
    C: g APPEND INBOX (\Seen) CATENATE (UTF8 (~{11+}
    C: Subject: ä) TEXT {4+}
    C:
    C:
    C: )
    S: g OK ...
    C: h APPEND INBOX UTF8 {2+}
    C: ab
    S: h BAD Syntax error...
    C: s EXAMINE INBOX
    S: ...
    S: s OK ...
    C: i FETCH 3 (BODY.PEEK[HEADER])
    S: * 3 FETCH (BODY[HEADER] {15}
    S: Subject: ä
    S: 
    S: )
    S: i OK Fetched
  )");
}

TEST_CASE("names in UTF-8", "[imap]") {
  play(R"(
    C: a CREATE "Entwürfe"
    S: a OK ...
    C: b LIST "" "Entw%"
    S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
    S: b OK Listed
    C: c STATUS Entw&APw-rfe (MESSAGES)
    S: * STATUS Entw&APw-rfe (MESSAGES 0)
    S: c OK Status
    C: d ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: d OK Enabled
    C: e LIST "" "Entw%"
    S: * LIST (\HasNoChildren) "/" "Entwürfe"
    S: e OK Listed
    C: f LSUB "" "*"
    S: ...
    S: f OK Listed
    C: g STATUS "Entw&APw-rfe" (MESSAGES)
    S: g NO [NONEXISTENT] ...
    C: h SEARCH CHARSET UTF-8 ALL
    S: h BAD ...
    C: s EXAMINE "Entwürfe"
    S: ...
    S: s OK ...
    C: i SEARCH CHARSET UTF-8 ALL
    S: i BAD No CHARSET once UTF8=ACCEPT is enabled
    C: j ESEARCH CHARSET UTF-8 ALL
    S: j BAD No CHARSET once UTF8=ACCEPT is enabled
    C: k SEARCH SUBJECT "grüße"
    S: * SEARCH
    S: k OK Searched
  )");
  for (const char* name : {"\"\xfc\"", "\"a\xc0\xaf\"", "\"\xed\xa0\x80\""}) {
    CAPTURE(name);
    World world;
    Line line(world);
    line.send("l LOGIN alice secret\r\n", false);
    line.take();
    line.send(std::string("a CREATE ") + name + "\r\n", false);
    CHECK(line.take().starts_with("a BAD Syntax error: expected a mailbox name at octet"));
  }
}

TEST_CASE("names have one spelling", "[imap]") {
  // "u" with a combining diaeresis becomes one character (RFC 9051 sections 5.1 and 6.3.9.7).
  play(R"(
    C: a ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: a OK Enabled
    C: b CREATE "Bücher/"
    S: * LIST (\HasNoChildren) "/" "Bücher" ("OLDNAME" ("Bücher"))
    S: b OK ...
    C: c CREATE "Bücher"
    S: c NO [ALREADYEXISTS] ...
    C: d SELECT "Bücher"
    S: ...
    S: * LIST (\HasNoChildren) "/" "Bücher" ("OLDNAME" ("Bücher"))
    S: ...
    S: d OK ...
    C: e APPEND "Bücher" {1+}
    C: x
    S: * LIST (\HasNoChildren) "/" "Bücher" ("OLDNAME" ("Bücher"))
    S: * 1 EXISTS
    S: e OK ...
    C: f LIST "" "Bü%"
    S: * LIST (\HasNoChildren) "/" "Bücher"
    S: f OK Listed
    C: g RENAME "Bücher" "Hefte"
    S: * LIST (\HasNoChildren) "/" Hefte ("OLDNAME" ("Bücher"))
    S: g OK Renamed
    C: h RENAME Hefte "Tücher"
    S: * LIST (\HasNoChildren) "/" "Tücher" ("OLDNAME" (Hefte))
    S: h OK Renamed
    C: i RENAME "Tücher" Hefte
    S: i OK Renamed
    C: j RENAME Hefte "Tücher"
    S: j OK Renamed
    C: u UNSELECT
    S: u OK ...
    C: k DELETE "Tücher"
    S: * LIST (\NonExistent \HasNoChildren) "/" "Tücher" ("OLDNAME" ("Tücher"))
    S: k OK Deleted
  )");
  // Who speaks IMAP4rev1 does not expect a LIST that it has not asked for.
  play(R"(
    C: b CREATE "Bücher"
    S: b OK ...
    C: c STATUS B&APw-cher (MESSAGES)
    S: * STATUS B&APw-cher (MESSAGES 0)
    S: c OK ...
  )");
}

}  // namespace mailscope::imap::test
