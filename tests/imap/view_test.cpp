// The mailbox view: whatever others do, a client that follows the EXISTS and EXPUNGE that it is
// sent has the same numbers as the server.
#include <algorithm>

#include "server/imap/mailbox_view.hpp"
#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr std::string_view kAccount = "alice@acme.example";

// A client's picture, made from what it is told alone.
struct Picture {
  std::vector<store::Uid> by_number;  // 0: not known yet
  void follow(const ViewUpdate& update) {
    for (std::size_t i = 0; i < update.expunged.size(); ++i) {
      const std::uint32_t number = update.expunged[i];
      REQUIRE(number >= 1);
      REQUIRE(number <= by_number.size());
      const store::Uid known = by_number[number - 1];
      if (known != 0) CHECK(known == update.expunged_uids[i]);
      by_number.erase(by_number.begin() + number - 1);
    }
    if (update.exists) {
      REQUIRE(*update.exists >= by_number.size());
      by_number.resize(*update.exists, 0);
    }
    for (const auto& flags : update.flags) {
      REQUIRE(flags.number >= 1);
      REQUIRE(flags.number <= by_number.size());
      store::Uid& known = by_number[flags.number - 1];
      if (known != 0) CHECK(known == flags.info.uid);
      known = flags.info.uid;
    }
  }
};

struct Watcher {
  Watcher(store::MailStore& store, store::MailboxId id)
      : view(store, *store.mailbox(id), false), watch(store.watch(id, [this] { view.touch(); })) {
    picture.by_number.assign(view.uids().begin(), view.uids().end());
  }
  void hear(bool may_expunge) {
    picture.follow(view.update(may_expunge));
    REQUIRE(picture.by_number.size() == view.exists());
    for (std::uint32_t i = 0; i < view.exists(); ++i) {
      if (picture.by_number[i] != 0) REQUIRE(picture.by_number[i] == view.uid_at(i));
      picture.by_number[i] = view.uid_at(i);  // as a FETCH of UIDs would tell
    }
    REQUIRE(std::is_sorted(view.uids().begin(), view.uids().end()));
  }
  MailboxView view;
  Picture picture;
  std::unique_ptr<store::Watch> watch;
};

}  // namespace

TEST_CASE("sequence numbers stay right while two others change the mailbox", "[imap]") {
  std::uint32_t seed = 7;
  const auto draw = [&seed](std::uint32_t bound) {
    seed = seed * 1'664'525 + 1'013'904'223;
    return (seed >> 8) % bound;
  };
  for (int run = 0; run < 60; ++run) {
    store::MemoryStore store;
    store.create_account(kAccount);
    const store::MailboxId id = store.mailbox(kAccount, "INBOX")->id;
    const auto append = [&] { (void)store.append(id, "x", {}, {}); };
    for (std::uint32_t i = draw(20); i > 0; --i) append();
    Watcher one(store, id), two(store, id);
    for (int step = 0; step < 120; ++step) {
      const store::Uid next = store.mailbox(id)->uid_next;
      switch (draw(7)) {
        case 0:
          append();
          break;
        case 1:
          store.expunge(id, {draw(next) + 1, draw(next) + 1});
          break;
        case 2:
          (void)store.change_flags(id, {draw(next) + 1}, store::FlagChange::add,
                                   {store::kFlagged, {}});
          break;
        case 3:
          one.hear(true);
          break;
        case 4:
          one.hear(false);
          break;
        case 5:
          two.hear(draw(2) == 0);
          break;
        case 6:
          (void)store.copy(id, {draw(next) + 1}, id, draw(2) == 0, {});
          break;
      }
    }
    for (Watcher* watcher : {&one, &two}) {
      watcher->hear(true);
      std::vector<store::Uid> truth;
      store.scan(id, {}, [&](const store::MessageInfo& info) {
        truth.push_back(info.uid);
        return true;
      });
      CHECK(std::vector<store::Uid>(watcher->view.uids().begin(), watcher->view.uids().end()) ==
            truth);
      CHECK_FALSE(watcher->view.stale());
    }
    // \Recent belongs to one session alone.
    for (const store::Uid uid : one.view.uids())
      CHECK((one.view.is_recent(uid) && two.view.is_recent(uid)) == false);
  }
}

