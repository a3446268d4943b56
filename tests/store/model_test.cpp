// Random use of both stores at once: whatever is asked, they must give the same answers, also when
// the one on disk is restarted in between.
#include <random>

#include "tests/catch.hpp"
#include "tests/store/store_dump.hpp"
#include "tests/store/store_fixture.hpp"

namespace mailscope::store {

namespace {

class RandomUser {
 public:
  explicit RandomUser(unsigned seed) : random_(seed) {}

  /// Does one thing to both stores and gives both answers.
  std::pair<std::string, std::string> act(MailStore& a, MailStore& b) {
    const unsigned what = pick(100);
    const auto twice = [&](auto action) { return std::pair(action(a), action(b)); };
    const std::string account = pick(2) ? "a@x.example" : "b@x.example";
    const auto box = static_cast<MailboxId>(1 + pick(20));
    const auto box2 = static_cast<MailboxId>(1 + pick(20));
    const std::string name = some_name();
    const std::string name2 = some_name();
    const std::vector<Uid> some = some_uids();
    const Flags flags = some_flags();
    if (what < 35) {
      const std::string octets(pick(20), static_cast<char>('a' + pick(26)));
      return twice([&](MailStore& s) { return text(s.append(box, octets, flags, kMonday)); });
    }
    if (what < 55) {
      const auto change = static_cast<FlagChange>(pick(3));
      return twice([&](MailStore& s) { return text(s.change_flags(box, some, change, flags)); });
    }
    if (what < 65) return twice([&](MailStore& s) { return text(s.expunge(box, some)); });
    if (what < 78) {
      const bool move = pick(2);
      return twice([&](MailStore& s) {
        const auto result = s.copy(box, some, box2, move, kMonday);
        std::string out(to_string(result.error));
        for (const auto& c : result.value) out += std::to_string(c.from) + std::to_string(c.to);
        return out;
      });
    }
    if (what < 83)
      return twice([&](MailStore& s) { return text(s.create_mailbox(account, name)); });
    if (what < 86) {
      return twice([&](MailStore& s) { return text(s.remove_mailbox(account, name)); });
    }
    if (what < 90) {
      return twice([&](MailStore& s) { return text(s.rename_mailbox(account, name, name2)); });
    }
    if (what < 92) {
      const bool on = pick(2);
      return twice([&](MailStore& s) { return s.subscribe(account, name, on), std::string(); });
    }
    if (what < 94) return twice([&](MailStore& s) { return s.clear_recent(box), std::string(); });
    if (what < 95) {
      const unsigned octets = pick(4) ? 0 : 300;
      return twice([&](MailStore& s) { return s.set_quota(account, octets), std::string(); });
    }
    const ModSeq since = pick(30);
    return twice([&](MailStore& s) {
      const Changes changes = s.changes(box, since);
      return text(changes.changed) + text(changes.vanished) +
             std::to_string(changes.highest_modseq);
    });
  }
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

 private:
  static std::string text(StoreError error) { return std::string(to_string(error)); }
  template <typename T>
  static std::string text(const StoreResult<T>& result) {
    return std::string(to_string(result.error)) + std::to_string(result.value);
  }
  static std::string text(const std::vector<Uid>& uids) {
    std::string out;
    for (const Uid uid : uids) out += std::to_string(uid) + " ";
    return out;
  }
  static std::string text(const std::vector<MessageInfo>& messages) {
    std::string out;
    for (const auto& m : messages) {
      out += std::to_string(m.uid) + ":" + std::to_string(m.modseq) + ":" +
             std::to_string(m.flags.system);
      for (const auto& word : m.flags.keywords) out += "," + word;
      out += " ";
    }
    return out;
  }
  std::string some_name() {
    static const std::vector<std::string> kNames = {"INBOX", "inbox", "Sent", "a",   "a/b",
                                                    "a/b/c", "a b",   "b",    "b/a", "INBOX/x"};
    return kNames[pick(static_cast<unsigned>(kNames.size()))];
  }
  std::vector<Uid> some_uids() {
    std::vector<Uid> uids(pick(6));
    for (Uid& uid : uids) uid = static_cast<Uid>(pick(25));
    return uids;
  }
  Flags some_flags() {
    static const std::vector<std::string> kWords = {"Work", "work", "$Junk", "Zed", "bad word"};
    Flags flags;
    flags.system = static_cast<std::uint8_t>(pick(32));
    for (unsigned i = pick(3); i > 0; --i) {
      flags.keywords.push_back(kWords[pick(static_cast<unsigned>(kWords.size()))]);
    }
    return flags;
  }
  std::mt19937 random_;  // its numbers are the same everywhere
};

}  // namespace

TEST_CASE("both stores give the same answers to the same questions") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    RandomUser user(seed);
    MemoryUnderTest memory;
    SqliteUnderTest sqlite;
    for (const auto* account : {"a@x.example", "b@x.example"}) {
      memory.store().create_account(account);
      sqlite.store().create_account(account);
    }
    for (int step = 0; step < 400; ++step) {
      CAPTURE(step);
      const auto [a, b] = user.act(memory.store(), sqlite.store());
      REQUIRE(a == b);
      if (user.pick(40) == 0) sqlite.store().commit();
      if (user.pick(80) == 0) sqlite.restart();
    }
    CHECK(dump(memory.store()) == dump(sqlite.store()));
    CHECK(sqlite.check() == std::vector<std::string>{});
    sqlite.restart();
    CHECK(dump(memory.store()) == dump(sqlite.store()));
  }
}

}  // namespace mailscope::store
