// SASL with all mechanisms (RFC 5034), APOP, LOGIN-DELAY, UTF8 (RFC 6856), switches, and logins
// that wait.
#include "server/auth/sasl_client.hpp"
#include "server/mail/encoding.hpp"
#include "server/pop3/capabilities.hpp"
#include "tests/pop3/fixture.hpp"

using namespace mailscope;
using namespace mailscope::pop3;
using namespace mailscope::pop3::test;
using std::chrono::seconds;

namespace {

std::string begin(net::Engine& engine) {
  engine.start(kStart);
  return engine.take_output().bytes;
}

/// The last line that a login with `mechanism` gets.
std::string log_in(ServerEngine& engine, std::string_view mechanism,
                   const auth::SaslCredentials& credentials) {
  const auto client = auth::make_sasl_client(mechanism, credentials);
  REQUIRE(client);
  std::string line = "AUTH " + std::string(mechanism);
  const auto first = client->initial();
  if (first) line += ' ' + mail::base64_encode(*first);
  std::string reply = say(engine, line + "\r\n");
  for (int turn = 0; reply.starts_with("+ ") && turn < 5; ++turn) {
    const auto challenge = mail::base64_decode_strict(reply.substr(2, reply.size() - 4));
    REQUIRE(challenge);
    const auto answer = client->respond(*challenge);
    reply = say(engine, (answer ? mail::base64_encode(*answer) : "*") + "\r\n");
  }
  if (reply.starts_with("+OK")) CHECK(client->trusts_success());
  return reply;
}

constexpr std::string_view kWelcome = "+OK 2 messages (320 octets)\r\n";
constexpr std::string_view kWrong = "-ERR [AUTH] wrong user name or password\r\n";

}  // namespace

TEST_CASE("every mechanism logs in, and none with a wrong password") {
  Fixture fixture;
  for (const auth::Material old : {auth::Material::scram_sha1, auth::Material::cram_md5}) {
    fixture.accounts.keep(old);
  }
  fixture.accounts.add("bob@b.example", "secret word");
  const std::string token =
      fixture.accounts.issue_token("bob", kStart, kStart + std::chrono::hours(1));
  net::TlsInfo tls{.version = "TLSv1.3"};
  tls.bindings.exporter = std::string(32, 'x');
  for (const auth::SaslMechanism& mechanism : auth::sasl_mechanisms()) {
    CAPTURE(mechanism.name);
    for (const bool right : {true, false}) {
      ServerEngine engine = fixture.engine();
      engine.tls_started(kStart, tls);
      begin(engine);
      const std::string reply = log_in(engine, mechanism.name,
                                       {.user = "bob",
                                        .password = right ? "secret word" : "secret",
                                        .token = right ? token : token + "x",
                                        .nonce = "abc",
                                        .tls = &tls});
      CHECK(reply == (right ? kWelcome : kWrong));
      CHECK(engine.state() == (right ? State::transaction : State::authorization));
    }
  }
}

TEST_CASE("APOP, where the passwords are kept") {
  Fixture fixture;
  {
    ServerEngine engine = fixture.engine();
    CHECK(begin(engine) == "+OK mail.b.example POP3 ready\r\n");
    CHECK(say(engine, "APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n") ==
          "-ERR The greeting had no timestamp: APOP is not offered\r\n");
  }
  fixture.accounts.keep(auth::Material::apop);
  fixture.accounts.add("bob@b.example", "secret word");
  ServerEngine engine = fixture.engine();
  const std::string greeting = begin(engine);
  const std::size_t open = greeting.find('<');
  REQUIRE(open != std::string::npos);
  const std::string timestamp = greeting.substr(open, greeting.find('>') + 1 - open);
  CHECK(timestamp.ends_with(".1000000@mail.b.example>"));
  const std::string digest = auth::hex(auth::digest(auth::Hash::md5, timestamp + "secret word"));
  CHECK(say(engine, "APOP bob\r\n") == "-ERR Syntax: APOP name digest\r\n");
  CHECK(say(engine, "APOP bob " + std::string(32, '0') + "\r\n") == kWrong);
  CHECK(say(engine, "APOP nobody " + digest + "\r\n") == kWrong);
  CHECK(say(engine, "APOP bob " + digest + "\r\n") == kWelcome);
  CHECK_FALSE(fixture.sink.mentions(digest));
}

