// MULTIAPPEND (RFC 3502), CATENATE (RFC 4469), REPLACE (RFC 8508), LITERAL- (RFC 7888), APPENDLIMIT
// (RFC 7889).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr const char* kAlice = "alice@acme.example";

const std::string kMixed = crlf(
    "Subject: parts\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n"
    "--b\n\nfirst part\n--b\nContent-Type: text/html\n\n<p>second</p>\n--b--\n");

}  // namespace

TEST_CASE("several messages in one APPEND, all or none", "[imap][multiappend]") {
  World world;
  Line line(world);
  line.send("l LOGIN alice secret\r\n", false);
  line.take();
  line.send(
      "a APPEND Drafts (\\Seen) {14+}\r\nSubject: 1\r\n\r\n \"17-Jul-1996 02:44:25 -0700\" "
      "{14+}\r\nSubject: 2\r\n\r\n (\\Draft k) {14}\r\n",
      false);
  CHECK(line.take().starts_with("+ "));
  line.send("Subject: 3\r\n\r\n\r\n", false);
  const std::string done = line.take();
  CHECK(line_matches("a OK [APPENDUID ... 1:3] Appended", done.substr(0, done.size() - 2)));
  const store::MailboxId drafts = world.mailbox("Drafts");
  CHECK(world.store.message(drafts, 1)->flags.system == store::kSeen);
  CHECK(world.store.message(drafts, 2)->internal_date ==
        net::Time(std::chrono::sys_days(std::chrono::year{1996} / 7 / 17)) +
            std::chrono::minutes(9 * 60 + 44) + std::chrono::seconds(25));
  CHECK(world.store.message(drafts, 3)->flags.keywords == std::vector<std::string>{"k"});

  // The second does not fit: the first is not there either.
  world.store.set_quota(kAlice, world.store.used(kAlice) + 20);
  line.send("b APPEND Drafts {14+}\r\nSubject: 4\r\n\r\n {14+}\r\nSubject: 5\r\n\r\n\r\n", false);
  CHECK(line.take().starts_with("b NO [OVERQUOTA]"));
  CHECK(world.store.mailbox(kAlice, "Drafts")->messages == 3);
  line.send("c APPEND Drafts {14+}\r\nSubject: 6\r\n\r\n {0+}\r\n\r\n", false);
  CHECK(line.take().starts_with("c NO "));
  line.send("d APPEND Drafts {14+}\r\nSubject: 7\r\n\r\n \r\n", false);
  CHECK(line.take().starts_with("d BAD "));
  CHECK(world.store.mailbox(kAlice, "Drafts")->messages == 3);

  world.hide("MULTIAPPEND");
  world.store.set_quota(kAlice, 0);
  line.send("e APPEND Drafts {14+}\r\nSubject: 8\r\n\r\n {14+}\r\nSubject: 9\r\n\r\n\r\n", false);
  CHECK(line.take().starts_with("e BAD "));
  line.send("f APPEND Drafts {14+}\r\nSubject: 8\r\n\r\n\r\n", false);
  CHECK(line.take().starts_with("f OK "));
}

TEST_CASE("the messages of one APPEND are limited together", "[imap][multiappend]") {
  World world;
  world.options.append_limit = 1'000;
  Line line(world);
  line.send("l LOGIN alice secret\r\n", false);
  line.take();
  const std::string message = "Subject: x\r\n\r\n" + std::string(900, 'x');
  const std::string literal = " {914+}\r\n" + message;
  line.send("a APPEND Drafts" + literal + literal + "\r\n", false);
  CHECK(line.take().starts_with("a OK "));
  line.send("b APPEND Drafts" + literal + literal + literal + "\r\nc NOOP\r\n", false);
  const std::string heard = line.take();
  CHECK(heard.starts_with("b NO [TOOBIG]"));
  CHECK(heard.ends_with("c OK Done\r\n"));
  CHECK(world.store.mailbox(kAlice, "Drafts")->messages == 2);
}

