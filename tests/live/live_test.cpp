// The live side over loopback sockets: sessions with and without TLS, closing in every way, limits,
// datagrams, timers, signals, and a simulated world driven by the wall clock.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "server/live/descriptors.hpp"
#include "server/live/udp.hpp"
#include "tests/live/support.hpp"
#include "tests/net/failing_network.hpp"

using namespace mailscope;
using namespace mailscope::tests;
using namespace std::chrono_literals;

namespace {

/// An engine's view of nothing: counts what a raw connection is told.
struct RawPeer final : net::ConnectionEvents {
  std::string received;
  std::string state = "open";
  int drained = 0;
  bool inside = false;
  void on_connected() override { state = "connected"; }
  void on_bytes(std::string_view bytes) override { received += bytes; }
  void on_end() override { state = "ended"; }
  void on_drained() override {
    CHECK_FALSE(inside);
    ++drained;
  }
  void on_closed(net::CloseReason reason) override {
    CHECK_FALSE(inside);
    state = "closed: " + std::string(to_string(reason));
  }
};

struct RawStage : LiveStage {
  RawPeer near;
  RawPeer far;
  std::unique_ptr<net::Connection> accepted;
  std::unique_ptr<net::Connection> connection;

  RawStage() {
    listener = live::listen_tcp(loop, sink, {kLoopback, 0},
                                [this](std::unique_ptr<net::Connection> incoming) {
                                  accepted = std::move(incoming);
                                  accepted->set_events(far);
                                });
    connection = live::connect_tcp(loop, sink, listener->local(), near);
    CHECK(run([this] { return accepted && near.state == "connected"; }));
  }
};

}  // namespace

TEST_CASE("a session over sockets", "[live]") {
  LiveStage stage;
  const net::Endpoint at = stage.serve({});
  live::AsioNetwork network(stage.loop, stage.sink, {});
  stage
      .session(std::make_unique<LineClient>(stage.client_log,
                                            std::deque<std::string>{"one", "BIG 3000000", "QUIT"}),
               {.role = net::TlsEngine::Role::client})
      .connect(network, at);
  REQUIRE(stage.run([&] { return stage.over == 2; }));
  CHECK(stage.client_log == Log{"<start>", "hello", "you said one", "3000000 octets", "bye",
                                "<end>", "<closed: finished>"});
  CHECK(stage.server_log == Log{"one", "BIG 3000000", "QUIT", "<closed: finished>"});
}

TEST_CASE("STARTTLS over sockets with the system's randomness and clock", "[live][tls]") {
  LiveStage stage;
  net::WorldCa ca(std::make_unique<live::SystemEntropy>(), stage.loop.now());
  net::TlsServerOptions server;
  server.identity = ca.issue({{"mx.acme.example"}, {}}, net::Validity::at(stage.loop.now()));
  net::TlsClientOptions client;
  client.ca_pem = ca.certificate_pem();
  const net::Endpoint at = stage.serve({.context = net::make_tls_server_context(server)});
  live::AsioNetwork network(stage.loop, stage.sink, {});
  stage
      .session(std::make_unique<LineClient>(
                   stage.client_log, std::deque<std::string>{"STARTTLS", "BIG 3000000", "QUIT"}),
               {.context = net::make_tls_client_context(client),
                .role = net::TlsEngine::Role::client,
                .server_name = "mx.acme.example"})
      .connect(network, at);
  REQUIRE(stage.run([&] { return stage.over == 2; }));
  CHECK(stage.client_log == Log{"<start>", "hello", "go", "<tls TLSv1.3 verified>",
                                "3000000 octets", "bye", "<end>", "<closed: finished>"});
}

TEST_CASE("octets, ends and resets arrive as such", "[live]") {
  RawStage stage;
  CHECK(stage.accepted->remote() == stage.connection->local());
  CHECK(stage.accepted->local() == stage.connection->remote());
  CHECK(stage.accepted->id() != stage.connection->id());
  SECTION("half-close lets the other half talk") {
    stage.connection->send("question");
    stage.connection->finish();
    REQUIRE(stage.run([&] { return stage.far.state == "ended"; }));
    CHECK(stage.far.received == "question");
    stage.accepted->send("answer");
    stage.accepted->finish();
    REQUIRE(stage.run([&] { return stage.near.state == "closed: finished"; }));
    CHECK(stage.near.received == "answer");
    REQUIRE(stage.run([&] { return stage.far.state == "closed: finished"; }));
  }
  SECTION("abort is a reset") {
    stage.connection->abort();
    REQUIRE(stage.run([&] { return stage.far.state == "closed: reset"; }));
    CHECK(stage.near.state == "connected");
  }
  SECTION("a destroyed connection says nothing more") {
    stage.accepted->send("unseen");
    stage.connection.reset();
    REQUIRE(stage.run([&] { return stage.far.state != "open"; }));
    CHECK(stage.near.received.empty());
  }
  SECTION("nothing is called from inside send()") {
    stage.near.inside = true;
    stage.connection->send("x");
    stage.near.inside = false;
    REQUIRE(stage.run([&] { return stage.near.drained == 1 && stage.far.received == "x"; }));
  }
}

