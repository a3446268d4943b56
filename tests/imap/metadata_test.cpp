// Annotations (RFC 5464, RFC 9590).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {

TEST_CASE("annotations of mailboxes", "[imap]") {
  play(R"(
    C: a SETMETADATA INBOX (/private/comment "My own comment")
    S: a OK Annotations set
    C: b GETMETADATA "INBOX" /private/comment
    S: * METADATA INBOX (/private/comment "My own comment")
    S: b OK Annotations shown
    C: c SETMETADATA INBOX (/private/comment {33}
    S: + Ready for literal data
    C: My new comment across
    C: two lines.)
    S: c OK Annotations set
    C: d GETMETADATA INBOX (/shared/comment /private/comment)
    S: * METADATA INBOX (/shared/comment NIL /private/comment {33}
    S: My new comment across
    S: two lines.)
    S: d OK Annotations shown
    C: e SETMETADATA INBOX (/private/comment NIL /SHARED/Comment "This one is for you!")
    S: e OK Annotations set
    C: f GETMETADATA INBOX /private/comment /shared/comment
    S: * METADATA INBOX (/private/comment NIL /shared/comment "This one is for you!")
    S: f OK Annotations shown
  )");
}

TEST_CASE("options of GETMETADATA", "[imap]") {
  play(R"(
    C: a SETMETADATA INBOX (/private/filters/values/small "SMALLER 5000" /private/filters/values/boss "FROM \"boss@example.com\"" /private/filters/values/x/y "deep")
    S: a OK ...
    C: b GETMETADATA "INBOX" (DEPTH 1) (/private/filters/values)
    S: * METADATA INBOX (/private/filters/values/boss "FROM \"boss@example.com\"" /private/filters/values/small "SMALLER 5000")
    S: b OK Annotations shown
    C: c GETMETADATA (DEPTH infinity MAXSIZE 12) INBOX /private/filters
    S: * METADATA INBOX (/private/filters/values/small "SMALLER 5000" /private/filters/values/x/y "deep")
    S: c OK [METADATA LONGENTRIES 23] Annotations shown
    C: d GETMETADATA (DEPTH 0) INBOX /private/filters/values
    S: * METADATA INBOX (/private/filters/values NIL)
    S: d OK Annotations shown
    C: d1 GETMETADATA (DEPTH infinity) INBOX (/shared /private)
    S: * METADATA INBOX (/private/filters/values/boss "FROM \"boss@example.com\"" /private/filters/values/small "SMALLER 5000" /private/filters/values/x/y "deep")
    S: d1 OK Annotations shown
    C: d2 GETMETADATA INBOX /private
    S: * METADATA INBOX (/private NIL)
    S: d2 OK Annotations shown
    C: d3 SETMETADATA INBOX (/private "x")
    S: d3 BAD Syntax error...
    C: e GETMETADATA (DEPTH 2) INBOX /private
    S: e BAD Syntax error...
    C: f GETMETADATA (MAXSIZE x) INBOX /private/comment
    S: f BAD Syntax error...
  )");
}

TEST_CASE("annotations of the server", "[imap]") {
  play(R"(
    C: a SETMETADATA "" (/shared/comment "Shared comment")
    S: a OK ...
    5C: b GETMETADATA "" (/shared/comment /shared/admin)
    5S: * METADATA "" (/shared/comment "Shared comment" /shared/admin "mailto:postmaster@acme.example")
    5S: b OK Annotations shown
    5C: c SETMETADATA "" (/shared/comment "Mine now")
    5S: c NO [NOPERM] ...
    5C: d SETMETADATA "" (/private/vendor/x/y "mine")
    5S: d OK ...
    C: e GETMETADATA "" /private/vendor/x/y
    S: * METADATA "" (/private/vendor/x/y NIL)
    S: e OK ...
    C: f SETMETADATA "" (/shared/admin "me")
    S: f NO [NOPERM] ...
  )",
       [](World& world) { world.options.administrators = {"alice@acme.example"}; });
}

