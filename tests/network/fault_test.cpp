// Links and hosts that are slow, narrow, lossy, down or restarted; the topology's latencies.
#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;
using trace::Kind;

TEST_CASE("Latency by topology", "[network]") {
  Lab lab;
  HostNetwork& near = lab.internet.add_host(
      {.name = "near", .domain = "acme.example", .v4 = net::Address::v4(192, 0, 2, 2), .v6 = {}});
  const auto latency = [&](HostNetwork& a, HostNetwork& b) {
    return lab.internet.effective(a, b).latency;
  };
  CHECK(latency(lab.client_host, lab.server_host) == 20ms);
  CHECK(latency(lab.client_host, near) == 500us);
  CHECK(latency(near, near) == 20us);
  lab.internet.set_access(near, {.latency = 40ms});
  CHECK(latency(near, lab.server_host) == 50ms);
  lab.internet.set_path(near, lab.server_host, {.latency = 3ms});
  CHECK(latency(lab.server_host, near) == 3ms);
  lab.internet.impair(near, {.latency = 100ms});
  CHECK(latency(lab.server_host, near) == 103ms);
  lab.internet.impair(lab.server_host, near, {.latency = 1s});
  CHECK(latency(near, lab.server_host) == 1103ms);
  lab.internet.impair(near, {});
  lab.internet.impair(lab.server_host, near, {});
  lab.internet.clear_path(lab.server_host, near);
  CHECK(latency(near, lab.server_host) == 50ms);
}

