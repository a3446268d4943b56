// What the client says for a message to servers that know an extension, and to those that do not:
// the dialogues of RFC 2852, RFC 3461, RFC 4954 and RFC 6758.
#include "tests/smtp/client_fixture.hpp"

using namespace mailscope;
using namespace mailscope::smtp;
using namespace mailscope::smtp::test;
using namespace std::chrono_literals;

namespace {

/// The greeting and an EHLO reply with these lines; returns what the client says to it.
std::string greet(Client& c, const std::vector<std::string>& keywords) {
  c.say("220 mail.other.com ESMTP server at your service\r\n");
  std::string reply = keywords.empty() ? "250 mail.other.com\r\n" : "250-mail.other.com\r\n";
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    reply += (i + 1 < keywords.size() ? "250-" : "250 ") + keywords[i] + "\r\n";
  }
  return c.say(reply);
}

Transaction from(std::string_view sender, std::vector<std::string> recipients) {
  Transaction t = to(std::move(recipients));
  t.reverse_path = *mail::Mailbox::parse(sender);
  return t;
}

NotifySet notify(std::initializer_list<Notify> all) {
  NotifySet out;
  for (const Notify each : all) out.add(each);
  return out;
}

}  // namespace

// RFC 2852 section 6: 22 of 120 seconds are over.
TEST_CASE("a deadline goes to servers that can keep it", "[smtp][client]") {
  Transaction t = from("eljefe@bigbiz.com", {"topbanana@other.com"});
  t.asked.by = {kStart + 98s, true, false};
  SECTION("the server needs more time than is left") {
    Client c({t});
    CHECK(greet(c, {"DELIVERBY 240"}) == "QUIT\r\n");
    // Of the session: another exchanger of the domain may be faster.
    CHECK(c.fate() == "failed ehlo 5.4.7 The time that is left is too short for this server");
  }
  SECTION("options behind the time mean nothing to us") {
    Client c({t});
    CHECK(greet(c, {"DELIVERBY 240,colour=red"}) == "QUIT\r\n");
    Client d({t});
    CHECK(greet(d, {"DELIVERBY ,colour=red"}) == "MAIL FROM:<eljefe@bigbiz.com> BY=98;R\r\n");
  }
  SECTION("the server has no such extension") {
    Client c({t});
    CHECK(greet(c, {"DSN"}) == "QUIT\r\n");
    CHECK(c.fate().starts_with("failed mail 5.3.3 "));
  }
  SECTION("the server is fast enough") {
    Client c({t});
    CHECK(greet(c, {"DELIVERBY 30"}) == "MAIL FROM:<eljefe@bigbiz.com> BY=98;R\r\n");
    CHECK(c.say("250 <eljefe@bigbiz.com> Sender okay\r\n") == "RCPT TO:<topbanana@other.com>\r\n");
  }
}

// RFC 2852 section 4.1.4.2.
TEST_CASE("servers without deadlines are asked to tell of delays", "[smtp][client]") {
  Transaction t = to({"a@x.example", "b@x.example", "c@x.example"});
  t.asked.by = {kStart + 98s, false, false};
  t.recipients[1].notify = notify({Notify::success});
  t.recipients[2].notify = notify({Notify::never});
  const auto said = [&](const std::vector<std::string>& keywords) {
    Client c({t});
    return greet(c, keywords);
  };
  CHECK(said({"PIPELINING", "DSN"}) ==
        "MAIL FROM:<alice@acme.example>\r\n"
        "RCPT TO:<a@x.example> NOTIFY=FAILURE,DELAY\r\n"
        "RCPT TO:<b@x.example> NOTIFY=SUCCESS,DELAY\r\n"
        "RCPT TO:<c@x.example> NOTIFY=NEVER\r\nDATA\r\n");
  CHECK(said({"PIPELINING", "DSN", "DELIVERBY"}) ==
        "MAIL FROM:<alice@acme.example> BY=98;N\r\n"
        "RCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example> NOTIFY=SUCCESS\r\n"
        "RCPT TO:<c@x.example> NOTIFY=NEVER\r\nDATA\r\n");
  t.asked.by->deadline = kStart - 5s;  // the delay was told already
  CHECK(said({"PIPELINING", "DSN"})
            .starts_with("MAIL FROM:<alice@acme.example>\r\nRCPT TO:<a@x.example>\r\n"));
  CHECK(said({"DELIVERBY"}) == "MAIL FROM:<alice@acme.example> BY=-5;N\r\n");
}

