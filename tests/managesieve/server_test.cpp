// What transcripts cannot show: limits, quotas, switches, secrets.
#include "server/auth/sasl_client.hpp"
#include "server/mail/encoding.hpp"
#include "tests/managesieve/fixture.hpp"

using namespace mailscope;
using namespace mailscope::managesieve;
using namespace mailscope::managesieve::test;

namespace {

std::string put(std::string_view name, std::string_view script) {
  return "PUTSCRIPT \"" + std::string(name) + "\" {" + std::to_string(script.size()) + "+}\r\n" +
         std::string(script) + "\r\n";
}

ServerEngine logged_in(Fixture& fixture, policy::SessionSwitches switches = {}) {
  ServerEngine engine = fixture.engine(std::move(switches));
  engine.start(kStart);
  engine.take_output();
  CHECK(say(engine, kLogin) == "OK \"Logged in\"\r\n");
  return engine;
}

}  // namespace

TEST_CASE("passwords are not in the trace") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  say(engine, "AUTHENTICATE \"PLAIN\"\r\n\"AGJvYgBzZWNyZXQ=\"\r\nUNAUTHENTICATE\r\n");
  say(engine, "AUTHENTICATE \"PLAIN\" {16+}\r\nAGJvYgBzZWNyZXQ=\r\nUNAUTHENTICATE\r\n");
  say(engine, kLogin);
  say(engine, "AGJvYgBzZWNyZXQ= \"AGJvYgBzZWNyZXQ=\"\r\n");
  CHECK_FALSE(fixture.sink.mentions("c2VjcmV0"));
  CHECK_FALSE(fixture.sink.mentions("GJvYgBzZWNyZXQ=\""));
  CHECK(fixture.sink.has("sieve.command AUTHENTICATE|AUTHENTICATE \"PLAIN\" [redacted]"));
  CHECK(fixture.sink.has("sieve.command AUTHENTICATE|[redacted]"));
  CHECK(fixture.sink.has("policy.auth bob|PLAIN|1|"));
}

TEST_CASE("SCRAM's last word comes with the success") {
  // RFC 5804 section 2.1; SCRAM-SHA-1, which it asks for, where a site keeps its keys.
  for (const std::string mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
    CAPTURE(mechanism);
    Fixture fixture;
    fixture.accounts.keep(auth::Material::scram_sha1);
    fixture.accounts.add("bob@b.example", "secret");
    for (const bool right : {true, false}) {
      ServerEngine engine = fixture.engine();
      engine.start(kStart);
      CHECK(engine.take_output().bytes.find(mechanism) != std::string::npos);
      const auto client = auth::make_sasl_client(
          mechanism, {.user = "bob", .password = right ? "secret" : "wrong", .nonce = "abc"});
      std::string first = say(engine, "AUTHENTICATE \"" + mechanism + "\" \"" +
                                          mail::base64_encode(*client->initial()) + "\"\r\n");
      REQUIRE(first.starts_with('"'));
      first = first.substr(1, first.rfind('"') - 1);
      const auto proof = client->respond(*mail::base64_decode_strict(first));
      REQUIRE(proof);
      std::string done = say(engine, "\"" + mail::base64_encode(*proof) + "\"\r\n");
      if (!right) {
        CHECK(done == "NO \"wrong user name or password\"\r\n");
        continue;
      }
      constexpr std::string_view kBefore = "OK (SASL \"", kBehind = "\")\r\n";
      REQUIRE(done.starts_with(kBefore));
      REQUIRE(done.ends_with(kBehind));
      done = done.substr(kBefore.size(), done.size() - kBefore.size() - kBehind.size());
      CHECK(client->respond(*mail::base64_decode_strict(done)) == "");
      CHECK(client->trusts_success());
      CHECK(engine.account() == "bob@b.example");
    }
  }
}

TEST_CASE("scripts have a size, a number and a sum") {
  Fixture fixture;
  ServerEngine engine = logged_in(fixture);
  const std::string large(store::kMaxScriptOctets + 1, '#');
  CHECK(say(engine, put("x", large)).starts_with("NO (QUOTA/MAXSIZE) "));
  CHECK(say(engine, "HAVESPACE \"x\" " + std::to_string(large.size()) + "\r\n")
            .starts_with("NO (QUOTA/MAXSIZE) "));
  const std::string half = "#" + std::string(store::kMaxScriptOctets - 3, 'x') + "\r\n";
  for (int i = 0; i < 4; ++i) CHECK(say(engine, put("s" + std::to_string(i), half)) == "OK\r\n");
  CHECK(say(engine, put("more", "keep;")).starts_with("NO (QUOTA) "));
  CHECK(say(engine, put("s0", "keep;")) == "OK\r\n");
  for (std::size_t i = 4; i < store::kMaxScripts; ++i)
    CHECK(say(engine, put("s" + std::to_string(i), "keep;")) == "OK\r\n");
  CHECK(say(engine, put("more", "keep;")).starts_with("NO (QUOTA/MAXSCRIPTS) "));
  CHECK(say(engine, "HAVESPACE \"more\" 5\r\n").starts_with("NO (QUOTA/MAXSCRIPTS) "));
  CHECK(say(engine, "HAVESPACE \"s5\" 5\r\n") == "OK\r\n");
  CHECK(say(engine, "GETSCRIPT \"s0\"\r\n") == "{5}\r\nkeep;\r\nOK\r\n");
}

