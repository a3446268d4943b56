// What a mail host holds for its clients is limited: by address, in number, and in memory of all of
// them together. Who is turned away is told so in the words of the protocol, and may come again.
#include "server/host/mail_host.hpp"

#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/queue/world.hpp"

using namespace mailscope;
using namespace mailscope::host;
using namespace std::chrono_literals;

namespace {

/// A client without manners.
struct Peer final : net::ConnectionEvents {
  std::unique_ptr<net::Connection> connection;
  std::string received, state = "open";
  void on_bytes(std::string_view bytes) override { received += bytes; }
  void on_end() override {
    state = "ended";
    connection->finish();
  }
  void on_closed(net::CloseReason reason) override { state = to_string(reason); }
};

struct Stage {
  explicit Stage(std::size_t memory_octets, policy::GuardLimits guard = {})
      : memory(memory_octets), organisation("globex.example", mail) {
    organisation.add_user("bob", "secret", 0);
    options.name = "mx.globex.example";
    options.services = {Service::mx, Service::imap, Service::pop3, Service::sieve};
    options.plaintext_auth = true;
    options.memory = &memory;
    options.guard = std::move(guard);
  }
  void power_on() {
    host = std::make_unique<MailHost>(
        HostEnvironment{
            network, world, world.turn, entropy, sink, 1, {}, resolver, queue_store, organisation},
        options);
    host->power_on();
  }
  Peer& connect(std::uint16_t port) {
    peers.push_back(std::make_unique<Peer>());
    peers.back()->connection =
        network.connect({net::Address::v4(192, 0, 2, 1), port}, *peers.back());
    world.run(100ms);
    return *peers.back();
  }
  void say(Peer& peer, std::string_view text) {
    if (peer.state == "open") peer.connection->send(text);
    world.run(100ms);
  }
  bool told(std::string_view line) const {
    for (const std::string& each : sink.lines())
      if (each.starts_with(line)) return true;
    return false;
  }

  tests::FakeWorld world{smtp::test::kStart};
  tests::FakeNetwork network{world};
  net::MemoryBudget memory;
  queue::test::TestEntropy entropy{7};
  smtp::test::LineSink sink;
  queue::test::TableResolver resolver{world, sink};
  store::MemoryStore mail;
  queue::MemoryQueueStore queue_store;
  Organisation organisation;
  HostOptions options;
  std::unique_ptr<MailHost> host;
  std::vector<std::unique_ptr<Peer>> peers;
};

const std::string kBegin =
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<bob@globex.example>\r\nDATA\r\n";

}  // namespace

TEST_CASE("many messages that arrive at once must fit into memory", "[host][memory]") {
  Stage stage(4 << 20);
  stage.power_on();
  std::size_t senders = 40, most = 0;
  for (std::size_t i = 0; i < senders; ++i) stage.say(stage.connect(25), kBegin);
  // All of them together would hold forty times a million octets.
  const std::string piece = std::string(998, 'x') + "\r\n";
  for (int round = 0; round < 1'000; round += 50) {
    for (auto& peer : stage.peers) {
      if (peer->state != "open") continue;
      for (int k = 0; k < 50; ++k) peer->connection->send(piece);
    }
    stage.world.run(100ms);
    most = std::max(most, stage.memory.used());
  }
  // A turn may bring some more before those who must go are gone.
  CHECK(most < (4 << 20) + 1'000'000);
  for (auto& peer : stage.peers) {
    if (peer->state == "open") peer->connection->send(".\r\n");
  }
  stage.world.run(1s);
  std::size_t accepted = 0, refused = 0;
  for (auto& peer : stage.peers) {
    const bool yes = peer->received.find("250 2.6.0 ") != std::string::npos;
    const bool no = peer->received.find("\r\n421 4.3.1 mx.globex.example No memory is left") !=
                    std::string::npos;
    CHECK(yes != no);
    accepted += yes;
    refused += no;
  }
  CHECK(accepted >= 2);
  CHECK(refused >= 30);
  CHECK(stage.mail.mailbox("bob@globex.example", "INBOX")->messages == accepted);
  CHECK(stage.told("policy.limit memory_octets 4194304"));
  stage.peers.clear();
  stage.world.run(2min);
  CHECK(stage.host->session_count() == 0);
  CHECK(stage.memory.used() == 0);
}