TEST_CASE("a paused reader holds the sender back", "[live]") {
  RawStage stage;
  stage.accepted->pause_reading(true);
  const std::string block(1 << 20, 'z');
  for (int i = 0; i < 16; ++i) stage.connection->send(block);
  CHECK_FALSE(stage.run([&] { return !stage.far.received.empty(); }, 200ms));
  CHECK(stage.connection->unsent() > 0);
  CHECK(stage.near.drained == 0);
  stage.accepted->pause_reading(false);
  REQUIRE(stage.run([&] { return stage.near.drained == 1; }));
  CHECK(stage.connection->unsent() == 0);
  REQUIRE(stage.run([&] { return stage.far.received.size() == 16 * block.size(); }));
  SECTION("and so the end") {
    stage.accepted->pause_reading(true);
    stage.connection->finish();
    CHECK_FALSE(stage.run([&] { return stage.far.state == "ended"; }, 100ms));
    stage.accepted->pause_reading(false);
    REQUIRE(stage.run([&] { return stage.far.state == "ended"; }));
  }
}

TEST_CASE("nobody listens", "[live]") {
  LiveStage stage;
  const net::Endpoint at = stage.serve({});
  stage.listener.reset();
  RawPeer peer;
  const auto connection = live::connect_tcp(stage.loop, stage.sink, at, peer);
  CHECK(peer.state == "open");
  REQUIRE(stage.run([&] { return peer.state == "closed: refused"; }));
}

TEST_CASE("a taken port is an error that names it", "[live]") {
  LiveStage stage;
  const net::Endpoint at = stage.serve({});
  CHECK_THROWS_WITH(live::listen_tcp(stage.loop, stage.sink, at, {}),
                    "cannot listen on " + at.to_string() + ": Address already in use");
  const auto udp = live::bind_udp(stage.loop, {kLoopback, 0}, {});
  CHECK_THROWS_AS(live::bind_udp(stage.loop, udp->local(), {}), net::NetworkError);
  live::AsioNetwork network(stage.loop, stage.sink, {.port_base = 65000});
  CHECK_THROWS_WITH(network.listen(993, {}), Catch::Contains("65535"));
}

TEST_CASE("no more connections than allowed; the next waits for a seat", "[live]") {
  LiveStage stage;
  const net::Endpoint at = stage.serve({}, {.max_connections = 2});
  RawPeer peers[3];
  std::unique_ptr<net::Connection> connections[3];
  for (int i = 0; i < 3; ++i) {
    connections[i] = live::connect_tcp(stage.loop, stage.sink, at, peers[i]);
    REQUIRE(stage.run([&] { return peers[i].state == "connected"; }));
  }
  CHECK_FALSE(stage.run([&] { return !peers[2].received.empty(); }, 200ms));
  CHECK(stage.listener->open_connections() == 2);
  connections[0]->abort();
  REQUIRE(stage.run([&] { return peers[2].received == "hello\r\n"; }));
  CHECK(stage.listener->open_connections() == 2);
}

TEST_CASE("a listener without descriptors rests and goes on later", "[live]") {
  LiveStage stage;
  const net::Endpoint at = stage.serve({});
  RawPeer peer;
  const auto connection = live::connect_tcp(stage.loop, stage.sink, at, peer);
  const int lowest_free = fcntl(0, F_DUPFD, 0);
  REQUIRE(lowest_free >= 0);
  REQUIRE(::close(lowest_free) == 0);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  int batches = 0;
  stage.loop.after_batch([&batches] { ++batches; });
  const bool greeted = stage.run([&] { return !peer.received.empty(); }, 500ms);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_FALSE(greeted);
  CHECK(batches < 20);
  REQUIRE(stage.run([&] { return peer.received == "hello\r\n"; }));
}

