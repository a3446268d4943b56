// ESEARCH (RFC 4731), SEARCHRES (RFC 5182), PARTIAL (RFC 9394), WITHIN (RFC 5032), INPROGRESS (RFC
// 9585).
#include "server/imap/search_return.hpp"
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

// Messages 1 to 6, of which 2, 3 and 5 are \Flagged; UID 1 was expunged, so UIDs are 2 to 7.
void six(World& world) {
  world.append("INBOX", "Subject: gone\r\n\r\n");
  (void)world.store.expunge(world.mailbox("INBOX"), {1});
  for (int i = 1; i <= 6; ++i) {
    const bool flagged = i == 2 || i == 3 || i == 5;
    world.append("INBOX", "Subject: number " + std::to_string(i) + "\r\n\r\nText\r\n",
                 {static_cast<std::uint8_t>(flagged ? store::kFlagged : 0), {}});
  }
}

constexpr const char* kSelect = R"(
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 6 EXISTS
    S: ...
    S: s OK ...
)";

void selected(const std::string& script, const std::function<void(World&)>& set_up = six) {
  play(kSelect + script, set_up);
}

}  // namespace

TEST_CASE("SEARCH RETURN", "[imap][esearch]") {
  selected(R"(
    C: a SEARCH RETURN (MIN COUNT) FLAGGED
    S: * ESEARCH (TAG "a") MIN 2 COUNT 3
    S: a OK Searched
    C: b UID SEARCH RETURN (MIN MAX ALL COUNT) FLAGGED
    S: * ESEARCH (TAG "b") UID MIN 3 MAX 6 ALL 3:4,6 COUNT 3
    S: b OK Searched
    C: c SEARCH RETURN () FLAGGED
    S: * ESEARCH (TAG "c") ALL 2:3,5
    S: c OK Searched
    C: d SEARCH RETURN (MIN MAX COUNT ALL) ANSWERED
    S: * ESEARCH (TAG "d") COUNT 0
    S: d OK Searched
    C: e SEARCH RETURN (ALL) ANSWERED
    S: * ESEARCH (TAG "e")
    S: e OK Searched
    C: f SEARCH RETURN (MIN) CHARSET UTF-8 SUBJECT "number"
    S: * ESEARCH (TAG "f") MIN 1
    S: f OK Searched
    C: g SEARCH RETURN (MEAN) ALL
    S: g BAD ...
    C: h SEARCH RETURN (MIN)
    S: h BAD ...
    C: i SEARCH RETURN (MIN MAX ALL
    S: i BAD ...
    C: j SEARCH FLAGGED
    S: * SEARCH 2 3 5
    S: j OK Searched
  )");
  selected(R"(
    C: a SEARCH RETURN (MIN) ALL
    S: a BAD ...
  )",
           [](World& world) {
             six(world);
             world.hide("ESEARCH");
           });
}

TEST_CASE("SEARCH RETURN (SAVE) and $", "[imap][searchres]") {
  selected(R"(
    C: a SEARCH RETURN (SAVE) FLAGGED
    S: a OK Searched
    C: b FETCH $ (UID)
    S: * 2 FETCH (UID 3)
    S: * 3 FETCH (UID 4)
    S: * 5 FETCH (UID 6)
    S: b OK Fetched
    C: c UID SEARCH $ SUBJECT "number 3"
    S: * SEARCH 4
    S: c OK Searched
    C: d SEARCH NOT $
    S: * SEARCH 1 4 6
    S: d OK Searched
    C: e UID SEARCH RETURN (SAVE MIN) UID $
    S: * ESEARCH (TAG "e") UID MIN 3
    S: e OK Searched
    C: f UID STORE $ +FLAGS.SILENT (\Seen)
    S: f OK Stored
    C: g SEARCH RETURN (SAVE MIN MAX) ALL
    S: * ESEARCH (TAG "g") MIN 1 MAX 6
    S: g OK Searched
    C: h FETCH $ FLAGS
    S: * 1 FETCH (FLAGS (\Recent))
    S: * 6 FETCH (FLAGS (\Recent))
    S: h OK Fetched
    C: i SEARCH RETURN (SAVE COUNT MIN) FLAGGED
    S: * ESEARCH (TAG "i") MIN 2 COUNT 3
    S: i OK Searched
    C: j COPY $ Trash
    S: j OK [COPYUID ... 3:4,6 1:3] Copied
  )");
}

