// The index of text of the store on SQLite: candidates are all messages that contain the text and
// few others, however far it has come, and also after removals, restarts and failures.
#include <algorithm>
#include <random>

#include "server/mail/text.hpp"
#include "server/store/header_part.hpp"
#include "tests/store/every_store.hpp"

namespace mailscope::store {

namespace {

/// ASCII, folded; what is behind the header is the body.
class PlainReader final : public TextReader {
 public:
  Text read(std::string_view message) const override {
    const std::size_t header = header_size(message);
    return {mail::lower(message.substr(0, header)), mail::lower(message.substr(header))};
  }
  std::string fold(std::string_view wanted) const override { return mail::lower(wanted); }
  std::uint32_t version() const override { return version_; }
  std::uint32_t version_ = 1;
};

/// Messages from which on the index helps.
constexpr std::size_t kMany = 1'000;

struct Indexed {
  Indexed() { open(); }
  void open() {
    sqlite.store_->index_text(&reader);
    if (!store().has_account(kBob)) store().create_account(kBob);
    inbox = store().mailbox(kBob, "INBOX")->id;
  }
  MailStore& store() { return sqlite.store(); }
  void append(const std::string& text) { REQUIRE(store().append(inbox, text, {}, kMonday)); }
  void fill(std::size_t count) {
    std::vector<NewMessage> messages;
    for (std::size_t i = 0; i < count; ++i) {
      messages.push_back({std::make_shared<const std::string>(
                              "Subject: filler " + std::to_string(i) + "\r\n\r\nnothing here\r\n"),
                          {},
                          kMonday,
                          kMonday});
    }
    REQUIRE(store().append(inbox, messages));
  }
  void catch_up() {
    while (sqlite.store_->catch_up(100'000)) store().commit();
    store().commit();
  }
  std::optional<Uids> find(SearchPart part, std::string_view text) {
    return store().candidates(inbox, part, text);
  }
  PlainReader reader;
  SqliteUnderTest sqlite;
  MailboxId inbox = 0;
};

}  // namespace

TEST_CASE("trigrams of what is searched") {
  CHECK(trigram_expression(SearchPart::anywhere, "ab").empty());
  CHECK(trigram_expression(SearchPart::anywhere, std::string_view("ab\0c", 4)).empty());
  CHECK(trigram_expression(SearchPart::anywhere, "abc") == "\"abc\"");
  CHECK(trigram_expression(SearchPart::body, "abcd") == "body : (\"abc\" AND \"bcd\")");
  CHECK(trigram_expression(SearchPart::header, "a\"bc") == "header : (\"a\"\"b\" AND \"\"\"bc\")");
  CHECK(trigram_expression(SearchPart::anywhere, "\xC3\xBC\xE2\x82\xACx") ==
        "\"\xC3\xBC\xE2\x82\xACx\"");
  const std::string longer = trigram_expression(SearchPart::anywhere, std::string(5000, 'x'));
  CHECK(std::count(longer.begin(), longer.end(), '"') == 24);
}

TEST_CASE("the index finds what is in it, and what is not in it yet") {
  Indexed f;
  f.append("Subject: Lunch today\r\n\r\nAt the usual place\r\n");
  f.fill(kMany);
  CHECK_FALSE(f.find(SearchPart::header, "lunch"));  // nothing is indexed
  f.catch_up();
  CHECK(f.find(SearchPart::header, "LUNCH to") == Uids{1});
  CHECK(f.find(SearchPart::body, "lunch") == Uids{});
  CHECK(f.find(SearchPart::anywhere, "lunch") == Uids{1});
  CHECK(f.find(SearchPart::body, "usual place") == Uids{1});
  CHECK(f.find(SearchPart::header, "none at all") == Uids{});
  CHECK_FALSE(f.find(SearchPart::header, "lu"));  // too short
  CHECK_FALSE(f.find(SearchPart::header, ""));
  CHECK_FALSE(f.find(SearchPart::header, "filler"));  // nearly all of them
  // What came afterwards is a candidate in any case.
  f.append("Subject: new\r\n\r\n");
  CHECK(f.find(SearchPart::header, "lunch") == Uids{1, 1002});
  f.catch_up();
  CHECK(f.find(SearchPart::header, "lunch") == Uids{1});
  CHECK(f.find(SearchPart::header, "new") == Uids{1002});
  // Copies, and other mailboxes.
  const auto trash = f.store().mailbox(kBob, "Trash")->id;
  REQUIRE(f.store().copy(f.inbox, {1}, f.inbox, false, kMonday));
  REQUIRE(f.store().copy(f.inbox, {1}, trash, true, kMonday));
  CHECK(f.find(SearchPart::header, "lunch") == Uids{1003});
  CHECK_FALSE(f.store().candidates(trash, SearchPart::header, "lunch"));  // small
  CHECK_FALSE(f.store().candidates(999, SearchPart::header, "lunch"));
  CHECK(f.sqlite.check() == Strings{});
}

TEST_CASE("the index survives a restart, and forgets what was undone") {
  Indexed f;
  f.append("Subject: Lunch\r\n\r\n");
  f.fill(kMany);
  f.catch_up();
  f.append("Subject: Dinner\r\n\r\n");
  CHECK_FALSE(f.sqlite.store_->catch_up(100'000));
  f.sqlite.crash();  // neither the message nor its place in the index was committed
  f.open();
  f.append("Subject: Breakfast\r\n\r\n");
  CHECK(f.find(SearchPart::header, "breakfast") == Uids{1002});
  f.catch_up();
  CHECK(f.find(SearchPart::header, "breakfast") == Uids{1002});
  CHECK(f.find(SearchPart::header, "dinner") == Uids{});
  CHECK(f.find(SearchPart::header, "lunch") == Uids{1});
  CHECK(f.sqlite.check() == Strings{});
}

TEST_CASE("numbers of removed messages are not given to others") {
  Indexed f;
  f.fill(kMany);
  f.append("Subject: last\r\n\r\n");
  f.catch_up();
  f.store().expunge(f.inbox, {kMany + 1});
  f.store().commit();
  f.sqlite.crash();
  f.open();
  f.append("Subject: another\r\n\r\n");
  CHECK(f.find(SearchPart::header, "another") == Uids{1002});
  f.catch_up();
  CHECK(f.find(SearchPart::header, "another") == Uids{1002});
  CHECK(f.find(SearchPart::header, "last") == Uids{});
}

TEST_CASE("a reader of another version has another index") {
  Indexed f;
  f.append("Subject: Lunch\r\n\r\n");
  f.fill(kMany);
  f.catch_up();
  f.reader.version_ = 2;
  CHECK_FALSE(f.find(SearchPart::header, "lunch"));
  f.catch_up();
  CHECK(f.find(SearchPart::header, "lunch") == Uids{1});
}

TEST_CASE("large messages, NUL and what is no UTF-8 are found") {
  Indexed f;
  f.fill(kMany);
  f.append("Subject: large\r\n\r\n" + std::string(kMaxIndexedText, 'x') + "needle");
  f.append("Subject: huge\r\n\r\n" + std::string(kMaxIndexedMessage, 'x'));
  f.append(std::string("Subject: nul\r\n\r\n\0 needle", 24));
  f.append("Subject: latin\r\n\r\n\xFF\xC3 needle \xE2\x82");
  f.catch_up();
  CHECK(f.find(SearchPart::body, "needle") == Uids{1001, 1002, 1003, 1004});
  CHECK(f.find(SearchPart::header, "latin") == Uids{1001, 1002, 1004});
}

TEST_CASE("the candidates are all that contain the text, whatever happens in between") {
  std::mt19937 random(3);
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  const auto some_text = [&](std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += "abcdefgh "[pick(9)];
    return text;
  };
  Indexed f;
  f.fill(kMany);
  for (int step = 0; step < 300; ++step) {
    CAPTURE(step);
    switch (pick(6)) {
      case 0:
        f.store().expunge(f.inbox, {static_cast<Uid>(1 + pick(1200))});
        break;
      case 1:
        f.sqlite.store_->catch_up(pick(3000));
        break;
      case 2:
        if (pick(10) == 0) {
          f.store().commit();
          f.sqlite.crash();
          f.open();
        }
        break;
      default:
        f.append("Subject: " + some_text(20) + "\r\n\r\n" + some_text(200));
        break;
    }
    const std::string wanted = some_text(3 + pick(3));
    const auto found = f.find(SearchPart::anywhere, wanted);
    if (!found) continue;
    f.store().scan(f.inbox, {}, [&](const MessageInfo& info) {
      const Body body = f.store().body(f.inbox, info.uid);
      if (body->find(wanted) != std::string::npos) {
        REQUIRE(std::binary_search(found->begin(), found->end(), info.uid));
      }
      return true;
    });
  }
  CHECK(f.sqlite.check() == Strings{});
}

}  // namespace mailscope::store
