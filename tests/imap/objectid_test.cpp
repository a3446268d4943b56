// OBJECTID (RFC 8474) and SAVEDATE (RFC 8514).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

class Client {
 public:
  Client() : line_(world) { ask("l LOGIN alice secret"); }
  std::string ask(const std::string& command) {
    line_.send(command + "\r\n", false);
    return line_.take();
  }
  World world;

 private:
  Line line_;
};

// What stands behind `name` in parentheses.
std::string id(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name + " (");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return text.substr(begin, text.find(')', begin) - begin);
}

}  // namespace

TEST_CASE("MAILBOXID survives renaming", "[imap][objectid]") {
  Client client;
  const std::string made = id(client.ask("a CREATE foo"), "[MAILBOXID");
  REQUIRE(!made.empty());
  CHECK(id(client.ask("b RENAME foo renamed\r\nc STATUS renamed (MAILBOXID)"), "(MAILBOXID") ==
        made);
  CHECK(id(client.ask("d SELECT renamed"), "[MAILBOXID") == made);
  CHECK(id(client.ask("e CREATE foo"), "[MAILBOXID") != made);
}

TEST_CASE("EMAILID and THREADID", "[imap][objectid]") {
  Client client;
  client.world.append("INBOX", crlf("Message-ID: <1@x>\nSubject: a\n\nText\n"));
  client.world.append("INBOX", crlf("Message-ID: <2@x>\nReferences: <1@x>\n\nAnswer\n"));
  client.world.append("INBOX", crlf("Message-ID: <3@x>\nReferences: <1@x> <2@x>\n\nAgain\n"));
  client.world.append("INBOX", crlf("Subject: other\n\nText\n"));
  client.ask("s SELECT INBOX");
  std::vector<std::string> emails, threads;
  for (int i = 1; i <= 4; ++i) {
    const std::string text = client.ask("a FETCH " + std::to_string(i) + " (EMAILID THREADID)");
    emails.push_back(id(text, "EMAILID"));
    threads.push_back(id(text, "THREADID"));
    REQUIRE(!emails.back().empty());
    REQUIRE(!threads.back().empty());
  }
  CHECK(emails[0] != emails[1]);
  CHECK(threads[0] == threads[1]);
  CHECK(threads[1] == threads[2]);
  CHECK(threads[2] != threads[3]);
  CHECK(client.ask("b SEARCH EMAILID " + emails[1]) == "* SEARCH 2\r\nb OK Searched\r\n");
  CHECK(client.ask("c SEARCH THREADID " + threads[0]) == "* SEARCH 1 2 3\r\nc OK Searched\r\n");
  CHECK(client.ask("d SEARCH EMAILID nothing") == "* SEARCH\r\nd OK Searched\r\n");
  // A copy is the same e-mail.
  client.ask("e COPY 2 Archive\r\nf SELECT Archive");
  CHECK(id(client.ask("g FETCH 1 EMAILID"), "EMAILID") == emails[1]);
}

TEST_CASE("SAVEDATE", "[imap][savedate]") {
  World world;
  const store::MailboxId inbox = world.mailbox("INBOX");
  const auto append = [&](int hours) {
    const store::NewMessage message{std::make_shared<const std::string>("Subject: x\r\n\r\n"),
                                    {},
                                    world.now - std::chrono::hours(500),
                                    world.now - std::chrono::hours(hours)};
    REQUIRE(world.store.append(inbox, {&message, 1}));
  };
  append(48);
  append(24);
  append(0);
  play_in(world, R"(
    C: s EXAMINE INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: ...
    S: s OK ...
    C: a FETCH 3 (SAVEDATE)
    S: * 3 FETCH (SAVEDATE " 2-Mar-2026 09:00:00 +0000")
    S: a OK Fetched
    C: b SEARCH SAVEDSINCE 1-Mar-2026
    S: * SEARCH 2 3
    S: b OK Searched
    C: c SEARCH SAVEDON 1-Mar-2026
    S: * SEARCH 2
    S: c OK Searched
    C: d SEARCH SAVEDBEFORE 1-Mar-2026
    S: * SEARCH 1
    S: d OK Searched
    C: e SEARCH SAVEDATESUPPORTED
    S: * SEARCH 1 2 3
    S: e OK Searched
    C: f SEARCH SAVEDBEFORE
    S: f BAD ...
  )");
}

}  // namespace mailscope::imap::test
