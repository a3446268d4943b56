// The client engine against written servers: what it says, and what it makes of each reply.
#include "tests/smtp/client_fixture.hpp"

using namespace mailscope;
using namespace mailscope::smtp;
using namespace mailscope::smtp::test;
using namespace std::chrono_literals;

TEST_CASE("one message, one command at a time", "[smtp][client]") {
  Client c(
      {to({"bob@globex.example", "carol@globex.example"}, "Subject: x\r\n\r\n.dot\r\n..\r\nend")});
  CHECK(c.say("220-mx\r\n220 hello\r\n") == "EHLO mail.acme.example\r\n");
  CHECK(c.say(kPlainHello) == "MAIL FROM:<alice@acme.example>\r\n");
  CHECK(c.engine.state() == ClientState::mail);
  CHECK(c.say("250 ok\r\n") == "RCPT TO:<bob@globex.example>\r\n");
  CHECK(c.say("250 ok\r\n") == "RCPT TO:<carol@globex.example>\r\n");
  CHECK(c.say("550 5.1.1 no\r\n") == "DATA\r\n");
  CHECK(c.say("354 go\r\n") == "Subject: x\r\n\r\n..dot\r\n...\r\nend\r\n.\r\n");
  CHECK(c.engine.state() == ClientState::end_of_data);
  CHECK(c.finished == 0);
  CHECK(c.fate(0) == "pending connecting ");
  CHECK(c.say("250 2.6.0 mine now\r\n") == "QUIT\r\n");
  CHECK(c.finished == 1);
  CHECK(c.fate(0) == "delivered end_of_data 250 2.6.0 mine now");
  CHECK(c.fate(1) == "failed rcpt 550 5.1.1 no");
  CHECK(c.say("221 bye\r\n").empty());
  CHECK(c.wish == net::Wish::finish);
  CHECK(c.engine.state() == ClientState::closed);
  CHECK(c.finished == 1);
}

TEST_CASE("PIPELINING sends a transaction in one piece", "[smtp][client]") {
  Client c({to({"bob@globex.example", "carol@globex.example"})});
  c.say("220 mx\r\n");
  CHECK(c.say(kHello) ==
        "MAIL FROM:<alice@acme.example> SIZE=18\r\nRCPT TO:<bob@globex.example>\r\n"
        "RCPT TO:<carol@globex.example>\r\nDATA\r\n");
  CHECK(c.say("250 ok\r\n250 ok\r\n452 4.2.2 full\r\n").empty());
  CHECK(c.engine.state() == ClientState::data);
  CHECK(c.say("354 go\r\n") == "Subject: x\r\n\r\nhi\r\n.\r\n");
  CHECK(c.say("250 ok\r\n") == "QUIT\r\n");
  CHECK(c.fate(0) == "delivered end_of_data 250 ok");
  CHECK(c.fate(1) == "deferred rcpt 452 4.2.2 full");
}

TEST_CASE("pipelined refusals", "[smtp][client]") {
  SECTION("nobody is left and DATA is refused") {
    Client c({to({"bob@globex.example"}), to({"carol@globex.example"})});
    c.say("220 mx\r\n");
    c.say(kHello);
    CHECK(c.say("250 ok\r\n550 no\r\n554 no recipients\r\n") == "RSET\r\n");
    CHECK(c.say("250 ok\r\n").starts_with("MAIL"));
    CHECK(c.fate(0) == "failed rcpt 550 no");
  }
  SECTION("nobody is left and DATA is taken all the same") {
    Client c({to({"bob@globex.example"})});
    c.say("220 mx\r\n");
    c.say(kHello);
    CHECK(c.say("250 ok\r\n550 no\r\n354 go\r\n") == ".\r\n");
    CHECK(c.say("250 an empty message\r\n") == "QUIT\r\n");
    CHECK(c.fate(0) == "failed rcpt 550 no");
  }
  SECTION("MAIL is refused and so is all that follows") {
    Client c({to({"bob@globex.example", "carol@globex.example"})});
    c.say("220 mx\r\n");
    c.say(kHello);
    CHECK(c.say("450 4.7.1 later\r\n503 no\r\n503 no\r\n503 no\r\n") == "QUIT\r\n");
    CHECK(c.fate(0) == "deferred mail 450 4.7.1 later");
    CHECK(c.fate(1) == "deferred mail 450 4.7.1 later");
  }
}