TEST_CASE("the examples of RFC 5182 with results that are empty", "[imap][searchres]") {
  selected(R"(
    C: B282 SEARCH RETURN (SAVE) SINCE 1-Feb-1994 NOT FROM "Smith"
    S: B282 OK Searched
    C: B283 SEARCH CHARSET KOI8-R (OR $ 1,3000:3021) TEXT {4}
    S: + Ready for literal data
    C: XXXX
    S: B283 NO [BADCHARSET (UTF-8 US-ASCII)] ...
    C: B284 SEARCH $
    S: * SEARCH 1 2 3 4 5 6
    S: B284 OK Searched
    C: E282 SEARCH RETURN (SAVE) SINCE 28-Oct-2036 NOT FROM "Eric"
    S: E282 OK Searched
    C: E283 COPY $ Archive
    S: E283 OK Nothing to do
    C: E284 MOVE $ Archive
    S: E284 OK Nothing to do
    C: F284 STORE $ +FLAGS.Silent (\Deleted)
    S: F284 OK Stored
    C: P283 SEARCH CHARSET UTF-8 (OR $ 1,3000:3021) SUBJECT {8}
    S: + Ready for literal data
    C: number 1
    S: * SEARCH 1
    S: P283 OK Searched
  )");
}

TEST_CASE("what becomes of a saved result", "[imap][searchres]") {
  // Expunged messages leave it; SELECT and a search that fails empty it; BAD leaves it alone.
  selected(R"(
    C: a SEARCH RETURN (SAVE) FLAGGED
    S: a OK Searched
    C: b STORE 2 +FLAGS.SILENT (\Deleted)
    S: b OK Stored
    C: c EXPUNGE
    S: * 2 EXPUNGE
    S: c OK Expunged
    C: d FETCH $ (UID)
    S: * 2 FETCH (UID 4)
    S: * 4 FETCH (UID 6)
    S: d OK Fetched
    C: e SEARCH RETURN (SAVE) NONSENSE
    S: e BAD ...
    C: f UID SEARCH RETURN (COUNT) $
    S: * ESEARCH (TAG "f") UID COUNT 2
    S: f OK Searched
    C: g SEARCH RETURN (SAVE) CHARSET X-KLINGON ALL
    S: g NO [BADCHARSET (UTF-8 US-ASCII)] ...
    C: h FETCH $ (UID)
    S: h OK Fetched
    C: i SEARCH RETURN (SAVE) ALL
    S: i OK Searched
    C: j UNSELECT
    S: j OK ...
    C: k EXAMINE INBOX
    S: * FLAGS ...
    S: * 5 EXISTS
    S: ...
    S: k OK ...
    C: l UID SEARCH RETURN (COUNT) $
    S: * ESEARCH (TAG "l") UID COUNT 0
    S: l OK Searched
  )");
  selected(R"(
    C: a SEARCH RETURN (SAVE) ALL
    S: a BAD ...
    C: b FETCH $ FLAGS
    S: b BAD ...
    C: c SEARCH $
    S: c BAD ...
  )",
           [](World& world) {
             six(world);
             world.hide("SEARCHRES");
           });
}

