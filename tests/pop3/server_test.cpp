// The server beyond dialogues: locks, limits, faults, slow readers, other sessions.
#include "server/pop3/server.hpp"

#include "tests/pop3/fixture.hpp"

using namespace mailscope;
using namespace mailscope::pop3;
using namespace mailscope::pop3::test;

namespace {

constexpr std::string_view kLogin = "USER bob\r\nPASS secret word\r\n";

void log_in(ServerEngine& engine) {
  engine.start(kStart);
  say(engine, kLogin);
  REQUIRE(engine.state() == State::transaction);
}
std::uint32_t messages(const Fixture& fixture) {
  return fixture.inbox().messages;
}

}  // namespace

TEST_CASE("one session has the maildrop") {
  Fixture fixture;
  ServerEngine first = fixture.engine(), second = fixture.engine();
  log_in(first);
  CHECK(first.account() == "bob@b.example");
  second.start(kStart);
  CHECK(say(second, kLogin).ends_with("-ERR [IN-USE] Another session has the maildrop\r\n"));
  CHECK(second.state() == State::authorization);
  CHECK(fixture.sink.has("policy.auth bob|USER|1|"));
  say(first, "QUIT\r\n");
  CHECK(first.state() == State::update);
  CHECK(say(second, kLogin).ends_with("+OK 2 messages (320 octets)\r\n"));
}

TEST_CASE("the lock goes with the session, however that ends") {
  Fixture fixture;
  SECTION("connection lost") {
    ServerEngine engine = fixture.engine();
    log_in(engine);
    engine.closed(kStart, net::CloseReason::reset, "");
    CHECK(fixture.sink.has("pop3.closed reset"));
  }
  SECTION("engine destroyed") {
    ServerEngine engine = fixture.engine();
    log_in(engine);
  }
  SECTION("idle") {
    ServerEngine engine = fixture.engine();
    log_in(engine);
    const net::Time late = kStart + std::chrono::minutes(10);
    CHECK(engine.deadline() == late);
    engine.expire(late);
    const net::Output output = engine.take_output();
    CHECK(output.bytes.empty());
    CHECK(output.wish == net::Wish::finish);
    CHECK(engine.deadline() == net::kNever);
  }
  CHECK(fixture.store.lock_maildrop("bob@b.example"));
}

TEST_CASE("messages go at QUIT and never before") {
  Fixture fixture;
  SECTION("connection lost before QUIT") {
    ServerEngine engine = fixture.engine();
    log_in(engine);
    say(engine, "DELE 1\r\nDELE 2\r\n");
    engine.closed(kStart, net::CloseReason::timed_out, "");
    CHECK(messages(fixture) == 2);
    CHECK_FALSE(fixture.sink.mentions("store.expunged"));
  }
  SECTION("half a QUIT") {
    ServerEngine engine = fixture.engine();
    log_in(engine);
    say(engine, "DELE 1\r\nQUI");
    engine.peer_finished(kStart);
    engine.closed(kStart, net::CloseReason::finished, "");
    CHECK(messages(fixture) == 2);
  }
  SECTION("a failed TLS handshake") {
    fixture.options.stls = true;
    ServerEngine engine = fixture.engine();
    engine.start(kStart);
    say(engine, "STLS\r\n");
    CHECK(engine.state() == State::handshake);
    CHECK(say(engine, "USER bob\r\n").empty());
    engine.closed(kStart, net::CloseReason::reset, "TLS: bad certificate");
    CHECK(fixture.sink.has("pop3.closed TLS: bad certificate"));
  }
  SECTION("QUIT behind a half-closed connection counts") {
    ServerEngine engine = fixture.engine();
    log_in(engine);
    say(engine, "DELE 2\r\nQUIT\r\n");
    engine.peer_finished(kStart);
    engine.closed(kStart, net::CloseReason::finished, "");
    CHECK(messages(fixture) == 1);
    CHECK(fixture.sink.has("store.expunged bob@b.example|INBOX|2"));
    CHECK(fixture.sink.has("pop3.closed QUIT"));
  }
}