TEST_CASE("CATENATE", "[imap][catenate]") {
  World world;
  world.append("INBOX", kMixed);
  const std::string validity = std::to_string(world.store.mailbox(kAlice, "INBOX")->uid_validity);
  play_in(world, "C: a APPEND Drafts (\\Draft) CATENATE (URL \"/INBOX;UIDVALIDITY=" + validity +
                     "/;UID=1/;SECTION=HEADER\" TEXT {7+}\n" + R"(
    C: Hello
    C:  URL "/INBOX/;UID=1/;SECTION=2/;PARTIAL=3.6")
    S: a OK [APPENDUID ... 1] Appended
    C: b APPEND Drafts CATENATE (URL "imap://alice@mail.acme.example/INBOX/;UID=1")
    S: b OK [APPENDUID ... 2] Appended
    C: c APPEND Drafts CATENATE (URL "/INBOX/;UID=7" TEXT {2+}
    C: ab)
    S: c NO [BADURL "/INBOX/;UID=7"] ...
    C: d APPEND Drafts CATENATE (URL "/INBOX;UIDVALIDITY=77/;UID=1")
    S: d NO [BADURL "/INBOX;UIDVALIDITY=77/;UID=1"] ...
    C: e APPEND Drafts CATENATE (URL "imap://elsewhere.example/INBOX/;UID=1")
    S: e NO [BADURL ...
    C: f APPEND Drafts CATENATE (URL "imap://bob@mail.acme.example/INBOX/;UID=1")
    S: f NO [BADURL ...
    C: g APPEND Drafts CATENATE (URL "/INBOX/;UID=1/;SECTION=9")
    S: g NO [BADURL ...
    C: h APPEND Drafts CATENATE (URL "/Nowhere/;UID=1")
    S: h NO [BADURL ...
    C: i APPEND Drafts CATENATE ()
    S: i BAD ...
    C: j APPEND Drafts CATENATE (TEXT "quoted")
    S: j BAD ...
    C: k APPEND Drafts CATENATE (URL "not a url")
    S: k NO [BADURL ...
  )");
  const store::MailboxId drafts = world.mailbox("Drafts");
  const std::string header = kMixed.substr(0, kMixed.find("\r\n\r\n") + 4);
  CHECK(*world.store.body(drafts, 1) == header + "Hello\r\n" + "second");
  CHECK(*world.store.body(drafts, 2) == kMixed);
  CHECK(world.store.mailbox(kAlice, "Drafts")->messages == 2);
}

TEST_CASE("the examples of RFC 4469 appendix A", "[imap][catenate]") {
  // 1: another attachment; 4: a URL that leads nowhere.
  play(R"(
    C: s SELECT Drafts
    S: ...
    S: s OK ...
    C: A003 APPEND Drafts (\Seen \Draft $MDNSent) CATENATE (URL "/Drafts/;UID=1/;section=HEADER" TEXT {7}
    S: + Ready for literal data
    C: 
    C: --b
    C:  URL "/Drafts/;UID=1/;section=1.MIME" URL "/Drafts/;UID=1/;section=1" TEXT {7}
    S: + Ready for literal data
    C: 
    C: --b
    C:  URL "/Drafts/;UID=2" TEXT {7}
    S: + Ready for literal data
    C: 
    C: --b--)
    S: * 3 EXISTS
    S: * 3 RECENT
    S: A003 OK [APPENDUID ... 3] Appended
    C: f FETCH 3 (FLAGS BODY.PEEK[])
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $MDNSent)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $MDNSent \*)] ...
    S: * 3 FETCH (FLAGS (\Seen \Draft $MDNSent \Recent) BODY[] ...
    S: Content-Type: multipart/mixed; boundary=b
    S: 
    S: 
    S: --b
    S: Content-Type: text/plain
    S: 
    S: one
    S: --b
    S: Content-Type: text/html
    S: 
    S: <p>
    S: 
    S: --b--)
    S: f OK Fetched
    C: A004 APPEND Sent (\Seen $MDNSent) CATENATE (TEXT {2+}
    C: 
    C:  URL "/Drafts/;UID=2" URL "/Drafts/;UID=113330/;section=1.5.9" TEXT {2+}
    C: 
    C: )
    S: A004 NO [BADURL "/Drafts/;UID=113330/;section=1.5.9"] ...
    C: A005 APPEND Sent CATENATE (URL ";UID=2")
    S: A005 OK ...
    C: A006 APPEND Sent CATENATE (URL "/Drafts;UIDVALIDITY=1/;UID=2")
    S: A006 NO [BADURL ...
  )",
       [](World& world) {
         world.append("Drafts", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                                     "Content-Type: text/plain\n\none\n--b\n\ntwo\n--b--\n"));
         world.append("Drafts", crlf("Content-Type: text/html\n\n<p>\n"));
       });
}

TEST_CASE("CATENATE cannot grow beyond the limit of a message", "[imap][catenate]") {
  World world;
  world.append("INBOX", "Subject: x\r\n\r\n" + std::string(700, 'x'));
  world.options.append_limit = 1'000;
  play_in(world, R"(
    C: a APPEND Drafts CATENATE (URL "/INBOX/;UID=1" URL "/INBOX/;UID=1")
    S: a NO [TOOBIG] ...
  )");
}