TEST_CASE("SEARCH RETURN (PARTIAL) and FETCH by the page", "[imap][partial]") {
  selected(R"(
    C: a UID SEARCH RETURN (PARTIAL 1:2) FLAGGED
    S: * ESEARCH (TAG "a") UID PARTIAL (1:2 3:4)
    S: a OK Searched
    C: b UID SEARCH RETURN (PARTIAL -1:-2 COUNT) FLAGGED
    S: * ESEARCH (TAG "b") UID PARTIAL (-1:-2 4,6) COUNT 3
    S: b OK Searched
    C: c UID SEARCH RETURN (PARTIAL 100:200) FLAGGED
    S: * ESEARCH (TAG "c") UID PARTIAL (100:200 NIL)
    S: c OK Searched
    C: c1 UID SEARCH RETURN (PARTIAL 2:1) FLAGGED
    S: * ESEARCH (TAG "c1") UID PARTIAL (2:1 3:4)
    S: c1 OK Searched
    C: c2 UID SEARCH RETURN (PARTIAL -2:-1) FLAGGED
    S: * ESEARCH (TAG "c2") UID PARTIAL (-2:-1 4,6)
    S: c2 OK Searched
    C: c3 SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) FLAGGED
    S: c3 BAD Syntax error: expected one PARTIAL before this...
    C: c4 SEARCH RETURN (SAVE PARTIAL 2:2) FLAGGED
    S: * ESEARCH (TAG "c4") PARTIAL (2:2 ...)
    S: c4 OK Searched
    C: c5 UID SEARCH RETURN (ALL) $
    S: * ESEARCH (TAG "c5") UID ALL 4
    S: c5 OK Searched
    C: c6 SEARCH RETURN (SAVE PARTIAL 2:2 MAX) FLAGGED
    S: * ESEARCH (TAG "c6") MAX ... PARTIAL (2:2 ...)
    S: c6 OK Searched
    C: c7 UID SEARCH RETURN (ALL) $
    S: * ESEARCH (TAG "c7") UID ALL 4,6
    S: c7 OK Searched
    C: c8 SEARCH RETURN (SAVE PARTIAL 2:2 MIN MAX) FLAGGED
    S: * ESEARCH (TAG "c8") MIN ... MAX ... PARTIAL (2:2 ...)
    S: c8 OK Searched
    C: c9 UID SEARCH RETURN (ALL) $
    S: * ESEARCH (TAG "c9") UID ALL 3:4,6
    S: c9 OK Searched
    C: c10 SEARCH RETURN (SAVE PARTIAL 2:2 COUNT) FLAGGED
    S: * ESEARCH (TAG "c10") PARTIAL (2:2 ...) COUNT 3
    S: c10 OK Searched
    C: c11 UID SEARCH RETURN (ALL) $
    S: * ESEARCH (TAG "c11") UID ALL 3:4,6
    S: c11 OK Searched
    C: d SEARCH RETURN (PARTIAL 1:2 ALL) FLAGGED
    S: d BAD ...
    C: e SEARCH RETURN (PARTIAL 1:-2) FLAGGED
    S: e BAD ...
    C: f UID FETCH 1:* (FLAGS) (PARTIAL -1:-2)
    S: * 5 FETCH (UID 6 FLAGS (\Flagged \Recent))
    S: * 6 FETCH (UID 7 FLAGS (\Recent))
    S: f OK Fetched
    C: g UID FETCH 1:3,6:* (UID) (PARTIAL 2:3)
    S: * 2 FETCH (UID 3)
    S: * 5 FETCH (UID 6)
    S: g OK Fetched
    C: h FETCH 1:* (UID) (PARTIAL 1:3)
    S: h BAD ...
    C: i UID FETCH 1:* (UID) (PARTIAL 0:3)
    S: i BAD ...
    C: j UID FETCH 1:* (UID) (PARTIAL 50:60)
    S: j OK Fetched
  )");
}

