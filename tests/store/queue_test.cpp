// The outbound queue in the database: what is put is loaded again, after a restart too, and takes
// part in the same turn as the mailboxes.
#include "server/store/sqlite_queue.hpp"
#include "tests/catch.hpp"
#include "tests/store/store_fixture.hpp"

namespace mailscope::store {

namespace {

using queue::QueueEntry;
using queue::QueueRecipient;

QueueEntry some_entry(std::string id, int minutes) {
  QueueEntry entry;
  entry.id = std::move(id);
  entry.reverse_path = {"alice", "acme.example"};
  entry.message_id = "<1@acme.example>";
  entry.content = std::make_shared<const std::string>(std::string("Subject: x\r\n\r\n\0\xFF", 16));
  entry.created = kMonday + std::chrono::minutes(minutes);
  QueueRecipient bob;
  bob.mailbox = {"bob with spaces", "globex.example"};
  bob.next_try = entry.created;
  bob.orcpt = "rfc822;bob@old.example";
  bob.notify.add(smtp::Notify::success);
  entry.asked.body = smtp::Body::eight_bit;
  entry.asked.ret = smtp::Return::headers;
  entry.asked.envid = "QQ 314159";
  entry.asked.require_tls = true;
  entry.asked.by = {kMonday, true, true};
  entry.asked.hold_until = kMonday;
  entry.asked.hold_request = "for;3600";
  entry.asked.priority = -3;
  entry.asked.auth = "e=mc2@example.com";
  QueueRecipient carol;
  carol.mailbox = {"carol", "[192.0.2.1]"};
  carol.state = QueueRecipient::State::failed;
  carol.attempts = 3;
  carol.last_reply = {550, {5, 1, 1}, "no such user\nreally"};
  carol.last_server = "mx1.globex.example";
  entry.recipients = {bob, carol};
  return entry;
}

void check_same(const QueueEntry& a, const QueueEntry& b) {
  CHECK(a.id == b.id);
  CHECK(a.reverse_path == b.reverse_path);
  CHECK(a.message_id == b.message_id);
  CHECK(*a.content == *b.content);
  CHECK(a.created == b.created);
  CHECK(a.asked == b.asked);
  CHECK(a.warned == b.warned);
  CHECK(a.told_late == b.told_late);
  CHECK(a.recipients == b.recipients);
}

}  // namespace

TEST_CASE("a queue in the database keeps its entries in order") {
  SqliteUnderTest sqlite;
  QueueEntry late = some_entry("a", 2);
  QueueEntry early = some_entry("b", 1);
  early.reverse_path = {};
  {
    SqliteQueue queue(*sqlite.database_, "mx1.acme.example");
    SqliteQueue other(*sqlite.database_, "mx2.acme.example");
    queue.put(late);
    queue.put(early);
    other.put(some_entry("a", 9));
    other.remove("b");
    late.recipients[0].attempts = 1;
    late.recipients[0].last_reply = {0, {4, 4, 1}, "connection timed out"};
    late.warned = late.told_late = true;
    queue.put(late);
  }
  sqlite.restart();
  SqliteQueue queue(*sqlite.database_, "mx1.acme.example");
  const auto loaded = queue.load_all();
  REQUIRE(loaded.size() == 2);
  check_same(loaded[0], early);
  check_same(loaded[1], late);
  queue.remove("a");
  queue.remove("unknown");
  CHECK(queue.load_all().size() == 1);
  queue.remove("b");
  CHECK(queue.load_all().empty());
  CHECK(SqliteQueue(*sqlite.database_, "mx2.acme.example").load_all().size() == 1);
  CHECK(sqlite.check() == std::vector<std::string>{});
}

TEST_CASE("delivery here and queueing for elsewhere are one transaction") {
  SqliteUnderTest sqlite;
  bool fail = false;
  sqlite.before_statement_ = [&](std::string_view sql) {
    if (fail && sql == "COMMIT") throw StoreFailure("power cut");
  };
  sqlite.crash();
  sqlite.store().create_account("bob@globex.example");
  sqlite.store().commit();
  const auto inbox = sqlite.store().mailbox("bob@globex.example", "INBOX")->id;
  SqliteQueue queue(*sqlite.database_, "mx");
  REQUIRE(sqlite.store().append(inbox, "x", {}, kMonday));
  queue.put(some_entry("a", 1));
  fail = true;
  CHECK_THROWS_AS(sqlite.store().commit(), StoreFailure);
  CHECK(queue.load_all().empty());
  CHECK(sqlite.store().mailbox(inbox)->messages == 0);
}

}  // namespace mailscope::store
