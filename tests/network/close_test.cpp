// The end of a connection: in order, half, both at once, by reset, without a user; TIME-WAIT; and
// segments that try to end it without a right to.
#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;
using trace::Kind;

namespace {

TcpState state_of(const HostNetwork& host) {
  const auto all = host.connections();
  return all.empty() ? TcpState::closed : all.front().state;
}

/// A segment as if `from` had sent it on the lab's connection, with its numbers off by so much.
void forge(Lab& lab, std::uint8_t flags, std::int64_t seq_offset, std::int64_t ack_offset) {
  const TcpInfo info = lab.client_host.connections().front();
  const TcpInfo target = lab.server_host.connections().front();
  Segment& segment = lab.internet.new_segment();
  segment.path = &lab.internet.path(lab.client_host, lab.server_host);
  segment.flow = {lab.internet.find_address(info.local.address),
                  lab.internet.find_address(info.remote.address), info.local.port,
                  info.remote.port};
  segment.connection = info.connection;
  segment.flags = flags;
  segment.seq = target.receive_next + static_cast<std::uint32_t>(seq_offset);
  segment.ack = target.send_next + static_cast<std::uint32_t>(ack_offset);
  segment.seq_base = segment.seq;
  segment.ack_base = segment.ack;
  segment.window = 1000;
  segment.size = 0;
  segment.wire_octets = 40;
  lab.internet.send(segment, {lab.client_host.trace_id(), lab.server_host.trace_id(), 1, 0});
}

}  // namespace

