// Client and server engine against each other, in every cut of the octets between them.
#include "server/pop3/client.hpp"
#include "tests/pop3/fixture.hpp"

using namespace mailscope;
using namespace mailscope::pop3;
using namespace mailscope::pop3::test;

namespace {

ClientOptions options_for(ClientOptions::Tls tls) {
  ClientOptions options;
  options.user = "bob";
  options.password = "secret word";
  options.tls = tls;
  options.allow_plaintext_auth = tls == ClientOptions::Tls::none;
  return options;
}

/// Lets both talk, `cut` octets at a time, until neither has anything to say.
void talk(ServerEngine& server, ClientEngine& client, std::size_t cut) {
  server.start(kStart);
  client.start(kStart);
  net::Wish server_wish = net::Wish::go_on, client_wish = net::Wish::go_on;
  const auto give = [cut](net::Engine& to, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += cut)
      to.receive(kStart, std::string_view(bytes).substr(at, cut));
  };
  for (int quiet = 0; quiet < 3;) {
    const net::Output from_server = server.take_output();
    if (from_server.wish != net::Wish::go_on) server_wish = from_server.wish;
    give(client, from_server.bytes);
    server.drained(kStart);
    const net::Output from_client = client.take_output();
    if (from_client.wish != net::Wish::go_on) client_wish = from_client.wish;
    give(server, from_client.bytes);
    if (server_wish == net::Wish::start_tls && client_wish == net::Wish::start_tls) {
      server_wish = client_wish = net::Wish::go_on;
      server.tls_started(kStart, {});
      client.tls_started(kStart, {});
    }
    quiet = from_server.bytes.empty() && from_client.bytes.empty() ? quiet + 1 : 0;
  }
  server.closed(kStart, net::CloseReason::finished, "");
  client.closed(kStart, net::CloseReason::finished, "");
}

}  // namespace

TEST_CASE("a client fetches, leaves, and later deletes") {
  for (const std::size_t cut : {1u, 2u, 7u, 100u, 65'536u}) {
    for (const auto tls : {ClientOptions::Tls::none, ClientOptions::Tls::required}) {
      Fixture fixture;
      fixture.options.stls = true;
      fixture.options.allow_plaintext_auth = tls == ClientOptions::Tls::none;
      fixture.options.limits.chunk = 64;
      const std::string torture =
          "A: b\r\n\r\n.\r\n..\r\n.x\r\n" + std::string(500, '.') + "\r\n\r\n";
      fixture.add(torture);

      ServerEngine server = fixture.engine();
      ClientEngine client(options_for(tls));
      talk(server, client, cut);
      INFO(client.result().detail);
      REQUIRE(client.result().error == ClientError::none);
      REQUIRE(client.result().fetched.size() == 3);
      CHECK(client.result().fetched[0].content == Fixture::message(1, 120));
      CHECK(client.result().fetched[2].content == torture);
      CHECK(client.result().octets == 320 + torture.size());
      CHECK(client.tls().has_value() == (tls == ClientOptions::Tls::required));
      CHECK(fixture.inbox().messages == 3);

      fixture.add(Fixture::message(4, 400));
      ClientOptions again = options_for(tls);
      for (const Fetched& f : client.result().fetched) again.seen.insert(f.unique_id);
      again.leave_on_server = false;
      again.login = ClientOptions::Login::user_pass;
      ServerEngine second_server = fixture.engine();
      ClientEngine second(again);
      talk(second_server, second, cut);
      REQUIRE(second.result().error == ClientError::none);
      REQUIRE(second.result().fetched.size() == 1);
      CHECK(second.result().fetched[0].number == 4);
      CHECK(second.result().deleted.size() == 4);
      CHECK(fixture.inbox().messages == 0);
      CHECK(fixture.sink.has("store.expunged bob@b.example|INBOX|1:4"));
    }
  }
}

TEST_CASE("a wrong password, a maildrop in use, a server that wants TLS") {
  Fixture fixture;
  SECTION("password") {
    ClientOptions options = options_for(ClientOptions::Tls::none);
    options.password = "wrong";
    ServerEngine server = fixture.engine();
    ClientEngine client(options);
    talk(server, client, 65'536);
    CHECK(client.result().error == ClientError::login);
  }
  SECTION("in use") {
    REQUIRE(fixture.store.lock_maildrop("bob@b.example"));
    ServerEngine server = fixture.engine();
    ClientEngine client(options_for(ClientOptions::Tls::none));
    talk(server, client, 65'536);
    CHECK(client.result().error == ClientError::in_use);
  }
  SECTION("TLS") {
    fixture.options.allow_plaintext_auth = false;
    ServerEngine server = fixture.engine();
    ClientEngine client(options_for(ClientOptions::Tls::none));
    talk(server, client, 65'536);
    CHECK(client.result().error == ClientError::login);
    CHECK(fixture.inbox().messages == 2);
  }
}
