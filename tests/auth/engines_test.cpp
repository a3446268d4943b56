// Every mechanism through every protocol: our client engines against our server engines, under TLS
// and in the clear, with right and wrong secrets.
#include "server/imap/client.hpp"
#include "server/imap/server.hpp"
#include "server/pop3/client.hpp"
#include "server/pop3/server.hpp"
#include "server/smtp/client.hpp"
#include "server/smtp/server.hpp"
#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"

using namespace mailscope;

namespace {

constexpr net::Time kStart{std::chrono::seconds(1'000'000)};
constexpr std::string_view kUser = "bob@b.example", kPassword = "secret word";

class NoSink final : public trace::Sink {
 public:
  trace::EventId record(trace::Kind, const trace::Origin&,
                        std::initializer_list<trace::Value>) override {
    return 0;
  }
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view) override { return 1; }
  trace::ConnectionId new_connection() override { return 1; }
};

class Inbox final : public smtp::ServerHandler {
 public:
  smtp::Answer on_rcpt(smtp::ServerEngine&, const mail::Mailbox&) override {
    return smtp::Answer::accept();
  }
  smtp::Answer on_message(smtp::ServerEngine& session, const smtp::Envelope&,
                          std::string) override {
    account = session.envelope().account;
    return smtp::Answer::accept();
  }
  std::string new_queue_id() override { return "1"; }
  std::string account;
};

/// Moves octets between the two until nobody says anything; timers of the server run out at once.
void pump(net::Engine& client, net::Engine& server) {
  server.start(kStart);
  client.start(kStart);
  net::Time now = kStart;
  for (int idle = 0; idle < 3;) {
    const std::string said = server.take_output().bytes;
    if (!said.empty()) client.receive(now, said);
    const std::string asked = client.take_output().bytes;
    if (!asked.empty()) server.receive(now, asked);
    idle = said.empty() && asked.empty() ? idle + 1 : 0;
    if (idle == 2 && server.deadline() < now + std::chrono::seconds(30)) {
      now = server.deadline();
      server.expire(now);
      idle = 0;
    }
  }
}

struct World {
  World() {
    for (const auth::Material old : {auth::Material::scram_sha1, auth::Material::cram_md5}) {
      accounts.keep(old);
    }
    accounts.add(kUser, kPassword);
    store.create_account(kUser);
    tls.version = "TLSv1.3";
    tls.bindings.exporter = std::string(32, 'x');
    token = accounts.issue_token(kUser, kStart, kStart + std::chrono::hours(1));
  }
  auth::SaslWish wish(std::string_view mechanism, bool right) const {
    return {.mechanism = std::string(mechanism),
            .token = right ? token : token + "x",
            .nonce = "fyko+d2lbbFgONRv9qkxdawL"};
  }

  auth::AccountTable accounts{"b.example"};
  store::MemoryStore store;
  NoSink sink;
  trace::Tracer tracer{sink, {}};
  net::TlsInfo tls;
  std::string token;
};

bool smtp_login(World& world, const auth::SaslWish& wish, std::string_view password, bool tls) {
  smtp::ServerOptions options;
  options.hostname = "mail.b.example";
  options.role = smtp::Role::submission;
  options.require_tls = false;
  options.accounts = &world.accounts;
  Inbox inbox;
  smtp::ServerEngine server(options, inbox, world.tracer, net::Address::v4(192, 0, 2, 1));
  smtp::ClientOptions client_options;
  client_options.helo_name = "phone.b.example";
  client_options.credentials = {std::string(kUser), std::string(password), wish};
  const mail::Mailbox bob = *mail::Mailbox::parse(kUser);
  smtp::Transaction transaction;
  transaction.reverse_path = bob;
  transaction.recipients = {bob};
  transaction.content = std::make_shared<const std::string>("Subject: x\r\n\r\n");
  smtp::ClientEngine client(client_options, {transaction});
  if (tls) {
    server.tls_started(kStart, world.tls);
    client.tls_started(kStart, world.tls);
  }
  pump(client, server);
  return inbox.account == kUser;
}

bool imap_login(World& world, const auth::SaslWish& wish, std::string_view password, bool tls) {
  imap::ServerOptions options;
  options.hostname = "mail.b.example";
  imap::ServerEngine server(options, world.accounts, world.store, world.tracer);
  imap::ClientOptions client_options;
  client_options.user = kUser;
  client_options.password = password;
  client_options.sasl = wish;
  imap::ClientEngine client(client_options);
  if (tls) {
    server.tls_started(kStart, world.tls);
    client.tls_started(kStart, world.tls);
  }
  pump(client, server);
  return server.account() == kUser && client.state() == imap::ClientState::ready;
}

bool pop3_login(World& world, const auth::SaslWish& wish, std::string_view password, bool tls) {
  pop3::ServerOptions options;
  options.hostname = "mail.b.example";
  pop3::ServerEngine server(options, world.accounts, world.store, world.tracer);
  pop3::ClientOptions client_options;
  client_options.user = kUser;
  client_options.password = password;
  client_options.sasl = wish;
  pop3::ClientEngine client(client_options);
  if (tls) {
    server.tls_started(kStart, world.tls);
    client.tls_started(kStart, world.tls);
  }
  pump(client, server);
  return client.finished() && client.result().error == pop3::ClientError::none;
}

}  // namespace

TEST_CASE("every mechanism through every protocol") {
  World world;
  for (const auth::SaslMechanism& mechanism : auth::sasl_mechanisms()) {
    for (const bool tls : {true, false}) {
      for (const bool right : {true, false}) {
        CAPTURE(mechanism.name, tls, right);
        const bool possible = right && (tls || (!mechanism.plaintext && !mechanism.binds_channel));
        const std::string_view password = right ? kPassword : "secret";
        const auth::SaslWish wish = world.wish(mechanism.name, right);
        CHECK(smtp_login(world, wish, password, tls) == possible);
        CHECK(imap_login(world, wish, password, tls) == possible);
        CHECK(pop3_login(world, wish, password, tls) == possible);
      }
    }
  }
}

TEST_CASE("what a server does not offer is not tried") {
  World world;
  const auth::SaslWish wish{.mechanism = "GSSAPI"};
  CHECK_FALSE(smtp_login(world, wish, kPassword, true));
  CHECK_FALSE(imap_login(world, wish, kPassword, true));
  CHECK_FALSE(pop3_login(world, wish, kPassword, true));
}