TEST_CASE("LOGIN-DELAY is announced and kept, for each account") {
  Fixture fixture;
  LoginTimes times;
  fixture.options.login_delay = seconds(60);
  fixture.options.login_times = &times;
  const auto login = [&](std::string_view user, std::string_view password, net::Time now) {
    ServerEngine engine = fixture.engine();
    engine.start(now);
    engine.take_output();
    return say(engine, "USER " + std::string(user) + "\r\nPASS " + std::string(password) + "\r\n",
               now)
        .substr(5);
  };
  ServerEngine engine = fixture.engine();
  begin(engine);
  CHECK(say(engine, "CAPA\r\n").find("\r\nLOGIN-DELAY 60\r\n") != std::string::npos);
  CHECK(login("bob", "secret word", kStart) == kWelcome);
  CHECK(login("bob", "secret word", kStart + seconds(59)) ==
        "-ERR [LOGIN-DELAY] Too soon after the last login\r\n");
  CHECK(login("bob", "wrong", kStart + seconds(59)) == kWrong);
  CHECK(login("empty", "secret", kStart + seconds(59)) == "+OK 0 messages (0 octets)\r\n");
  CHECK(login("bob", "secret word", kStart + seconds(60)) == kWelcome);
}

TEST_CASE("UTF8: what is in headers goes as it is, or in the form that older clients know") {
  Fixture fixture;
  fixture.add(
      "Subject: Gr\xc3\xbc\xc3\x9f"
      "e\r\n\r\nB\xc3\xb6"
      "dy\r\n");
  fixture.accounts.add("j\xc3\xb6rg@b.example", "gr\xc3\xbc\xc3\x9f");
  fixture.store.create_account("j\xc3\xb6rg@b.example");
  for (const bool utf8 : {false, true}) {
    ServerEngine engine = fixture.engine();
    begin(engine);
    if (utf8) say(engine, "UTF8\r\n");
    say(engine, "USER bob\r\nPASS secret word\r\n");
    const std::string subject = utf8 ? "Subject: Gr\xc3\xbc\xc3\x9f"
                                       "e\r\n"
                                     : "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n";
    const std::string content = subject +
                                "\r\nB\xc3\xb6"
                                "dy\r\n";
    CHECK(say(engine, "RETR 3\r\n") ==
          "+OK " + std::to_string(content.size()) + " octets\r\n" + content + ".\r\n");
    CHECK(say(engine, "TOP 3 0\r\n") == "+OK Top of message follows\r\n" + subject + "\r\n.\r\n");
  }
  // UTF8 USER (section 2.2): names and passwords, without UTF8 being said.
  ServerEngine engine = fixture.engine();
  begin(engine);
  CHECK(say(engine, "USER \xff\r\n") == "-ERR The name is not UTF-8\r\n");
  CHECK(say(engine, "USER jo\xcc\x88rg\r\nPASS gru\xcc\x88\xc3\x9f\r\n") ==
        "+OK\r\n+OK 0 messages (0 octets)\r\n");
}

TEST_CASE("UTF8: sizes are those of what is sent") {
  // RFC 6856 section 2.1.
  Fixture fixture;
  fixture.add(
      "Subject: Gr\xc3\xbc\xc3\x9f"
      "e\r\n\r\nBody\r\n");
  fixture.add("Subject: ASCII\r\n\r\nB\xc3\xb6\r\n");
  fixture.add(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
      "Content-Description: \xc3\xa9\r\n\r\nx\r\n--b--\r\n");
  for (const bool utf8 : {false, true}) {
    CAPTURE(utf8);
    ServerEngine engine = fixture.engine();
    begin(engine);
    if (utf8) say(engine, "UTF8\r\n");
    const std::string welcome = say(engine, "USER bob\r\nPASS secret word\r\n");
    std::size_t total = 0;
    std::string listing;
    for (int number = 1; number <= 5; ++number) {
      const std::string n = std::to_string(number);
      const std::string answer = say(engine, "RETR " + n + "\r\n");
      const std::size_t octets = std::stoul(answer.substr(4));
      std::size_t dots = 0;  // what stuffing adds does not count
      for (std::size_t at = 0; (at = answer.find("\n..", at)) != std::string::npos; ++at) ++dots;
      CHECK(answer.size() - answer.find('\n') - 1 - 3 - dots == octets);
      CHECK(say(engine, "LIST " + n + "\r\n") ==
            "+OK " + n + ' ' + std::to_string(octets) + "\r\n");
      listing += n + ' ' + std::to_string(octets) + "\r\n";
      total += octets;
    }
    CHECK(total > 320);
    const std::string all = "5 messages (" + std::to_string(total) + " octets)\r\n";
    CHECK(welcome == "+OK\r\n+OK " + all);
    CHECK(say(engine, "STAT\r\n") == "+OK 5 " + std::to_string(total) + "\r\n");
    CHECK(say(engine, "LIST\r\n") == "+OK " + all + listing + ".\r\n");
  }
}

