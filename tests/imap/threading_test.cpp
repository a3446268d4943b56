// Threads (RFC 5256 section 3) as pure functions: the algorithms' rules one by one.
#include "server/imap/threading.hpp"

#include <chrono>

#include "server/imap/link_forest.hpp"
#include "server/imap/message_ids.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap {
namespace {

// Messages in mailbox order; each is sent a minute after the one before unless `minute` says more.
class Mailbox {
 public:
  Mailbox& add(std::string id, std::vector<std::string> references = {}, std::string subject = {},
               bool reply = false, int minute = -1) {
    ThreadedMessage message;
    message.number = static_cast<std::uint32_t>(messages.size() + 1);
    message.sent = net::Time(std::chrono::minutes(minute < 0 ? int(messages.size()) : minute));
    message.arrived = message.sent;
    message.message_id = std::move(id);
    message.references = std::move(references);
    message.subject = std::move(subject);
    message.reply_or_forward = reply;
    messages.push_back(std::move(message));
    return *this;
  }
  std::string references() const { return format_threads(thread_by_references(messages)); }
  std::string refs() const { return format_threads(thread_by_refs(messages)); }
  std::string subjects() const { return format_threads(thread_by_subject(messages)); }
  std::vector<ThreadedMessage> messages;
};

}  // namespace

TEST_CASE("message identifiers are normalised", "[imap]") {
  CHECK(first_message_id("<a@b>") == "a@b");
  CHECK(first_message_id("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>") ==
        "01KF8JCEOCBS0045PS@xxx.yyy.com");
  CHECK(first_message_id("<\"a\\\"b\"@c>") == "a\"b@c");
  CHECK(first_message_id("Your message of Monday <a@b> from bob@c") == "a@b");
  CHECK(first_message_id("<a @\r\n b>") == "a@b");
  CHECK(first_message_id("<no-at-sign>").empty());
  CHECK(first_message_id("<@b>").empty());
  CHECK(first_message_id("<a@>").empty());
  CHECK(first_message_id("<a@b").empty());
  CHECK(first_message_id("<broken <a@b>") == "a@b");
  CHECK(message_ids("<a@x> <b@x>\r\n\t<c@x>", 100) ==
        std::vector<std::string>{"a@x", "b@x", "c@x"});
  CHECK(message_ids("<a@x><b@x><c@x>", 2) == std::vector<std::string>{"b@x", "c@x"});
}

TEST_CASE("threads are written as RFC 5256 section 4 shows", "[imap]") {
  ThreadTree tree;
  tree.nodes = {{2, {}}, {3, {2}}, {6, {3, 5}}, {4, {4}}, {23, {}}, {44, {6}}, {7, {7}}, {96, {}}};
  tree.threads = {0, 1};
  CHECK(format_threads(tree) == "(2)(3 6 (4 23)(44 7 96))");
  ThreadTree siblings;
  siblings.nodes = {{0, {1, 2}}, {3, {}}, {5, {}}};
  siblings.threads = {0};
  CHECK(format_threads(siblings) == "((3)(5))");
  CHECK(format_threads({}).empty());
}

TEST_CASE("ORDEREDSUBJECT", "[imap]") {
  Mailbox box;
  box.add("", {}, "b", false, 5).add("", {}, "a", false, 3).add("", {}, "b", false, 4);
  box.add("", {}, "a", false, 9).add("", {}, "c", false, 1).add("", {}, "a", false, 6);
  CHECK(box.subjects() == "(5)(2 (6)(4))(3 1)");
  CHECK(Mailbox().subjects().empty());
  CHECK(Mailbox().add("").add("").subjects() == "(1 2)");
}

TEST_CASE("REFERENCES links replies to what they reply to", "[imap]") {
  Mailbox box;
  box.add("a").add("b", {"a"}).add("c", {"a", "b"}).add("d", {"a"});
  CHECK(box.references() == "(1 (2 3)(4))");
  // In any order in the mailbox.
  CHECK(Mailbox().add("c", {"a", "b"}).add("a").add("b", {"a"}).references() == "(2 3 1)");
}

TEST_CASE("REFERENCES and messages that are not there", "[imap]") {
  SECTION("children stay together below a dummy") {
    CHECK(Mailbox().add("b", {"a"}).add("c", {"a"}).references() == "((1)(2))");
  }
  SECTION("a dummy with one child is left out") {
    CHECK(Mailbox().add("b", {"a"}).references() == "(1)");
    CHECK(Mailbox().add("c", {"x", "y", "z"}).references() == "(1)");
  }
  SECTION("a dummy in the middle is left out") {
    CHECK(Mailbox().add("a").add("c", {"a", "b"}).add("d", {"a", "b"}).references() ==
          "(1 (2)(3))");
    CHECK(Mailbox().add("c", {"x", "y"}).add("d", {"x", "y"}).references() == "((1)(2))");
  }
}

