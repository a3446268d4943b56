// Loss: by duplicate acknowledgements, by time-out, several at once, to the bitter end.
#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;
using trace::Kind;

TEST_CASE("Fast retransmit: three duplicate ACKs, no time-out", "[network]") {
  Lab lab;
  lab.establish();
  const std::string text = sample_text(10 * kMssV4);
  lab.internet.lose_next(lab.client_host, lab.server_host, 1, 2);
  lab.client.connection->send(text);
  lab.run(1s);
  CHECK(lab.server.received == text);
  // Sent at +100, the duplicates come at +140. A time-out of 0: it was not the timer.
  CHECK(lab.sink.lines(Kind::transport_retransmit) ==
        std::vector<std::string>{"+140 client transport.retransmit 2921 1460 1 0"});
  const TcpInfo info = lab.client_host.connections().front();
  CHECK(info.unsent == 0);
  CHECK(info.slow_start_threshold < 10 * kMssV4);
  CHECK(lab.kernel.idle());
}

TEST_CASE("The last segment is lost: only the timer helps", "[network]") {
  Lab lab;
  lab.establish();
  const std::string text = sample_text(3 * kMssV4);
  lab.internet.lose_next(lab.client_host, lab.server_host, 1, 2);
  lab.client.connection->send(text);
  lab.run(5s);
  CHECK(lab.server.received == text);
  const auto lines = lab.sink.lines(Kind::transport_retransmit);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "+1140 client transport.retransmit 2921 1460 1 2000000");
  CHECK(lab.client_host.connections().front().congestion_window <= 2 * kMssV4);
}

TEST_CASE("Two losses in one window need one round trip each, and no time-out", "[network]") {
  Lab lab;
  lab.establish();
  const std::string text = sample_text(10 * kMssV4);
  lab.internet.lose_next(lab.client_host, lab.server_host, 2, 2);
  lab.client.connection->send(text);
  lab.run(900ms);
  CHECK(lab.server.received == text);
  CHECK(lab.sink.lines(Kind::transport_retransmit) ==
        std::vector<std::string>{"+140 client transport.retransmit 2921 1460 1 0",
                                 "+180 client transport.retransmit 4381 1460 1 0"});
}

TEST_CASE("A retransmission that is lost too", "[network]") {
  Lab lab;
  lab.establish();
  const std::string text = sample_text(10 * kMssV4);
  lab.internet.lose_next(lab.client_host, lab.server_host, 1, 2);
  lab.client.connection->send(text);
  lab.internet.lose_next(lab.client_host, lab.server_host, 1, 0);
  lab.run(10s);
  CHECK(lab.server.received == text);
}

TEST_CASE("The peer falls silent: waits double, then timed out", "[network]") {
  Lab lab;
  lab.establish();
  lab.internet.set_link_state(lab.client_host, lab.server_host, LinkState::down);
  lab.client.connection->send("MAIL FROM:<a@acme.example>\r\n");
  lab.run_out();
  CHECK(lab.client.closings == 1);
  CHECK(lab.client.closed_for == net::CloseReason::timed_out);
  CHECK(lab.sink.count(Kind::transport_retransmit) == 8);
  // 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60 + 60 seconds.
  CHECK(lab.milliseconds() == 243'100);
  CHECK(lab.server.closings == 0);  // an idle peer never learns
}

TEST_CASE("A short outage is survived", "[network]") {
  Lab lab;
  lab.establish();
  const std::string text = sample_text(200'000);
  lab.client.connection->send(text);
  lab.run(50ms);
  lab.internet.set_link_state(lab.server_host, LinkState::down);
  lab.run(10s);
  lab.internet.set_link_state(lab.server_host, LinkState::up);
  lab.run(60s);
  CHECK(lab.server.received == text);
  CHECK(lab.client.closings == 0);
}

TEST_CASE("A retransmission is caused by what it repeats", "[network]") {
  Lab lab;
  lab.establish();
  lab.internet.lose_next(lab.client_host, lab.server_host, 1);
  lab.client.connection->send("x");
  lab.run(5s);
  const auto& events = lab.sink.events;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].kind != Kind::transport_retransmit) continue;
    CHECK(events[i + 1].kind == Kind::transport_segment);
    CHECK(events[i + 1].cause == i + 1);  // ids count from 1
    return;
  }
  FAIL("nothing was sent again");
}

TEST_CASE("Slow start doubles the window each round trip", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.connection->send(sample_text(40 * kMssV4));
  std::size_t before = lab.sink.count(Kind::transport_segment);
  CHECK(before == 3 + 10);  // the handshake and RFC 6928's ten
  lab.run(40ms);
  std::size_t from_client = 0;
  for (const auto& line : lab.sink.lines(Kind::transport_segment)) {
    if (line.starts_with("+140 client")) ++from_client;
  }
  // Every second segment is acknowledged, and each acknowledgement adds one segment: 10 + 5.
  CHECK(from_client == 15);
}
