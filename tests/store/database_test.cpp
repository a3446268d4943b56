// Opening the database, what it refuses, its migrations, keys and values, and that its integrity
// check finds damage.
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

#include "server/store/sqlite_schema.hpp"
#include "tests/catch.hpp"
#include "tests/store/store_fixture.hpp"

namespace mailscope::store {

namespace {

using Catch::Matchers::Contains;

/// Changes the file behind the store's back.
void raw_sql(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  char* error = nullptr;
  sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error);
  const std::string words = error ? error : "";
  sqlite3_free(error);
  sqlite3_close(handle);
  REQUIRE(words == "");
}

void open(const std::string& path) {
  SqliteDatabase database({path, 1, {}});
}

}  // namespace

TEST_CASE("what is no database of ours is refused with a reason") {
  TempFolder folder;
  CHECK_THROWS_WITH(open(folder.file("no/such/folder/mail.db")), Contains("No such file"));

  const std::string text = folder.file("text.db");
  std::ofstream(text) << std::string(4096, 'x');
  CHECK_THROWS_WITH(open(text), Contains("not a database"));

  const std::string foreign = folder.file("foreign.db");
  raw_sql(foreign, "CREATE TABLE t (x)");
  CHECK_THROWS_WITH(open(foreign), Contains("not one of Mailscope"));

  const std::string future = folder.file("future.db");
  open(future);
  raw_sql(future, "PRAGMA user_version = 999");
  CHECK_THROWS_WITH(open(future), Contains("schema version 999"));

  const std::string mine = folder.file("mine.db");
  SqliteDatabase first({mine, 1, {}});
  CHECK_THROWS_WITH(open(mine), Contains("another server"));
}

