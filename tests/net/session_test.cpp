// Sessions back to back over a network in memory: STARTTLS and implicit TLS, refused injections,
// closing in order and otherwise, deadlines, and a reader that does not read.
#include "server/net/session.hpp"

#include "tests/catch.hpp"
#include "tests/net/session_stage.hpp"

using namespace mailscope::net;
using namespace mailscope::tests;

namespace {

/// What an attacker or a broken program would be: raw octets.
struct RawPeer final : ConnectionEvents {
  std::string received;
  std::string state = "open";
  void on_connected() override { state = "connected"; }
  void on_bytes(std::string_view bytes) override { received += bytes; }
  void on_end() override { state = "ended"; }
  void on_closed(CloseReason reason) override {
    state = "closed: " + std::string(to_string(reason));
  }
};

struct RawStage : Stage {
  RawPeer peer;
  std::unique_ptr<Connection> connection = network.connect({Address::v4(192, 0, 2, 1), 25}, peer);
  RawStage() { world.run(); }
};

}  // namespace

TEST_CASE("a plain session from greeting to farewell", "[session]") {
  Stage stage;
  stage.world.cut = GENERATE(SIZE_MAX, std::size_t{1}, std::size_t{7});
  stage.connect({"one", "two", "QUIT"});
  stage.world.run();
  CHECK(stage.server_log == Log{"one", "two", "QUIT", "<closed: finished>"});
  CHECK(stage.client_log == Log{"<start>", "hello", "you said one", "you said two", "bye", "<end>",
                                "<closed: finished>"});
  CHECK(stage.over == 2);
  CHECK(stage.sink.events.empty());
}

TEST_CASE("STARTTLS in the middle of a session", "[session][tls]") {
  Stage stage;
  stage.world.cut = GENERATE(SIZE_MAX, std::size_t{1}, std::size_t{100});
  stage.connect({"one", "STARTTLS", "two", "QUIT"});
  stage.world.run();
  CHECK(stage.server_log ==
        Log{"one", "STARTTLS", "<tls TLSv1.3>", "two", "QUIT", "<closed: finished>"});
  CHECK(stage.client_log == Log{"<start>", "hello", "you said one", "go", "<tls TLSv1.3 verified>",
                                "you said two", "bye", "<end>", "<closed: finished>"});
  const std::string facts =
      " [TLSv1.3] [TLS_AES_256_GCM_SHA384] [X25519] [CN=mx.acme.example] [CN=Mailscope world CA] ";
  CHECK(stage.sink.events == Log{"tls.hello @1/1 [mx.acme.example] [TLSv1.2 TLSv1.3]",
                                 "tls.established @2/1" + facts + "1 []",
                                 "tls.established @1/1" + facts + "0 []"});
  CHECK(stage.key_log.find("CLIENT_TRAFFIC_SECRET_0") != std::string::npos);
  CHECK(stage.over == 2);
}

TEST_CASE("TLS from the first octet", "[session][tls]") {
  Stage stage;
  stage.server_tls.implicit = stage.client_tls.implicit = true;
  stage.connect({"QUIT"});
  stage.world.run();
  CHECK(stage.server_log == Log{"<tls TLSv1.3>", "QUIT", "<closed: finished>"});
  CHECK(stage.client_log ==
        Log{"<tls TLSv1.3 verified>", "<start>", "hello", "bye", "<end>", "<closed: finished>"});
}

TEST_CASE("plaintext behind STARTTLS is refused", "[session][tls]") {
  RawStage stage;
  RawPeer& peer = stage.peer;
  const auto& connection = stage.connection;
  SECTION("in the same segment") {
    connection->send("one\r\nstarttls\r\nSTARTTLS \r\nSTARTTLS\r\ninjected\r\n");
  }
  SECTION("in a later segment that overtakes our answer") {
    connection->send("STARTT");
    connection->send("LS\r\ninj");
    connection->send("ected\r\n");
  }
  SECTION("a ClientHello that did not wait for the answer") {
    connection->send("STARTTLS\r\n\x16\x03\x01");
  }
  stage.world.run();
  CHECK(peer.state == "closed: reset");
  CHECK(stage.server_log.back() == "<closed: reset, plaintext was sent behind STARTTLS>");
  for (const std::string& line : stage.server_log) CHECK(line.find("inj") == std::string::npos);
  CHECK(peer.received.find("go") == std::string::npos);
  CHECK(stage.sink.events == Log{"tls.failed @1/1 [plaintext was sent behind STARTTLS]"});
  CHECK(stage.over == 1);
}

TEST_CASE("plaintext that is sent once the answer has left is no TLS", "[session][tls]") {
  RawStage stage;
  const auto& connection = stage.connection;
  connection->send("STARTTLS\r\n");
  stage.world.run();
  connection->send("injected\r\n");
  stage.world.run();
  REQUIRE(stage.server_log.size() == 2);
  CHECK(stage.server_log[0] == "STARTTLS");
  CHECK(stage.server_log[1].starts_with("<closed: reset, TLS: "));
}