TEST_CASE("REPLACE", "[imap][replace]") {
  const auto drafts = [](World& world) {
    for (int i = 1; i <= 3; ++i) world.append("Drafts", "Subject: x\r\n\r\nText\r\n");
    world.store.clear_recent(world.mailbox("Drafts"));
  };
  play(R"(
    C: a SELECT Drafts
    S: * FLAGS ...
    S: * 3 EXISTS
    S: ...
    S: a OK ...
    C: b REPLACE 2 Drafts (\Seen \Draft) {10}
    S: + ...
    C: Subject: y
    S: * OK [APPENDUID ... 4] Replacement is here
    S: * 2 EXPUNGE
    S: * 3 EXISTS
    S: * 1 RECENT
    S: b OK Replaced
    C: c UID REPLACE 3 Sent "17-Jul-1996 02:44:25 -0700" {10+}
    C: Subject: z
    S: * OK [APPENDUID ... 1] Replacement is here
    S: * 2 EXPUNGE
    S: c OK Replaced
    C: d UID REPLACE 77 Drafts {10+}
    C: Subject: z
    S: d NO [NONEXISTENT] ...
    C: e REPLACE 1 Nowhere {10}
    S: e NO [TRYCREATE] ...
    C: f REPLACE 1:2 Drafts {10+}
    C: Subject: z
    S: f BAD ...
    C: g REPLACE 9 Drafts {10+}
    C: Subject: z
    S: g BAD ...
    C: h REPLACE 1 Drafts {10+}
    C: Subject: z {10+}
    C: Subject: z
    S: h BAD ...
    C: i EXAMINE Drafts
    S: * OK [CLOSED] ...
    S: * FLAGS ...
    S: * 2 EXISTS
    S: ...
    S: i OK ...
    C: j REPLACE 1 Drafts {10+}
    C: Subject: z
    S: j NO [READ-ONLY] ...
  )",
       drafts);
}

TEST_CASE("REPLACE needs rights, and room for the difference", "[imap][replace]") {
  // RFC 8508 sections 4.1 and 3.4.
  play(R"(
    C: a SETACL Drafts bob lrste
    S: a OK ...
    C: b SETACL Sent bob lr
    S: b OK ...
    5C: a SELECT "Other users/alice/Drafts"
    5S: ...
    5S: a OK ...
    5C: b REPLACE 1 "Other users/alice/Sent" {4+}
    5C: text
    5S: b NO [NOPERM] ...
    C: c SETACL Sent bob +is
    S: c OK ...
    C: d SETACL Drafts bob -t
    S: d OK ...
    5C: c REPLACE 1 "Other users/alice/Sent" {4+}
    5C: text
    5S: ...
    5S: c NO [NOPERM] ...
    C: e SETACL Drafts bob +t
    S: e OK ...
    C: e1 SETACL Sent bob -r
    S: e1 OK ...
    5C: d REPLACE 1 "Other users/alice/Sent" (\Seen \Flagged) {4+}
    5C: text
    5S: ...
    5S: * 1 EXPUNGE
    5S: d OK Replaced
    C: f EXAMINE Sent
    S: ...
    S: f OK ...
    C: g FETCH 1 (FLAGS)
    S: * 1 FETCH (FLAGS (\Seen \Recent))
    S: g OK ...
  )",
       [](World& world) {
         for (int i = 0; i < 2; ++i) world.append("Drafts", crlf("Subject: x\n\n"));
       });
  play(R"(
    C: a SELECT Drafts
    S: ...
    S: a OK ...
    C: b APPEND Drafts {14+}
    C: Subject: y
    C:
    C:
    S: b NO [OVERQUOTA] ...
    C: c REPLACE 1 Drafts {14}
    S: + Ready for literal data
    C: Subject: y
    C:
    C:
    S: * OK [APPENDUID ... 3] Replacement is here
    S: ...
    S: * 1 EXPUNGE
    S: ...
    S: c OK Replaced
    C: d REPLACE 1 Drafts {18}
    S: d NO [OVERQUOTA] ...
    C: e UID REPLACE 3 Drafts {18+}
    C: Subject: y
    C:
    C: more
    S: e NO [OVERQUOTA] ...
    C: f GETQUOTAROOT Drafts
    S: ...
    S: * QUOTA "#user/alice@acme.example" (STORAGE ... MESSAGE 2 2)
    S: f OK ...
  )",
       [](World& world) {
         for (int i = 0; i < 2; ++i) world.append("Drafts", crlf("Subject: x\n\n"));
         world.store.set_quota("alice@acme.example", 30);
         world.store.set_message_quota("alice@acme.example", 2);
       });
}

TEST_CASE("LITERAL- allows small literals unasked", "[imap][literal-minus]") {
  World world;
  world.hide("LITERAL+");
  Line line(world);
  line.take();
  line.send("l LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n", false);
  CHECK(line.take().find(" LITERAL- ") != std::string::npos);
  const std::string large =
      "a APPEND Drafts {4097+}\r\nSubject: x\r\n\r\n" + std::string(4'083, 'x') + "\r\nb NOOP\r\n";
  line.send(large, false);
  const std::string heard = line.take();
  CHECK(heard.starts_with("a BAD [TOOBIG] "));
  CHECK(heard.ends_with("b OK Done\r\n"));
  line.send("c APPEND Drafts {4096+}\r\nSubject: x\r\n\r\n" + std::string(4'082, 'x') + "\r\n",
            false);
  CHECK(line.take().starts_with("c OK"));
  world.hide("LITERAL-");
  line.send("d NOOP\r\n", false);
  line.take();
  line.send("e STATUS {5+}\r\nINBOX (MESSAGES)\r\nf NOOP\r\n", false);
  const std::string old = line.take();
  CHECK(old.starts_with("e BAD"));
  CHECK(old.ends_with("f OK Done\r\n"));
}

}  // namespace mailscope::imap::test
