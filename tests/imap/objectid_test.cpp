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

TEST_CASE("the examples of RFC 8474", "[imap][objectid]") {
  Client client;
  // Section 4.3.
  const std::string foo = id(client.ask("3 create foo"), "[MAILBOXID");
  const std::string bar = id(client.ask("4 create bar"), "[MAILBOXID");
  CHECK(client.ask("5 create foo").starts_with("5 NO [ALREADYEXISTS]"));
  CHECK(client.ask("6 status foo (mailboxid)") ==
        "* STATUS foo (MAILBOXID (" + foo + "))\r\n6 OK Status\r\n");
  client.ask("8 rename foo renamed");
  CHECK(client.ask("11 list \"\" (bar renamed) return (status (mailboxid))") ==
        "* LIST (\\HasNoChildren) \"/\" bar\r\n* STATUS bar (MAILBOXID (" + bar +
            "))\r\n* LIST (\\HasNoChildren) \"/\" renamed\r\n* STATUS renamed (MAILBOXID (" + foo +
            "))\r\n11 OK Listed\r\n");
  // Section 5.3.
  client.world.append("INBOX", crlf("Message-ID: <fake.1521475657.54797@example.com>\n\nA\n"));
  client.world.append("INBOX", crlf("Message-ID: <fake.1521475657.21213@example.org>\n"
                                    "References: <fake.1521475657.54797@example.com>\n\nB\n"));
  client.world.append("INBOX", crlf("Message-ID: <fake.1521475657.60280@example.com>\n\nC\n"));
  client.ask("21 select inbox");
  const auto fetched = [&](const std::string& number) {
    const std::string text = client.ask("22 fetch " + number + " (emailid threadid)");
    return std::pair(id(text, "EMAILID"), id(text, "THREADID"));
  };
  const auto first = fetched("1"), second = fetched("2"), third = fetched("3");
  CHECK(first.second == second.second);
  CHECK(first.second != third.second);
  CHECK(client.ask("27 search emailid " + first.first) == "* SEARCH 1\r\n27 OK Searched\r\n");
  CHECK(client.ask("28 search threadid " + first.second) == "* SEARCH 1 2\r\n28 OK Searched\r\n");
  CHECK(client.ask("23 move 2 bar").ends_with("* 2 EXPUNGE\r\n23 OK Moved\r\n"));
  CHECK(fetched("2") == third);
  CHECK(client.ask("25 select bar").find("* OK [MAILBOXID (" + bar + ")] ") != std::string::npos);
  CHECK(fetched("1") == second);
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
