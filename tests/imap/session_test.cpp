// Connecting, TLS, logging in and out, limits of a session.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

void before_login(std::string_view script, const std::function<void(World&)>& set_up = {}) {
  play(script, set_up, false);
}

}  // namespace

TEST_CASE("greeting, CAPABILITY and LOGOUT", "[imap]") {
  before_login(R"(
    S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=...] mail.acme.example ready
    C: a CAPABILITY
    S: * CAPABILITY IMAP4rev1 ...
    S: a OK Capabilities listed
    C: b noop
    S: b OK Done
    C: c LOGOUT
    S: * BYE Logging out
    S: c OK Good bye
    -- closed
  )");
}

TEST_CASE("LOGIN with atoms, quoted strings and literals", "[imap]") {
  before_login(R"(
    S: * OK ...
    C: a LOGIN alice secret
    S: a OK [CAPABILITY IMAP4rev1 ... IDLE ...] Logged in
    C: b LOGIN alice secret
    S: b BAD Already logged in
  )");
  before_login(R"(
    S: * OK ...
    C: a LOGIN "alice" {6}
    S: + Ready for literal data
    C: secret
    S: a OK ...
  )");
  before_login(R"(
    S: * OK ...
    C: a LOGIN {5+}
    C: alice {6+}
    C: secret
    S: a OK ...
  )");
}

TEST_CASE("AUTHENTICATE", "[imap]") {
  before_login(R"(
    S: * OK ...
    C: a AUTHENTICATE PLAIN
    S: +...
    C: AGFsaWNlAHNlY3JldA==
    S: a OK [CAPABILITY ...] Logged in
  )");
  before_login(R"(
    S: * OK ...
    C: a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
    S: a OK [CAPABILITY ...] Logged in
  )");
  // RFC 5530 section 3: the password is right, but bob is not alice.
  before_login(R"(
    S: * OK ...
    C: a AUTHENTICATE PLAIN Ym9iAGFsaWNlAHNlY3JldA==
    -- wait 1s
    S: a NO [AUTHORIZATIONFAILED] Nobody may act for somebody else
  )");
  before_login(R"(
    S: * OK ...
    C: a AUTHENTICATE LOGIN
    S: + ...
    C: YWxpY2U=
    S: + ...
    C: c2VjcmV0
    S: a OK ...
  )");
  before_login(R"(
    S: * OK ...
    C: a AUTHENTICATE PLAIN
    S: +...
    C: *
    S: a BAD Authentication cancelled
    C: b AUTHENTICATE PLAIN
    S: +...
    C: not base64!
    S: b BAD Not base64
    C: c AUTHENTICATE X-NONE
    S: c NO [CANNOT] No such mechanism
  )");
}

TEST_CASE("no password is accepted in the clear", "[imap]") {
  before_login(R"(
    S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE STARTTLS LOGINDISABLED LANGUAGE] ...
    C: a LOGIN alice secret
    S: a NO [PRIVACYREQUIRED] ...
    C: b AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
    S: b NO [PRIVACYREQUIRED] ...
    C: c STARTTLS
    S: c OK Begin TLS negotiation now
    -- tls
    C: d CAPABILITY
    S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=...
    S: d OK ...
    C: e STARTTLS
    S: e BAD TLS is active already
    C: f LOGIN alice secret
    S: f OK ...
  )",
               [](World& world) {
                 world.options.allow_plaintext_auth = false;
                 world.options.starttls = true;
               });
}

TEST_CASE("what is pipelined behind STARTTLS is thrown away", "[imap]") {
  World world;
  world.options.starttls = true;
  Line line(world);
  line.take();
  line.send("a STARTTLS\r\nb LOGIN alice secret\r\n", false);
  CHECK(line.take() == "a OK Begin TLS negotiation now\r\n");
  line.send("c LOGIN alice secret\r\n", false);
  line.tls();
  CHECK(line.take().empty());
  CHECK(line.engine().state() == State::not_authenticated);
}

TEST_CASE("failed logins are late and few", "[imap]") {
  before_login(R"(
    S: * OK ...
    C: a LOGIN alice wrong
    C: b NOOP
    -- wait 1s
    S: a NO [AUTHENTICATIONFAILED] ...
    S: b OK Done
    C: c LOGIN mallory secret
    -- wait 1s
    S: c NO [AUTHENTICATIONFAILED] ...
    C: d LOGIN alice wrong
    -- wait 1s
    S: d NO [AUTHENTICATIONFAILED] ...
    S: * BYE Too many failed logins
    -- closed
  )");
}

TEST_CASE("time limits", "[imap]") {
  before_login(R"(
    S: * OK ...
    -- wait 59s
    -- wait 1s
    S: * BYE Autologout: ...
    -- closed
  )");
  play(R"(
    C: a NOOP
    S: a OK Done
    -- wait 29m
    C: b NOOP
    S: b OK Done
    -- wait 29m
    -- wait 1m
    S: * BYE Autologout: ...
    -- closed
  )");
}