TEST_CASE("a literal that is far too large ends the connection") {
  Fixture fixture;
  ServerEngine engine = logged_in(fixture);
  engine.receive(kStart, "PUTSCRIPT \"x\" {4294967295+}\r\n");
  const net::Output output = engine.take_output();
  CHECK(output.bytes.starts_with("BYE "));
  CHECK(output.wish == net::Wish::finish);
}

TEST_CASE("three failed logins or fifty errors end it") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  engine.take_output();
  const std::string wrong = "AUTHENTICATE \"PLAIN\" \"AGJvYgB4\"\r\n";
  CHECK(say(engine, wrong) == "NO \"wrong user name or password\"\r\n");
  CHECK(say(engine, wrong) == "NO \"wrong user name or password\"\r\n");
  engine.receive(kStart, wrong + std::string(kLogin));
  const net::Output output = engine.take_output();
  CHECK(output.bytes == "BYE \"Too many failed authentication attempts\"\r\n");
  CHECK(output.wish == net::Wish::finish);

  ServerEngine noisy = fixture.engine();
  noisy.start(kStart);
  std::string rubbish;
  for (int i = 0; i < 60; ++i) rubbish += "FROB\r\n";
  noisy.take_output();
  CHECK(say(noisy, rubbish).ends_with("BYE \"Too many errors\"\r\n"));
  CHECK(noisy.state() == State::closed);
}

TEST_CASE("a client that does not read is not read from") {
  Fixture fixture;
  ServerEngine engine = logged_in(fixture);
  const std::string script = "#" + std::string(store::kMaxScriptOctets - 3, 'x') + "\r\n";
  CHECK(say(engine, put("s", script)) == "OK\r\n");
  std::string gets;
  for (int i = 0; i < 20; ++i) gets += "GETSCRIPT \"s\"\r\n";
  engine.receive(kStart, gets);
  std::size_t octets = 0, times = 0;
  for (std::string more = engine.take_output().bytes; !more.empty(); ++times) {
    CHECK(more.size() < 2 * fixture.options.limits.pending_output);
    octets += more.size();
    engine.drained(kStart);
    more = engine.take_output().bytes;
  }
  CHECK(times > 2);
  CHECK(octets > 20 * script.size());
}

TEST_CASE("switches hide, announce and answer") {
  Fixture fixture;
  policy::Switches table;
  const auto add = [&](policy::Switch::Act act, std::string capability, std::string command,
                       std::string text) {
    policy::Switch one;
    one.protocol = policy::Protocol::sieve;
    one.act = act;
    one.capability = std::move(capability);
    one.command = std::move(command);
    one.text = std::move(text);
    table.add(std::move(one));
  };
  add(policy::Switch::Act::hide, "UNAUTHENTICATE", "", "");
  add(policy::Switch::Act::hide, "SIEVE=vacation", "", "");
  add(policy::Switch::Act::announce, "VERSION", "", "VERSION 0.9");
  add(policy::Switch::Act::reply, "", "LISTSCRIPTS", "NO (TRYLATER) \"Later\"");
  add(policy::Switch::Act::drop, "", "GETSCRIPT", "");
  const policy::SessionSwitches switches(table, policy::Protocol::sieve, net::Address());
  ServerEngine engine = logged_in(fixture, switches);
  const std::string told = say(engine, "CAPABILITY\r\n");
  CHECK(told.find("UNAUTHENTICATE") == std::string::npos);
  CHECK(told.find("\"VERSION\" \"0.9\"\r\n") != std::string::npos);
  CHECK(told.find(" vacation ") == std::string::npos);
  CHECK(told.find("fileinto") != std::string::npos);
  CHECK(say(engine, "UNAUTHENTICATE\r\n") == "NO \"Unknown command\"\r\n");
  CHECK(say(engine, put("x", "require \"vacation\";")).starts_with("NO \"line 1, column 9: "));
  CHECK(say(engine, "LISTSCRIPTS\r\n") == "NO (TRYLATER) \"Later\"\r\n");
  engine.receive(kStart, "GETSCRIPT \"x\"\r\n");
  CHECK(engine.take_output().wish == net::Wish::abort);
}

TEST_CASE("an account without mailboxes cannot log in") {
  Fixture fixture;
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  engine.take_output();
  CHECK(say(engine, "AUTHENTICATE \"PLAIN\" \"AGdob3N0AHNlY3JldA==\"\r\n") ==
        "NO (TRYLATER) \"There is no mailbox here\"\r\n");
}