// RFC 3461 section 5.2.2.
TEST_CASE("who is not to be told goes in a transaction of its own", "[smtp][client]") {
  Transaction t = to({"a@x.example", "b@x.example", "c@x.example"});
  t.recipients[0].notify = notify({Notify::never});
  t.recipients[1].notify = notify({Notify::success});
  t.recipients[2].notify = notify({Notify::never});
  Client c({t});
  CHECK(greet(c, {"PIPELINING"}) ==
        "MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<c@x.example>\r\nDATA\r\n");
  c.say("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  CHECK(c.say("250 ok\r\n") ==
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n");
  c.say("250 ok\r\n250 ok\r\n354 go\r\n");
  CHECK(c.say("250 ok\r\n") == "QUIT\r\n");
  CHECK_FALSE(c.engine.results()[0][1].dsn_passed_on);
  Client d({t});
  CHECK(greet(d, {"PIPELINING", "DSN"}) ==
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<a@x.example> NOTIFY=NEVER\r\n"
        "RCPT TO:<b@x.example> NOTIFY=SUCCESS\r\nRCPT TO:<c@x.example> NOTIFY=NEVER\r\nDATA\r\n");
}

// RFC 4954 section 5, with its examples.
TEST_CASE("who submitted a message is told to servers that know AUTH", "[smtp][client]") {
  Transaction t = from("e=mc2@example.com", {"bob@x.example"});
  t.asked.auth = "e=mc2@example.com";
  SECTION("known") {
    Client c({t});
    CHECK(greet(c, {"AUTH PLAIN"}) == "MAIL FROM:<e=mc2@example.com> AUTH=e+3Dmc2@example.com\r\n");
    Client d({t});
    CHECK(greet(d, {"DSN"}) == "MAIL FROM:<e=mc2@example.com>\r\n");
  }
  SECTION("not known: said where we are logged in") {
    t = from("john+@example.org", {"bob@x.example"});
    t.asked.auth = "<>";
    Client c({t});
    CHECK(greet(c, {"AUTH PLAIN"}) == "MAIL FROM:<john+@example.org>\r\n");
    ClientOptions options;
    options.credentials = {"test", "1234", {}};
    options.allow_plaintext_auth = true;
    Client d({t}, options);
    CHECK(greet(d, {"AUTH PLAIN"}) == "AUTH PLAIN AHRlc3QAMTIzNA==\r\n");
    CHECK(d.say("235 2.7.0 Authentication successful\r\n") ==
          "MAIL FROM:<john+@example.org> AUTH=<>\r\n");
    // Who submits says nothing.
    t.asked.auth.clear();
    Client e({t}, options);
    greet(e, {"AUTH PLAIN"});
    CHECK(e.say("235 2.7.0 Authentication successful\r\n") == "MAIL FROM:<john+@example.org>\r\n");
  }
}

// RFC 4954 section 4: AUTH is a command of 512 octets like others.
TEST_CASE("a first response that is too long waits for a challenge", "[smtp][client]") {
  ClientOptions options;
  options.credentials = {"test", std::string(366, 'x'), {}};
  options.allow_plaintext_auth = true;
  Client c({to({"bob@x.example"})}, options);
  const std::string line = greet(c, {"AUTH PLAIN"});
  CHECK(line.size() == 509);
  options.credentials->password = std::string(367, 'x');
  Client d({to({"bob@x.example"})}, options);
  CHECK(greet(d, {"AUTH PLAIN"}) == "AUTH PLAIN\r\n");
  CHECK(d.say("334 \r\n").starts_with("AHRlc3QAeHh4"));
  CHECK(d.say("235 ok\r\n").starts_with("MAIL"));
}

// RFC 6758 section 3.3 and section 5.
TEST_CASE("a priority gets past servers without MT-PRIORITY", "[smtp][client]") {
  const auto content = [](Transaction t, const std::vector<std::string>& keywords) {
    Client c({std::move(t)});
    greet(c, keywords);
    c.say("250 ok\r\n");
    c.say("250 ok\r\n");
    return c.say("354 okay, send message\r\n");
  };
  Transaction t = to({"bob@x.example"}, "Subject: x\r\nmt-priority : 9\r\n (high)\r\n\r\nhi\r\n");
  t.asked.priority = 3;
  CHECK(content(t, {}) == "MT-Priority: 3\r\nSubject: x\r\n\r\nhi\r\n.\r\n");
  CHECK(content(t, {"MT-PRIORITY"}) ==
        "Subject: x\r\nmt-priority : 9\r\n (high)\r\n\r\nhi\r\n.\r\n");
  // The field was not believed, and none goes on that says so.
  t.asked.priority.reset();
  CHECK(content(t, {}) == "MT-Priority: 0\r\nSubject: x\r\n\r\nhi\r\n.\r\n");
  CHECK(content(to({"bob@x.example"}), {}) == "Subject: x\r\n\r\nhi\r\n.\r\n");
  Client c({t});
  CHECK(greet(c, {"SIZE"}) == "MAIL FROM:<alice@acme.example> SIZE=34\r\n");
}