TEST_CASE("listeners share their seats", "[live]") {
  LiveStage stage;
  live::AcceptOptions options{2, std::make_shared<std::size_t>(0)};
  const net::Endpoint at = stage.serve({}, options);
  std::vector<std::unique_ptr<net::Connection>> others;
  const auto other = live::listen_tcp(
      stage.loop, stage.sink, {kLoopback, 0},
      [&](std::unique_ptr<net::Connection> incoming) { others.push_back(std::move(incoming)); },
      options);
  RawPeer first, second, third, fourth;
  auto a = live::connect_tcp(stage.loop, stage.sink, at, first);
  auto b = live::connect_tcp(stage.loop, stage.sink, at, second);
  REQUIRE(stage.run([&] { return !first.received.empty() && !second.received.empty(); }));
  // The one for which it has waited since there was room.
  const auto c = live::connect_tcp(stage.loop, stage.sink, other->local(), third);
  REQUIRE(stage.run([&] { return others.size() == 1; }));
  const auto d = live::connect_tcp(stage.loop, stage.sink, other->local(), fourth);
  CHECK_FALSE(stage.run([&] { return others.size() == 2; }, 500ms));
  a.reset();
  b.reset();
  CHECK(stage.run([&] { return others.size() == 2; }));
  CHECK(stage.run([&] { return *options.together == 2; }));
  others.clear();
  CHECK(*options.together == 0);
}

TEST_CASE("an outgoing connection without a descriptor fails, and the next one does not",
          "[live]") {
  LiveStage stage;
  const net::Endpoint at = stage.serve({});
  const int lowest_free = fcntl(0, F_DUPFD, 0);
  REQUIRE(lowest_free >= 0);
  REQUIRE(::close(lowest_free) == 0);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  RawPeer peer;
  auto connection = live::connect_tcp(stage.loop, stage.sink, at, peer);
  CHECK_THROWS_AS(
      live::bind_udp(stage.loop, {kLoopback, 0}, [](net::Endpoint, std::string_view) {}),
      net::NetworkError);
  const bool closed = stage.run([&] { return peer.state.starts_with("closed: "); }, 5s);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(closed);
  RawPeer next;
  connection = live::connect_tcp(stage.loop, stage.sink, at, next);
  CHECK(stage.run([&] { return next.received == "hello\r\n"; }));
}

TEST_CASE("any call may fail, and both sessions come to their end", "[live][failure]") {
  std::size_t n = 1;
  for (bool failed = true; failed; ++n) {
    LiveStage stage;
    Failures failures{n, 0, {}};
    live::AsioNetwork sockets(stage.loop, stage.sink, {});
    FailingNetwork network(failures, stage.loop, sockets);
    // At a free port of the system's choice, as serve() does.
    net::Endpoint at;
    auto listener = live::listen_tcp(
        stage.loop, stage.sink, {kLoopback, 0}, [&](std::unique_ptr<net::Connection> connection) {
          if (failures.next("accept")) return;
          stage.session(std::make_unique<LineServer>(stage.server_log), {})
              .accept(
                  std::make_unique<FailingConnection>(failures, stage.loop, std::move(connection)));
        });
    at = listener->local();
    net::Session& client =
        stage.session(std::make_unique<LineClient>(
                          stage.client_log, std::deque<std::string>{"one", "BIG 300000", "QUIT"}),
                      {});
    client.connect(network, at);
    INFO("call " << n << " fails: " << failures.failed);
    CHECK(stage.run([&] { return stage.sessions.empty() && stage.over > 0; }, 20s));
    failed = failures.happened();
    if (!failed) CHECK(stage.over == 2);
    REQUIRE(n < 200);
  }
  CHECK(n > 5);
}

TEST_CASE("ports are mapped from the base", "[live]") {
  LiveStage stage;
  // A base that leaves port 25 free: look for one.
  std::unique_ptr<net::Listener> listener;
  std::uint16_t base = 20000;
  std::unique_ptr<net::Connection> accepted;
  for (; !listener && base < 60000; base = static_cast<std::uint16_t>(base + 100)) {
    live::AsioNetwork network(stage.loop, stage.sink, {.port_base = base});
    try {
      listener = network.listen(
          25, [&](std::unique_ptr<net::Connection> incoming) { accepted = std::move(incoming); });
    } catch (const net::NetworkError&) {
      continue;
    }
    break;
  }
  REQUIRE(listener);
  live::AsioNetwork client(stage.loop, stage.sink, {.route = [base](net::Endpoint to) {
                             to.port = static_cast<std::uint16_t>(to.port + base);
                             return to;
                           }});
  RawPeer peer;
  const auto connection = client.connect({kLoopback, 25}, peer);
  REQUIRE(stage.run([&] { return accepted != nullptr; }));
  CHECK(accepted->local().port == 25 + base);
}

