// LIST-EXTENDED (RFC 5258), LIST-STATUS (RFC 5819), SPECIAL-USE (RFC 6154).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr const char* kAlice = "alice@acme.example";

// The tree of RFC 5258 section 5.
void fruit(World& world) {
  for (const std::string& name : world.store.subscriptions(kAlice))
    world.store.subscribe(kAlice, name, false);
  for (const auto& info : world.store.mailboxes(kAlice)) {
    if (info.name != "INBOX") (void)world.store.remove_mailbox(kAlice, info.name);
  }
  for (const char* name : {"Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable/Broccoli"})
    (void)world.store.create_mailbox(kAlice, name, {});
  for (const char* name : {"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Corn"})
    world.store.subscribe(kAlice, name, true);
}

}  // namespace

TEST_CASE("LIST selects by subscription, with names that are not there", "[imap][list-extended]") {
  play(R"(
    C: a LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Fruit/Peach
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Vegetable/Corn
    S: a OK Listed
    C: b LIST () "" "T*"
    S: * LIST (\HasNoChildren) "/" Tofu
    S: b OK Listed
    C: c LIST (REMOTE) "" "T%"
    S: * LIST (\HasNoChildren) "/" Tofu
    S: c OK Listed
    C: d LIST (SUBSCRIBED REMOTE) "" "I*"
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: d OK Listed
  )",
       fruit);
}

TEST_CASE("LIST returns subscriptions and children", "[imap][list-extended]") {
  play(R"(
    C: a LIST "" "%" RETURN (SUBSCRIBED CHILDREN)
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: a OK Listed
    C: b LIST "" ("INBOX" "Fruit/%") RETURN ()
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren) "/" Fruit/Banana
    S: * LIST (\HasNoChildren) "/" INBOX
    S: b OK Listed
    C: c LIST "" ("")
    S: c OK Listed
    C: d LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S: d OK Listed
  )",
       fruit);
}

TEST_CASE("RECURSIVEMATCH shows parents for what they hold", "[imap][list-extended]") {
  play(R"(
    C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren) "/" Fruit ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable ("CHILDINFO" ("SUBSCRIBED"))
    S: a OK Listed
    C: b LIST (RECURSIVEMATCH SUBSCRIBED) "" "V*"
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Vegetable/Corn
    S: b OK Listed
    C: c LIST (RECURSIVEMATCH) "" "%"
    S: c BAD ...
    C: d LIST (RECURSIVEMATCH REMOTE) "" "%"
    S: d BAD ...
  )",
       fruit);
  // RFC 5258 section 5, example 9: the parent is not there itself.
  play(R"(
    C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" "G%"
    S: * LIST (\NonExistent \HasNoChildren) "/" Gone ("CHILDINFO" ("SUBSCRIBED"))
    S: a OK Listed
  )",
       [](World& world) { world.store.subscribe(kAlice, "Gone/Child", true); });
}

TEST_CASE("LIST with STATUS", "[imap][list-status]") {
  play(R"(
    C: a LIST "" "T%" RETURN (STATUS (MESSAGES UNSEEN))
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * STATUS Tofu (MESSAGES 1 UNSEEN 1)
    S: a OK Listed
    C: b LIST (SUBSCRIBED) "" "Fruit/P%" RETURN (STATUS (MESSAGES))
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Fruit/Peach
    S: b OK Listed
    C: c LIST "" "T%" RETURN (STATUS ())
    S: c BAD ...
    C: d LIST "" "T%" RETURN (STATUS (FRESHNESS))
    S: d BAD ...
    C: e LIST "" "T%" RETURN STATUS (MESSAGES)
    S: e BAD ...
  )",
       [](World& world) {
         fruit(world);
         world.append("Tofu", "Subject: white\r\n\r\n");
       });
}

TEST_CASE("LIST by special use", "[imap][special-use]") {
  play(R"(
    C: a LIST (SPECIAL-USE) "" "*"
    S: * LIST (\HasNoChildren \Archive) "/" Archive
    S: * LIST (\HasNoChildren \Drafts) "/" Drafts
    S: * LIST (\HasNoChildren \Junk) "/" Junk
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: a OK Listed
    C: b LIST "" "S%" RETURN (SPECIAL-USE)
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S: b OK Listed
  )");
}

TEST_CASE("LIST's extended grammar when it is not offered", "[imap][list-extended]") {
  play(R"(
    C: a LIST (SUBSCRIBED) "" "*"
    S: a BAD ...
    C: b LIST "" ("A" "B")
    S: b BAD ...
    C: c LIST "" "T%" RETURN (STATUS (MESSAGES))
    S: c BAD ...
    C: d LIST "" "T%"
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: d OK Listed
  )",
       [](World& world) { world.hide("LIST-EXTENDED"); });
}

TEST_CASE("LIST's options are limited", "[imap][list-extended]") {
  World world;
  Line line(world);
  line.send("l LOGIN alice secret\r\n", false);
  line.take();
  std::string many = "a LIST \"\" (A";
  for (int i = 0; i < 100; ++i) many += " A";
  line.send(many + ")\r\n", false);
  CHECK(line.take().starts_with("a BAD"));
  std::string options = "b LIST (SUBSCRIBED";
  for (int i = 0; i < 100; ++i) options += " SUBSCRIBED";
  line.send(options + ") \"\" A\r\n", false);
  CHECK(line.take().starts_with("b BAD"));
}

}  // namespace mailscope::imap::test
