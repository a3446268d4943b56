// Opening a connection: packet by packet, refused, unanswered, repeated, without a way.
#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;
using trace::Kind;

TEST_CASE("A connection packet by packet", "[network]") {
  Lab lab;
  lab.listen();
  lab.connect();
  lab.server.when_connected = [&] { lab.server.connection->send("220 mx\r\n"); };
  lab.client.when_bytes = [&](std::string_view) {
    lab.client.connection->send("QUIT\r\n");
    lab.client.connection->finish();
  };
  lab.server.when_end = [&] {
    lab.server.connection->send("221 bye\r\n");
    lab.server.connection->finish();
  };
  lab.run_out();
  const std::string from = lab.client.connection->local().to_string();
  CHECK(lab.sink.lines() == std::vector<std::string>{
                                "+0 client transport.open " + from + " 198.51.100.25:25",
                                "+0 client transport.segment SYN 0 0 65535 0",
                                "+20 server transport.segment SYN ACK 0 1 65535 0",
                                "+40 client transport.segment ACK 1 1 65535 0",
                                "+40 client transport.established " + from + " 198.51.100.25:25",
                                "+60 server transport.established " + from + " 198.51.100.25:25",
                                "+60 server transport.segment PSH ACK 1 1 65535 8",
                                "+80 client transport.segment PSH ACK 1 9 65527 6",
                                "+80 client transport.segment FIN ACK 7 9 65527 0",
                                "+100 server transport.segment ACK 9 8 65529 0",
                                "+100 server transport.segment PSH ACK 9 8 65529 9",
                                "+100 server transport.segment FIN ACK 18 8 65529 0",
                                "+120 client transport.segment ACK 8 19 65518 0",
                                "+120 client transport.closed finished",
                                "+140 server transport.closed finished",
                            });
  CHECK(lab.client.received == "220 mx\r\n221 bye\r\n");
  CHECK(lab.server.received == "QUIT\r\n");
  CHECK(lab.client.ended_well());
  CHECK(lab.server.ended_well());
  CHECK(lab.server.ends == 1);
  CHECK(lab.client.drained == 1);
}

TEST_CASE("Each packet's cause is what it answers", "[network]") {
  Lab lab;
  lab.establish();
  // open <- SYN <- SYN ACK <- ACK, established <- ... and the server's end follows from the ACK.
  std::vector<trace::EventId> causes;
  for (const auto& event : lab.sink.events) causes.push_back(event.cause);
  CHECK(causes == std::vector<trace::EventId>{0, 1, 2, 3, 3, 4});
  for (const auto& event : lab.sink.events) CHECK(event.origin.connection == 1);
  CHECK(lab.client.connection->id() == 1);
  CHECK(lab.server.connection->id() == 1);
}

TEST_CASE("Without recorded segments the causes pass through", "[network]") {
  InternetOptions options;
  options.trace.segments = false;
  Lab lab(1, options);
  lab.establish();
  std::vector<std::string> kinds;
  std::vector<trace::EventId> causes;
  for (const auto& event : lab.sink.events) {
    kinds.emplace_back(trace::info(event.kind).name);
    causes.push_back(event.cause);
  }
  CHECK(kinds == std::vector<std::string>{"transport.open", "transport.established",
                                          "transport.established"});
  CHECK(causes == std::vector<trace::EventId>{0, 1, 1});
}

TEST_CASE("Payloads are recorded when asked for", "[network]") {
  InternetOptions options;
  options.trace.payloads = true;
  Lab lab(1, options);
  lab.establish();
  lab.client.connection->send("EHLO a");
  CHECK(lab.sink.lines().back() == "+100 client transport.segment PSH ACK 1 1 65535 6 EHLO a");
}

TEST_CASE("Nobody listens: refused after one round trip", "[network]") {
  Lab lab;
  lab.connect();
  lab.run_out();
  CHECK(lab.client.closings == 1);
  CHECK(lab.client.closed_for == net::CloseReason::refused);
  CHECK(lab.milliseconds() == 40);
  CHECK(lab.sink.lines(Kind::transport_segment) ==
        std::vector<std::string>{"+0 client transport.segment SYN 0 0 65535 0",
                                 "+20 server transport.segment RST ACK 0 1 0 0"});
  CHECK(lab.sink.lines(Kind::transport_closed) ==
        std::vector<std::string>{"+40 client transport.closed refused"});
}

TEST_CASE("Silence: SYN is repeated with growing waits, then timed out", "[network]") {
  Lab lab;
  lab.listen();
  lab.internet.set_host_state(lab.server_host, HostState::off);
  lab.connect();
  lab.run_out();
  CHECK(lab.client.closed_for == net::CloseReason::timed_out);
  CHECK(lab.sink.lines(Kind::transport_retransmit) ==
        std::vector<std::string>{"+1000 client transport.retransmit 0 0 1 2000000",
                                 "+3000 client transport.retransmit 0 0 2 4000000",
                                 "+7000 client transport.retransmit 0 0 3 8000000",
                                 "+15000 client transport.retransmit 0 0 4 16000000",
                                 "+31000 client transport.retransmit 0 0 5 32000000"});
  CHECK(lab.milliseconds() == 63000);
  CHECK(lab.sink.count(Kind::link_lost) == 6);
}

TEST_CASE("Lost packets of the handshake are made good", "[network]") {
  Lab lab;
  SECTION("SYN") {
    lab.internet.lose_next(lab.client_host, lab.server_host, 1);
  }
  SECTION("SYN ACK") {
    lab.internet.lose_next(lab.server_host, lab.client_host, 1);
  }
  SECTION("the last ACK") {
    lab.internet.lose_next(lab.client_host, lab.server_host, 1, 1);
  }
  SECTION("three SYN in a row") {
    lab.internet.lose_next(lab.client_host, lab.server_host, 3);
  }
  lab.listen();
  lab.connect();
  lab.run(20s);
  CHECK(lab.client.connected);
  CHECK(lab.server.connected);
  CHECK(lab.sink.count(Kind::transport_established) == 2);
  CHECK(lab.kernel.idle());
}