TEST_CASE("Half-close: the other side may go on", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.connection->finish();
  lab.run(100ms);
  CHECK(lab.server.ends == 1);
  CHECK(state_of(lab.client_host) == TcpState::fin_wait_2);
  CHECK(state_of(lab.server_host) == TcpState::close_wait);
  const std::string text = sample_text(50'000);
  lab.server.connection->send(text);
  lab.run(10s);
  CHECK(lab.client.received == text);
  CHECK(lab.client.closings == 0);
  lab.server.connection->finish();
  lab.run_out();
  CHECK(lab.client.ended_well());
  CHECK(lab.server.ended_well());
}

TEST_CASE("Both finish at once", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.connection->finish();
  lab.server.connection->finish();
  lab.run(20ms);
  CHECK(state_of(lab.client_host) == TcpState::closing);
  CHECK(state_of(lab.server_host) == TcpState::closing);
  lab.run_out();
  CHECK(lab.client.ended_well());
  CHECK(lab.server.ended_well());
  CHECK(lab.client.ends == 1);
  CHECK(lab.internet.time_wait().size() == 2);
}

TEST_CASE("Lost packets of the closing are made good", "[network]") {
  Lab lab;
  lab.establish();
  lab.server.when_end = [&] { lab.server.connection->finish(); };
  std::size_t repeated = 1;
  SECTION("FIN") {
    lab.internet.lose_next(lab.client_host, lab.server_host, 1);
  }
  SECTION("its ACK: the other FIN acknowledges it, too") {
    lab.internet.lose_next(lab.server_host, lab.client_host, 1);
    repeated = 0;
  }
  SECTION("the other FIN") {
    lab.internet.lose_next(lab.server_host, lab.client_host, 1, 1);
  }
  SECTION("the last ACK: TIME-WAIT answers") {
    lab.internet.lose_next(lab.client_host, lab.server_host, 1, 1);
  }
  lab.client.connection->finish();
  lab.run_out();
  CHECK(lab.client.ended_well());
  CHECK(lab.server.ended_well());
  CHECK(lab.sink.count(Kind::transport_retransmit) == repeated);
}

TEST_CASE("Abort resets the peer, and tells its own user later", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.connection->send("lost");
  lab.client.connection->abort();
  CHECK(lab.client.closings == 0);
  lab.client.connection->send("too late");
  lab.run_out();
  CHECK(lab.client.closings == 1);
  CHECK(lab.client.closed_for == net::CloseReason::reset);
  CHECK(lab.server.closings == 1);
  CHECK(lab.server.closed_for == net::CloseReason::reset);
  CHECK(lab.server_host.connection_count() == 0);
  CHECK(lab.sink.lines(Kind::transport_closed) ==
        std::vector<std::string>{"+100 client transport.closed aborted",
                                 "+120 server transport.closed reset"});
}

TEST_CASE("Destroying an open connection resets it, and nobody is told here", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.connection.reset();
  lab.run_out();
  CHECK(lab.client.closings == 0);
  CHECK(lab.server.closed_for == net::CloseReason::reset);
}

TEST_CASE("Destroyed inside its own events", "[network]") {
  Lab lab;
  lab.establish();
  SECTION("on_bytes") {
    lab.server.when_bytes = [&](std::string_view) { lab.server.connection.reset(); };
  }
  SECTION("on_end") {
    lab.server.when_end = [&] { lab.server.connection.reset(); };
  }
  SECTION("on_bytes, aborting first") {
    lab.server.when_bytes = [&](std::string_view) {
      lab.server.connection->abort();
      lab.server.connection.reset();
    };
  }
  lab.client.connection->send("a");
  lab.client.connection->finish();
  lab.run_out();
  CHECK(lab.client.closed_for == net::CloseReason::reset);
  CHECK(lab.server.closings == 0);
  CHECK(lab.server_host.connection_count() == 0);
}

TEST_CASE("on_closed may destroy the connection", "[network]") {
  Lab lab;
  lab.establish();
  lab.client.when_closed = [&] { lab.client.connection.reset(); };
  lab.server.when_end = [&] { lab.server.connection->finish(); };
  SECTION("after the end in order") {
    lab.client.connection->finish();
  }
  SECTION("after abort()") {
    lab.client.connection->abort();
  }
  lab.run_out();
  CHECK(lab.client.closings == 1);
}

TEST_CASE("A finished connection goes on closing without its user", "[network]") {
  Lab lab;
  lab.establish();
  const std::string text = sample_text(100'000);
  lab.client.connection->send(text);
  lab.client.connection->finish();
  lab.client.connection.reset();
  SECTION("to the end") {
    lab.server.when_end = [&] { lab.server.connection->finish(); };
    lab.run_out();
    CHECK(lab.server.received == text);
    CHECK(lab.server.ended_well());
  }
  SECTION("but data for nobody resets it") {
    lab.server.when_end = [&] { lab.server.connection->send("for you"); };
    lab.run_out();
    CHECK(lab.server.received == text);
    CHECK(lab.server.closed_for == net::CloseReason::reset);
  }
  SECTION("and not for ever when the peer never finishes") {
    lab.run_out();
    CHECK(lab.server.closed_for == net::CloseReason::reset);
    CHECK(lab.milliseconds() > 60'000);
  }
  CHECK(lab.client.closings == 0);
  CHECK(lab.client_host.connection_count() == 0);
}

TEST_CASE("A paused reader gets everything before the end", "[network]") {
  Lab lab;
  lab.establish();
  lab.server.connection->pause_reading(true);
  lab.server.connection->finish();
  lab.client.when_end = [&] {
    lab.client.connection->send("last words");
    lab.client.connection->finish();
  };
  lab.run(5s);
  CHECK(lab.client.ended_well());
  CHECK(lab.server.received.empty());
  CHECK(lab.server.ends == 0);
  CHECK(lab.server.closings == 0);
  lab.server.connection->pause_reading(false);
  CHECK(lab.server.received.empty());  // never from inside the call
  lab.run_out();
  CHECK(lab.server.received == "last words");
  CHECK(lab.server.ends == 1);
  CHECK(lab.server.ended_well());
}

TEST_CASE("Segments outside of the window change nothing", "[network]") {
  Lab lab;
  lab.establish();
  const std::size_t before = lab.sink.count(Kind::transport_segment);
  SECTION("RST far off: no answer") {
    forge(lab, flag::kRst, 70'000, 0);
    lab.run_out();
    CHECK(lab.sink.count(Kind::transport_segment) == before + 1);
  }
  SECTION("RST in the window, but not exact: RFC 5961 asks back") {
    forge(lab, flag::kRst, 100, 0);
    lab.run_out();
    CHECK(lab.sink.count(Kind::transport_segment) == before + 2);
  }
  SECTION("SYN in the window") {
    forge(lab, flag::kSyn, 100, 0);
    lab.run_out();
    CHECK(lab.sink.count(Kind::transport_segment) == before + 2);
  }
  SECTION("an acknowledgement of what was never sent") {
    forge(lab, flag::kAck, 0, 5000);
    lab.run_out();
    CHECK(lab.sink.count(Kind::transport_segment) == before + 2);
  }
  SECTION("every control bit at once, and none") {
    forge(lab, 31, 70'000, 0);
    forge(lab, 0, 0, 0);
    lab.run_out();
  }
  CHECK(lab.server.closings == 0);
  CHECK(lab.client.closings == 0);
  lab.client.connection->send("still here");
  lab.run_out();
  CHECK(lab.server.received == "still here");
}

TEST_CASE("An exact RST ends it", "[network]") {
  Lab lab;
  lab.establish();
  forge(lab, flag::kRst, 0, 0);
  lab.run(50ms);
  CHECK(lab.server.closed_for == net::CloseReason::reset);
}

TEST_CASE("Ports in TIME-WAIT are not used, and free after it", "[network]") {
  Lab lab;
  lab.establish();
  const auto port = lab.client.connection->local().port;
  lab.server.when_end = [&] { lab.server.connection->finish(); };
  lab.client.connection->finish();
  lab.run_out();
  Flow flow{lab.internet.find_address(lab.client_host.address()),
            lab.internet.find_address(lab.server_host.address()), port, 25};
  CHECK(lab.internet.flow_in_use(flow));
  lab.run(61s);
  CHECK_FALSE(lab.internet.flow_in_use(flow));
}