TEST_CASE("Bandwidth: a transfer takes as long as its bits", "[network]") {
  Lab lab;
  const LinkOptions slow{.latency = 10ms, .bandwidth_bps = 1'000'000};
  SECTION("on the sender's access link") {
    lab.internet.set_access(lab.client_host, slow);
  }
  SECTION("on the receiver's access link") {
    lab.internet.set_access(lab.server_host, slow);
  }
  SECTION("on the path") {
    lab.internet.set_path(lab.client_host, lab.server_host, slow);
  }
  SECTION("as a fault") {
    lab.internet.impair(lab.client_host, {.bandwidth_bps = 1'000'000});
  }
  lab.establish();
  lab.client.connection->send(sample_text(125'000));  // one second's worth, plus headers
  lab.server.when_bytes = [&](std::string_view) {
    if (lab.server.received.size() == 125'000) lab.kernel.stop();
  };
  CHECK(lab.kernel.run_until(net::kNever) == RunEnd::stopped);
  CHECK(lab.milliseconds() > 1'100);
  CHECK(lab.milliseconds() < 1'400);
}

TEST_CASE("A full queue loses packets, and TCP finds its pace", "[network]") {
  Lab lab;
  lab.internet.set_access(lab.server_host, {.latency = 10ms, .bandwidth_bps = 4'000'000});
  // Six connections together fill the 256 KiB of the queue.
  std::vector<std::unique_ptr<User>> servers;
  const auto listener = lab.server_host.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    servers.push_back(std::make_unique<User>());
    servers.back()->connection = std::move(accepted);
    servers.back()->connection->set_events(*servers.back());
  });
  std::vector<std::unique_ptr<User>> clients;
  const std::string text = sample_text(300'000);
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<User>());
    auto& client = *clients.back();
    client.connection = lab.client_host.connect({lab.server_host.address(), 25}, client);
    client.connection->send(text);
  }
  lab.run(5min);
  REQUIRE(servers.size() == 6);
  for (const auto& server : servers) CHECK(server->received == text);
  bool queue_was_full = false;
  for (const auto& line : lab.sink.lines(Kind::link_lost)) {
    queue_was_full = queue_was_full || line.ends_with("queue full");
  }
  CHECK(queue_was_full);
}

TEST_CASE("The server loses its power in the middle", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.connection->send(sample_text(100'000));
  lab.run(30ms);
  lab.internet.set_host_state(lab.server_host, HostState::off);
  CHECK(lab.server.closings == 0);
  lab.run(1ms);
  CHECK(lab.server.closed_for == net::CloseReason::reset);  // its own programs are told...
  CHECK(lab.client.closings == 0);                          // ...its peers are not
  SECTION("and stays away: the client times out") {
    lab.run_out();
    CHECK(lab.client.closed_for == net::CloseReason::timed_out);
  }
  SECTION("and comes back, having forgotten all: RST") {
    lab.run(5s);
    lab.internet.set_host_state(lab.server_host, HostState::up);
    lab.run_out();
    CHECK(lab.client.closed_for == net::CloseReason::reset);
    lab.client.connected = false;
    lab.connect();  // the listener is still there
    lab.run(100ms);
    CHECK(lab.client.connected);
  }
  CHECK(lab.sink.lines(Kind::link_host).front() == "+130 server link.host server 0");
}

TEST_CASE("A restart is noticed with the next segment", "[network]") {
  Lab lab;
  lab.establish();
  lab.internet.restart_host(lab.server_host);
  lab.run(1s);
  CHECK(lab.client.closings == 0);
  lab.client.connection->send("NOOP\r\n");
  lab.run_out();
  CHECK(lab.client.closed_for == net::CloseReason::reset);
}

TEST_CASE("A host whose services are stopped", "[network]") {
  Lab lab;
  lab.establish();
  lab.internet.set_host_state(lab.server_host, HostState::refusing);
  lab.run(1s);
  CHECK(lab.client.closed_for == net::CloseReason::reset);
  User second;
  second.connection = lab.client_host.connect({lab.server_host.address(), 25}, second);
  lab.run_out();
  CHECK(second.closed_for == net::CloseReason::refused);
}

TEST_CASE("A host without power opens nothing", "[network]") {
  Lab lab;
  lab.internet.set_host_state(lab.client_host, HostState::off);
  lab.connect();
  lab.run_out();
  CHECK(lab.client.closed_for == net::CloseReason::unreachable);
}

TEST_CASE("Link faults are recorded once each", "[network]") {
  Lab lab;
  lab.internet.set_link_state(lab.server_host, LinkState::down);
  lab.internet.set_link_state(lab.server_host, LinkState::down);
  lab.internet.set_link_state(lab.server_host, LinkState::up);
  lab.internet.set_link_state(lab.client_host, lab.server_host, LinkState::down);
  CHECK(lab.sink.lines() == std::vector<std::string>{"+0 server link.state server internet 0",
                                                     "+0 server link.state server internet 1",
                                                     "+0 client link.state client server 0"});
}

TEST_CASE("A loss is caused by the packet that was lost", "[network]") {
  Lab lab;
  lab.internet.lose_next(lab.client_host, lab.server_host, 1);
  lab.connect();
  const auto& events = lab.sink.events;
  REQUIRE(events.size() == 3);
  CHECK(events[2].line == "+0 client link.lost 44 loss");
  CHECK(events[2].cause == 2);
  CHECK(events[2].origin.connection == 1);
}

TEST_CASE("Hosts must differ in name and address", "[network]") {
  Lab lab;
  const auto v4 = net::Address::v4(203, 0, 113, 7);
  CHECK_THROWS_AS(lab.internet.add_host({.name = "client", .domain = "", .v4 = v4, .v6 = {}}),
                  net::NetworkError);
  CHECK_THROWS_AS(
      lab.internet.add_host({.name = "x", .domain = "", .v4 = lab.client_host.address(), .v6 = {}}),
      net::NetworkError);
  CHECK_THROWS_AS(lab.internet.add_host({.name = "x", .domain = "", .v4 = {}, .v6 = {}}),
                  net::NetworkError);
  CHECK(lab.internet.find_host("client") == &lab.client_host);
  CHECK(lab.internet.find_host("x") == nullptr);
  CHECK(lab.internet.find_host(lab.server_host.address()) == &lab.server_host);
}

TEST_CASE("IPv6 has its own segment size", "[network]") {
  Lab lab;
  HostNetwork& a = lab.internet.add_host(
      {.name = "a", .domain = "", .v4 = {}, .v6 = net::Address::parse("2001:db8::a")});
  HostNetwork& b = lab.internet.add_host(
      {.name = "b", .domain = "", .v4 = {}, .v6 = net::Address::parse("2001:db8::b")});
  const auto listener = b.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    lab.server.connection = std::move(accepted);
    lab.server.connection->set_events(lab.server);
  });
  lab.client.connection = a.connect({b.address(), 25}, lab.client);
  lab.client.connection->send(sample_text(3000));
  lab.run(1s);
  CHECK(lab.server.received == sample_text(3000));
  CHECK(lab.sink.lines(Kind::transport_segment)[3] == "+40 a transport.segment ACK 1 1 65535 1440");
  CHECK(a.address().to_string() == "2001:db8::a");
}