TEST_CASE("the file is private, and a second opening finds the schema in place") {
  TempFolder folder;
  const std::string path = folder.file("mail.db");
  open(path);
  open(path);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("every older version of the schema is brought up to date") {
  // Version 4 has another layout of messages; no later step touches them.
  for (std::size_t version = 0; version < 4; ++version) {
    CAPTURE(version);
    TempFolder folder;
    const std::string path = folder.file("mail.db");
    std::string script;
    for (std::size_t step = 0; step < version; ++step) script += kMigrations[step];
    if (version > 0) {
      script += "PRAGMA user_version = " + std::to_string(version) +
                "; PRAGMA application_id = " + std::to_string(kApplicationId) +
                "; INSERT INTO account (id, name, used) VALUES (1, 'a@x.example', 11);"
                " INSERT INTO mailbox (account, name, uid_validity, uid_next, messages, octets,"
                " highest_modseq) VALUES (1, 'INBOX', 500, 4, 3, 11, 2);";
      script +=
          "INSERT INTO body VALUES (1, 1, x'410D0A0D0A00FF'), (2, 1, x'0D0A42'), (3, 1, x'43');";
      script +=
          "INSERT INTO message (mailbox, uid, modseq, size, internal_date, system_flags, keywords,"
          " body) VALUES (1, 1, 2, 7, 0, 9, '', 1), (1, 2, 2, 3, 0, 1, '', 2),"
          " (1, 3, 2, 1, 0, 1, 'Word', 3);";
    }
    raw_sql(path, script);
    SqliteDatabase database({path, 1, {}});
    SqliteStore store(database);
    store.create_account("b@x.example");
    store.commit();
    CHECK(store.check() == std::vector<std::string>{});
    CHECK(store.accounts().size() == (version > 0 ? 2 : 1));
    if (version == 0) continue;
    const MailboxInfo inbox = *store.mailbox("a@x.example", "INBOX");
    CHECK(inbox.deleted == 1);
    CHECK(inbox.deleted_octets == 7);
    CHECK(store.used_messages("a@x.example") == 3);
    CHECK(*store.body(inbox.id, 1) == std::string("A\r\n\r\n\0\xFF", 7));
    CHECK(*store.body(inbox.id, 2) == "\r\nB");
    CHECK(*store.body(inbox.id, 3) == "C");
    CHECK(store.message(inbox.id, 3)->email == 3);
  }
}

TEST_CASE("old messages are looked at for UTF-8 in their headers") {
  TempFolder folder;
  const std::string path = folder.file("mail.db");
  std::string script;
  for (std::size_t step = 0; step < 6; ++step) script += kMigrations[step];
  script += "PRAGMA user_version = 6; PRAGMA application_id = " + std::to_string(kApplicationId) +
            "; INSERT INTO account (id, name) VALUES (1, 'a@x.example');"
            " INSERT INTO mailbox (id, account, name, uid_validity, uid_next, highest_modseq)"
            " VALUES (1, 1, 'INBOX', 500, 5, 2);"
            " INSERT INTO body (id, uses, header, rest) VALUES (1, 1, x'413A0D0A0D0A', x'42'),"
            " (2, 1, x'413AC3A90D0A0D0A', x'42'), (3, 1, x'413A0D0A0D0A', x'C3A9'),"
            " (4, 1, x'413AE90D0A0D0A', x'E9');";
  for (int uid = 1; uid <= 4; ++uid) {
    const std::string n = std::to_string(uid);
    script +=
        "INSERT INTO message (mailbox, uid, modseq, size, internal_date, system_flags,"
        " keywords, saved, email, body) VALUES (1, " +
        n + ", 2, 7, 0, 0, '', 0, " + n + ", " + n + ");";
  }
  raw_sql(path, script);
  SqliteDatabase database({path, 1, {}});
  const SqliteStore store(database);
  const MailboxId inbox = store.mailbox("a@x.example", "INBOX")->id;
  CHECK_FALSE(store.message(inbox, 1)->utf8_headers);
  CHECK(store.message(inbox, 2)->utf8_headers);
  CHECK(store.message(inbox, 3)->utf8_headers);        // it may: its parts have headers too
  CHECK_FALSE(store.message(inbox, 4)->utf8_headers);  // no UTF-8
}

TEST_CASE("UIDVALIDITY begins where a new database is told to") {
  TempFolder folder;
  SqliteDatabase database({folder.file("mail.db"), 1'772'442'000, {}});
  SqliteStore store(database);
  store.create_account("a@x.example");
  CHECK(store.mailbox("a@x.example", "INBOX")->uid_validity == 1'772'442'000);
}

TEST_CASE("keys and values take part in the turn") {
  TempFolder folder;
  const std::string path = folder.file("mail.db");
  const std::string binary("\0\xFF key", 6);
  {
    SqliteDatabase database({path, 1, {}});
    KeyValues values(database);
    CHECK_FALSE(values.get("tls.key"));
    values.put("tls.key", binary);
    values.put("empty", "");
    CHECK(values.count_up("counter") == 1);
    CHECK(values.count_up("counter") == 2);
    database.commit();
    values.put("tls.key", "never committed");
    values.erase("empty");
  }
  SqliteDatabase database({path, 1, {}});
  KeyValues values(database);
  CHECK(values.get("tls.key") == binary);
  CHECK(values.get("empty") == "");
  CHECK(values.count_up("counter") == 3);
  values.erase("empty");
  CHECK_FALSE(values.get("empty"));
}

TEST_CASE("the integrity check finds what was damaged") {
  struct Row {
    std::string damage;
    std::string found;
  };
  const std::vector<Row> rows = {
      {"UPDATE mailbox SET messages = 7 WHERE name = 'INBOX'", "counts and sums"},
      {"UPDATE mailbox SET octets = octets + 1 WHERE name = 'INBOX'", "counts and sums"},
      {"UPDATE message SET system_flags = 1", "counts and sums"},
      {"UPDATE mailbox SET uid_next = 2 WHERE name = 'INBOX'", "not given out"},
      {"UPDATE message SET modseq = 99", "above the mailbox's"},
      {"INSERT INTO vanished VALUES (1, 2, 2)", "vanished UID is in the mailbox"},
      {"UPDATE mailbox SET first_recent = 50", "recent messages begin"},
      {"UPDATE mailbox SET uid_validity = 9", "same UIDVALIDITY"},
      {"UPDATE mailbox SET deleted = 1 WHERE name = 'INBOX'", "marked as deleted"},
      {"UPDATE account SET used = 1", "used octets differ"},
      {"UPDATE account SET used_messages = 1", "used messages differ"},
      {"INSERT INTO property VALUES (1, 77, 0, '/shared/comment', 'x')", "a property belongs to"},
      {"INSERT INTO property VALUES (1, 0, 3, '', 'none')", "active script does not exist"},
      {"UPDATE mailbox SET name = 'outbox' WHERE name = 'INBOX'", "no INBOX"},
      {"UPDATE body SET uses = 5 WHERE id = 1", "count of uses"},
      {"UPDATE body SET rest = x'00' WHERE id = 1", "size differs"},
      {"PRAGMA foreign_keys = OFF; DELETE FROM body WHERE id = 1", "missing row of body"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.damage);
    SqliteUnderTest sqlite;
    sqlite.store().create_account("a@x.example");
    const auto inbox = sqlite.store().mailbox("a@x.example", "INBOX")->id;
    REQUIRE(sqlite.store().append(inbox, "one", {}, kMonday));
    REQUIRE(sqlite.store().append(inbox, "two", {}, kMonday));
    sqlite.store().commit();
    CHECK(sqlite.check().empty());
    raw_sql(sqlite.folder_.file("mail.db"), row.damage);
    std::string all;
    for (const auto& problem : sqlite.check()) all += problem + "\n";
    CHECK_THAT(all, Contains(row.found));
  }
}

}  // namespace mailscope::store