TEST_CASE("commands that are none", "[imap]") {
  before_login(R"(
    S: * OK ...
    C: GET / HTTP/1.1
    S: GET BAD Unknown command
    C:
    S: * BAD Syntax error: ...
    C: a
    S: a BAD Syntax error: ...
    C: a SELECT INBOX
    S: a BAD Log in first
    C: b LOGIN alice
    S: b BAD Syntax error: expected a space at the end of the command
    S: * BYE Too many bad commands
    -- closed
  )");
  play(R"(
    C: a FETCH 1 FLAGS
    S: a BAD Select a mailbox first
    C: b UID
    S: b BAD Unknown command
    C: c UID LOGIN
    S: c BAD Unknown command
    C: +d NOOP
    S: * BAD ...
    C: e NOOP x
    S: e BAD Syntax error: expected the end of the command at octet 7
  )");
}

TEST_CASE("literals beyond the limits", "[imap]") {
  before_login(R"(
    S: * OK ...
    C: a LOGIN {2000}
    S: a BAD Literal too long
    C: b NOOP
    S: b OK Done
    C: c LOGIN {99999999999999999999999}
    S: c BAD Literal too long
    C: d LOGIN {3000000000+}
    S: * BYE Line too long
    -- closed
  )");
  // A non-synchronizing literal comes all the same and is thrown away with the rest.
  const std::string big(2000, 'x');
  before_login("S: * OK ...\nC: a LOGIN {2000+}\nC: " + big +
               " {3+}\nC: abc\nS: a BAD Literal too long\n"
               "C: b NOOP\nS: b OK Done\n");
  const std::string line(70'000, 'x');
  play("C: a " + line + "\nS: * BYE Line too long\n-- closed\n");
}

TEST_CASE("ID, ENABLE, NAMESPACE", "[imap]") {
  play(R"(
    C: a ID NIL
    S: * ID ("name" "Mailscope")
    S: a OK ID noted
    C: b ID ("name" "x" "version" NIL)
    S: * ID ("name" "Mailscope")
    S: b OK ID noted
    C: c ID (name x)
    S: c BAD ...
    C: d ENABLE CONDSTORE X-GOOD
    S: * ENABLED CONDSTORE
    S: d OK Enabled
    C: e ENABLE
    S: e BAD ...
    C: f NAMESPACE
    S: * NAMESPACE (("" "/")) (("Other users/" "/")) NIL
    S: f OK Namespaces listed
  )");
}

TEST_CASE("the longest ID that there may be fits before the login", "[imap]") {
  // RFC 2971 section 3.3: 30 fields of 30 octets with values of 1,024.
  std::string fields;
  for (int i = 10; i < 40; ++i)
    fields += (i == 10 ? "(\"" : " \"") + std::to_string(i) + std::string(28, 'f') + "\" \"" +
              std::string(1'024, 'v') + '"';
  before_login("S: * OK ...\nC: a ID " + fields +
               ")\nS: * ID (\"name\" \"Mailscope\")\n"
               "S: a OK ID noted\n");
}

TEST_CASE("a scenario can break a command", "[imap]") {
  const auto broken = [](World& world) {
    world.answer("SELECT", "NO [UNAVAILABLE] The disk is on fire");
    world.answer("UID FETCH", "BYE Maintenance");
  };
  play(R"(
    C: a SELECT INBOX
    S: a NO [UNAVAILABLE] The disk is on fire
    C: b EXAMINE INBOX
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK [PERMANENTFLAGS ()] ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [UIDVALIDITY ...
    S: ...
    S: b OK [READ-ONLY] ...
    C: c UID FETCH 1:* FLAGS
    S: * BYE Maintenance
    -- closed
  )",
       broken);
}

TEST_CASE("an extension that a server does not have", "[imap]") {
  play(R"(
    C: a IDLE
    S: a BAD Unknown command
    C: b CAPABILITY
    S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE NAMESPACE ...
    S: b OK ...
  )",
       [](World& world) { world.hide("IDLE"); });
}

TEST_CASE("the trace shows commands without their secrets", "[imap]") {
  World world;
  Line line(world);
  line.send("a LOGIN alice wrong\r\n", false);
  line.wait(std::chrono::seconds(1));
  line.send("b AUTHENTICATE PLAIN\r\nAGFsaWNlAHdyb25n\r\n", false);
  line.wait(std::chrono::seconds(1));
  line.send("c LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n", false);
  line.send("d SELECT \"INBOX\"\r\ne LOGOUT\r\n", false);
  line.engine().closed(world.now, net::CloseReason::finished, {});
  CHECK(world.trace.of("imap.command") ==
        std::vector<std::string>{"imap.command|a|LOGIN|a LOGIN alice [redacted]",
                                 "imap.command|b|AUTHENTICATE|b AUTHENTICATE PLAIN",
                                 "imap.command|b|AUTHENTICATE|[redacted]",
                                 "imap.command|c|LOGIN|c LOGIN {5+} [redacted]",
                                 "imap.command|d|SELECT|d SELECT \"INBOX\"",
                                 "imap.command|e|LOGOUT|e LOGOUT"});
  CHECK(world.trace.of("imap.closed") == std::vector<std::string>{"imap.closed|logout"});
  CHECK(world.trace.of("policy.auth").size() == 3);
  for (const auto& event : world.trace.events)
    CHECK(event.text.find("secret") == std::string::npos);
}

}  // namespace mailscope::imap::test
