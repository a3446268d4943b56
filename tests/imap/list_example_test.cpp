// The examples of RFC 5258 section 5, RFC 5819 section 3 and RFC 8440 section 4. Here names come in
// order, \HasChildren is always told, and nothing is remote.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr const char* kAlice = "alice@acme.example";

std::function<void(World&)> tree(std::vector<std::string> names,
                                 std::vector<std::string> subscribed) {
  return [names, subscribed](World& world) {
    for (const std::string& name : world.store.subscriptions(kAlice))
      world.store.subscribe(kAlice, name, false);
    for (const auto& info : world.store.mailboxes(kAlice)) {
      if (info.name != "INBOX") (void)world.store.remove_mailbox(kAlice, info.name);
    }
    for (const std::string& name : names) (void)world.store.create_mailbox(kAlice, name, {});
    for (const std::string& name : subscribed) world.store.subscribe(kAlice, name, true);
  };
}

}  // namespace

TEST_CASE("RFC 5258 section 5, examples 1 to 6", "[imap][list-extended]") {
  play(R"(
    C: A01 LIST "" "*"
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren) "/" Fruit/Banana
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: * LIST (\HasNoChildren) "/" Vegetable/Broccoli
    S: * LIST (\HasNoChildren) "/" Vegetable/Corn
    S: A01 OK Listed
    C: A02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Fruit/Peach
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: A02 OK Listed
    C: A03 LIST () "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: A03 OK Listed
    C: A04 LIST (REMOTE) "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: A04 OK Listed
    C: A05 LIST (REMOTE SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" Fruit/Peach
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: A05 OK Listed
    C: A06 LIST (REMOTE) "" "*" RETURN (SUBSCRIBED)
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: * LIST (\HasNoChildren) "/" Vegetable/Corn
    S: A06 OK Listed
  )",
       tree({"Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable/Broccoli", "Vegetable/Corn"},
            {"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"}));
}

TEST_CASE("RFC 5258 section 5, example 7", "[imap][list-extended]") {
  play(R"(
    C: BBB LIST "" ("INBOX" "Drafts" "Sent/%")
    S: * LIST (\HasNoChildren) "/" Drafts
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Sent/August2004
    S: * LIST (\HasNoChildren) "/" Sent/December2003
    S: * LIST (\HasNoChildren) "/" Sent/March2004
    S: BBB OK Listed
  )",
       tree({"Drafts", "Sent/March2004", "Sent/December2003", "Sent/August2004", "Other"}, {}));
}

TEST_CASE("RFC 5258 section 5, example 8", "[imap][list-extended]") {
  const std::vector<std::string> hierarchy = {"Foo/Bar", "Foo/Baz", "Moo"};
  play(R"(
    C: CA3 LIST "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren) "/" Foo
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Moo
    S: CA3 OK Listed
    C: C02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" Foo/Baz
    S: C02 OK Listed
    C: C03 LIST (SUBSCRIBED) "" "%"
    S: C03 OK Listed
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK Listed
    C: C05 SUBSCRIBE Foo
    S: C05 OK Subscribed
    C: C06 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren \Subscribed) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C06 OK Listed
  )",
       tree(hierarchy, {"Foo/Baz"}));
  play(R"(
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\NonExistent \HasNoChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK Listed
  )",
       tree({"Moo"}, {"Foo/Baz"}));
  play(R"(
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: C04 OK Listed
  )",
       tree(hierarchy, {}));
  play(R"(
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren \Subscribed) "/" Foo
    S: * LIST (\HasNoChildren \Subscribed) "/" Moo
    S: C04 OK Listed
  )",
       tree(hierarchy, {"Foo", "Moo"}));
}

TEST_CASE("RFC 5258 section 5, examples 9 and 10", "[imap][list-extended]") {
  // Of the two answers of example 9 the one is given that section 3.5 asks for.
  play(R"(
    C: D03 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar222
    S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
    S: D03 OK Listed
  )",
       tree({"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2/mamba",
             "qux2/bar2"},
            {"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2",
             "eps2/mamba", "qux2/bar2"}));
  play(R"(
    C: a1 LIST "" ("foo" "foo/*")
    S: * LIST (\HasNoChildren) "/" foo
    S: a1 OK Listed
    C: a2 LIST (SUBSCRIBED) "" "foo/*"
    S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" foo/bar
    S: a2 OK Listed
    C: a3 LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: a3 OK Listed
  )",
       tree({"foo"}, {"foo/bar"}));
}

TEST_CASE("LIST's options count once", "[imap][list-extended]") {
  play(R"(
    C: a LIST (SUBSCRIBED RECURSIVEMATCH SUBSCRIBED) "" % RETURN (CHILDREN CHILDREN)
    S: * LIST (\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: a OK Listed
  )",
       tree({"foo/bar"}, {"foo/bar"}));
}

TEST_CASE("the examples of RFC 5819 section 3 and RFC 8440 section 4", "[imap][list-status]") {
  // What shows for its children's sake was not selected, and nothing is told of it.
  play(R"(
    C: A01 LIST "" % RETURN (STATUS (MESSAGES UNSEEN))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 2 UNSEEN 1)
    S: * LIST (\HasChildren) "/" foo
    S: * STATUS foo (MESSAGES 0 UNSEEN 0)
    S: A01 OK Listed
    C: A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES))
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * STATUS INBOX (MESSAGES 2)
    S: * LIST (\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: A02 OK Listed
    C: A03 LIST "" % RETURN (MYRIGHTS)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: * LIST (\HasChildren) "/" foo
    S: * MYRIGHTS foo lrswipkxteacd
    S: A03 OK Listed
    C: A04 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (MYRIGHTS METADATA (/shared/comment))
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: * METADATA INBOX (/shared/comment NIL)
    S: * LIST (\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: A04 OK Listed
  )",
       [](World& world) {
         tree({"foo/child"}, {"INBOX", "foo/child"})(world);
         world.append("INBOX", "Subject: x\r\n\r\n");
         world.append("INBOX", "Subject: y\r\n\r\n", {store::kSeen, {}});
       });
}

}  // namespace mailscope::imap::test
