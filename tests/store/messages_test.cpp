// What every mailbox store must do: several messages at once, octets that are stored once, names of
// octets, times of saving, counts of deleted messages, headers alone.
#include "tests/store/every_store.hpp"

namespace mailscope::store {

namespace {

const net::Time kTuesday = kMonday + std::chrono::hours(24);

Body octets(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

TEST_CASE("several messages are appended together or not at all") {
  ON_EVERY_STORE;
  int calls = 0;
  const auto watch = store.watch(f.inbox, [&] { ++calls; });
  const std::vector<NewMessage> messages = {{octets("one"), {kSeen, {}}, kMonday, kTuesday},
                                            {octets("three"), {}, kTuesday, kTuesday},
                                            {octets(""), {kDeleted, {"Word"}}, kMonday, kTuesday}};
  const auto uids = store.append(f.inbox, messages);
  REQUIRE(uids);
  CHECK(uids.value == Uids{1, 2, 3});
  CHECK(calls == 1);
  const auto info = *store.mailbox(f.inbox);
  CHECK(info.messages == 3);
  CHECK(info.unseen == 2);
  CHECK(info.highest_modseq == 2);  // one change
  CHECK(store.message(f.inbox, 3)->flags == Flags{kDeleted, {"Word"}});
  CHECK(store.message(f.inbox, 2)->internal_date == kTuesday);
  CHECK(store.message(f.inbox, 1)->saved == kTuesday);
  CHECK(store.used(kBob) == 8);
  CHECK(store.used_messages(kBob) == 3);

  store.set_quota(kBob, 15);
  CHECK(store.append(f.inbox, messages).error == StoreError::over_quota);
  CHECK(store.mailbox(f.inbox)->messages == 3);
  CHECK(store.mailbox(f.inbox)->highest_modseq == 2);
  CHECK(store.append(f.inbox, std::span<const NewMessage>()).value.empty());
  CHECK(store.append(999, messages).error == StoreError::no_such_mailbox);
  CHECK(calls == 1);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("messages with UTF-8 in their headers are marked") {
  ON_EVERY_STORE;
  const Uid plain = store.append(f.inbox, "Subject: a\r\n\r\n\xc3\xa4", {}, kMonday).value;
  const Uid marked = store.append(f.inbox, "Subject: \xc3\xa4\r\n\r\n", {}, kMonday).value;
  CHECK_FALSE(store.message(f.inbox, plain)->utf8_headers);
  CHECK(store.message(f.inbox, marked)->utf8_headers);
  const auto drafts = store.mailbox(kBob, "Drafts")->id;
  const auto copied = store.copy(f.inbox, {plain, marked}, drafts, false, kTuesday);
  REQUIRE(copied);
  CHECK_FALSE(store.message(drafts, copied.value[0].to)->utf8_headers);
  CHECK(store.message(drafts, copied.value[1].to)->utf8_headers);
}

TEST_CASE("a mailbox has one name, however it is spelt") {
  ON_EVERY_STORE;
  const auto made = store.create_mailbox(kBob,
                                         "Bu\xcc\x88"
                                         "cher");
  REQUIRE(made);
  CHECK(store.mailbox(made.value)->name ==
        "B\xc3\xbc"
        "cher");
  CHECK(store
            .create_mailbox(kBob,
                            "B\xc3\xbc"
                            "cher")
            .error == StoreError::already_exists);
  CHECK(store
            .mailbox(kBob,
                     "Bu\xcc\x88"
                     "cher")
            ->id == made.value);
  CHECK(store.rename_mailbox(kBob,
                             "Bu\xcc\x88"
                             "cher",
                             "Tu\xcc\x88"
                             "cher") == StoreError::none);
  CHECK(store.mailbox(made.value)->name ==
        "T\xc3\xbc"
        "cher");
  CHECK(store.remove_mailbox(kBob,
                             "Tu\xcc\x88"
                             "cher") == StoreError::none);
}

TEST_CASE("renaming INBOX leaves its annotations on both") {
  ON_EVERY_STORE;
  CHECK(store.annotate(kBob, f.inbox, "/shared/comment", "x") == StoreError::none);
  CHECK(store.rename_mailbox(kBob, "INBOX", "Old") == StoreError::none);
  const std::vector<Annotation> both = {{"/shared/comment", "x"}};
  CHECK(store.annotations(kBob, f.inbox) == both);
  CHECK(store.annotations(kBob, store.mailbox(kBob, "Old")->id) == both);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("the same octets in several mailboxes have one name") {
  ON_EVERY_STORE;
  store.create_account(kAlice);
  const auto hers = store.mailbox(kAlice, "INBOX")->id;
  const auto trash = store.mailbox(kBob, "Trash")->id;
  const Body body = octets("Subject: x\r\n\r\ntext");
  const std::vector<NewMessage> twice(2, {body, {}, kMonday, kMonday});
  REQUIRE(store.append(f.inbox, twice));
  REQUIRE(store.append(hers, std::span(twice).first(1)));
  REQUIRE(store.copy(f.inbox, {1}, trash, false, kTuesday));
  const EmailId name = store.message(f.inbox, 1)->email;
  CHECK(name != 0);
  CHECK(store.message(f.inbox, 2)->email == name);
  CHECK(store.message(hers, 1)->email == name);
  CHECK(store.message(trash, 1)->email == name);
  CHECK(store.message(trash, 1)->saved == kTuesday);
  CHECK(store.message(trash, 1)->internal_date == kMonday);
  // Octets that were read are known again.
  f.under_test->restart();
  const NewMessage again{f.store().body(f.inbox, 1), {}, kTuesday, kTuesday};
  REQUIRE(f.store().append(trash, std::span(&again, 1)));
  CHECK(f.store().message(trash, 2)->email == name);
  // Equal octets that come on their own are another message.
  f.append(*body);
  CHECK(f.store().message(f.inbox, 3)->email != name);
  CHECK(f.under_test->check() == Strings{});

  // The octets live as long as one message has them, and can come back after that.
  f.store().expunge(f.inbox, {1, 2});
  f.store().expunge(trash, {1, 2});
  CHECK(*f.store().body(hers, 1) == *body);
  const Body kept = f.store().body(hers, 1);
  f.store().expunge(hers, {1});
  CHECK(f.under_test->check() == Strings{});
  const NewMessage late{kept, {}, kTuesday, kTuesday};
  REQUIRE(f.store().append(trash, std::span(&late, 1)));
  CHECK(*f.store().body(trash, 3) == *body);
  CHECK(f.store().message(trash, 3)->email == name);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("names of octets are never used again") {
  ON_EVERY_STORE;
  f.append("one");
  const EmailId first = store.message(f.inbox, 1)->email;
  store.expunge(f.inbox, {1});
  f.append("two");
  CHECK(store.message(f.inbox, 2)->email != first);
  f.under_test->restart();
  f.store().expunge(f.inbox, {2});
  f.append("three");
  CHECK(f.store().message(f.inbox, 3)->email != first);
}

TEST_CASE("a renamed INBOX keeps the times of saving") {
  ON_EVERY_STORE;
  f.append("one");
  CHECK(store.rename_mailbox(kBob, "INBOX", "old") == StoreError::none);
  CHECK(store.message(store.mailbox(kBob, "old")->id, 1)->saved == kMonday);
}

TEST_CASE("messages marked as deleted are counted, and their octets") {
  ON_EVERY_STORE;
  f.append("four", {kDeleted, {}});
  f.append("seven!!", {});
  const auto deleted = [&](MailboxId id) {
    const auto info = *f.store().mailbox(id);
    return std::pair(info.deleted, info.deleted_octets);
  };
  using Pair = std::pair<std::uint32_t, std::uint64_t>;
  CHECK(deleted(f.inbox) == Pair(1, 4));
  store.change_flags(f.inbox, {1, 2}, FlagChange::add, {kDeleted, {}});
  CHECK(deleted(f.inbox) == Pair(2, 11));
  const auto trash = store.mailbox(kBob, "Trash")->id;
  REQUIRE(store.copy(f.inbox, {1}, trash, true, kMonday));
  CHECK(deleted(f.inbox) == Pair(1, 7));
  CHECK(deleted(trash) == Pair(1, 4));
  f.under_test->restart();
  CHECK(deleted(trash) == Pair(1, 4));
  f.store().change_flags(f.inbox, {2}, FlagChange::set, {kSeen, {}});
  CHECK(deleted(f.inbox) == Pair(0, 0));
  f.store().expunge(trash, {1});
  CHECK(deleted(trash) == Pair(0, 0));
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("quota of messages") {
  ON_EVERY_STORE;
  CHECK(store.message_quota(kBob) == 0);
  store.set_message_quota(kBob, 3);
  CHECK(store.message_quota(kBob) == 3);
  f.append("1");
  f.append("2");
  const auto trash = store.mailbox(kBob, "Trash")->id;
  CHECK(store.copy(f.inbox, {1, 2}, trash, false, kMonday).error == StoreError::over_quota);
  REQUIRE(store.copy(f.inbox, {1, 2}, trash, true, kMonday));
  CHECK(store.used_messages(kBob) == 2);
  f.append("3");
  CHECK(store.append(f.inbox, "4", {}, kMonday).error == StoreError::over_quota);
  CHECK(store.remove_mailbox(kBob, "Trash") == StoreError::none);
  CHECK(store.used_messages(kBob) == 1);
  f.under_test->restart();
  CHECK(f.store().used_messages(kBob) == 1);
  CHECK(f.store().message_quota(kBob) == 3);
  CHECK(f.store().message_quota("nobody") == 0);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("the outline of a mailbox is what a session begins with") {
  ON_EVERY_STORE;
  CHECK(store.outline(f.inbox).uids.empty());
  for (int i = 0; i < 4; ++i) f.append("x", {kSeen, {"Alpha"}});
  store.change_flags(f.inbox, {3}, FlagChange::set, {0, {"beta", "ALPHA"}});
  store.expunge(f.inbox, {1});
  Outline outline = store.outline(f.inbox);
  CHECK(outline.uids == Uids{2, 3, 4});
  CHECK(outline.first_unseen == 3);
  CHECK(outline.keywords == Strings{"Alpha", "beta"});
  CHECK(store.outline(999).uids.empty());
  // It follows every change.
  f.append("y", {0, {"Gamma"}});
  store.change_flags(f.inbox, {3}, FlagChange::add, {kSeen, {"delta"}});
  store.expunge(f.inbox, {2, 4});
  outline = store.outline(f.inbox);
  CHECK(outline.uids == Uids{3, 5});
  CHECK(outline.first_unseen == 5);
  CHECK(outline.keywords == Strings{"Alpha", "beta", "delta", "Gamma"});
  REQUIRE(store.copy(f.inbox, {3, 5}, f.inbox, true, kMonday));
  CHECK(store.outline(f.inbox).uids == Uids{6, 7});
  store.expunge(f.inbox, {6, 7});
  CHECK(store.outline(f.inbox).uids.empty());
  CHECK(store.outline(f.inbox).first_unseen == 0);
  f.under_test->restart();
  f.append("z");
  CHECK(f.store().outline(f.inbox).uids == Uids{8});
}

TEST_CASE("headers are read without what is behind them") {
  ON_EVERY_STORE;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"Subject: a\r\n\r\ntext\r\n\r\nmore", "Subject: a\r\n\r\n"},
      {"\r\nno header", "\r\n"},
      {"Subject: no text\r\n", "Subject: no text\r\n"},
      {"bare\n\nline feeds", "bare\n\nline feeds"},
      {"", ""},
      {"Subject: end\r\n\r\n", "Subject: end\r\n\r\n"},
  };
  for (const auto& [text, header] : rows) f.append(text);
  std::vector<std::string> seen;
  store.headers(f.inbox, {}, [&](const MessageInfo& info, std::string_view header) {
    seen.emplace_back(header);
    return info.uid < 5;
  });
  REQUIRE(seen.size() == 5);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i] == rows[i].second);
    CHECK(*store.body(f.inbox, static_cast<Uid>(i + 1)) == rows[i].first);
  }
  seen.clear();
  store.headers(f.inbox, {6, 6}, [&](const MessageInfo&, std::string_view header) {
    seen.emplace_back(header);
    return true;
  });
  CHECK(seen == Strings{"Subject: end\r\n\r\n"});
}

}  // namespace mailscope::store
