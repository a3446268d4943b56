// LANGUAGE and COMPARATOR (RFC 5255).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {

TEST_CASE("LANGUAGE", "[imap]") {
  play(R"(
    C: A002 LANGUAGE MUL
    S: A002 NO This language is not supported
    C: A003 LANGUAGE
    S: * LANGUAGE (EN DE i-default)
    S: A003 OK Supported languages listed
    C: C001 LANGUAGE DE
    S: * LANGUAGE (DE)
    S: * NAMESPACE (("" "/")) (("Other users/" "/" "TRANSLATION" ("Andere Benutzer/"))) NIL
    S: C001 OK Ab jetzt auf Deutsch
    C: D001 LANGUAGE FR
    S: D001 NO Diese Sprache wird nicht unterstützt
    C: D002 SELECT Nowhere
    S: D002 NO [NONEXISTENT] Kein solches Postfach
    C: D003 NOOP x
    S: D003 BAD Syntaxfehler: ...
    C: E001 LANGUAGE FR-CA EN-CA
    S: * LANGUAGE (EN)
    S: * NAMESPACE (("" "/")) (("Other users/" "/")) NIL
    S: E001 OK Speaking English from here on
    C: E002 LANGUAGE "default"
    S: * LANGUAGE (i-default)
    S: * NAMESPACE ...
    S: E002 OK ...
    C: E003 LANGUAGE (
    S: E003 BAD ...
  )");
  play(R"(
    S: * OK [CAPABILITY ... LANGUAGE...
    C: a LANGUAGE de-AT
    S: * LANGUAGE (DE)
    S: a OK Ab jetzt auf Deutsch
    C: b SELECT INBOX
    S: b BAD Zuerst anmelden
  )",
       {}, false);
}

TEST_CASE("all that is said is said in the language", "[imap]") {
  play(R"(
    C: a LANGUAGE de
    S: ...
    S: a OK Ab jetzt auf Deutsch
    C: b SELECT INBOX
    S: * FLAGS ...
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 1] Die erste ungelesene
    S: * OK [PERMANENTFLAGS ...] Markierungen bleiben erhalten
    S: * OK [UIDNEXT 2] Die nächste UID
    S: * OK [UIDVALIDITY ...] Die UIDs gelten
    S: * OK [MAILBOXID ...] Sein Name für immer
    S: * OK [HIGHESTMODSEQ 2] Die höchste
    S: b OK [READ-WRITE] Geöffnet
    C: c FETCH 7 UID
    S: c BAD Es gibt nur 1 Nachrichten
    C: d CREATE Drafts
    S: d NO [ALREADYEXISTS] ein Postfach dieses Namens gibt es schon
    C: e SEARCH CHARSET KOI8-R ALL
    S: e NO [BADCHARSET ...] Gesucht wird in UTF-8 oder US-ASCII
    C: f SELECT Drafts
    S: * OK [CLOSED] Das vorige Postfach ist geschlossen
    S: ...
    S: f OK ...
  )",
       [](World& world) { world.append("INBOX", "Subject: x\r\n\r\n"); });
}

TEST_CASE("COMPARATOR", "[imap]") {
  play(R"(
    C: a COMPARATOR
    S: * COMPARATOR i;unicode-casemap
    S: a OK ...
    C: A001 COMPARATOR "cz;*" i;ascii-casemap
    S: * COMPARATOR i;ascii-casemap
    S: A001 OK ...
    C: b COMPARATOR "cz;*" i;basic
    S: b NO [BADCOMPARATOR] ...
    C: c COMPARATOR i;octet "i;*"
    S: * COMPARATOR i;octet (i;octet i;unicode-casemap i;ascii-casemap)
    S: c OK ...
    C: d COMPARATOR default
    S: * COMPARATOR i;unicode-casemap
    S: d OK ...
  )");
}

TEST_CASE("the comparator decides what SEARCH and SORT find", "[imap]") {
  play(R"(
    C: a SELECT INBOX
    S: ...
    S: a OK ...
    C: b SEARCH CHARSET UTF-8 SUBJECT {7+}
    C: GRÜßE
    S: * SEARCH 1
    S: b OK Searched
    C: c SEARCH SUBJECT grusse
    S: * SEARCH
    S: c OK Searched
    C: d SEARCH SUBJECT apple
    S: * SEARCH 2 3
    S: d OK Searched
    C: e SORT (SUBJECT) UTF-8 ALL
    S: * SORT 2 3 1
    S: e OK Sorted
    C: f COMPARATOR i;octet
    S: * COMPARATOR i;octet
    S: f OK ...
    C: g SEARCH SUBJECT apple
    S: * SEARCH 2
    S: g OK Searched
    C: h SORT (SUBJECT) UTF-8 ALL
    S: * SORT 3 1 2
    S: h OK Sorted
  )",
       [](World& world) {
         world.append("INBOX", crlf("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nText\n"));
         world.append("INBOX", crlf("Subject: apple\n\nText\n"));
         world.append("INBOX", crlf("Subject: APPLE\n\nText\n"));
       });
}

}  // namespace mailscope::imap::test