TEST_CASE("each reply at each step has its fate", "[smtp][client]") {
  // Replies in order, the last one decides.
  struct Row {
    std::vector<std::string> replies;
    std::string fate;
  };
  const Row table[] = {
      {{"554 no service"}, "failed greeting 554 no service"},
      {{"450 busy"}, "deferred greeting 450 busy"},
      {{"421 busy"}, "deferred greeting 421 busy"},
      {{"220 mx", "421 busy"}, "deferred ehlo 421 busy"},
      {{"220 mx", "500 what?", "550 go away"}, "failed helo 550 go away"},
      {{"220 mx", "451 odd"}, "deferred ehlo 451 odd"},
      {{"220 mx", "250 mx", "550 5.7.1 not you"}, "failed mail 550 5.7.1 not you"},
      {{"220 mx", "250 mx", "451 4.3.0 later"}, "deferred mail 451 4.3.0 later"},
      {{"220 mx", "250 mx", "350 what"}, "deferred mail 350 what"},
      {{"220 mx", "250 mx", "250 ok", "552 too many"}, "deferred rcpt 552 too many"},
      {{"220 mx", "250 mx", "250 ok", "552 5.2.2 full"}, "failed rcpt 552 5.2.2 full"},
      {{"220 mx", "250 mx", "250 ok", "251 forwards", "451 no disk"}, "deferred data 451 no disk"},
      {{"220 mx", "250 mx", "250 ok", "250 ok", "250 odd"}, "deferred data 250 odd"},
      {{"220 mx", "250 mx", "250 ok", "250 ok", "354 go", "554 spam"},
       "failed end_of_data 554 spam"},
      {{"220 mx", "250 mx", "250 ok", "250 ok", "354 go", "451 disk"},
       "deferred end_of_data 451 disk"},
      {{"220 mx", "250 mx", "250 ok", "250 ok", "354 go", "421 bye"},
       "deferred end_of_data 421 bye"},
      {{"220 mx", "hello"},
       "deferred ehlo 4.5.0 Not an SMTP reply: the reply does not begin with a code"},
  };
  for (const Row& row : table) {
    INFO(row.fate);
    Client c({to({"bob@globex.example"})});
    for (const std::string& reply : row.replies) c.say(reply + "\r\n");
    CHECK(c.fate() == row.fate);
    CHECK(c.finished == 1);
  }
}

TEST_CASE("a connection lost at each step is a deferral", "[smtp][client]") {
  const std::string replies[] = {"220 mx", "250 mx", "250 ok", "250 ok", "354 go"};
  const char* steps[] = {"greeting", "ehlo", "mail", "rcpt", "data", "end_of_data"};
  for (std::size_t n = 0; n <= std::size(replies); ++n) {
    INFO("after " << n << " replies");
    for (const bool politely : {false, true}) {
      Client c({to({"bob@globex.example"})});
      for (std::size_t i = 0; i < n; ++i) c.say(replies[i] + "\r\n");
      if (politely) c.engine.peer_finished(c.now);
      c.engine.closed(c.now, net::CloseReason::reset, {});
      CHECK(c.engine.results()[0][0].fate == Fate::deferred);
      CHECK(to_string(c.engine.results()[0][0].at) == steps[n]);
      CHECK(c.engine.results()[0][0].reply.status == EnhancedStatus{4, 4, 2});
      CHECK(c.finished == 1);
    }
  }
  // Behind the 250 nothing can take the message back.
  Client c({to({"bob@globex.example"})});
  for (const std::string& reply : replies) c.say(reply + "\r\n");
  c.say("250 mine\r\n");
  c.engine.closed(c.now, net::CloseReason::reset, {});
  CHECK(c.engine.results()[0][0].fate == Fate::delivered);
}