TEST_CASE("datagrams go both ways", "[live]") {
  LiveStage stage;
  std::unique_ptr<net::DatagramSocket> server;
  server =
      live::bind_udp(stage.loop, {kLoopback, 0}, [&](net::Endpoint from, std::string_view payload) {
        server->send_to(from, "re: " + std::string(payload));
      });
  std::string answer;
  std::unique_ptr<net::DatagramSocket> client;
  client =
      live::bind_udp(stage.loop, {kLoopback, 0}, [&](net::Endpoint from, std::string_view payload) {
        CHECK(from == server->local());
        answer = payload;
        client.reset();  // from inside its own handler
      });
  client->send_to(server->local(), std::string(60000, 'q'));
  REQUIRE(stage.run([&] { return !answer.empty(); }));
  CHECK(answer.size() == 60004);
  const auto nobody = live::bind_udp(stage.loop, {kLoopback, 0}, {});
  nobody->send_to({kLoopback, 1}, "refused by ICMP");
  CHECK_FALSE(stage.run([] { return false; }, 50ms));
}

TEST_CASE("a burst of datagrams is answered one by one, in order", "[live]") {
  LiveStage stage;
  std::unique_ptr<net::DatagramSocket> server;
  server = live::bind_udp(stage.loop, {kLoopback, 0}, [&](net::Endpoint from, auto payload) {
    server->send_to(from, "re: " + std::string(payload));
  });
  constexpr int count = 200;  // several batches
  Log answers;
  const auto client = live::bind_udp(stage.loop, {kLoopback, 0},
                                     [&](auto, auto payload) { answers.emplace_back(payload); });
  for (int i = 0; i < count; ++i) client->send_to(server->local(), std::to_string(i));
  client->send_to(server->local(), "");  // may be empty
  REQUIRE(stage.run([&] { return answers.size() == count + 1; }));
  for (int i = 0; i < count; ++i) CHECK(answers[i] == "re: " + std::to_string(i));
  CHECK(answers.back() == "re: ");
}

TEST_CASE("a socket may be closed in the middle of a burst", "[live]") {
  LiveStage stage;
  int heard = 0;
  std::unique_ptr<net::DatagramSocket> server;
  server = live::bind_udp(stage.loop, {kLoopback, 0}, [&](net::Endpoint from, auto) {
    if (++heard == 3) return server.reset();
    server->send_to(from, "answer");
  });
  const net::Endpoint at = server->local();
  const auto client = live::bind_udp(stage.loop, {kLoopback, 0}, [](auto, auto) {});
  for (int i = 0; i < 10; ++i) client->send_to(at, "question");
  REQUIRE(stage.run([&] { return heard >= 3; }));
  CHECK_FALSE(stage.run([] { return false; }, 50ms));
  CHECK(heard == 3);
}

TEST_CASE("there is room for connections", "[live]") {
  const std::size_t room = live::make_room_for_connections();
  CHECK(room >= 400);
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(limit.rlim_cur == limit.rlim_max);
  CHECK(room < limit.rlim_cur);
}

TEST_CASE("timers fire in order, once, and not when cancelled", "[live]") {
  LiveStage stage;
  Log fired;
  const net::Time start = stage.loop.now();
  stage.loop.set(start + 30ms, [&] { fired.push_back("third"); });
  stage.loop.set(start + 10ms, [&] {
    fired.push_back("first");
    stage.loop.set(start, [&] { fired.push_back("past"); });
    CHECK(fired.size() == 1);  // never from inside set()
  });
  const net::TimerId second = stage.loop.set(start + 20ms, [&] { fired.push_back("second"); });
  stage.loop.cancel(second);
  stage.loop.cancel(12345);
  REQUIRE(stage.run([&] { return fired.size() == 3; }));
  CHECK(fired == Log{"first", "past", "third"});
  CHECK(stage.loop.now() >= start + 30ms);
}

TEST_CASE("one turn for everything that is ready", "[live]") {
  LiveStage stage;
  int commits = 0;
  stage.turn.on_commit([&] { ++commits; });
  const net::Endpoint at = stage.serve({});
  constexpr int count = 50;
  RawPeer peers[count];
  std::unique_ptr<net::Connection> connections[count];
  for (int i = 0; i < count; ++i) {
    connections[i] = live::connect_tcp(stage.loop, stage.sink, at, peers[i]);
  }
  const auto all_have = [&](std::size_t octets) {
    return std::all_of(std::begin(peers), std::end(peers),
                       [octets](const RawPeer& peer) { return peer.received.size() >= octets; });
  };
  REQUIRE(stage.run([&] { return all_have(7); }));
  const int before = commits;
  for (auto& connection : connections) connection->send("one\r\n");
  REQUIRE(stage.run([&] { return all_have(21); }));
  CHECK(commits - before < count / 2);
}