TEST_CASE("an expunge that may not be told keeps its number", "[imap]") {
  store::MemoryStore store;
  store.create_account(kAccount);
  const store::MailboxId id = store.mailbox(kAccount, "INBOX")->id;
  for (int i = 0; i < 4; ++i) (void)store.append(id, "x", {}, {});
  Watcher one(store, id);
  store.expunge(id, {2});
  (void)store.append(id, "x", {}, {});
  ViewUpdate update = one.view.update(false);
  CHECK(update.expunged.empty());
  CHECK(update.exists == 5u);
  CHECK(one.view.position_of(3) == 2u);
  store.expunge(id, {3, 5});
  update = one.view.update(true);
  CHECK(update.expunged == std::vector<std::uint32_t>{2, 2, 3});
  CHECK(update.expunged_uids == std::vector<store::Uid>{2, 3, 5});
  CHECK_FALSE(update.exists);
  CHECK(one.view.exists() == 2);
}

TEST_CASE("changes that the client was told of are not told again", "[imap]") {
  store::MemoryStore store;
  store.create_account(kAccount);
  const store::MailboxId id = store.mailbox(kAccount, "INBOX")->id;
  for (int i = 0; i < 6; ++i) (void)store.append(id, "x", {}, {});
  Watcher one(store, id);
  const auto flag = [&](std::vector<store::Uid> uids) {
    (void)store.change_flags(id, uids, store::FlagChange::add, {store::kFlagged, {}});
    return store.mailbox(id)->highest_modseq;
  };
  const auto told = [&] {
    std::vector<store::Uid> uids;
    for (const auto& item : one.view.update(false).flags) uids.push_back(item.info.uid);
    return uids;
  };
  using Uids = std::vector<store::Uid>;
  // Its own change comes next: there is nothing to look for.
  store::ModSeq at = flag({1, 2});
  one.view.told_all(at - 1, at);
  CHECK(one.view.known_modseq() == at);
  CHECK(told() == Uids{});
  // Others change something before, between and after its own changes.
  at = flag({3});
  at = flag({4});
  one.view.told_all(at - 1, at);
  at = flag({5});
  one.view.told_all(at - 1, at);
  CHECK(one.view.known_modseq() == at - 3);
  flag({6});
  CHECK(told() == Uids{3, 6});
  // What it was told is forgotten with the next change of the same message.
  (void)store.change_flags(id, {4}, store::FlagChange::add, {store::kSeen, {}});
  CHECK(told() == Uids{4});
}

// The facts of the next messages were read while the client took its time over the first.
TEST_CASE("what others change while a FETCH waits is told", "[imap]") {
  World world;
  for (int i = 0; i < 3; ++i)
    world.append("INBOX", "Subject: x\r\n\r\n" + std::string(i == 0 ? 400'000 : 10, 'x'));
  ServerEngine engine(world.options, world.accounts, world.store,
                      trace::Tracer(world.trace, trace::Origin{}), world.session_switches());
  const auto say = [&](std::string_view bytes, bool all = true) {
    engine.drained(world.now);
    engine.receive(world.now, bytes);
    std::string out;
    while (engine.has_output()) {
      out += engine.take_output().bytes;
      if (!all) break;
      engine.drained(world.now);
    }
    return out;
  };
  engine.start(world.now);
  say("a LOGIN alice secret\r\nb SELECT INBOX\r\n");
  say("c FETCH 1:2 BODY[]\r\n", false);
  (void)world.store.change_flags(world.mailbox("INBOX"), {2, 3}, store::FlagChange::add,
                                 {store::kSeen, {}});
  const std::string rest = say("") + say("d NOOP\r\n");
  CHECK(rest.find("* 2 FETCH (BODY[] ") != std::string::npos);
  CHECK(rest.find("c OK Fetched") != std::string::npos);
  CHECK(rest.find("* 3 FETCH (UID 3 FLAGS (\\Seen") != std::string::npos);
}

}  // namespace mailscope::imap::test