TEST_CASE("no connection at all", "[smtp][client]") {
  ClientEngine engine({}, {to({"bob@globex.example"})});
  engine.closed(kStart, net::CloseReason::refused, {});
  CHECK(engine.finished());
  CHECK(engine.results()[0][0].reply.status == EnhancedStatus{4, 4, 1});
  CHECK(engine.results()[0][0].at == ClientState::connecting);
}

TEST_CASE("each step has its patience", "[smtp][client]") {
  // RFC 5321 section 4.5.3.2.
  const std::string replies[] = {"220 mx", "250 mx", "250 ok", "250 ok", "354 go", "250 ok"};
  const net::Duration waits[] = {5min, 5min, 5min, 5min, 2min, 10min, 30s};
  for (std::size_t n = 0; n <= std::size(replies); ++n) {
    INFO("after " << n << " replies");
    Client c({to({"bob@globex.example"})});
    for (std::size_t i = 0; i < n; ++i) c.say(replies[i] + "\r\n");
    c.wait(waits[n] - 1s);
    c.said();
    CHECK(c.wish == net::Wish::go_on);
    c.wait(1s);
    c.said();
    CHECK(c.wish == (n == 6 ? net::Wish::finish : net::Wish::abort));
    CHECK(c.engine.results()[0][0].fate == (n == 6 ? Fate::delivered : Fate::deferred));
  }
}