TEST_CASE("newcomers are told when there is no memory", "[host][memory]") {
  Stage stage(1 << 20);
  stage.power_on();
  const std::string piece = std::string(998, 'x') + "\r\n";
  // Each holds a little; none of them is so greedy that it has to go.
  for (int i = 0; i < 100 && !stage.memory.crowded(); ++i) {
    Peer& sender = stage.connect(25);
    stage.say(sender, kBegin);
    for (int k = 0; k < 100 && !stage.memory.crowded(); ++k) stage.say(sender, piece);
  }
  REQUIRE(stage.memory.crowded());
  const std::size_t senders = stage.peers.size();
  const std::pair<std::uint16_t, std::string_view> table[] = {
      {25,
       "421 4.3.1 mx.globex.example No memory is left for this connection, try again later\r\n"},
      {143, "* BYE [UNAVAILABLE] No memory is left for this connection, try again later\r\n"},
      {110, "-ERR [SYS/TEMP] No memory is left for this connection, try again later\r\n"},
      {4190, "BYE (TRYLATER) \"No memory is left for this connection, try again later\"\r\n"}};
  for (const auto& [port, words] : table) {
    Peer& peer = stage.connect(port);
    CHECK(peer.received == words);
    CHECK(peer.state != "open");
  }
  CHECK(stage.told("policy.limit memory_octets 1048576"));
  // Those who are there go on, and all is well again behind them.
  for (std::size_t i = 0; i < senders; ++i) {
    stage.say(*stage.peers[i], ".\r\n");
    CHECK(stage.peers[i]->received.find("250 2.6.0 ") != std::string::npos);
  }
  CHECK(stage.connect(25).received.starts_with("220 "));
}

