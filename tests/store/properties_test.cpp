// What every mailbox store must do: annotations, access lists, Sieve scripts, what is remembered.
#include "tests/store/every_store.hpp"

namespace mailscope::store {

namespace {

using Annotations = std::vector<Annotation>;
using Grants = std::vector<Grant>;
using Scripts = std::vector<ScriptInfo>;

net::Time after(int hours) {
  return kMonday + std::chrono::hours(hours);
}

}  // namespace

TEST_CASE("annotations: shared ones are everybody's, private ones each user's") {
  ON_EVERY_STORE;
  store.create_account(kAlice);
  CHECK(store.annotations(kBob, f.inbox).empty());
  CHECK(store.annotate(kBob, f.inbox, "/shared/Comment", "for all") == StoreError::none);
  CHECK(store.annotate(kBob, f.inbox, "/PRIVATE/comment", "bob's") == StoreError::none);
  CHECK(store.annotate(kAlice, f.inbox, "/private/comment", "") == StoreError::none);
  CHECK(store.annotate(kAlice, f.inbox, "/private/vendor/x/y", std::string("\0\xFF", 2)) ==
        StoreError::none);
  const Annotations bobs = {{"/private/comment", "bob's"}, {"/shared/comment", "for all"}};
  CHECK(store.annotations(kBob, f.inbox) == bobs);
  CHECK(store.annotations(kAlice, f.inbox) ==
        Annotations{{"/private/comment", ""},
                    {"/private/vendor/x/y", std::string("\0\xFF", 2)},
                    {"/shared/comment", "for all"}});
  CHECK(store.annotate(kAlice, f.inbox, "/private/COMMENT", std::nullopt) == StoreError::none);
  CHECK(store.annotate(kAlice, f.inbox, "/private/none", std::nullopt) == StoreError::none);
  CHECK(store.annotations(kAlice, f.inbox).size() == 2);
  CHECK(store.annotations(kBob, f.inbox) == bobs);
  // Those of the server.
  CHECK(store.annotate(kBob, 0, "/private/comment", "mine") == StoreError::none);
  CHECK(store.annotate(kBob, 0, "/shared/admin", "mailto:root@x.example") == StoreError::none);
  CHECK(store.annotations(kBob, 0).size() == 2);
  CHECK(store.annotations(kAlice, 0) == Annotations{{"/shared/admin", "mailto:root@x.example"}});
  CHECK(f.under_test->check() == Strings{});
  f.under_test->restart();
  CHECK(f.store().annotations(kBob, f.inbox) == bobs);
  CHECK(f.store().annotations(kAlice, 0).size() == 1);
  CHECK(f.store().annotations(kBob, 0).size() == 2);
}

TEST_CASE("what users say of a mailbox is a change of it") {
  ON_EVERY_STORE;  // RFC 7162 section 3.2
  const ModSeq before = store.mailbox(f.inbox)->highest_modseq;
  CHECK(store.annotate(kBob, f.inbox, "/shared/comment", "x") == StoreError::none);
  CHECK(store.annotate(kBob, f.inbox, "/private/comment", std::nullopt) == StoreError::none);
  CHECK(store.mailbox(f.inbox)->highest_modseq == before + 1);
  // What belongs to nobody who can log in is none.
  CHECK(store.annotate("key:" + std::string(kBob), f.inbox, "/private/key", "x") ==
        StoreError::none);
  CHECK(store.annotate(kBob, 0, "/private/comment", "x") == StoreError::none);
  f.under_test->restart();
  CHECK(f.store().mailbox(f.inbox)->highest_modseq == before + 1);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("annotations move with their mailbox and go with it") {
  ON_EVERY_STORE;
  const auto id = store.create_mailbox(kBob, "a").value;
  CHECK(store.annotate(kBob, id, "/shared/comment", "x") == StoreError::none);
  CHECK(store.grant(id, kAlice, "lr") == StoreError::none);
  CHECK(store.rename_mailbox(kBob, "a", "b") == StoreError::none);
  CHECK(store.annotations(kBob, id).size() == 1);
  CHECK(store.remove_mailbox(kBob, "b") == StoreError::none);
  CHECK(store.annotations(kBob, id).empty());
  CHECK(store.granted_to(kAlice).empty());
  CHECK(store.annotate(kBob, id, "/shared/comment", "x") == StoreError::no_such_mailbox);
  CHECK(store.annotations(kBob, store.create_mailbox(kBob, "b").value).empty());
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("annotations have limits") {
  ON_EVERY_STORE;
  const auto set = [&](std::string_view entry, std::string_view value) {
    return store.annotate(kBob, f.inbox, entry, value);
  };
  for (const auto* name : {"", "/", "comment", "/comment", "/private", "/private/", "/shared/a/",
                           "/sharedx/a", "/shared/a\nb"}) {
    CAPTURE(name);
    CHECK(set(name, "x") == StoreError::bad_name);
  }
  CHECK(set("/shared/" + std::string(247, 'a'), "") == StoreError::none);
  CHECK(set("/shared/" + std::string(248, 'a'), "") == StoreError::bad_name);
  CHECK(set("/shared/x", std::string(kMaxAnnotationOctets, 'v')) == StoreError::none);
  CHECK(set("/shared/x", std::string(kMaxAnnotationOctets + 1, 'v')) == StoreError::too_large);
  for (std::size_t i = 0; i < kMaxAnnotations; ++i) {
    REQUIRE(set("/private/" + std::to_string(i), "v") == StoreError::none);
  }
  CHECK(set("/private/one-more", "v") == StoreError::too_many);
  CHECK(set("/private/7", "changed") == StoreError::none);
  CHECK(set("/shared/y", "v") == StoreError::none);
  CHECK(store.annotate(kAlice, f.inbox, "/private/hers", "v") == StoreError::none);
  CHECK(store.annotate("nobody", 0, "/private/x", "v") == StoreError::no_such_account);
}

TEST_CASE("access lists, and whom they name") {
  ON_EVERY_STORE;
  store.create_account(kAlice);
  const auto sent = store.mailbox(kBob, "Sent")->id;
  const auto hers = store.mailbox(kAlice, "Archive")->id;
  CHECK(store.grant(sent, kAlice, "lrs") == StoreError::none);
  CHECK(store.grant(sent, "anyone", "l") == StoreError::none);
  CHECK(store.grant(sent, "-" + kAlice, "w") == StoreError::none);
  CHECK(store.grant(f.inbox, "anyone", "") == StoreError::none);
  CHECK(store.grant(hers, "anyone", "lr") == StoreError::none);
  CHECK(store.grant(sent, kAlice, "lrsw") == StoreError::none);
  CHECK(store.grants(sent) == Grants{{"-" + kAlice, "w"}, {kAlice, "lrsw"}, {"anyone", "l"}});
  CHECK(store.owner(sent) == kBob);
  CHECK(store.owner(999).empty());
  f.under_test->restart();
  MailStore& again = f.store();
  const auto shared = again.granted_to("anyone");
  REQUIRE(shared.size() == 3);
  CHECK(shared[0].owner == kAlice);
  CHECK(shared[0].name == "Archive");
  CHECK(shared[0].id == hers);
  CHECK(shared[0].rights == "lr");
  CHECK(shared[1].name == "INBOX");
  CHECK(shared[1].rights.empty());
  CHECK(shared[2].name == "Sent");
  CHECK(again.granted_to(kAlice).size() == 1);
  CHECK(again.granted_to(kBob).empty());
  CHECK(again.grant(sent, kAlice, std::nullopt) == StoreError::none);
  CHECK(again.grant(sent, kAlice, std::nullopt) == StoreError::none);
  CHECK(again.grants(sent).size() == 2);
  CHECK(again.granted_to(kAlice).empty());
  CHECK(again.grant(999, kAlice, "l") == StoreError::no_such_mailbox);
  CHECK(again.grant(sent, "", "l") == StoreError::bad_name);
  CHECK(again.grant(sent, "a\r\nb", "l") == StoreError::bad_name);
  CHECK(again.grant(sent, std::string(256, 'a'), "l") == StoreError::bad_name);
  CHECK(again.grant(sent, "x", std::string(65, 'l')) == StoreError::too_large);
  for (std::size_t i = again.grants(sent).size(); i < kMaxGrants; ++i) {
    REQUIRE(again.grant(sent, "user" + std::to_string(i), "l") == StoreError::none);
  }
  CHECK(again.grant(sent, "one more", "l") == StoreError::too_many);
  CHECK(f.under_test->check() == Strings{});
}

TEST_CASE("Sieve scripts: at most one is active") {
  ON_EVERY_STORE;
  CHECK(store.scripts(kBob).empty());
  CHECK(store.active_script(kBob).empty());
  CHECK(store.put_script(kBob, "work", "keep;\r\n") == StoreError::none);
  CHECK(store.put_script(kBob, "holidays", std::string("\0\xFF", 2)) == StoreError::none);
  CHECK(store.activate_script(kBob, "work") == StoreError::none);
  CHECK(store.activate_script(kBob, "none") == StoreError::no_such_script);
  CHECK(store.remove_script(kBob, "work") == StoreError::not_permitted);
  CHECK(store.remove_script(kBob, "none") == StoreError::no_such_script);
  CHECK(store.put_script(kBob, "work", "discard;\r\n") == StoreError::none);
  const Scripts expected = {{"holidays", 2, false}, {"work", 10, true}};
  CHECK(store.scripts(kBob) == expected);
  CHECK(store.rename_script(kBob, "none", "x") == StoreError::no_such_script);
  CHECK(store.rename_script(kBob, "work", "holidays") == StoreError::already_exists);
  CHECK(store.rename_script(kBob, "work", "") == StoreError::bad_name);
  CHECK(store.rename_script(kBob, "work", "office") == StoreError::none);
  CHECK(f.under_test->check() == Strings{});
  f.under_test->restart();
  MailStore& again = f.store();
  CHECK(again.active_script(kBob) == "office");
  CHECK(*again.script(kBob, "office") == "discard;\r\n");
  CHECK(*again.script(kBob, "holidays") == std::string("\0\xFF", 2));
  CHECK_FALSE(again.script(kBob, "work"));
  CHECK(again.activate_script(kBob, "") == StoreError::none);
  CHECK(again.active_script(kBob).empty());
  CHECK(again.remove_script(kBob, "office") == StoreError::none);
  CHECK(again.scripts(kBob).size() == 1);
  CHECK(again.put_script("nobody", "x", "") == StoreError::no_such_account);
  CHECK(again.activate_script("nobody", "") == StoreError::no_such_account);
  CHECK_FALSE(again.script("nobody", "x"));
}

TEST_CASE("Sieve scripts have limits") {
  ON_EVERY_STORE;
  const std::string large(kMaxScriptOctets, 's');
  CHECK(store.put_script(kBob, "", "") == StoreError::bad_name);
  CHECK(store.put_script(kBob, "a\nb", "") == StoreError::bad_name);
  CHECK(store.put_script(kBob, std::string(513, 'n'), "") == StoreError::bad_name);
  CHECK(store.put_script(kBob, "x", large + "s") == StoreError::too_large);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(store.put_script(kBob, "large " + std::to_string(i), large) == StoreError::none);
  }
  CHECK(store.put_script(kBob, "x", "s") == StoreError::over_quota);
  CHECK(store.put_script(kBob, "large 1", large) == StoreError::none);
  for (std::size_t i = 4; i < kMaxScripts; ++i) {
    REQUIRE(store.put_script(kBob, std::to_string(i), "") == StoreError::none);
  }
  CHECK(store.put_script(kBob, "x", "") == StoreError::too_many);
}

TEST_CASE("what is remembered is forgotten after its time") {
  ON_EVERY_STORE;
  store.create_account(kAlice);
  CHECK(store.remember(kBob, "vacation carol@x.example", kMonday, after(24)));
  CHECK_FALSE(store.remember(kBob, "vacation carol@x.example", after(23), after(48)));
  CHECK(store.remember(kAlice, "vacation carol@x.example", kMonday, after(24)));
  f.under_test->restart();
  CHECK_FALSE(f.store().remember(kBob, "vacation carol@x.example", after(1), after(48)));
  CHECK(f.store().remember(kBob, "vacation carol@x.example", after(24), after(48)));
  CHECK_FALSE(f.store().remember(kBob, "vacation carol@x.example", after(25), after(48)));
  CHECK(f.store().remembers(kBob, "vacation carol@x.example", after(47)));
  CHECK_FALSE(f.store().remembers(kBob, "vacation carol@x.example", after(48)));
  CHECK_FALSE(f.store().remembers(kBob, "other", after(25)));
  f.store().forget(kBob, "vacation carol@x.example");
  f.store().forget(kBob, "vacation carol@x.example");
  CHECK_FALSE(f.store().remembers(kBob, "vacation carol@x.example", after(25)));
  CHECK(f.store().remember(kBob, "vacation carol@x.example", after(25), after(48)));
  // When there are too many of a kind, the one that ends first makes room; others stay.
  CHECK(f.store().remember(kBob, "seen first", kMonday, after(99)));
  for (std::size_t i = 0; i < kMaxRemembered; ++i) {
    REQUIRE(f.store().remember(kBob, "seen " + std::to_string(i), kMonday, after(100)));
  }
  CHECK_FALSE(f.store().remembers(kBob, "seen first", kMonday));
  CHECK(f.store().remembers(kBob, "seen 0", kMonday));
  CHECK_FALSE(f.store().remember(kBob, "vacation carol@x.example", after(25), after(48)));
  CHECK(f.store().remember(kBob, std::string(513, 'x'), kMonday, after(1)));
  CHECK(f.store().remember(kBob, std::string(513, 'x'), kMonday, after(1)));
}

TEST_CASE("counts go on while reports come, and are forgotten after a time") {
  ON_EVERY_STORE;
  CHECK(store.counted("bounces x", kMonday) == 0);
  CHECK(store.count_up("bounces x", kMonday, after(24)) == 1);
  CHECK(store.count_up("bounces x", after(23), after(48)) == 2);
  CHECK(store.count_up("bounces y", after(23), after(25)) == 1);
  store.commit();
  CHECK(f.under_test->check() == Strings{});
  f.under_test->restart();
  CHECK(f.store().counted("bounces x", after(47)) == 2);
  CHECK(f.store().counted("bounces x", after(48)) == 0);
  CHECK(f.store().counted("bounces y", after(24)) == 1);
  CHECK(f.store().count_up("bounces x", after(47), after(72)) == 3);
  CHECK(f.store().count_up("bounces y", after(25), after(49)) == 1);
  // The first to end makes place for a new one.
  for (std::size_t i = 0; i < kMaxCounted; ++i)
    REQUIRE(f.store().count_up(std::to_string(i), after(26), after(100)) == 1);
  CHECK(f.store().counted("bounces y", after(26)) == 0);
  CHECK(f.store().counted("bounces x", after(26)) == 0);
  CHECK(f.store().counted("9999", after(26)) == 1);
  CHECK(f.store().count_up(std::string(513, 'x'), kMonday, after(1)) == 1);
  CHECK(f.store().count_up(std::string(513, 'x'), kMonday, after(1)) == 1);
}

TEST_CASE("who watches an account hears of all but the contents of mailboxes") {
  ON_EVERY_STORE;
  store.create_account(kAlice);
  int calls = 0;
  auto watch = store.watch_account(kBob, [&] { ++calls; });
  auto nobody = store.watch_account("nobody", [&] { calls += 100; });
  const auto heard = [&] { return std::exchange(calls, 0) == 1; };
  const auto id = store.create_mailbox(kBob, "a").value;
  CHECK(heard());
  CHECK(store.rename_mailbox(kBob, "a", "b") == StoreError::none);
  CHECK(heard());
  store.subscribe(kBob, "b", true);
  CHECK(heard());
  store.subscribe(kBob, "b", true);
  CHECK_FALSE(heard());
  CHECK(store.annotate(kAlice, id, "/shared/comment", "x") == StoreError::none);
  CHECK(heard());
  CHECK(store.grant(id, kAlice, "l") == StoreError::none);
  CHECK(heard());
  f.append("x");
  CHECK_FALSE(heard());
  CHECK(store.create_mailbox(kAlice, "a"));
  CHECK_FALSE(heard());
  CHECK(store.remove_mailbox(kBob, "b") == StoreError::none);
  CHECK(heard());
}

}  // namespace mailscope::store