TEST_CASE("too many recipients go into another transaction", "[smtp][client]") {
  Client c({to({"a@x.example", "b@x.example", "c@x.example"})});
  c.say("220 mx\r\n");
  c.say(kHello);
  CHECK(c.say("250 ok\r\n250 ok\r\n452 4.5.3 enough\r\n452 4.5.3 enough\r\n354 go\r\n")
            .ends_with(".\r\n"));
  CHECK(c.say("250 ok\r\n") ==
        "MAIL FROM:<alice@acme.example> SIZE=18\r\nRCPT TO:<b@x.example>\r\n"
        "RCPT TO:<c@x.example>\r\nDATA\r\n");
  c.say("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  CHECK(c.say("250 ok\r\n") == "QUIT\r\n");
  for (std::size_t i = 0; i < 3; ++i) CHECK(c.fate(i) == "delivered end_of_data 250 ok");
}

TEST_CASE("the client's own limit of recipients", "[smtp][client]") {
  ClientOptions options;
  options.recipients = 1;
  Client c({to({"a@x.example", "b@x.example"})}, options);
  c.say("220 mx\r\n");
  CHECK(c.say(kHello).find("b@x.example") == std::string::npos);
  c.say("250 ok\r\n250 ok\r\n354 go\r\n");
  CHECK(c.say("250 ok\r\n").find("RCPT TO:<b@x.example>") != std::string::npos);
}

TEST_CASE("what a server cannot take is not sent to it", "[smtp][client]") {
  Client c({to({"bob@x.example"}, std::string(1'001, 'x') + "\r\n"),
            to({"bob@x.example"}, "caf\xe9\r\n")});
  c.say("220 mx\r\n");
  CHECK(c.say("250-mx\r\n250 SIZE 1000\r\n") == "QUIT\r\n");
  CHECK(c.engine.results()[0][0].reply.status == EnhancedStatus{5, 3, 4});
  CHECK(c.engine.results()[1][0].reply.status == EnhancedStatus{5, 6, 3});
  Client d({to({"bob@x.example"}, "caf\xe9\r\n")});
  d.say("220 mx\r\n");
  CHECK(d.say(kHello).starts_with("MAIL FROM:<alice@acme.example> SIZE=6 BODY=8BITMIME\r\n"));
}

TEST_CASE("large content is produced as it drains", "[smtp][client]") {
  std::string content;
  std::string stuffed;
  for (int i = 0; i < 1'000; ++i) {
    const std::string line = (i % 3 == 0 ? "." : "") + std::to_string(i) + "\r\n";
    content += line;
    stuffed += (i % 3 == 0 ? "." : "") + line;
  }
  for (const std::size_t chunk : {1, 2, 3, 7, 100, 4'096, 1'000'000}) {
    INFO("chunk " << chunk);
    ClientOptions options;
    options.chunk = chunk;
    Client c({to({"bob@x.example"}, content)}, options);
    c.say("220 mx\r\n");
    c.say(kPlainHello);
    c.say("250 ok\r\n");
    c.say("250 ok\r\n");
    std::string all = c.say("354 go\r\n");
    for (int i = 0; c.engine.state() == ClientState::content && i < 100'000; ++i) {
      CHECK(c.engine.unsent_content() > 0);
      c.engine.drained(c.now);
      const std::string piece = c.said();
      if (piece.size() > 2 * chunk + 3) FAIL_CHECK("a piece of " << piece.size());
      all += piece;
    }
    CHECK(all == stuffed + ".\r\n");
  }
}

TEST_CASE("content that does not move on is given up", "[smtp][client]") {
  ClientOptions options;
  options.chunk = 10;
  Client c({to({"bob@x.example"}, std::string(100, 'x') + "\r\n")}, options);
  for (const char* reply : {"220 mx\r\n", "250 mx\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"}) {
    c.say(reply);
  }
  c.wait(2min);
  c.engine.drained(c.now);
  c.wait(2min);
  CHECK(c.finished == 0);
  c.wait(1min);
  CHECK(c.fate() == "deferred content 4.4.2 No reply in time (waiting for: content)");
}

TEST_CASE("a reply before the end of data", "[smtp][client]") {
  ClientOptions options;
  options.chunk = 10;
  for (const auto& [reply, first, second] :
       {std::tuple{"552 5.3.4 too big", Fate::failed, Fate::deferred},
        std::tuple{"452 4.3.1 disk", Fate::deferred, Fate::deferred},
        std::tuple{"250 what", Fate::deferred, Fate::deferred}}) {
    INFO(reply);
    Client c({to({"bob@x.example"}, std::string(100, 'x') + "\r\n"), to({"bob@x.example"})},
             options);
    for (const char* each :
         {"220 mx\r\n", "250 mx\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"}) {
      c.say(each);
    }
    c.say(std::string(reply) + "\r\n");
    CHECK(c.engine.results()[0][0].fate == first);
    CHECK(c.engine.results()[1][0].fate == second);
    CHECK(c.wish != net::Wish::go_on);
  }
}

TEST_CASE("STARTTLS of the client", "[smtp][client]") {
  ClientOptions options;
  options.tls = ClientOptions::Tls::opportunistic;
  const std::string hello = "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n";
  SECTION("offered and taken; what was learnt is forgotten") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    CHECK(c.say(hello) == "STARTTLS\r\n");
    CHECK(c.say("220 go\r\n").empty());
    CHECK(c.wish == net::Wish::start_tls);
    c.engine.tls_started(c.now, {});
    CHECK(c.said() == "EHLO mail.acme.example\r\n");
    CHECK_FALSE(c.engine.extensions().pipelining);
    CHECK(c.say(kPlainHello) == "MAIL FROM:<alice@acme.example>\r\n");
  }
  SECTION("not offered") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    CHECK(c.say(kPlainHello).starts_with("MAIL"));
    options.tls = ClientOptions::Tls::required;
    Client d({to({"bob@x.example"})}, options);
    d.say("220 mx\r\n");
    CHECK(d.say(kPlainHello) == "QUIT\r\n");
    CHECK(d.engine.results()[0][0].reply.status == EnhancedStatus{4, 7, 4});
  }
  SECTION("refused") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    c.say(hello);
    CHECK(c.say("454 4.7.0 no key\r\n").starts_with("MAIL"));
    options.tls = ClientOptions::Tls::required;
    Client d({to({"bob@x.example"})}, options);
    d.say("220 mx\r\n");
    d.say(hello);
    CHECK(d.say("554 no key\r\n") == "QUIT\r\n");
    CHECK(d.fate() == "deferred starttls 554 no key");
  }
  SECTION("the handshake fails") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    c.say(hello);
    c.say("220 go\r\n");
    c.engine.closed(c.now, net::CloseReason::reset, "TLS: certificate verify failed");
    CHECK(c.engine.tls_failed());
    CHECK(c.engine.results()[0][0].reply.status == EnhancedStatus{4, 7, 5});
  }
  SECTION("plaintext behind the reply is an attack") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    c.say(hello);
    c.say("220 go\r\n250 injected\r\n");
    CHECK(c.wish == net::Wish::abort);
    CHECK(c.fate().starts_with("deferred handshake 4.7.0 "));
  }
}