TEST_CASE("literals, answers and mailboxes count", "[host][memory]") {
  Stage stage(512 << 10);
  stage.power_on();
  Peer& peer = stage.connect(143);
  stage.say(peer, "a LOGIN bob@globex.example secret\r\n");
  const std::size_t idle = stage.memory.used();
  SECTION("a literal") {
    stage.say(peer, "b APPEND INBOX {400000+}\r\n" + std::string(300'000, 'x'));
    CHECK(stage.memory.used() > idle + 290'000);
    for (int i = 0; i < 3 && peer.state == "open"; ++i) {
      Peer& other = stage.connect(143);
      stage.say(other, "a LOGIN bob@globex.example secret\r\nb APPEND INBOX {400000+}\r\n" +
                           std::string(250'000, 'y'));
    }
    CHECK(peer.received.ends_with(
        "* BYE [UNAVAILABLE] No memory is left for this connection, try again later\r\n"));
  }
  SECTION("compression") {
    stage.say(peer, "b COMPRESS DEFLATE\r\n");
    CHECK(stage.memory.used() > idle + 250'000);
    Peer& other = stage.connect(143);
    stage.say(other, "a LOGIN bob@globex.example secret\r\nb COMPRESS DEFLATE\r\n");
    stage.world.run(1s);
    CHECK(stage.memory.used() < (512 << 10));
  }
  SECTION("a message that is being read") {
    const auto inbox = stage.mail.mailbox("bob@globex.example", "INBOX")->id;
    REQUIRE(stage.mail.append(inbox, std::string(700'000, 'x'), {}, smtp::test::kStart));
    stage.say(peer, "b SELECT INBOX\r\nc FETCH 1 BODY[]\r\n");
    stage.world.run(1s);
    CHECK(peer.state == "reset");  // in the middle of a literal nothing can be said
  }
  stage.peers.clear();
  stage.world.run(2min);
  CHECK(stage.memory.used() == 0);
}

TEST_CASE("too many connections of an address are told so", "[host]") {
  Stage stage(0, {.connections = 3});
  stage.power_on();
  for (int i = 0; i < 3; ++i) CHECK(stage.connect(25).received.starts_with("220 "));
  CHECK(stage.connect(25).received ==
        "421 4.7.0 mx.globex.example Too many connections from your address, try again later\r\n");
  CHECK(stage.connect(143).received ==
        "* BYE [UNAVAILABLE] Too many connections from your address, try again later\r\n");
  CHECK(stage.told("policy.limit connections_of_an_address 3"));
  // Not for ever: then they are reset without a word.
  for (std::size_t i = 0; i < kMaxRefusals; ++i) {
    auto silent = std::make_unique<Peer>();
    silent->connection = stage.network.connect({net::Address::v4(192, 0, 2, 1), 25}, *silent);
    silent->connection->pause_reading(true);
    stage.peers.push_back(std::move(silent));
  }
  stage.world.run(100ms);
  CHECK(stage.host->refusal_count() <= kMaxRefusals);
}

TEST_CASE("behind a proxy the announced address counts", "[host][proxy]") {
  Stage stage(0, {.connections = 1});
  // The network in memory has no addresses: everybody comes from 0.0.0.0.
  stage.options.proxy_from = {*net::Prefix::parse("0.0.0.0/8")};
  stage.power_on();
  Peer& first = stage.connect(25);
  CHECK(first.received.empty());
  stage.say(first, "PROXY TCP4 203.0.113.7 198.51.100.1 4000 25\r\nEHLO x\r\n");
  CHECK(first.received.starts_with("220 "));
  CHECK(first.received.find("\r\n250-") != std::string::npos);
  Peer& same = stage.connect(25);
  stage.say(same, "PROXY TCP4 203.0.113.7 198.51.100.1 4001 25\r\n");
  CHECK(same.received.starts_with("421 4.7.0 "));
  Peer& other = stage.connect(25);
  stage.say(other, "PROXY TCP4 203.0.113.8 198.51.100.1 4000 25\r\n");
  CHECK(other.received.starts_with("220 "));
  stage.say(other, kBegin + "Subject: x\r\n\r\nhi\r\n.\r\n");
  const auto inbox = stage.mail.mailbox("bob@globex.example", "INBOX");
  REQUIRE(inbox->messages == 1);
  CHECK(stage.mail.body(inbox->id, 1)->find("[203.0.113.8]") != std::string::npos);
  Peer& liar = stage.connect(25);
  stage.say(liar, "EHLO x\r\n");
  CHECK(liar.received.empty());
  CHECK(liar.state == "reset");
  CHECK(stage.told("policy.proxy 0.0.0.0 203.0.113.7:4000"));
  CHECK(stage.told("policy.proxy 0.0.0.0  this is not the header of a proxy"));
}

TEST_CASE("who sends octet by octet is not waited for", "[host][slow]") {
  const auto [port, most, words] = GENERATE(table<std::uint16_t, net::Duration, std::string>(
      {{25, 6min, "421 4.4.2 "}, {143, 2min, "* BYE "}, {110, 11min, ""}, {4190, 4min, "BYE "}}));
  Stage stage(0);
  stage.power_on();
  Peer& peer = stage.connect(port);
  const std::string greeting = peer.received;
  net::Duration passed{};
  for (; peer.state == "open" && passed < 1h; passed += 30s) {
    peer.connection->send("a");
    stage.world.run(30s);
  }
  CHECK(passed <= most);
  CHECK(peer.received.substr(greeting.size()).starts_with(words));
}

TEST_CASE("nobody stays for ever without logging in", "[host][slow]") {
  const auto [port, line] = GENERATE(table<std::uint16_t, std::string>(
      {{143, "a NOOP\r\n"}, {110, "CAPA\r\n"}, {4190, "NOOP\r\n"}}));
  Stage stage(0);
  stage.power_on();
  Peer& peer = stage.connect(port);
  net::Duration passed{};
  for (; peer.state == "open" && passed < 1h; passed += 30s) {
    peer.connection->send(line);
    stage.world.run(30s);
  }
  CHECK(passed >= 9min);
  CHECK(passed <= 11min);
}

TEST_CASE("a message that takes days is not waited for, a slow one is", "[host][slow]") {
  Stage stage(0);
  stage.power_on();
  const bool chunk = GENERATE(false, true);
  const std::size_t octets = GENERATE(as<std::size_t>(), 1, 200);  // in two seconds
  Peer& peer = stage.connect(25);
  stage.say(peer, chunk ? "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<bob@globex.example>\r\n"
                          "BDAT 120000 LAST\r\n"
                        : kBegin);
  net::Duration passed{};
  std::string line = std::string(198, 'x') + "\r\n";
  if (octets == 1) line = "x";
  std::size_t sent = 0;
  for (; peer.state == "open" && sent < 120'000 && passed < 1h; passed += 2s) {
    peer.connection->send(line);
    sent += line.size();
    stage.world.run(2s);
  }
  if (octets == 1) {
    CHECK(peer.received.find("\r\n421 4.4.2 ") != std::string::npos);
    CHECK(passed < 6min);
  } else {
    CHECK(passed > 15min);
    if (!chunk) stage.say(peer, ".\r\n");
    CHECK(peer.received.find("\r\n250 2.6.0 ") != std::string::npos);
  }
}