TEST_CASE("numbers are fixed for the session, whatever others do to the mailbox") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  log_in(engine);
  fixture.add(Fixture::message(3, 300));
  CHECK(say(engine, "STAT\r\n") == "+OK 2 320\r\n");
  fixture.store.expunge(fixture.inbox().id, {1});
  CHECK(say(engine, "RETR 1\r\n") ==
        "-ERR [SYS/TEMP] Another session has removed this message\r\n");
  CHECK(say(engine, "UIDL 2\r\n") == "+OK 2 1.2\r\n");
  CHECK(say(engine, "DELE 1\r\n").starts_with("+OK"));
  CHECK(say(engine, "DELE 2\r\n").starts_with("+OK"));
  CHECK(say(engine, "QUIT\r\n") == "+OK Bye, 1 message deleted\r\n");
  CHECK(messages(fixture) == 1);
  ServerEngine next = fixture.engine();
  log_in(next);
  CHECK(say(next, "UIDL 1\r\n") == "+OK 1 1.3\r\n");
}

TEST_CASE("sizes count CRLF for messages that were stored with LF") {
  Fixture fixture;
  fixture.add("A: b\n\n.x\nlast");
  ServerEngine engine = fixture.engine();
  log_in(engine);
  CHECK(say(engine, "LIST 3\r\n") == "+OK 3 18\r\n");
  CHECK(say(engine, "RETR 3\r\n") == "+OK 18 octets\r\nA: b\r\n\r\n..x\r\nlast\r\n.\r\n");
}

