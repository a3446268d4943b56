// The examples of small extensions: UIDPLUS (RFC 4315), IDLE (RFC 2177), MOVE (RFC 6851), ENABLE
// (RFC 5161), PARTIAL with CONDSTORE (RFC 9394), STATUS=SIZE (RFC 8438), APPENDLIMIT (RFC 7889).
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

// UIDs as the examples have them: those between are expunged.
void only(World& world, std::string_view mailbox, const std::vector<store::Uid>& uids) {
  std::vector<store::Uid> gone;
  for (store::Uid uid = 1; uid <= uids.back(); ++uid) {
    REQUIRE(world.append(mailbox, "Subject: x\r\n\r\n") == uid);
    if (!std::binary_search(uids.begin(), uids.end(), uid)) gone.push_back(uid);
  }
  (void)world.store.expunge(world.mailbox(mailbox), gone);
  world.store.clear_recent(world.mailbox(mailbox));
}

constexpr const char* kSelect = "C: s SELECT INBOX\nS: ...\nS: s OK ...\n";

}  // namespace

TEST_CASE("the examples of RFC 4315", "[imap]") {
  play(std::string(kSelect) + R"(
    C: A003 UID EXPUNGE 30:32
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: A003 OK Expunged
    C: A004 COPY 2:4 Archive
    S: A004 OK [COPYUID ... 4,33:34 4:6] Copied
    C: A005 UID COPY 50:60 Archive
    S: A005 OK Nothing to do
    C: A006 COPY 2 funny
    S: A006 NO [TRYCREATE] ...
  )",
       [](World& world) {
         only(world, "INBOX", {1, 4, 30, 31, 32, 33, 34});
         only(world, "Archive", {3});
         (void)world.store.change_flags(world.mailbox("INBOX"), {1, 30, 31, 32},
                                        store::FlagChange::add, {store::kDeleted, {}});
       });
}

TEST_CASE("the example of RFC 2177", "[imap]") {
  play(std::string(kSelect) + R"(
    C: A002 IDLE
    S: + idling
    2C: a APPEND INBOX {1+}
    2C: x
    2S: a OK ...
    S: * 4 EXISTS
    S: * 1 RECENT
    C: DONE
    S: A002 OK Idle over
    2C: b SELECT INBOX
    2S: ...
    2S: b OK ...
    2C: c STORE 2:3 +FLAGS.SILENT (\Deleted)
    2S: c OK Stored
    2C: d UID EXPUNGE 2
    2S: * 2 EXPUNGE
    2S: d OK Expunged
    C: A003 FETCH 4 (UID)
    S: * 4 FETCH (UID 4)
    S: * 3 FETCH (UID 3 FLAGS (\Deleted))
    S: A003 OK Fetched
    C: A004 IDLE
    S: + idling
    S: * 2 EXPUNGE
    2C: e EXPUNGE
    2S: * 2 EXPUNGE
    2S: e OK Expunged
    S: * 2 EXPUNGE
    C: DONE
    S: A004 OK Idle over
    C: A005 FETCH 2 (UID)
    S: * 2 FETCH (UID 4)
    S: A005 OK Fetched
  )",
       [](World& world) {
         only(world, "INBOX", {1, 2, 3});
       });
}

TEST_CASE("the example of RFC 6851", "[imap]") {
  play(std::string(kSelect) + R"(
    C: a UID MOVE 42:69 Archive
    S: * OK [COPYUID ... 42,45,69 1:3] Moved
    S: * 22 EXPUNGE
    S: * 22 EXPUNGE
    S: * 22 EXPUNGE
    S: a OK Moved
  )",
       [](World& world) {
         std::vector<store::Uid> uids;
         for (store::Uid uid = 1; uid <= 21; ++uid) uids.push_back(uid);
         uids.insert(uids.end(), {42, 45, 69, 70});
         only(world, "INBOX", uids);
       });
}

TEST_CASE("the examples of RFC 5161 section 3.1", "[imap]") {
  World world;
  Line line(world);
  line.send("l LOGIN alice secret\r\n", false);
  line.take();
  const auto ask = [&line](const std::string& command) {
    line.send(command + "\r\n", false);
    return line.take();
  };
  const std::string before = ask("t CAPABILITY");
  CHECK(ask("t2 ENABLE CONDSTORE X-GOOD-IDEA") == "* ENABLED CONDSTORE\r\nt2 OK Enabled\r\n");
  CHECK(ask("t3 ENABLE X-GOOD-IDEA IDLE") == "* ENABLED\r\nt3 OK Enabled\r\n");
  CHECK(ask("t4 ENABLE qresync IMAP4rev2 UTF8=ACCEPT METADATA") ==
        "* ENABLED QRESYNC IMAP4rev2 UTF8=ACCEPT METADATA\r\nt4 OK Enabled\r\n");
  CHECK(ask("t CAPABILITY") == before);
  CHECK(ask("t5 ENABLE").starts_with("t5 BAD"));
}

TEST_CASE("the examples of RFC 9394 sections 3.3 and 3.4", "[imap][partial]") {
  play(std::string(kSelect) + R"(
    C: 10 UID FETCH 20:40 (UID FLAGS) (PARTIAL -1:-3)
    S: * 4 FETCH (UID 30 FLAGS ())
    S: * 5 FETCH (UID 31 FLAGS (\Flagged))
    S: * 6 FETCH (UID 40 FLAGS ())
    S: 10 OK Fetched
    C: 11 UID FETCH 20:40 (UID FLAGS) (PARTIAL 1:2)
    S: * 2 FETCH (UID 20 FLAGS ())
    S: * 3 FETCH (UID 21 FLAGS ())
    S: 11 OK Fetched
    C: 12 UID FETCH 20:40 (UID FLAGS) (PARTIAL 7:9)
    S: 12 OK Fetched
    C: 101 UID FETCH 20:40 (UID FLAGS) (PARTIAL -1:-2 CHANGEDSINCE 41)
    S: * OK [HIGHESTMODSEQ 43] Highest
    S: * 5 FETCH (UID 31 FLAGS (\Flagged) MODSEQ (43))
    S: 101 OK Fetched
  )",
       [](World& world) {
         only(world, "INBOX", {1, 20, 21, 30, 31, 40});
         (void)world.store.change_flags(world.mailbox("INBOX"), {31}, store::FlagChange::add,
                                        {store::kFlagged, {}});
       });
}

TEST_CASE("the examples of RFC 8438 and RFC 7889", "[imap]") {
  play(R"(
    C: A01 STATUS INBOX (MESSAGES SIZE UIDNEXT)
    S: * STATUS INBOX (MESSAGES 2 SIZE 28 UIDNEXT 3)
    S: A01 OK Status
    C: A04 LIST "" INBOX RETURN (STATUS (MESSAGES SIZE))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 2 SIZE 28)
    S: A04 OK Listed
    C: t1 CAPABILITY
    S: * CAPABILITY ... APPENDLIMIT=257890...
    S: t1 OK ...
    C: t2 STATUS INBOX (APPENDLIMIT)
    S: * STATUS INBOX (APPENDLIMIT 257890)
    S: t2 OK Status
    C: t3 LIST "" INBOX RETURN (STATUS (APPENDLIMIT))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (APPENDLIMIT 257890)
    S: t3 OK Listed
    C: t4 APPEND INBOX {257891}
    S: t4 NO [TOOBIG] ...
  )",
       [](World& world) {
         world.options.append_limit = 257'890;
         only(world, "INBOX", {1, 2});
       });
}

}  // namespace mailscope::imap::test
