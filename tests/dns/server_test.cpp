// DNS servers on the network: UDP, TCP with several queries, idle and greedy clients.
#include "server/dns/framing.hpp"
#include "tests/dns/tree.hpp"

using namespace mailscope;
using namespace mailscope::dns;
using namespace mailscope::dns::test;
using std::chrono::seconds;

namespace {

/// A client's end of a TCP connection, as a test drives it.
struct TcpProbe final : net::ConnectionEvents {
  TcpProbe(World& w, const char* server) : world(w) {
    connection = world.host(kClient).connect(at53(server), *this);
  }
  void on_connected() override { connected = true; }
  void on_bytes(std::string_view bytes) override {
    deframer.feed(bytes);
    while (auto message = deframer.next()) answers.push_back(*decode(*message).value);
  }
  void on_end() override { ended = true; }
  void on_closed(net::CloseReason r) override { reason = r; }
  void ask(std::uint16_t id, const char* host, Type type) {
    connection->send(frame(encode(make_query(id, name(host), type, true))));
  }
  World& world;
  std::unique_ptr<net::Connection> connection;
  Deframer deframer;
  std::vector<Message> answers;
  bool connected = false;
  bool ended = false;
  std::optional<net::CloseReason> reason;
};

}  // namespace

TEST_CASE("a TCP connection carries several queries", "[dns][server]") {
  Tree tree;
  TcpProbe probe(tree.world, kAcme1);
  std::string stream;
  for (std::uint16_t id = 1; id <= 3; ++id) {
    stream += frame(encode(make_query(id, name("acme.example"), Type::mx, false)));
  }
  tree.world.timers.advance(seconds(1));
  REQUIRE(probe.connected);
  for (const char c : stream) probe.connection->send({&c, 1});  // in the worst cut
  tree.world.timers.advance(seconds(1));
  REQUIRE(probe.answers.size() == 3);
  CHECK(probe.answers[2].id == 3);
  CHECK(probe.answers[0].answers.size() == 1);
  SECTION("it is closed when it has been idle") {
    tree.world.timers.advance(seconds(7));
    CHECK_FALSE(probe.ended);
    tree.world.timers.advance(seconds(3));
    CHECK(probe.ended);
    probe.connection->finish();
    tree.world.timers.advance(seconds(1));
    CHECK(probe.reason == net::CloseReason::finished);
  }
  SECTION("a client that does not close in turn is cut off") {
    tree.world.timers.advance(seconds(21));
    CHECK(probe.reason == net::CloseReason::reset);
  }
  SECTION("when the client ends, so does the server") {
    probe.connection->finish();
    tree.world.timers.advance(seconds(1));
    CHECK(probe.reason == net::CloseReason::finished);
  }
}

TEST_CASE("garbage on TCP is answered or ignored, and the connection lives", "[dns][server]") {
  Tree tree;
  TcpProbe probe(tree.world, kAcme1);
  tree.world.timers.advance(seconds(1));
  probe.connection->send(frame("short"));
  probe.connection->send(frame(std::string(12, '\0') + "x"));
  probe.connection->send(frame(std::string("\x12\x34\1\0\0\1\0\0\0\0\0\0\xff", 13)));
  probe.ask(9, "acme.example", Type::mx);
  tree.world.timers.advance(seconds(1));
  REQUIRE(probe.answers.size() == 3);
  CHECK(probe.answers[0].rcode == Rcode::formerr);  // no question
  CHECK(probe.answers[1].rcode == Rcode::formerr);
  CHECK(probe.answers[2].id == 9);
}

TEST_CASE("there is a limit to connections", "[dns][server]") {
  World world;
  Authority authority;
  ServerOptions options;
  options.max_connections = 2;
  const AuthorityServer server(world.environment(kAcme1), authority, options);
  TcpProbe a(world, kAcme1);
  TcpProbe b(world, kAcme1);
  TcpProbe c(world, kAcme1);
  world.timers.advance(seconds(1));
  CHECK_FALSE(a.reason);
  CHECK_FALSE(b.reason);
  CHECK(c.reason == net::CloseReason::reset);
  a.connection->abort();
  world.timers.advance(seconds(1));
  TcpProbe d(world, kAcme1);
  world.timers.advance(seconds(1));
  CHECK_FALSE(d.reason);
}

TEST_CASE("the resolver serves clients on TCP, answers in the order of their readiness",
          "[dns][server]") {
  Tree tree;
  RecursiveResolver recursive(tree.world.environment(kResolver), options_of_tree());
  ResolverServerOptions options;
  options.server.max_pipelined = 2;
  options.allow = [](const net::Address& address) {
    return address == *net::Address::parse(kClient);
  };
  const ResolverServer service(tree.world.environment(kResolver), recursive, options);
  TcpProbe probe(tree.world, kResolver);
  tree.world.timers.advance(seconds(1));
  for (std::uint16_t id = 1; id <= 6; ++id) probe.ask(id, "acme.example", Type::mx);
  tree.world.timers.advance(seconds(3));
  REQUIRE(probe.answers.size() == 6);
  for (const auto& answer : probe.answers) {
    CHECK(answer.recursion_available);
    CHECK(answer.answers.size() == 1);
  }
  SECTION("without RD it refuses") {
    probe.connection->send(frame(encode(make_query(8, name("acme.example"), Type::mx, false))));
    tree.world.timers.advance(seconds(1));
    CHECK(probe.answers.back().rcode == Rcode::refused);
  }
  SECTION("others it refuses") {
    StubResolver stranger(tree.world.environment("10.7.7.7"), {{at53(kResolver)}});
    CHECK(resolve(tree.world, stranger, "acme.example", Type::mx)->detail ==
          "10.0.9.1 answered REFUSED");
  }
  SECTION("a client that goes away before its answer harms nobody") {
    probe.ask(9, "globex.example", Type::mx);
    tree.world.timers.advance(std::chrono::milliseconds(25));
    probe.connection->abort();
    tree.world.timers.run();
    CHECK(recursive.active() == 0);
  }
  SECTION("negative answers carry the SOA, also from the cache") {
    for (int i = 0; i < 2; ++i) {
      probe.ask(10, "nobody.acme.example", Type::mx);
      tree.world.timers.advance(seconds(2));
      CHECK(probe.answers.back().rcode == Rcode::nxdomain);
      REQUIRE(probe.answers.back().authority.size() == 1);
      CHECK(probe.answers.back().authority[0].type == Type::soa);
      CHECK(probe.answers.back().authority[0].ttl == (i == 0 ? 60u : 59u));
    }
  }
}

TEST_CASE("a taken port is an error at once", "[dns][server]") {
  World world;
  Authority authority;
  const AuthorityServer first(world.environment(kAcme1), authority);
  CHECK_THROWS_AS(AuthorityServer(world.environment(kAcme1), authority), net::NetworkError);
}