TEST_CASE("AUTH of the client", "[smtp][client]") {
  ClientOptions options;
  options.credentials = {"alice@acme.example", "secret"};
  SECTION("the password stays here without TLS") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    CHECK(c.say("250-mx\r\n250 AUTH PLAIN\r\n") == "QUIT\r\n");
    CHECK(c.fate().starts_with("deferred ehlo 4.7.0 "));
  }
  options.allow_plaintext_auth = true;
  SECTION("PLAIN") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    CHECK(c.say("250-mx\r\n250 AUTH LOGIN PLAIN\r\n") ==
          "AUTH PLAIN AGFsaWNlQGFjbWUuZXhhbXBsZQBzZWNyZXQ=\r\n");
    CHECK(c.say("235 welcome\r\n").starts_with("MAIL"));
  }
  SECTION("LOGIN") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    CHECK(c.say("250-mx\r\n250 AUTH LOGIN\r\n") == "AUTH LOGIN\r\n");
    CHECK(c.say("334 VXNlcm5hbWU6\r\n") == "YWxpY2VAYWNtZS5leGFtcGxl\r\n");
    CHECK(c.say("334 UGFzc3dvcmQ6\r\n") == "c2VjcmV0\r\n");
    CHECK(c.say("235 welcome\r\n").starts_with("MAIL"));
  }
  SECTION("wrong password") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    c.say("250-mx\r\n250 AUTH PLAIN\r\n");
    CHECK(c.say("535 5.7.8 no\r\n") == "QUIT\r\n");
    CHECK(c.fate() == "failed auth 535 5.7.8 no");
  }
  SECTION("a challenge that makes no sense") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    c.say("250-mx\r\n250 AUTH PLAIN\r\n");
    CHECK(c.say("334 more\r\n") == "*\r\n");
    CHECK(c.say("501 cancelled\r\n") == "QUIT\r\n");
  }
  SECTION("no common mechanism") {
    Client c({to({"bob@x.example"})}, options);
    c.say("220 mx\r\n");
    CHECK(c.say("250-mx\r\n250 AUTH GSSAPI\r\n") == "QUIT\r\n");
    CHECK(c.fate().starts_with("deferred ehlo 4.7.4 "));
  }
}