TEST_CASE("switches hide, announce and break capabilities") {
  using policy::Switch;
  Fixture fixture;
  policy::Switches table;
  const auto engine_of = [&](std::string_view capability, Switch::Act act, std::string text = {}) {
    table = {};
    table.add({.protocol = policy::Protocol::pop3,
               .capability = std::string(capability),
               .act = act,
               .text = std::move(text)});
    return ServerEngine(fixture.options, fixture.accounts, fixture.store, fixture.tracer(),
                        {table, policy::Protocol::pop3, *net::Address::parse("192.0.2.1")});
  };
  for (const Capability& row : capabilities()) {
    if (row.available != nullptr || contains(row.states, State::authorization) == false) continue;
    CAPTURE(row.name);
    ServerEngine engine = engine_of(row.name, Switch::Act::hide);
    begin(engine);
    CHECK(say(engine, "CAPA\r\n").find('\n' + std::string(row.name)) == std::string::npos);
  }
  {
    ServerEngine engine = engine_of("TOP", Switch::Act::hide);
    begin(engine);
    CHECK(say(engine, "USER bob\r\nPASS secret word\r\nTOP 1 0\r\n")
              .ends_with("-ERR Unknown command\r\n"));
  }
  {
    ServerEngine engine = engine_of("AUTH-RESP-CODE", Switch::Act::hide);
    begin(engine);
    CHECK(say(engine, "USER bob\r\nPASS wrong\r\n") ==
          "+OK\r\n-ERR wrong user name or password\r\n");
  }
  {
    ServerEngine engine = engine_of("AUTH=PLAIN", Switch::Act::hide);
    begin(engine);
    CHECK(say(engine, "AUTH PLAIN\r\n") == "-ERR Unknown authentication mechanism\r\n");
    CHECK(say(engine, "CAPA\r\n").find("PLAIN") == std::string::npos);
  }
  {
    ServerEngine engine = engine_of("AUTH=PLAIN", Switch::Act::reply, "-ERR [SYS/TEMP] No");
    begin(engine);
    CHECK(say(engine, "AUTH PLAIN\r\n") == "-ERR [SYS/TEMP] No\r\n");
    CHECK(say(engine, "CAPA\r\n").find("PLAIN") != std::string::npos);
  }
  {
    ServerEngine engine = engine_of("EXPIRE", Switch::Act::announce, "EXPIRE 30 USER");
    begin(engine);
    CHECK(say(engine, "CAPA\r\n").find("\r\nEXPIRE 30 USER\r\n") != std::string::npos);
  }
  {
    ServerEngine engine = engine_of("X-ODD", Switch::Act::announce);
    begin(engine);
    CHECK(say(engine, "CAPA\r\n").find("\r\nX-ODD\r\n") != std::string::npos);
  }
  {
    ServerEngine engine = engine_of("UIDL", Switch::Act::drop);
    begin(engine);
    say(engine, "USER bob\r\nPASS secret word\r\n");
    engine.receive(kStart, "UIDL\r\n");
    CHECK(engine.take_output().wish == net::Wish::abort);
  }
}

TEST_CASE("answers to logins wait for whoever has guessed too often") {
  Fixture fixture;
  policy::Guard guard;
  const net::Address client = *net::Address::parse("192.0.2.1");
  for (int i = 0; i < 6; ++i) (void)guard.login(client, false, kStart);
  const auto engine_of = [&] {
    return ServerEngine(fixture.options, fixture.accounts, fixture.store, fixture.tracer(), {},
                        {guard, client});
  };
  {
    ServerEngine engine = engine_of();
    begin(engine);
    CHECK(say(engine, "USER bob\r\nPASS secret word\r\nSTAT\r\n") == "+OK\r\n");
    CHECK(engine.deadline() == kStart + seconds(2));
    engine.expire(kStart + seconds(1));
    CHECK(engine.take_output().bytes.empty());
    engine.expire(kStart + seconds(2));
    CHECK(engine.take_output().bytes == std::string(kWelcome) + "+OK 2 320\r\n");
    CHECK(fixture.sink.has("policy.limit login_wait_seconds|2"));
  }
  {
    ServerEngine engine = engine_of();
    begin(engine);
    say(engine, "USER bob\r\nPASS wrong\r\n");
    engine.peer_finished(kStart);
    CHECK(engine.take_output().wish == net::Wish::finish);
    CHECK(engine.state() == State::closed);
  }
}