TEST_CASE("what SETMETADATA refuses", "[imap]") {
  play(R"(
    C: a SETMETADATA Nowhere (/private/comment "x")
    S: a NO [NONEXISTENT] ...
    C: b SETMETADATA INBOX (/other/comment "x")
    S: b BAD Syntax error...
    C: c SETMETADATA INBOX (/private//comment "x")
    S: c BAD Syntax error...
    C: d SETMETADATA INBOX (/private/comment/ "x")
    S: d BAD Syntax error...
    C: e SETMETADATA INBOX ("/private/com*ent" "x")
    S: e BAD Syntax error...
    C: f SETMETADATA INBOX (/private/comment atom)
    S: f BAD Syntax error...
    C: g SETMETADATA INBOX ()
    S: g BAD Syntax error...
    C: h GETMETADATA INBOX
    S: h BAD Syntax error...
  )");
  SECTION("values that are too long, all or nothing") {
    World world;
    Line line(world);
    line.take();
    line.send("a LOGIN alice secret\r\n", false);
    line.take();
    const std::string at_most(65'536, 'x');
    line.send("b SETMETADATA INBOX (/private/a \"x\" /private/b {65536+}\r\n" + at_most + ")\r\n",
              false);
    CHECK(line.take() == "b OK Annotations set\r\n");
    std::string many = "c SETMETADATA INBOX (";
    for (int i = 0; i < 99; ++i)
      many += std::string(i > 0 ? " " : "") + "/private/c" + std::to_string(i) + " \"x\"";
    line.send(many + ")\r\n", false);
    CHECK(line.take() == "c NO [METADATA TOOMANY] There are too many annotations\r\n");
    CHECK(world.store.annotations("alice@acme.example", world.mailbox("INBOX")).size() == 2);
  }
}

TEST_CASE("annotations need rights", "[imap]") {
  play(R"(
    C: a SETACL INBOX bob l
    S: a OK ...
    5C: b GETMETADATA "Other users/alice/INBOX" /shared/comment
    5S: b NO [NOPERM] ...
    C: c SETACL INBOX bob lr
    S: c OK ...
    5C: d SETMETADATA "Other users/alice/INBOX" (/shared/comment "Hello" /private/comment "Mine")
    5S: d OK ...
    C: e GETMETADATA INBOX (/shared/comment /private/comment)
    S: * METADATA INBOX (/shared/comment "Hello" /private/comment NIL)
    S: e OK ...
  )");
}

TEST_CASE("annotations go with their mailbox", "[imap]") {
  // RFC 5464 section 4.1: of INBOX, whose messages move, both have them.
  play(R"(
    C: a SETMETADATA INBOX (/shared/comment "x" /private/comment "y")
    S: a OK ...
    C: b RENAME INBOX Old
    S: b OK ...
    C: c GETMETADATA Old (/shared/comment /private/comment)
    S: * METADATA Old (/shared/comment "x" /private/comment "y")
    S: c OK ...
    C: d GETMETADATA INBOX (/shared/comment /private/comment)
    S: * METADATA INBOX (/shared/comment "x" /private/comment "y")
    S: d OK ...
    C: e RENAME Old New
    S: e OK ...
    C: f GETMETADATA New /shared/comment
    S: * METADATA New (/shared/comment "x")
    S: f OK ...
    C: g DELETE New
    S: g OK ...
    C: h CREATE New
    S: h OK ...
    C: i GETMETADATA New /shared/comment
    S: * METADATA New (/shared/comment NIL)
    S: i OK ...
  )");
}

TEST_CASE("LIST returns annotations beside its lines (RFC 9590)", "[imap]") {
  play(R"(
    C: a CREATE foo
    S: a OK ...
    C: b CREATE bar/below
    S: b OK ...
    C: c SETMETADATA INBOX (/shared/vendor/cmu/cyrus-imapd/color "#b71c1c")
    S: c OK ...
    C: d SETMETADATA bar (/shared/vendor/cmu/cyrus-imapd/color "#5856D6")
    S: d OK ...
    C: A00 LIST "" (INBOX foo bar/%) RETURN (METADATA ("/shared/vendor/cmu/cyrus-imapd/color") CHILDREN)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * METADATA INBOX (/shared/vendor/cmu/cyrus-imapd/color "#b71c1c")
    S: * LIST (\HasNoChildren) "/" bar/below
    S: * METADATA bar/below (/shared/vendor/cmu/cyrus-imapd/color NIL)
    S: * LIST (\HasNoChildren) "/" foo
    S: * METADATA foo (/shared/vendor/cmu/cyrus-imapd/color NIL)
    S: A00 OK Listed
    C: A01 LIST "" bar RETURN (MYRIGHTS METADATA (/shared/vendor/cmu/cyrus-imapd/color))
    S: * LIST (\HasChildren) "/" bar
    S: * MYRIGHTS bar lrswipkxteacd
    S: * METADATA bar (/shared/vendor/cmu/cyrus-imapd/color "#5856D6")
    S: A01 OK Listed
    C: A02 LIST "" foo RETURN (METADATA)
    S: A02 BAD Syntax error...
  )");
}

TEST_CASE("LIST shows annotations", "[imap]") {
  play(R"(
    C: a SETMETADATA Sent (/shared/vendor/x/color "#b71c1c")
    S: a OK ...
    C: b LIST "" (INBOX Sent) RETURN (METADATA (/shared/vendor/x/color))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * METADATA INBOX (/shared/vendor/x/color NIL)
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S: * METADATA Sent (/shared/vendor/x/color "#b71c1c")
    S: b OK Listed
    C: c LIST "" * RETURN (METADATA ())
    S: c BAD Syntax error...
  )");
}

TEST_CASE("changed annotations are told of after ENABLE METADATA", "[imap]") {
  play(R"(
    C: a ENABLE METADATA
    S: * ENABLED METADATA
    S: a OK ...
    2C: b SETMETADATA INBOX (/shared/comment "Hello")
    2S: b OK ...
    C: c NOOP
    S: * METADATA INBOX /shared/comment
    S: c OK Done
    C: d SETMETADATA INBOX (/shared/comment "Mine")
    S: d OK ...
    C: e NOOP
    S: e OK Done
  )");
}

}  // namespace mailscope::imap::test
