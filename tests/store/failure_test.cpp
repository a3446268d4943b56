// What happens when the disk or the database fails in the middle of a turn: nothing of the turn is
// acknowledged, nothing of it stays, and nothing of earlier turns is lost.
#include <random>

#include "tests/catch.hpp"
#include "tests/store/failing_disk.hpp"
#include "tests/store/store_dump.hpp"
#include "tests/store/store_fixture.hpp"

namespace mailscope::store {

namespace {

const std::string kBob = "bob@globex.example";

/// Turns of a server's life that touch every kind of change. Each is committed on its own.
const std::vector<std::function<void(MailStore&)>> kTurns = {
    [](MailStore& s) { s.create_account(kBob); },
    [](MailStore& s) {
      const auto inbox = s.mailbox(kBob, "INBOX")->id;
      for (int i = 0; i < 3; ++i) {
        static_cast<void>(s.append(inbox, "message " + std::to_string(i), {0, {"Work"}}, kMonday));
      }
    },
    [](MailStore& s) {
      const auto inbox = s.mailbox(kBob, "INBOX")->id;
      s.change_flags(inbox, {1, 2}, FlagChange::add, {kSeen, {}});
      static_cast<void>(s.copy(inbox, {1, 3}, s.mailbox(kBob, "Trash")->id, false, kMonday));
    },
    [](MailStore& s) {
      const auto inbox = s.mailbox(kBob, "INBOX")->id;
      static_cast<void>(s.copy(inbox, {2}, s.mailbox(kBob, "Junk")->id, true, kMonday));
      s.expunge(inbox, {1});
      s.clear_recent(inbox);
    },
    [](MailStore& s) {
      static_cast<void>(s.create_mailbox(kBob, "a/b"));
      s.subscribe(kBob, "a/b", true);
      s.subscribe(kBob, "Junk", false);
      s.set_quota(kBob, 500);
    },
    [](MailStore& s) {
      s.rename_mailbox(kBob, "a", "c/d");
      s.rename_mailbox(kBob, "INBOX", "old");
    },
    [](MailStore& s) { s.remove_mailbox(kBob, "Trash"); },
    [](MailStore& s) {
      const auto old = s.mailbox(kBob, "old")->id;
      s.annotate(kBob, old, "/private/comment", "mine");
      s.annotate(kBob, 0, "/shared/comment", "all");
      s.grant(old, "anyone", "lr");
      s.put_script(kBob, "work", "keep;");
      s.activate_script(kBob, "work");
      s.remember(kBob, "vacation", kMonday, kMonday);
      s.count_up("bounces", kMonday, kMonday + std::chrono::hours(1));
      s.set_message_quota(kBob, 100);
    },
    [](MailStore& s) {
      const auto inbox = s.mailbox(kBob, "INBOX")->id;
      const NewMessage shared{
          std::make_shared<const std::string>(20'000, 'x'), {}, kMonday, kMonday};
      static_cast<void>(s.append(inbox, std::vector<NewMessage>(3, shared)));
      s.rename_script(kBob, "work", "rest");
      s.annotate(kBob, 0, "/shared/comment", std::nullopt);
      static_cast<SqliteStore&>(s).catch_up(1'000'000);
    },
};

/// Every octet with its case: the failures are what is looked at here.
class AsIs final : public TextReader {
 public:
  Text read(std::string_view message) const override { return {{}, std::string(message)}; }
  std::string fold(std::string_view wanted) const override { return std::string(wanted); }
  std::uint32_t version() const override { return 1; }
};
const AsIs kReader;

/// Dump after 0, 1, 2... turns when nothing fails.
std::vector<std::string> expected_dumps() {
  SqliteUnderTest sqlite;
  sqlite.store_->index_text(&kReader);
  std::vector<std::string> dumps = {dump(sqlite.store())};
  for (const auto& turn : kTurns) {
    turn(sqlite.store());
    sqlite.store().commit();
    dumps.push_back(dump(sqlite.store()));
  }
  return dumps;
}

}  // namespace

TEST_CASE("the power may go at any write: what was acknowledged is there afterwards") {
  const std::vector<std::string> expected = expected_dumps();
  std::mt19937 random(11);
  bool any_failed = true;
  int n = 1;
  for (; any_failed; ++n) {
    CAPTURE(n);
    REQUIRE(n < 2'000);
    FailingDisk disk;
    SqliteUnderTest sqlite;
    sqlite.store_->index_text(&kReader);
    disk.fail_at(n);
    std::size_t acknowledged = 0;
    try {
      for (const auto& turn : kTurns) {
        turn(sqlite.store());
        sqlite.store().commit();
        ++acknowledged;
      }
    } catch (const StoreFailure&) {
    }
    any_failed = disk.has_failed();
    sqlite.store_.reset();
    sqlite.database_.reset();
    disk.restart(random, static_cast<unsigned>(n % 5));  // from nothing to all of it is lost
    sqlite.open();
    CHECK(sqlite.check() == std::vector<std::string>{});
    // The turn that failed may be there when its commit was on disk and only the word was missing.
    const std::string found = dump(sqlite.store());
    const bool one_more = acknowledged + 1 < expected.size() && found == expected[acknowledged + 1];
    if (!one_more) CHECK(found == expected[acknowledged]);
  }
  CHECK(n > 50);  // the loop did reach the writes
}

TEST_CASE("any statement may fail: its turn is undone, all others stay") {
  const std::vector<std::string> expected = expected_dumps();
  bool any_failed = true;
  int n = 1;
  for (; any_failed; ++n) {
    CAPTURE(n);
    REQUIRE(n < 2'000);
    any_failed = false;
    SqliteUnderTest sqlite;
    sqlite.crash();  // opened and migrated once without failures
    int countdown = n;
    sqlite.before_statement_ = [&](std::string_view) {
      if (--countdown == 0) {
        any_failed = true;
        throw StoreFailure("injected");
      }
    };
    // Opening prepares statements too; they may fail as well.
    try {
      sqlite.crash();
    } catch (const StoreFailure&) {
      sqlite.crash();
    }
    sqlite.store_->index_text(&kReader);
    for (std::size_t turn = 0; turn < kTurns.size(); ++turn) {
      CAPTURE(turn);
      bool acknowledged = true;
      try {
        kTurns[turn](sqlite.store());
      } catch (const StoreFailure&) {
        acknowledged = false;
        // Another session of the same turn cannot save its change any more either.
        CHECK_THROWS_AS(sqlite.store().create_account("late@x.example"), StoreFailure);
      }
      try {
        sqlite.store().commit();
        CHECK(acknowledged);
      } catch (const StoreFailure&) {
        acknowledged = false;
      }
      if (acknowledged) continue;
      // The same object goes on from the state before, and so does a new one.
      CHECK(dump(sqlite.store()) == expected[turn]);
      if (n % 2) sqlite.crash();
      sqlite.store_->index_text(&kReader);
      CHECK(dump(sqlite.store()) == expected[turn]);
      CHECK(sqlite.check() == std::vector<std::string>{});
      // The client tries again.
      kTurns[turn](sqlite.store());
      sqlite.store().commit();
    }
    sqlite.before_statement_ = {};
    sqlite.crash();
    REQUIRE(dump(sqlite.store()) == expected.back());
    CHECK(sqlite.check() == std::vector<std::string>{});
  }
  CHECK(n > 100);  // the loop did reach the statements
}

TEST_CASE("what was not committed is gone after a crash") {
  SqliteUnderTest sqlite;
  sqlite.store().create_account(kBob);
  sqlite.store().commit();
  const std::string before = dump(sqlite.store());
  kTurns[1](sqlite.store());
  CHECK(dump(sqlite.store()) != before);
  sqlite.crash();
  CHECK(dump(sqlite.store()) == before);
}

TEST_CASE("a failure in a turn fails its commit even when later changes work") {
  SqliteUnderTest sqlite;
  bool fail = false;
  sqlite.before_statement_ = [&](std::string_view sql) {
    if (fail && sql.starts_with("INSERT INTO body")) throw StoreFailure("disk full");
  };
  sqlite.crash();
  MailStore& store = sqlite.store();
  store.create_account(kBob);
  store.commit();
  const auto inbox = store.mailbox(kBob, "INBOX")->id;
  REQUIRE(store.append(inbox, "first of the turn", {}, kMonday));
  fail = true;
  CHECK_THROWS_WITH(store.append(inbox, "second", {}, kMonday),
                    Catch::Matchers::Contains("disk full"));
  fail = false;
  CHECK(store.mailbox(inbox)->messages == 0);  // the first went with it
  CHECK_THROWS_WITH(store.append(inbox, "third", {}, kMonday),
                    Catch::Matchers::Contains("disk full"));
  CHECK_THROWS_WITH(store.commit(), Catch::Matchers::Contains("disk full"));
  REQUIRE(store.append(inbox, "next turn", {}, kMonday));
  CHECK_NOTHROW(store.commit());
  CHECK(store.mailbox(inbox)->messages == 1);
  CHECK(sqlite.check() == std::vector<std::string>{});
}

}  // namespace mailscope::store