TEST_CASE("what an engine says behind its answer to STARTTLS waits for TLS", "[session][tls]") {
  RawStage stage;
  stage.server->on_bytes("STARTTLS\r\n");
  stage.server_engine->news("for authenticated eyes");
  stage.world.run();
  CHECK(stage.peer.received == "hello\r\ngo\r\n");
  TlsEngine tls(stage.client_tls.context, TlsEngine::Role::client, "mx.acme.example",
                std::make_unique<TestEntropy>(7), kNow);
  tls.start();
  for (int i = 0; i < 4; ++i) {
    stage.peer.received.clear();
    if (const std::string up = tls.take_ciphertext(); !up.empty()) stage.connection->send(up);
    stage.world.run();
    tls.receive(stage.peer.received);
  }
  CHECK(tls.take_plaintext() == "for authenticated eyes\r\n");
}

TEST_CASE("a server's plaintext behind its answer to STARTTLS is refused by the client",
          "[session][tls]") {
  Stage stage;
  std::unique_ptr<Connection> accepted;
  RawPeer peer;
  const auto other = stage.network.listen(2525, [&](std::unique_ptr<Connection> connection) {
    accepted = std::move(connection);
    accepted->set_events(peer);
    accepted->send("hello\r\n");
  });
  stage.connect({"STARTTLS", "secret"}, 2525);
  stage.world.run();
  accepted->send("go\r\ninjected\r\n");
  stage.world.run();
  CHECK(stage.client_log ==
        Log{"<start>", "hello", "go", "<closed: reset, plaintext was sent behind STARTTLS>"});
  CHECK(peer.received == "STARTTLS\r\n");
}

TEST_CASE("STARTTLS where there is no TLS ends the session", "[session][tls]") {
  Stage stage;
  stage.server_tls.context = nullptr;
  stage.server_tls.implicit = GENERATE(false, true);
  stage.connect({"STARTTLS"});
  stage.world.run();
  CHECK(stage.server_log.back() == "<closed: reset, TLS: TLS is not available on this connection>");
  CHECK(stage.over == 2);
}

TEST_CASE("a certificate for another name ends both sides", "[session][tls]") {
  Stage stage;
  stage.client_tls.server_name = "mx.globex.example";
  stage.connect({"STARTTLS", "secret"});
  stage.world.run();
  CHECK(stage.client_log.back() ==
        "<closed: reset, TLS: certificate verify failed: hostname mismatch>");
  CHECK(stage.server_log.back().find("alert") != std::string::npos);
  REQUIRE(stage.sink.events.size() == 3);
  CHECK(stage.sink.events[1] == "tls.failed @2/1 [certificate verify failed: hostname mismatch]");
  CHECK(stage.sink.events[2].starts_with("tls.failed @1/1 "));
  CHECK(stage.over == 2);
}

TEST_CASE("the peer leaves during the handshake", "[session][tls]") {
  RawStage stage;
  RawPeer& peer = stage.peer;
  const auto& connection = stage.connection;
  connection->send("STARTTLS\r\n");
  stage.world.run();
  std::string detail;
  SECTION("in order") {
    connection->finish();
    stage.world.run();
    detail = ", TLS: the peer ended the connection during the handshake";
  }
  SECTION("by reset") {
    connection->abort();
    stage.world.run();
  }
  SECTION("by silence") {
    stage.world.run(kTlsHandshakeLimit);
    detail = ", TLS: the handshake took too long";
    CHECK(peer.state == "ended");
    stage.world.run(kLingerLimit);
    CHECK(peer.state == "closed: reset");
  }
  CHECK(stage.server_log == Log{"STARTTLS", "<closed: reset" + detail + ">"});
  CHECK(stage.sink.events.size() == 1);
  CHECK(stage.over == 1);
}

TEST_CASE("a client that sends FIN still gets its answers", "[session]") {
  RawStage stage;
  RawPeer& peer = stage.peer;
  const auto& connection = stage.connection;
  connection->send("one\r\n");
  connection->finish();
  stage.world.run();
  CHECK(peer.received == "hello\r\nyou said one\r\n");
  CHECK(peer.state == "closed: finished");
  CHECK(stage.server_log == Log{"one", "<end>", "<closed: finished>"});
}

TEST_CASE("an engine may reset its connection", "[session]") {
  Stage stage;
  stage.connect({"ABORT"});
  stage.world.run();
  CHECK(stage.server_log == Log{"ABORT", "<closed: reset>"});
  CHECK(stage.client_log.back() == "<closed: reset>");
  CHECK(stage.over == 2);
}

