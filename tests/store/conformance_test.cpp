// What every mailbox store must do: accounts, mailbox names, messages. Runs on each of them.
#include "server/store/mail_store.hpp"
#include "server/store/mailbox_names.hpp"
#include "tests/catch.hpp"
#include "tests/store/every_store.hpp"

namespace mailscope::store {

namespace {

std::vector<std::string> names(const MailStore& store, const std::string& account) {
  std::vector<std::string> result;
  for (const auto& info : store.mailboxes(account)) result.push_back(info.name);
  return result;
}

}  // namespace

TEST_CASE("an account begins with INBOX and the special-use mailboxes") {
  ON_EVERY_STORE;
  CHECK(store.has_account(kBob));
  CHECK_FALSE(store.has_account(kAlice));
  CHECK(names(store, kBob) == Strings{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"});
  CHECK(store.subscriptions(kBob) == names(store, kBob));
  for (const auto& info : store.mailboxes(kBob)) {
    CHECK(info.subscribed);
    CHECK(info.special_use == (info.name == "INBOX" ? "" : "\\" + info.name));
    CHECK(info.uid_next == 1);
    CHECK(info.highest_modseq == 1);
    CHECK(info.messages == 0);
    CHECK(info.uid_validity > 0);
  }
  store.create_account(kBob);
  CHECK(store.mailboxes(kBob).size() == 6);
  store.create_account(kAlice);
  CHECK(store.accounts() == Strings{kAlice, kBob});
  CHECK(store.mailboxes("nobody@acme.example").empty());
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("mailbox names are checked") {
  ON_EVERY_STORE;
  struct Row {
    std::string name;
    StoreError error;
  };
  const std::string deep = [] {
    std::string name = "1";
    for (int i = 2; i <= 17; ++i) name += "/" + std::to_string(i);
    return name;
  }();
  const std::vector<Row> rows = {
      {"Projects", StoreError::none},
      {"Projects", StoreError::already_exists},
      {"projects", StoreError::none},  // only INBOX has no case
      {"inbox", StoreError::already_exists},
      {"InBoX/Receipts", StoreError::none},
      {"INBOX/Receipts", StoreError::already_exists},
      {"Inboxes", StoreError::none},
      {"Entw\xC3\xBCrfe", StoreError::none},
      {"\xE5\x8F\xB0\xE5\x8C\x97", StoreError::none},
      {"\xF0\x9F\x93\xA8", StoreError::none},
      {"a b", StoreError::none},
      {std::string(255, 'x'), StoreError::none},
      {deep.substr(0, deep.rfind('/')), StoreError::none},
      {"", StoreError::bad_name},
      {"/", StoreError::bad_name},
      {"/a", StoreError::bad_name},
      {"a/", StoreError::bad_name},
      {"a//b", StoreError::bad_name},
      {".", StoreError::bad_name},
      {"a/..", StoreError::bad_name},
      {"../a", StoreError::bad_name},
      {"tab\there", StoreError::bad_name},
      {"line\r\nend", StoreError::bad_name},
      {std::string("nul\0", 4), StoreError::bad_name},
      {"del\x7F", StoreError::bad_name},
      {"c1 \xC2\x85", StoreError::bad_name},
      {"line separator \xE2\x80\xA8", StoreError::bad_name},
      {"latin-1 \xFC", StoreError::bad_name},
      {"overlong \xC0\xAF", StoreError::bad_name},
      {"surrogate \xED\xA0\x80", StoreError::bad_name},
      {"too high \xF4\x90\x80\x80", StoreError::bad_name},
      {"cut off \xE2\x82", StoreError::bad_name},
      {std::string(256, 'x'), StoreError::bad_name},
      {deep, StoreError::bad_name},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(to_string(store.create_mailbox(kBob, row.name).error) == to_string(row.error));
  }
  CHECK(store.create_mailbox("nobody@x.example", "a").error == StoreError::no_such_account);
  CHECK(store.mailbox(kBob, "iNbOx/Receipts")->name == "INBOX/Receipts");
  CHECK_FALSE(store.mailbox(kBob, "a/b"));
}

TEST_CASE("special uses change hands") {
  ON_EVERY_STORE;
  const MailboxId made = store.create_mailbox(kBob, "a").value;
  CHECK(store.set_special_use(made, "\\Drafts \\Sent") == StoreError::none);
  CHECK(store.set_special_use(store.mailbox(kBob, "Drafts")->id, "") == StoreError::none);
  CHECK(store.set_special_use(made + 100, "\\Sent") == StoreError::no_such_mailbox);
  f.under_test->restart();
  CHECK(f.store().mailbox(made)->special_use == "\\Drafts \\Sent");
  CHECK(f.store().mailbox(kBob, "Drafts")->special_use == "");
  CHECK(has_use("\\Drafts \\Sent", "\\sent"));
  CHECK(has_use("\\Drafts \\Sent", "\\Drafts"));
  CHECK_FALSE(has_use("\\Drafts \\Sent", "\\Dra"));
  CHECK_FALSE(has_use("", ""));
}

TEST_CASE("missing parents are made, ids and UIDVALIDITY are never given twice") {
  ON_EVERY_STORE;
  const auto made = store.create_mailbox(kBob, "a/b/c", "\\Flagged");
  REQUIRE(made);
  CHECK(store.mailbox(kBob, "a/b")->special_use == "");
  CHECK(store.mailbox(kBob, "a/b/c")->special_use == "\\Flagged");
  CHECK_FALSE(store.mailbox(kBob, "a")->subscribed);
  const auto before = *store.mailbox(kBob, "a/b/c");
  CHECK(store.remove_mailbox(kBob, "a") == StoreError::has_children);
  CHECK(store.remove_mailbox(kBob, "a/b") == StoreError::has_children);
  CHECK(store.remove_mailbox(kBob, "a/b/c") == StoreError::none);
  CHECK(store.remove_mailbox(kBob, "a/b/c") == StoreError::no_such_mailbox);
  CHECK_FALSE(store.mailbox(before.id));
  CHECK(store.remove_mailbox(kBob, "inbox") == StoreError::not_permitted);
  const auto again = store.create_mailbox(kBob, "a/b/c");
  REQUIRE(again);
  CHECK(again.value > before.id);
  CHECK(store.mailbox(again.value)->uid_validity > before.uid_validity);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("renaming moves children along and keeps their messages") {
  ON_EVERY_STORE;
  REQUIRE(store.create_mailbox(kBob, "a/b/c"));
  REQUIRE(store.create_mailbox(kBob, "a b"));  // sorts between "a" and "a/b", but is no child
  const auto id = store.mailbox(kBob, "a/b/c")->id;
  REQUIRE(store.append(id, "one", {}, kMonday));
  const auto before = *store.mailbox(id);
  store.subscribe(kBob, "a/b", true);

  CHECK(store.rename_mailbox(kBob, "a", "a/b/x") == StoreError::not_permitted);
  CHECK(store.rename_mailbox(kBob, "a", "Sent") == StoreError::already_exists);
  CHECK(store.rename_mailbox(kBob, "a", "a") == StoreError::already_exists);
  CHECK(store.rename_mailbox(kBob, "a", "x//y") == StoreError::bad_name);
  CHECK(store.rename_mailbox(kBob, "none", "x") == StoreError::no_such_mailbox);
  CHECK(store.rename_mailbox("nobody", "a", "x") == StoreError::no_such_account);
  // The children would be too long.
  CHECK(store.rename_mailbox(kBob, "a", std::string(253, 'y')) == StoreError::bad_name);

  CHECK(store.rename_mailbox(kBob, "a", "new/top") == StoreError::none);
  CHECK(names(store, kBob) == Strings{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "a b",
                                      "new", "new/top", "new/top/b", "new/top/b/c"});
  const auto after = *store.mailbox(kBob, "new/top/b/c");
  CHECK(after.id == id);
  CHECK(after.uid_validity == before.uid_validity);
  CHECK(*store.body(id, 1) == "one");
  // RFC 3501 section 6.3.9: subscriptions are names and stay.
  CHECK(store.subscriptions(kBob).back() == "a/b");
  CHECK_FALSE(store.mailbox(kBob, "new/top/b")->subscribed);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("renaming INBOX moves its messages and leaves it empty") {
  ON_EVERY_STORE;
  f.append("one");
  f.append("two", {kSeen, {"$Work"}});
  store.expunge(f.inbox, {1});
  REQUIRE(store.create_mailbox(kBob, "INBOX/Child"));
  CHECK(store.rename_mailbox(kBob, "Inbox", "old/mail") == StoreError::none);
  const auto inbox = *store.mailbox(kBob, "INBOX");
  CHECK(inbox.id == f.inbox);
  CHECK(inbox.messages == 0);
  CHECK(inbox.uid_next == 3);
  CHECK(store.mailbox(kBob, "INBOX/Child"));
  CHECK(store.changes(f.inbox, 1).vanished == Uids{1, 2});
  const auto moved = *store.mailbox(kBob, "old/mail");
  CHECK(moved.messages == 1);
  CHECK(*store.body(moved.id, 1) == "two");
  CHECK(store.message(moved.id, 1)->flags == Flags{kSeen, {"$Work"}});
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("subscriptions are names that outlive their mailboxes") {
  ON_EVERY_STORE;
  store.subscribe(kBob, "later", true);
  store.subscribe(kBob, "later", true);
  store.subscribe(kBob, "not//valid", true);
  store.subscribe(kBob, "Junk", false);
  store.subscribe(kBob, "never was", false);
  CHECK(store.subscriptions(kBob) ==
        Strings{"Archive", "Drafts", "INBOX", "Sent", "Trash", "later"});
  CHECK(store.remove_mailbox(kBob, "Trash") == StoreError::none);
  CHECK(store.subscriptions(kBob)[4] == "Trash");
  REQUIRE(store.create_mailbox(kBob, "later"));
  CHECK(store.mailbox(kBob, "later")->subscribed);
  CHECK(store.subscriptions("nobody").empty());
}

TEST_CASE("appended messages are there with rising UIDs") {
  ON_EVERY_STORE;
  const std::string binary("\0\xFF\r\n.", 5);
  CHECK(f.append("Subject: 1\r\n\r\n", {kSeen, {"beta", "Alpha", "ALPHA"}}) == 1);
  CHECK(f.append(binary) == 2);
  CHECK(f.append("") == 3);
  const auto info = *store.mailbox(f.inbox);
  CHECK(info.uid_next == 4);
  CHECK(info.messages == 3);
  CHECK(info.unseen == 2);
  CHECK(info.octets == 19);
  CHECK(info.first_recent == 1);
  CHECK(info.highest_modseq == 4);
  CHECK(store.used(kBob) == 19);
  const auto first = *store.message(f.inbox, 1);
  CHECK(first.flags == Flags{kSeen, {"Alpha", "beta"}});
  CHECK(first.internal_date == kMonday);
  CHECK(first.size == 14);
  CHECK(first.wire_size == 14);
  CHECK(store.message(f.inbox, 2)->wire_size == 7);  // CRLF at the end
  CHECK(store.message(f.inbox, 3)->wire_size == 0);
  CHECK_FALSE(first.utf8_headers);
  CHECK(first.modseq == 2);
  CHECK(*store.body(f.inbox, 2) == binary);
  CHECK(*store.body(f.inbox, 3) == "");
  CHECK_FALSE(store.body(f.inbox, 4));
  CHECK_FALSE(store.message(f.inbox, 4));
  CHECK_FALSE(store.message(f.inbox, 0));
  CHECK(uids(all_messages(store, f.inbox)) == Uids{1, 2, 3});
  CHECK(uids(all_messages(store, f.inbox, {2, 2})) == Uids{2});
  CHECK(uids(all_messages(store, f.inbox, {4, 9})) == Uids{});
  int visits = 0;
  store.scan(f.inbox, {}, [&](const MessageInfo&) { return ++visits < 2; });
  CHECK(visits == 2);
  store.clear_recent(f.inbox);
  CHECK(store.mailbox(f.inbox)->first_recent == 4);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("flags change with one modification sequence, and only where they do change") {
  ON_EVERY_STORE;
  for (int i = 0; i < 3; ++i) f.append("x");
  auto result = store.change_flags(f.inbox, {3, 1, 1, 9}, FlagChange::add, {kSeen, {"Work"}});
  REQUIRE(uids(result) == Uids{1, 3});
  CHECK(result[0].modseq == 5);
  CHECK(result[1].modseq == 5);
  CHECK(store.mailbox(f.inbox)->unseen == 1);
  // The same again, in other letters: nothing happens.
  result = store.change_flags(f.inbox, {1, 2}, FlagChange::add, {kSeen, {"wORK"}});
  CHECK(result[0].modseq == 5);
  CHECK(result[0].flags.keywords == Strings{"Work"});
  CHECK(result[1].modseq == 6);
  result = store.change_flags(f.inbox, {1}, FlagChange::remove, {kSeen | kDraft, {"WORK"}});
  CHECK(result[0].flags == Flags{});
  result = store.change_flags(f.inbox, {3}, FlagChange::set, {kDeleted, {"zeta", "work", "Eta"}});
  CHECK(result[0].flags == Flags{kDeleted, {"Eta", "Work", "zeta"}});
  CHECK(store.mailbox(f.inbox)->unseen == 2);
  CHECK(store.mailbox(f.inbox)->highest_modseq == 8);
  CHECK(store.change_flags(f.inbox, {9}, FlagChange::set, {}).empty());
  CHECK(store.change_flags(999, {1}, FlagChange::set, {}).empty());
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("of many messages those alone change flags that were named and differ") {
  ON_EVERY_STORE;
  for (int i = 0; i < 12; ++i) f.append("x");
  store.change_flags(f.inbox, {5, 10}, FlagChange::add, {kFlagged, {"Work"}});
  store.expunge(f.inbox, {7});
  const ModSeq before = store.mailbox(f.inbox)->highest_modseq;
  // 3 is not named, 7 is gone, 5 and 10 stay unlike the others, 12 has these flags already.
  store.change_flags(f.inbox, {12}, FlagChange::add, {kSeen, {}});
  store.change_flags(f.inbox, {1, 2, 4, 5, 6, 8, 9, 10, 11, 12}, FlagChange::add, {kSeen, {}});
  std::vector<std::string> seen;
  store.scan(f.inbox, {}, [&](const MessageInfo& message) {
    std::string text = std::to_string(message.uid) + ' ' + std::to_string(message.flags.system) +
                       ' ' + std::to_string(message.modseq - before);
    for (const std::string& word : message.flags.keywords) text += ' ' + word;
    if (message.uid == 3) text = std::to_string(message.flags.system);
    seen.push_back(text);
    return true;
  });
  const std::string read = std::to_string(kSeen), both = std::to_string(kSeen | kFlagged);
  CHECK(seen == Strings{"1 " + read + " 2", "2 " + read + " 2", "0", "4 " + read + " 2",
                        "5 " + both + " 2 Work", "6 " + read + " 2", "8 " + read + " 2",
                        "9 " + read + " 2", "10 " + both + " 2 Work", "11 " + read + " 2",
                        "12 " + read + " 1"});
  // A walk over the flags alone sees the same.
  std::vector<MessageInfo> whole, part;
  const auto into = [](std::vector<MessageInfo>& list) {
    return [&list](const MessageInfo& message) {
      list.push_back(message);
      return list.size() < 5;
    };
  };
  store.scan(f.inbox, {2, 11}, into(whole));
  store.scan_flags(f.inbox, {2, 11}, into(part));
  REQUIRE(uids(part) == Uids{2, 3, 4, 5, 6});
  for (std::size_t i = 0; i < part.size(); ++i) {
    CHECK(part[i].uid == whole[i].uid);
    CHECK(part[i].modseq == whole[i].modseq);
    CHECK(part[i].flags == whole[i].flags);
  }
  // To no flags at all, from the first message on.
  store.change_flags(f.inbox, {1, 2, 3, 4}, FlagChange::set, {});
  CHECK(uids(store.changes(f.inbox, before + 2).changed) == Uids{1, 2, 4});
  CHECK(store.mailbox(f.inbox)->unseen == 4);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("changes since a modification sequence, with what vanished") {
  ON_EVERY_STORE;
  for (int i = 0; i < 5; ++i) f.append("x");                       // modseq 2..6
  store.change_flags(f.inbox, {2}, FlagChange::add, {kSeen, {}});  // 7
  CHECK(store.expunge(f.inbox, {4, 1, 4, 77}) == Uids{1, 4});      // 8
  CHECK(store.expunge(f.inbox, {4}) == Uids{});
  store.change_flags(f.inbox, {3}, FlagChange::add, {kFlagged, {}});  // 9
  const auto since = [&](ModSeq modseq) { return store.changes(f.inbox, modseq); };
  CHECK(uids(since(0).changed) == Uids{2, 3, 5});
  CHECK(uids(since(5).changed) == Uids{2, 3, 5});
  CHECK(uids(since(6).changed) == Uids{2, 3});
  CHECK(uids(since(8).changed) == Uids{3});
  CHECK(uids(since(9).changed) == Uids{});
  CHECK(since(7).vanished == Uids{1, 4});
  CHECK(since(8).vanished == Uids{});
  CHECK(since(0).highest_modseq == 9);
  CHECK(since(99).changed.empty());
  CHECK(store.changes(999, 0).highest_modseq == 0);
  f.under_test->restart();
  CHECK(f.store().changes(f.inbox, 0).vanished == Uids{1, 4});
  CHECK(f.append("y") == 6);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("copies and moves keep flags and date, all or nothing") {
  ON_EVERY_STORE;
  for (const auto* text : {"aaa", "bb", "c"}) f.append(text, {kFlagged, {"Word"}});
  store.clear_recent(f.inbox);
  const auto trash = store.mailbox(kBob, "Trash")->id;
  auto copied = store.copy(f.inbox, {3, 1, 8}, trash, false, kMonday);
  REQUIRE(copied);
  REQUIRE(copied.value.size() == 2);
  CHECK(copied.value[0].from == 1);
  CHECK(copied.value[0].to == 1);
  CHECK(copied.value[1].from == 3);
  CHECK(copied.value[1].to == 2);
  CHECK(store.message(trash, 2)->flags == Flags{kFlagged, {"Word"}});
  CHECK(store.message(trash, 2)->internal_date == kMonday);
  CHECK(store.mailbox(trash)->first_recent == 1);
  CHECK(store.used(kBob) == 10);
  // The octets are there once.
  store.expunge(f.inbox, {1});
  CHECK(*store.body(trash, 1) == "aaa");
  store.expunge(trash, {1});
  CHECK(store.used(kBob) == 4);

  store.set_quota(kBob, 4);
  CHECK(store.copy(f.inbox, {2, 3}, trash, false, kMonday).error == StoreError::over_quota);
  CHECK(store.mailbox(trash)->messages == 1);
  REQUIRE(store.copy(f.inbox, {2, 3}, trash, true, kMonday));  // a move needs no room
  CHECK(store.mailbox(f.inbox)->messages == 0);
  CHECK(store.changes(f.inbox, 0).vanished == Uids{1, 2, 3});
  CHECK(uids(all_messages(store, trash)) == Uids{2, 3, 4});
  CHECK(store.used(kBob) == 4);

  // Onto itself: new UIDs.
  REQUIRE(store.copy(trash, {2}, trash, true, kMonday));
  CHECK(uids(all_messages(store, trash)) == Uids{3, 4, 5});
  CHECK(store.copy(trash, {2}, trash, true, kMonday).value.empty());
  CHECK(store.copy(trash, {3}, 999, true, kMonday).error == StoreError::no_such_mailbox);
  CHECK(store.copy(999, {3}, trash, true, kMonday).error == StoreError::no_such_mailbox);

  // To another account: its quota, its sum.
  store.create_account(kAlice);
  const auto other = store.mailbox(kAlice, "INBOX")->id;
  store.set_quota(kAlice, 1);
  CHECK(store.copy(trash, {3}, other, true, kMonday).error == StoreError::over_quota);
  store.set_quota(kAlice, 2);
  REQUIRE(store.copy(trash, {3}, other, true, kMonday));
  CHECK(store.used(kAlice) == 2);
  CHECK(store.used(kBob) == 2);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("quota is enforced to the octet and survives removal of mailboxes") {
  ON_EVERY_STORE;
  CHECK(store.quota(kBob) == 0);
  store.set_quota(kBob, 10);
  CHECK(store.quota(kBob) == 10);
  const auto other = store.create_mailbox(kBob, "x").value;
  REQUIRE(store.append(other, "1234567", {}, kMonday));
  CHECK(store.append(f.inbox, "1234", {}, kMonday).error == StoreError::over_quota);
  f.append("123");
  CHECK(store.append(f.inbox, "1", {}, kMonday).error == StoreError::over_quota);
  CHECK(store.mailbox(f.inbox)->uid_next == 2);
  CHECK(store.remove_mailbox(kBob, "x") == StoreError::none);
  CHECK(store.used(kBob) == 3);
  CHECK(store.append(other, "1", {}, kMonday).error == StoreError::no_such_mailbox);
  CHECK(all_messages(store, other).empty());
  f.append("1234567");
  store.set_quota("nobody", 1);
  CHECK(store.quota("nobody") == 0);
  CHECK(store.used("nobody") == 0);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("watchers hear of changes, may end themselves and may outlive the store") {
  ON_EVERY_STORE;
  int calls = 0;
  std::unique_ptr<Watch> once;
  auto always = store.watch(f.inbox, [&] { ++calls; });
  once = store.watch(f.inbox, [&] {
    calls += 100;
    once.reset();
  });
  f.append("x");
  CHECK(calls == 101);
  store.change_flags(f.inbox, {1}, FlagChange::add, {kSeen, {}});
  CHECK(calls == 102);
  store.change_flags(f.inbox, {1}, FlagChange::add, {kSeen, {}});
  store.expunge(f.inbox, {7});
  CHECK(calls == 102);
  const auto junk = store.mailbox(kBob, "Junk")->id;
  auto on_junk = store.watch(junk, [&] { calls += 1000; });
  REQUIRE(store.copy(f.inbox, {1}, junk, true, kMonday));
  CHECK(calls == 1103);
  store.remove_mailbox(kBob, "Junk");
  CHECK(calls == 2103);
  // A watcher that changes the store is called again for its own change.
  bool answered = false;
  auto nested = store.watch(f.inbox, [&] {
    if (!std::exchange(answered, true)) f.append("answer");
  });
  f.append("y");
  CHECK(store.mailbox(f.inbox)->messages == 2);
  CHECK(calls == 2105);
  f.under_test.reset();
}

TEST_CASE("one maildrop lock for each account") {
  ON_EVERY_STORE;
  CHECK(store.lock_maildrop(kBob));
  CHECK_FALSE(store.lock_maildrop(kBob));
  store.create_account(kAlice);
  CHECK(store.lock_maildrop(kAlice));
  store.unlock_maildrop(kBob);
  store.unlock_maildrop(kBob);
  CHECK(store.lock_maildrop(kBob));
  CHECK_FALSE(store.lock_maildrop("nobody"));
}

TEST_CASE("everything is there again after a restart") {
  ON_EVERY_STORE;
  f.append("one", {kSeen | kDraft, {"Word", "$Forwarded"}});
  f.append("two");
  store.clear_recent(f.inbox);
  REQUIRE(store.create_mailbox(kBob, "a/b", "\\All"));
  store.set_quota(kBob, 1000);
  store.subscribe(kBob, "gone", true);
  const auto mailboxes = store.mailboxes(kBob);
  const auto last_validity = store.mailbox(kBob, "a/b")->uid_validity;
  f.under_test->restart();
  MailStore& again = f.store();
  CHECK(again.mailbox(f.inbox)->first_recent == 3);  // by id, before its account was asked for
  const auto after = again.mailboxes(kBob);
  REQUIRE(after.size() == mailboxes.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].id == mailboxes[i].id);
    CHECK(after[i].name == mailboxes[i].name);
    CHECK(after[i].uid_validity == mailboxes[i].uid_validity);
    CHECK(after[i].uid_next == mailboxes[i].uid_next);
    CHECK(after[i].highest_modseq == mailboxes[i].highest_modseq);
    CHECK(after[i].special_use == mailboxes[i].special_use);
    CHECK(after[i].subscribed == mailboxes[i].subscribed);
  }
  CHECK(again.message(f.inbox, 1)->flags == Flags{kSeen | kDraft, {"$Forwarded", "Word"}});
  CHECK(*again.body(f.inbox, 2) == "two");
  CHECK(again.quota(kBob) == 1000);
  CHECK(again.used(kBob) == 6);
  REQUIRE(again.create_mailbox(kBob, "c"));
  CHECK(again.mailbox(kBob, "c")->uid_validity > last_validity);
}

TEST_CASE("a large mailbox stays fast", "[large]") {
  ON_EVERY_STORE;
  constexpr Uid kMessages = 20'000;
  for (Uid i = 0; i < kMessages; ++i) f.append("x");
  // One message at a time, as clients do: quadratic behaviour would take minutes here.
  for (Uid uid = 1; uid <= kMessages; uid += 2) {
    const ModSeq before = store.mailbox(f.inbox)->highest_modseq;
    store.change_flags(f.inbox, {uid}, FlagChange::add, {kSeen, {}});
    REQUIRE(store.changes(f.inbox, before).changed.size() == 1);
    store.expunge(f.inbox, {uid});
    REQUIRE(store.changes(f.inbox, before + 1).vanished == Uids{uid});
  }
  CHECK(store.mailbox(f.inbox)->messages == kMessages / 2);
  CHECK(store.mailbox(f.inbox)->unseen == kMessages / 2);
  CHECK(all_messages(store, f.inbox).size() == kMessages / 2);
  CHECK(f.under_test->check() == Strings{});
}

}  // namespace mailscope::store