TEST_CASE("a slow reader gets bounded output, in the right order") {
  Fixture fixture;
  fixture.options.limits.chunk = 100;
  fixture.add(Fixture::message(3, 10'000));
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  std::string all = engine.take_output().bytes;
  engine.receive(kStart, std::string(kLogin) + "RETR 3\r\nNOOP\r\nRETR 1\r\nLIST\r\nQUIT\r\n");
  CHECK(engine.state() == State::sending);
  std::size_t largest = 0, takes = 0;
  while (engine.state() != State::update && takes < 1'000) {
    const std::string bytes = engine.take_output().bytes;
    largest = std::max(largest, bytes.size());
    all += bytes;
    engine.drained(kStart);
    ++takes;
  }
  all += engine.take_output().bytes;
  CHECK(largest < 300);
  CHECK(takes > 90);
  Fixture whole;
  whole.add(Fixture::message(3, 10'000));
  ServerEngine fast = whole.engine();
  fast.start(kStart);
  fast.receive(kStart, std::string(kLogin) + "RETR 3\r\nNOOP\r\nRETR 1\r\nLIST\r\nQUIT\r\n");
  CHECK(drain(fast, fast.take_output().bytes) == all);
}

TEST_CASE("who pipelines and never reads is cut off") {
  Fixture fixture;
  fixture.options.limits.chunk = 100;
  fixture.options.limits.held_input = 1'000;
  ServerEngine engine = fixture.engine();
  log_in(engine);
  engine.receive(kStart, "RETR 2\r\n");
  for (int i = 0; i < 200 && engine.state() != State::closed; ++i)
    engine.receive(kStart, "NOOP\r\n");
  CHECK(engine.state() == State::closed);
  CHECK(fixture.sink.mentions("policy.limit held_input"));
  CHECK(fixture.store.lock_maildrop("bob@b.example"));
}

TEST_CASE("a reader who takes nothing for ten minutes is cut off in the middle of a message") {
  Fixture fixture;
  fixture.options.limits.chunk = 100;
  ServerEngine engine = fixture.engine();
  log_in(engine);
  say(engine, "RETR 2\r\n");
  const net::Time later = kStart + std::chrono::minutes(9);
  engine.drained(later);
  CHECK(engine.deadline() == later + std::chrono::minutes(10));
}

TEST_CASE("lines that are too long") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  engine.take_output();
  CHECK(say(engine, "NOOP" + std::string(249, ' ') + "\r\n") ==
        "-ERR NOOP needs a login first\r\n");
  CHECK(say(engine, "NOOP" + std::string(250, ' ') + "\r\n") == "-ERR Line too long\r\n");
  CHECK(fixture.sink.has("policy.limit line|255"));
  std::string said;
  for (int i = 0; i < 1'000; ++i) said += say(engine, "xxxx");
  CHECK(said == "-ERR Line too long\r\n");
  CHECK(say(engine, "yy\r\nQUIT\r\n") == "+OK Bye\r\n");
}

TEST_CASE("SASL responses may be longer") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  say(engine, "AUTH PLAIN\r\n");
  CHECK(engine.state() == State::sasl);
  CHECK(
      say(engine, std::string(12'000, 'A') + "\r\n").starts_with("-ERR The response does not fit"));
  say(engine, "AUTH PLAIN\r\n");
  CHECK(say(engine, std::string(13'000, 'A') + "\r\n") == "-ERR Line too long\r\n");
  CHECK(engine.state() == State::authorization);
}

TEST_CASE("too many errors end the session") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "XYZZY\r\n";
  engine.receive(kStart, many);
  const net::Output output = engine.take_output();
  CHECK(output.wish == net::Wish::finish);
  CHECK(std::ranges::count(output.bytes, '\n') == 51);
  CHECK(fixture.sink.has("policy.limit errors|50"));
}

TEST_CASE("a switch answers instead of the server") {
  Fixture fixture;
  using policy::Switch;
  const auto answer = [&](std::string command, Switch::Act act, std::string text) {
    Switch added;
    added.protocol = policy::Protocol::pop3;
    added.command = std::move(command);
    added.act = act;
    added.text = std::move(text);
    fixture.switches.add(std::move(added));
  };
  SECTION("a line") {
    answer("RETR", Switch::Act::reply, "-ERR [SYS/TEMP] Try\r\n later");
    ServerEngine engine = fixture.engine();
    log_in(engine);
    CHECK(say(engine, "RETR 1\r\n") == "-ERR [SYS/TEMP] Try later\r\n");
    CHECK(say(engine, "STAT\r\n") == "+OK 2 320\r\n");
  }
  SECTION("a reset") {
    answer("QUIT", Switch::Act::drop, "");
    ServerEngine engine = fixture.engine();
    log_in(engine);
    say(engine, "DELE 1\r\n");
    engine.receive(kStart, "QUIT\r\n");
    CHECK(engine.take_output().wish == net::Wish::abort);
    engine.closed(kStart, net::CloseReason::reset, "");
    CHECK(messages(fixture) == 2);
  }
  SECTION("at the greeting") {
    answer("CONNECT", Switch::Act::reply, "-ERR [SYS/TEMP] Not now");
    ServerEngine engine = fixture.engine();
    engine.start(kStart);
    CHECK(engine.take_output().bytes == "-ERR [SYS/TEMP] Not now\r\n");
  }
}

TEST_CASE("secrets stay out of the trace unless a lesson shows them") {
  for (const bool show : {false, true}) {
    Fixture fixture;
    fixture.options.show_secrets = show;
    ServerEngine engine = fixture.engine();
    engine.start(kStart);
    say(engine,
        "PASS early-secret\r\nUSER eve\r\nPASS my-secret\r\nPAS s my-secret\r\nmy-secret "
        "my-secret\r\n");
    say(engine, "AUTH PLAIN AGJvYgBteS1zZWNyZXQ=\r\nAUTH LOGIN\r\n");
    say(engine, "bXktc2VjcmV0\r\n");
    CHECK(fixture.sink.mentions("early-secret") == show);
    CHECK(fixture.sink.mentions("PASS my-secret") == show);
    CHECK(fixture.sink.mentions("AGJvYgBteS1zZWNyZXQ") == show);
    CHECK(fixture.sink.mentions("bXktc2VjcmV0") == show);
  }
}

TEST_CASE("every reply is caused by its command, and commands by what arrived") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  fixture.sink.set_cause(0);
  engine.receive(kStart, std::string(kLogin) + "RETR 1\r\nQUIT\r\n");
  trace::EventId command = 0;
  for (std::size_t i = 2; i < fixture.sink.lines.size(); ++i) {
    const std::string& line = fixture.sink.lines[i];
    INFO(line);
    if (line.starts_with("pop3.command")) {
      CHECK(fixture.sink.causes[i] == 0);
      command = static_cast<trace::EventId>(i + 1);
    } else {
      CHECK(fixture.sink.causes[i] == command);
    }
  }
  CHECK(fixture.sink.cause() == 0);
}

TEST_CASE("implicit TLS") {
  Fixture fixture;
  fixture.options.allow_plaintext_auth = false;
  fixture.options.stls = true;
  ServerEngine engine = fixture.engine();
  engine.tls_started(kStart, {});
  engine.start(kStart);
  CHECK(fixture.sink.has("pop3.connected tls"));
  CHECK(say(engine, "CAPA\r\n").find("STLS") == std::string::npos);
  CHECK(say(engine, kLogin).ends_with("+OK 2 messages (320 octets)\r\n"));
}

TEST_CASE("the table of commands") {
  CHECK(commands().size() == 17);
  for (const CommandRule& rule : commands()) {
    CHECK(find_command(rule.verb) == &rule);
    CHECK(rule.states != 0);
    CHECK(rule.section.starts_with("RFC "));
    CHECK(rule.handler != nullptr);
  }
  CHECK(find_command("retr")->verb == "RETR");
  CHECK(find_command("XTND") == nullptr);
}
