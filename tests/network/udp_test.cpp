// Datagrams: delivered, lost, for nobody, from ports drawn at random.
#include <set>

#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;
using trace::Kind;

TEST_CASE("A datagram and its answer", "[network]") {
  Lab lab;
  std::unique_ptr<net::DatagramSocket> server;
  server = lab.server_host.bind(53, [&](net::Endpoint from, std::string_view payload) {
    server->send_to(from, "re: " + std::string(payload));
  });
  std::string answer;
  net::Endpoint answered_by;
  const auto client = lab.client_host.bind(0, [&](net::Endpoint from, std::string_view payload) {
    answer = payload;
    answered_by = from;
  });
  client->send_to({lab.server_host.address(), 53}, "question");
  CHECK(answer.empty());
  lab.run_out();
  CHECK(answer == "re: question");
  CHECK(answered_by == net::Endpoint{lab.server_host.address(), 53});
  CHECK(lab.milliseconds() == 40);
  const std::string from = client->local().to_string();
  CHECK(lab.sink.lines() ==
        std::vector<std::string>{"+0 client transport.datagram " + from + " 198.51.100.25:53 8",
                                 "+20 server transport.datagram 198.51.100.25:53 " + from + " 12"});
  CHECK(lab.sink.events[1].cause == 1);
}

TEST_CASE("Datagrams are lost without a word", "[network]") {
  Lab lab;
  int arrived = 0;
  auto server = lab.server_host.bind(53, [&](net::Endpoint, std::string_view) { ++arrived; });
  const auto client = lab.client_host.bind(0, [](net::Endpoint, std::string_view) {});
  const net::Endpoint to{lab.server_host.address(), 53};
  SECTION("by chance, as often as said") {
    lab.internet.impair(lab.client_host, {.loss_ppm = 250'000});
    for (int i = 0; i < 4000; ++i) client->send_to(to, "x");
    lab.run_out();
    CHECK(arrived > 2850);
    CHECK(arrived < 3150);
    CHECK(lab.sink.count(Kind::link_lost) == 4000u - static_cast<unsigned>(arrived));
  }
  SECTION("nobody is bound to the port") {
    server.reset();
    client->send_to(to, "x");
    lab.run_out();
    CHECK(lab.sink.lines().back() == "+20 client link.lost 29 port closed");
  }
  SECTION("nobody has the address") {
    client->send_to({net::Address::v4(203, 0, 113, 9), 53}, "x");
    lab.run_out();
    CHECK(lab.sink.lines().back() == "+0 client link.lost 1 no route");
  }
  SECTION("too long for a datagram") {
    client->send_to(to, std::string(kMaxDatagramOctets + 1, 'x'));
    lab.run_out();
    CHECK(lab.sink.lines().back() == "+0 client link.lost 65508 too long");
  }
  SECTION("the host goes down while it is on its way") {
    client->send_to(to, "x");
    lab.run(10ms);
    lab.internet.set_host_state(lab.server_host, HostState::off);
    lab.run_out();
    CHECK(lab.sink.lines().back() == "+20 client link.lost 29 host down");
  }
  SECTION("the link goes down while it is on its way") {
    client->send_to(to, "x");
    lab.run(10ms);
    lab.internet.set_link_state(lab.server_host, LinkState::down);
    lab.run_out();
    CHECK(lab.sink.lines().back() == "+20 client link.lost 29 link down");
  }
  if (lab.sink.count(Kind::link_lost) == 1) CHECK(arrived == 0);
}

TEST_CASE("Jitter lets datagrams overtake", "[network]") {
  Lab lab;
  lab.internet.set_path(lab.client_host, lab.server_host, {.latency = 5ms, .jitter = 20ms});
  std::string order;
  const auto server =
      lab.server_host.bind(53, [&](net::Endpoint, std::string_view payload) { order += payload; });
  const auto client = lab.client_host.bind(0, [](net::Endpoint, std::string_view) {});
  const std::string sent = "abcdefghijklmnopqrstuvwxyz";
  for (const char& c : sent) client->send_to({lab.server_host.address(), 53}, {&c, 1});
  lab.run_out();
  CHECK(order.size() == sent.size());
  CHECK(order != sent);
  CHECK(lab.milliseconds() <= 25);
}

TEST_CASE("Query ports", "[network]") {
  Lab lab;
  std::set<std::uint16_t> ports;
  std::vector<std::unique_ptr<net::DatagramSocket>> sockets;
  for (int i = 0; i < 1000; ++i) {
    sockets.push_back(lab.client_host.bind(0, [](net::Endpoint, std::string_view) {}));
    ports.insert(sockets.back()->local().port);
  }
  CHECK(ports.size() == 1000);
  CHECK(*ports.begin() >= kFirstUserPort);
  CHECK(*ports.rbegin() > 60'000);  // drawn from the whole range
  CHECK_THROWS_AS(lab.client_host.bind(*ports.begin(), {}), net::NetworkError);
}

TEST_CASE("A handler may close its own socket", "[network]") {
  Lab lab;
  std::unique_ptr<net::DatagramSocket> server;
  int arrived = 0;
  server = lab.server_host.bind(53, [&](net::Endpoint, std::string_view) {
    ++arrived;
    server.reset();
  });
  const auto client = lab.client_host.bind(0, [](net::Endpoint, std::string_view) {});
  client->send_to({lab.server_host.address(), 53}, "1");
  client->send_to({lab.server_host.address(), 53}, "2");
  lab.run_out();
  CHECK(arrived == 1);
}