TEST_CASE("what needs no commit leaves before it", "[live]") {
  // The loop answers a peer twice and only then ends the turn, for which somebody else waits.
  struct Early final : net::Flushable {
    std::unique_ptr<net::DatagramSocket> socket;
    net::Endpoint to;
    std::string text;
    void flush() override { socket->send_to(to, text); }
    bool early() const override { return true; }
  };
  struct Bound final : net::Flushable {
    void flush() override {}
  };
  LiveStage stage;
  Log order;
  Early early;
  Bound bound;
  stage.turn.on_commit([&] { order.push_back("commit"); });
  early.socket = live::bind_udp(stage.loop, {kLoopback, 0}, [&](net::Endpoint from, auto payload) {
    order.emplace_back(payload);
    early.to = from;
    early.text = "re: " + std::string(payload);
    stage.turn.flush_later(early);
    stage.turn.flush_later(bound);
  });
  std::unique_ptr<net::DatagramSocket> client;
  client = live::bind_udp(stage.loop, {kLoopback, 0}, [&](net::Endpoint from, auto payload) {
    if (payload == "re: one") client->send_to(from, "two");
  });
  client->send_to(early.socket->local(), "one");
  REQUIRE(stage.run([&] { return order.size() >= 3; }));
  CHECK(order[0] == "one");
  CHECK(order[1] == "two");
  CHECK(order[2] == "commit");
}

TEST_CASE("SIGTERM ends run()", "[live]") {
  LiveStage stage;
  stage.loop.set(stage.loop.now() + 10ms, [] { raise(SIGTERM); });
  CHECK(stage.loop.run() == SIGTERM);
}

TEST_CASE("another thread may post", "[live]") {
  LiveStage stage;
  bool done = false;
  std::thread other([&] { stage.loop.post([&done] { done = true; }); });
  CHECK(stage.run([&] { return done; }));
  other.join();
}

TEST_CASE("a world runs along with the wall clock", "[live]") {
  struct World final : live::Driven {
    net::Time clock{};
    std::vector<net::Time> events;  // ascending
    net::Time next_time() const override { return events.empty() ? net::kNever : events.front(); }
    void run_until(net::Time until) override {
      if (until <= clock) return;
      while (!events.empty() && events.front() <= until) events.erase(events.begin());
      clock = until;
    }
  };
  LiveStage stage;
  World world;
  const net::Time start = net::Time(std::chrono::seconds(1000));
  world.clock = start;
  SECTION("at its own rate") {
    world.events = {start + 1s, start + 2s, start + 3s};
    stage.loop.drive(&world, start);
    stage.loop.set_rate(100);
    const net::Time before = stage.loop.now();
    REQUIRE(stage.run([&] { return world.events.empty(); }));
    CHECK(stage.loop.now() - before >= 29ms);
    CHECK(stage.loop.now() - before < 1s);
  }
  SECTION("not while it is paused") {
    world.events = {start + 1ms};
    stage.loop.drive(&world, start);
    stage.loop.set_rate(0);
    CHECK_FALSE(stage.run([&] { return world.events.empty(); }, 50ms));
    stage.loop.set_rate(1);
    REQUIRE(stage.run([&] { return world.events.empty(); }));
  }
  SECTION("its clock is right when a socket speaks") {
    stage.loop.drive(&world, start);
    net::Time seen{};
    const auto socket =
        live::bind_udp(stage.loop, {kLoopback, 0}, [&](auto, auto) { seen = world.clock; });
    std::thread other([at = socket->local(), &stage] {
      std::this_thread::sleep_for(60ms);
      stage.loop.post([&stage, at] {
        live::bind_udp(stage.loop, {kLoopback, 0}, {})->send_to(at, "now");
      });
    });
    REQUIRE(stage.run([&] { return seen != net::Time{}; }));
    other.join();
    CHECK(seen >= start + 60ms);
  }
}

TEST_CASE("system entropy differs and fills", "[live]") {
  live::SystemEntropy one;
  const auto two = one.fork("same");
  const auto three = one.fork("same");
  CHECK(two->next() != three->next());
  CHECK(one.hex(40).size() == 80);
}