TEST_CASE("REFERENCES: links that are there and loops", "[imap]") {
  SECTION("another's References do not change a parent") {
    CHECK(Mailbox().add("a").add("b", {"a"}).add("x").add("c", {"x", "b"}).references() ==
          "(1 2 4)(3)");
  }
  SECTION("a message's own last reference does") {
    CHECK(Mailbox().add("a").add("x").add("c", {"a", "b"}).add("b", {"x"}).references() ==
          "(1)(2 4 3)");
  }
  SECTION("a message without references loses the parent that others gave it") {
    CHECK(Mailbox().add("a").add("c", {"a", "b"}).add("b").references() == "(1)(3 2)");
  }
  SECTION("loops are not made") {
    CHECK(Mailbox().add("a", {"b"}).add("b", {"a"}).references() == "(2 1)");
    CHECK(Mailbox().add("a", {"a"}).references() == "(1)");
    CHECK(Mailbox().add("a", {"a", "a"}).references() == "(1)");
    CHECK(Mailbox().add("a", {"c"}).add("b", {"a"}).add("c", {"b"}).references() == "(3 1 2)");
  }
  SECTION("an identifier belongs to the first message that has it") {
    CHECK(Mailbox().add("a").add("a").add("b", {"a"}).references() == "(1 3)(2)");
  }
}

TEST_CASE("REFERENCES gathers threads of one subject", "[imap]") {
  SECTION("two that are no replies are siblings") {
    CHECK(Mailbox().add("a", {}, "s").add("b", {}, "s").references() == "((1)(2))");
    CHECK(Mailbox().add("a", {}, "s").add("b", {}, "s").add("c", {}, "s").references() ==
          "((1)(2)(3))");
  }
  SECTION("a reply goes below what is none, wherever it stands") {
    CHECK(Mailbox().add("a", {}, "s").add("b", {}, "s", true).references() == "(1 2)");
    CHECK(Mailbox().add("a", {}, "s", true).add("b", {}, "s").references() == "(2 1)");
  }
  SECTION("two replies are siblings") {
    CHECK(Mailbox().add("a", {}, "s", true).add("b", {}, "s", true).references() == "((1)(2))");
  }
  SECTION("below a dummy") {
    Mailbox box;
    box.add("b", {"x"}, "s", true).add("c", {"x"}, "s", true).add("d", {}, "s");
    CHECK(box.references() == "((1)(2)(3))");
    box.add("e", {"y"}, "s").add("f", {"y"}, "s");
    CHECK(box.references() == "((1)(2)(3)(4)(5))");
  }
  SECTION("without a subject they stay apart") {
    CHECK(Mailbox().add("a").add("b").references() == "(1)(2)");
  }
}

TEST_CASE("REFERENCES sorts by the sent date at every level", "[imap]") {
  Mailbox box;
  box.add("late", {}, "", false, 9).add("root", {}, "", false, 1);
  box.add("x", {"root"}, "", false, 8)
      .add("y", {"root"}, "", false, 7)
      .add("z", {"y"}, "", false, 3);
  CHECK(box.references() == "(2 (4 5)(3))(1)");
  // A dummy has the date of its first child; equal dates go by number.
  Mailbox dummies;
  dummies.add("p", {"d"}, "", false, 5).add("q", {"d"}, "", false, 2).add("r", {}, "", false, 3);
  dummies.add("s", {}, "", false, 3);
  CHECK(dummies.references() == "((2)(1))(3)(4)");
}

TEST_CASE("REFS knows no subjects and ends with the newest arrival", "[imap]") {
  Mailbox box;
  box.add("a", {}, "s").add("b", {}, "s").add("c", {"a"});
  CHECK(box.refs() == "(2)(1 3)");
  box.messages[1].arrived = net::Time(std::chrono::minutes(60));
  CHECK(box.refs() == "(1 3)(2)");
}

TEST_CASE("the link forest says in which tree a node is", "[imap]") {
  LinkForest forest;
  for (int i = 0; i < 1'000; ++i) forest.add();
  for (LinkForest::Node i = 1; i < 1'000; ++i) forest.link(i, i - 1);
  CHECK(forest.root_of(999) == 0);
  forest.cut(500);
  CHECK(forest.root_of(999) == 500);
  CHECK(forest.root_of(499) == 0);
  forest.link(0, 999);
  CHECK(forest.root_of(250) == 500);
  forest.cut(500);  // a root already
  CHECK(forest.root_of(250) == 500);
}

TEST_CASE("deep and hostile references are no trouble", "[imap]") {
  constexpr int kCount = 30'000;
  SECTION("a chain as long as the mailbox") {
    Mailbox box;
    for (int i = 0; i < kCount; ++i)
      box.add(std::to_string(i), i == 0 ? std::vector<std::string>{}
                                        : std::vector<std::string>{std::to_string(i - 1)});
    const std::string written = box.references();
    CHECK(written.starts_with("(1 2 3 4 "));
    CHECK(box.refs() == written);
  }
  SECTION("one that tries to close a loop again and again") {
    Mailbox box;
    for (int i = 0; i < kCount; ++i)
      box.add(std::to_string(i), {std::to_string(kCount - 1), "0", std::to_string(i - 1)});
    CHECK(box.references().size() > kCount);
  }
  SECTION("many children below a long line of dummies") {
    std::vector<std::string> line;
    for (int i = 0; i < 1'000; ++i) line.push_back("d" + std::to_string(i));
    Mailbox box;
    for (int i = 0; i < 300; ++i) box.add(std::to_string(i), line);
    CHECK(box.references().starts_with("((1)(2)(3)"));
  }
}

}  // namespace mailscope::imap