TEST_CASE("the owner may abort or destroy a session", "[session]") {
  Stage stage;
  stage.connect({"one"});
  stage.world.run();
  SECTION("abort") {
    stage.server->abort();
    stage.world.run();
    CHECK(stage.server_log.back() == "<closed: reset, aborted>");
    CHECK(stage.over == 2);
  }
  SECTION("destroy with output waiting") {
    stage.server_engine->news("never seen");
    stage.server.reset();
    stage.world.run();
    CHECK(stage.over == 1);
  }
  SECTION("destroy between abort and the end of the turn") {
    stage.server->abort();
    stage.server.reset();
    stage.world.run();
    CHECK(stage.over == 1);
  }
  CHECK(stage.client_log.back() == "<closed: reset>");
}

TEST_CASE("nobody listens", "[session]") {
  Stage stage;
  stage.connect({"one"}, 26);
  stage.world.run();
  CHECK(stage.client_log == Log{"<closed: refused>"});
  CHECK(stage.over == 1);
}

TEST_CASE("deadlines move with the dialogue", "[session]") {
  Stage stage;
  stage.connect({});
  stage.world.run(LineServer::kIdle - std::chrono::seconds(10));
  stage.server->on_bytes("still here\r\n");
  stage.world.run(LineServer::kIdle - std::chrono::seconds(10));
  CHECK(stage.client_log == Log{"<start>", "hello", "you said still here"});
  stage.world.run(std::chrono::seconds(20));
  CHECK(stage.client_log == Log{"<start>", "hello", "you said still here", "idle too long", "<end>",
                                "<closed: finished>"});
  CHECK(stage.over == 2);
}

TEST_CASE("a peer that never closes is reset", "[session]") {
  RawStage stage;
  RawPeer& peer = stage.peer;
  const auto& connection = stage.connection;
  connection->send("QUIT\r\n");
  stage.world.run(kLingerLimit - std::chrono::seconds(1));
  CHECK(peer.state == "ended");
  CHECK(stage.over == 0);
  stage.world.run(std::chrono::seconds(2));
  CHECK(peer.state == "closed: reset");
  CHECK(stage.server_log.back() == "<closed: timed out, the peer did not close the connection>");
  CHECK(stage.over == 1);
}

TEST_CASE("news wake an idle session", "[session]") {
  Stage stage;
  const bool tls = GENERATE(false, true);
  stage.server_tls.implicit = stage.client_tls.implicit = tls;
  stage.connect({});
  stage.world.run();
  stage.server_engine->news("something happened");
  stage.world.run();
  CHECK(stage.client_log.back() == "something happened");
}

TEST_CASE("huge output waits for a slow reader", "[session]") {
  Stage stage;
  const bool tls = GENERATE(false, true);
  stage.server_tls.implicit = stage.client_tls.implicit = tls;
  stage.connect({"BIG 5000000"});
  stage.world.run(std::chrono::milliseconds(10));
  REQUIRE_FALSE(stage.client_log.empty());
  std::size_t most = 0;
  for (int i = 0; i < 5000 && stage.client_log.back() != "5000000 octets"; ++i) {
    stage.world.run(std::chrono::milliseconds(1));
    if (stage.server) most = std::max(most, stage.server->connection()->unsent());
  }
  CHECK(stage.client_log.back() == "5000000 octets");
  // An answer a part: never more than one part and TLS's share of it.
  CHECK(most > 0);
  CHECK(most < 2 * LineServer::kPart);
}

TEST_CASE("a peer that reads nothing is not read from", "[session]") {
  RawStage stage;
  RawPeer& peer = stage.peer;
  const auto& connection = stage.connection;
  connection->pause_reading(true);
  const std::string line = std::string(5000, 'y') + "\r\n";
  for (int i = 0; i < 1000; ++i) {
    connection->send(line);
    stage.world.run(std::chrono::milliseconds(2));
  }
  CHECK(stage.server->connection()->unsent() > kSessionHighWater);
  CHECK(stage.server->connection()->unsent() < kSessionHighWater + 2 * line.size());
  const std::size_t understood = stage.server_log.size();
  CHECK(understood < 100);
  connection->pause_reading(false);
  stage.world.run(std::chrono::seconds(10));
  CHECK(stage.server_log.size() == 1000);
  CHECK(peer.received.size() == 7 + 1000 * (line.size() + 9));
}

TEST_CASE("nothing leaves before the turn's commit", "[session]") {
  RawStage stage;
  stage.world.turn.on_commit([] { throw std::runtime_error("disk full"); });
  CHECK(stage.peer.received == "hello\r\n");
  stage.connection->send("one\r\n");
  CHECK_THROWS_WITH(stage.world.run(), "disk full");
  CHECK(stage.peer.received == "hello\r\n");
}