TEST_CASE("ranges of results", "[imap][partial]") {
  const auto of = [](std::string_view text, std::size_t size) {
    Cursor cursor(text);
    ResultRange range;
    REQUIRE(parse_result_range(cursor, range));
    return cut(range, size);
  };
  using Cut = std::pair<std::size_t, std::size_t>;
  CHECK(of("1:10", 4) == Cut{0, 4});
  CHECK(of("3:2", 4) == Cut{1, 2});
  CHECK(of("4:4", 4) == Cut{3, 1});
  CHECK(of("5:9", 4).second == 0);
  CHECK(of("-1:-1", 4) == Cut{3, 1});
  CHECK(of("-2:-10", 4) == Cut{0, 3});
  CHECK(of("-1:-4294967295", 4) == Cut{0, 4});
  CHECK(of("-5:-6", 4).second == 0);
  CHECK(of("1:1", 0).second == 0);
}

TEST_CASE("SEARCH OLDER and YOUNGER", "[imap][within]") {
  const auto dated = [](World& world) {
    const store::MailboxId inbox = world.mailbox("INBOX");
    for (const int hours : {72, 24, 1}) {
      (void)world.store.append(inbox, "Subject: x\r\n\r\n", {},
                               world.now - std::chrono::hours(hours));
    }
  };
  play(R"(
    C: s EXAMINE INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: ...
    S: s OK ...
    C: a SEARCH YOUNGER 86400
    S: * SEARCH 2 3
    S: a OK Searched
    C: b SEARCH OLDER 86400
    S: * SEARCH 1 2
    S: b OK Searched
    C: c SEARCH YOUNGER 3600 NOT OLDER 3601
    S: * SEARCH 3
    S: c OK Searched
    C: d SEARCH OLDER 0
    S: d BAD ...
    C: e SEARCH YOUNGER 4294967295
    S: * SEARCH 1 2 3
    S: e OK Searched
  )",
       dated);
}

TEST_CASE("a long search is cut in slices and tells how far it is", "[imap][inprogress]") {
  World world;
  const std::string body = "Subject: x\r\n\r\n" + std::string(1'000'000, 'x') + "\r\n";
  for (int i = 0; i < 24; ++i) world.append("INBOX", body);
  ServerEngine engine(world.options, world.accounts, world.store,
                      trace::Tracer(world.trace, trace::Origin{}));
  engine.start(world.now);
  engine.receive(world.now, "l LOGIN alice secret\r\ns SELECT INBOX\r\n");
  engine.take_output();
  engine.receive(world.now, "a SEARCH BODY y\r\nb NOOP\r\n");
  int turns = 0;
  std::string heard;
  while (engine.deadline() <= world.now) {
    heard += engine.take_output().bytes;
    CHECK(heard.find("a OK") == std::string::npos);
    world.now += std::chrono::seconds(6);
    engine.expire(world.now);
    REQUIRE(++turns < 100);
  }
  heard += engine.take_output().bytes;
  CHECK(turns >= 2);
  CHECK(heard.starts_with("* OK [INPROGRESS (\"a\" "));
  CHECK(heard.find(" 24)] Still at work\r\n") != std::string::npos);
  CHECK(heard.ends_with("* SEARCH\r\na OK Searched\r\nb OK Done\r\n"));
}

TEST_CASE("what is told of progress is less than the goal", "[imap][inprogress]") {
  // RFC 9585 section 4; a code ends at its first "]".
  World world;
  for (int i = 0; i < 12'000; ++i) world.append("INBOX", "Subject: x\r\n\r\n");
  ServerEngine engine(world.options, world.accounts, world.store,
                      trace::Tracer(world.trace, trace::Origin{}));
  engine.start(world.now);
  engine.receive(world.now, "l LOGIN alice secret\r\ns SELECT INBOX\r\n");
  engine.take_output();
  engine.receive(world.now, "a]b SORT (SUBJECT) UTF-8 ALL\r\n");
  std::string heard;
  while (engine.deadline() <= world.now) {
    world.now += std::chrono::seconds(11);
    engine.expire(world.now);
    heard += engine.take_output().bytes;
  }
  CHECK(heard.starts_with("* OK [INPROGRESS (NIL 11999 12000)] Still at work\r\n"));
}

}  // namespace mailscope::imap::test