TEST_CASE("Data makes good for a lost last ACK", "[network]") {
  Lab lab;
  lab.internet.lose_next(lab.client_host, lab.server_host, 1, 1);
  lab.client.when_connected = [&] { lab.client.connection->send("hello"); };
  lab.listen();
  lab.connect();
  lab.run(100ms);
  CHECK(lab.server.received == "hello");
}

TEST_CASE("There is no way", "[network]") {
  Lab lab;
  SECTION("nobody has the address: a router says so") {
    lab.client.connection =
        lab.client_host.connect({net::Address::v4(203, 0, 113, 9), 25}, lab.client);
    lab.run_out();
    CHECK(lab.milliseconds() == 20);
  }
  SECTION("no address of that family") {
    lab.client.connection =
        lab.client_host.connect({*net::Address::parse("2001:db8::1"), 25}, lab.client);
    CHECK(lab.client.closings == 0);  // never from inside the call
    lab.run_out();
    CHECK(lab.milliseconds() == 0);
  }
  SECTION("a link on the way is down, and a router says so") {
    lab.internet.set_link_state(lab.client_host, lab.server_host, LinkState::unreachable);
    lab.connect();
    lab.run_out();
    CHECK(lab.milliseconds() == 20);
  }
  CHECK(lab.client.closings == 1);
  CHECK(lab.client.closed_for == net::CloseReason::unreachable);
  CHECK(lab.sink.count(Kind::transport_open) == 1);
  CHECK(lab.sink.count(Kind::transport_closed) == 1);
}

TEST_CASE("What was sent before the handshake is over goes out after it", "[network]") {
  Lab lab;
  lab.listen();
  lab.connect();
  lab.client.connection->send("early");
  lab.client.connection->finish();
  lab.server.when_end = [&] { lab.server.connection->finish(); };
  lab.run_out();
  CHECK(lab.server.received == "early");
  CHECK(lab.client.ended_well());
  CHECK(lab.server.ended_well());
}

TEST_CASE("A listener that is gone when the handshake ends", "[network]") {
  Lab lab;
  lab.listen();
  lab.connect();
  lab.run(50ms);
  lab.listener.reset();
  lab.run_out();
  CHECK(lab.client.closed_for == net::CloseReason::reset);
  CHECK_FALSE(lab.server.connected);
}

TEST_CASE("An acceptor may drop the connection and its own listener", "[network]") {
  Lab lab;
  lab.listener = lab.server_host.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    lab.listener.reset();
    accepted.reset();
  });
  lab.connect();
  lab.run_out();
  CHECK(lab.client.closed_for == net::CloseReason::reset);
  CHECK(lab.server_host.connection_count() == 0);
}

TEST_CASE("Ports", "[network]") {
  Lab lab;
  lab.listen();
  CHECK_THROWS_AS(lab.server_host.listen(25, [](auto) {}), net::NetworkError);
  CHECK_THROWS_WITH(lab.server_host.listen(25, [](auto) {}),
                    Catch::Contains("25") && Catch::Contains("server"));
  lab.listener.reset();
  CHECK_NOTHROW(lab.server_host.listen(25, [](auto) {}));
  lab.listen();
  lab.connect();
  User second;
  second.connection = lab.client_host.connect({lab.server_host.address(), 25}, second);
  CHECK(lab.client.connection->local().port >= kFirstEphemeralPort);
  CHECK(second.connection->local().port != lab.client.connection->local().port);
  CHECK(lab.client_host.connections().size() == 2);
}

TEST_CASE("A host talks to itself", "[network]") {
  Lab lab;
  lab.listen();
  net::Address address = net::Address::v4(127, 0, 0, 1);
  SECTION("by the loopback address") {}
  SECTION("by its own address") {
    address = lab.server_host.address();
  }
  lab.internet.set_link_state(lab.server_host, LinkState::down);  // does not matter
  lab.client.connection = lab.server_host.connect({address, 25}, lab.client);
  lab.run(1ms);
  REQUIRE(lab.server.connected);
  CHECK(lab.server.connection->remote() == lab.client.connection->local());
  CHECK(lab.server.connection->remote().address == address);
}

TEST_CASE("The limit on connections", "[network]") {
  Lab lab;
  HostNetwork& small = lab.internet.add_host({.name = "small",
                                              .domain = "",
                                              .v4 = net::Address::v4(203, 0, 113, 1),
                                              .v6 = {},
                                              .max_connections = 1});
  lab.listen();
  const auto listener = small.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    lab.server.connection = std::move(accepted);
    lab.server.connection->set_events(lab.server);
  });
  User first;
  User second;
  SECTION("of the host that opens") {
    first.connection = small.connect({lab.server_host.address(), 25}, first);
    second.connection = small.connect({lab.server_host.address(), 25}, second);
    lab.run(1s);
    CHECK(first.connected);
    CHECK(second.closed_for == net::CloseReason::unreachable);
  }
  SECTION("of the host that listens: its SYN is dropped until there is room") {
    first.connection = lab.client_host.connect({small.address(), 25}, first);
    second.connection = lab.client_host.connect({small.address(), 25}, second);
    lab.run(500ms);
    CHECK(first.connected);
    CHECK_FALSE(second.connected);
    first.connection->abort();
    lab.run(1s);
    CHECK(second.connected);
  }
  CHECK(lab.sink.count(Kind::policy_limit) == 1);
}