TEST_CASE("replies that nobody asked for", "[smtp][client]") {
  Client c({to({"bob@x.example"})});
  c.say("220 mx\r\n");
  c.say("250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
  // Each answered a command that the client had sent; now one too many.
  CHECK(c.engine.results()[0][0].fate == Fate::delivered);
  Client d({to({"bob@x.example"})});
  CHECK(d.say("220 mx\r\n250 mx\r\n") != "");
  CHECK(d.finished == 0);
}

namespace {

constexpr std::string_view kFullHello =
    "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-DSN\r\n"
    "250-SMTPUTF8\r\n250-DELIVERBY 60\r\n250-MT-PRIORITY MIXER\r\n"
    "250 LIMITS RCPTMAX=2 MAILMAX=2 COLOUR=red BROKEN\r\n";

}  // namespace

TEST_CASE("BDAT waits for the recipients, and sends no dots", "[smtp][client]") {
  ClientOptions options;
  options.chunking = true;
  Client c({to({"bob@globex.example", "carol@globex.example"}, "A: b\r\n\r\n.\r\n")}, options);
  c.say("220 mx\r\n");
  CHECK(c.say(kFullHello) ==
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<bob@globex.example>\r\n"
        "RCPT TO:<carol@globex.example>\r\n");
  CHECK(c.say("250 ok\r\n250 ok\r\n").empty());
  CHECK(c.say("550 no\r\n") == "BDAT 11 LAST\r\nA: b\r\n\r\n.\r\n");
  CHECK(c.engine.state() == ClientState::end_of_data);
  CHECK(c.say("250 mine\r\n") == "QUIT\r\n");
  CHECK(c.fate(0) == "delivered end_of_data 250 mine");
  CHECK(c.fate(1) == "failed rcpt 550 no");
}

TEST_CASE("BDAT: refusals before and after the chunk", "[smtp][client]") {
  ClientOptions options;
  options.chunking = true;
  SECTION("nobody is left") {
    Client c({to({"bob@globex.example"}), to({"carol@globex.example"})}, options);
    c.say("220 mx\r\n");
    c.say(kFullHello);
    CHECK(c.say("250 ok\r\n550 no\r\n") == "RSET\r\n");
  }
  SECTION("the sender is refused") {
    Client c({to({"bob@globex.example"}), to({"carol@globex.example"})}, options);
    c.say("220 mx\r\n");
    c.say(kFullHello);
    CHECK(c.say("550 no\r\n503 no\r\n").starts_with("MAIL"));
    CHECK(c.fate(0) == "failed mail 550 no");
  }
  SECTION("the chunk is refused") {
    Client c({to({"bob@globex.example"})}, options);
    c.say("220 mx\r\n");
    c.say(kFullHello);
    c.say("250 ok\r\n250 ok\r\n");
    CHECK(c.say("552 5.3.4 too big\r\n") == "QUIT\r\n");
    CHECK(c.fate(0) == "failed end_of_data 552 5.3.4 too big");
  }
}

TEST_CASE("parameters are said to servers that know them", "[smtp][client]") {
  Transaction t = to({"bob@globex.example"});
  t.asked.ret = Return::full;
  t.asked.envid = "a+b c";
  t.asked.by = {kStart + 90s, true, true};
  t.asked.priority = -2;
  t.asked.smtputf8 = true;
  t.recipients[0].notify.add(Notify::never);
  t.recipients[0].orcpt =
      "utf-8;b\xC3\xB8"
      "b@x.example";
  SECTION("all") {
    Client c({t});
    c.say("220 mx\r\n");
    CHECK(c.say(kFullHello) ==
          "MAIL FROM:<alice@acme.example> SMTPUTF8 RET=FULL ENVID=a+2Bb+20c BY=90;RT "
          "MT-PRIORITY=-2\r\n"
          "RCPT TO:<bob@globex.example> NOTIFY=NEVER ORCPT=utf-8;b\xC3\xB8"
          "b@x.example\r\nDATA\r\n");
  }
  SECTION("none") {
    t.asked.by->give_up = false;
    Client c({t});
    c.say("220 mx\r\n");
    CHECK(c.say(kPlainHello) == "MAIL FROM:<>\r\n");  // nobody is to be told
    CHECK(c.say("250 ok\r\n") == "RCPT TO:<bob@globex.example>\r\n");
  }
  SECTION("the time that is left is too short for the server") {
    t.asked.by->deadline = kStart + 30s;
    Client c({t});
    c.say("220 mx\r\n");
    CHECK(c.say(kFullHello) == "QUIT\r\n");
    CHECK(c.fate().starts_with("failed ehlo 5.4.7 "));
  }
}

TEST_CASE("the server's LIMITS are kept", "[smtp][client]") {
  Client c({to({"a@x.example", "b@x.example", "c@x.example"})});
  c.say("220 mx\r\n");
  const std::string said = c.say(kFullHello);
  CHECK(said.find("<b@x.example>") != std::string::npos);
  CHECK(said.find("<c@x.example>") == std::string::npos);
  CHECK(c.engine.extensions().mail_max == 2);
}

TEST_CASE("RCPTDOMAINMAX: one domain a transaction", "[smtp][client]") {
  Client c({to({"a@x.example", "b@y.example", "c@x.example"})});
  c.say("220 mx\r\n");
  CHECK(c.say("250-mx\r\n250-PIPELINING\r\n250 LIMITS RCPTDOMAINMAX=1\r\n") ==
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<c@x.example>\r\n"
        "DATA\r\n");
  c.say("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  CHECK(c.say("250 ok\r\n") ==
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
}

TEST_CASE("another message over the same connection", "[smtp][client]") {
  Client c({to({"bob@globex.example"})});
  bool more = true, taken = false;
  c.engine.on_finished([&] {
    if (std::exchange(more, false)) taken = c.engine.add(to({"carol@globex.example"}));
  });
  c.say("220 mx\r\n");
  CHECK(c.say(kPlainHello) == "MAIL FROM:<alice@acme.example>\r\n");
  CHECK(c.say("250 ok\r\n") == "RCPT TO:<bob@globex.example>\r\n");
  SECTION("behind one that was refused: RSET first") {
    CHECK(c.say("550 no\r\n") == "RSET\r\n");
    CHECK(c.say("250 ok\r\n") == "MAIL FROM:<alice@acme.example>\r\n");
  }
  SECTION("behind one that was taken") {
    CHECK(c.say("250 ok\r\n") == "DATA\r\n");
    c.say("354 ok\r\n");
    CHECK(c.say("250 ok\r\n") == "MAIL FROM:<alice@acme.example>\r\n");
  }
  CHECK(taken);
  CHECK_FALSE(c.engine.finished());
  CHECK_FALSE(c.engine.add(to({"dave@globex.example"})));  // not now
  c.say("250 ok\r\n");
  c.say("250 ok\r\n");
  c.say("354 ok\r\n");
  CHECK(c.say("250 ok\r\n") == "QUIT\r\n");
  CHECK(c.fate(0, 1) == "delivered end_of_data 250 ok");
}

TEST_CASE("a connection that goes down takes no other message", "[smtp][client]") {
  Client c({to({"bob@globex.example"})});
  bool taken = true;
  c.engine.on_finished([&] { taken = c.engine.add(to({"carol@globex.example"})); });
  c.say("220 mx\r\n");
  c.say(kPlainHello);
  c.say("421 bye\r\n");
  CHECK_FALSE(taken);
  CHECK(c.engine.finished());
}

TEST_CASE("what is binary, and what is lines", "[smtp][client]") {
  for (const char* text : {"", "a", "a\r\n", "\r\n", "\xC3\xB8\r\n"}) CHECK_FALSE(has_binary(text));
  for (const std::string& text :
       {std::string("a\nb"), std::string("a\rb"), std::string("a\r"), std::string("\r\r\n"),
        std::string("a\0b", 3), std::string(999, 'x')}) {
    CHECK(has_binary(text));
  }
  CHECK_FALSE(has_binary(std::string(998, 'x') + "\r\n"));
  CHECK(has_utf8_header("Subject: \xC3\xB8\r\n\r\n"));
  CHECK_FALSE(has_utf8_header("Subject: x\r\n\r\n\xC3\xB8"));
}
