// The parts alone: reassembly, send buffer, time-outs, congestion, queues, the state table.
#include "sim/network/buffers.hpp"
#include "sim/network/congestion.hpp"
#include "sim/network/packet.hpp"
#include "sim/network/path.hpp"
#include "sim/network/rtt.hpp"
#include "sim/network/sequence.hpp"
#include "sim/network/tcp_state.hpp"
#include "sim/network/time_wait.hpp"
#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;

TEST_CASE("Sequence numbers wrap", "[network]") {
  CHECK(seq_before(1, 2));
  CHECK_FALSE(seq_before(2, 2));
  CHECK(seq_at_most(2, 2));
  CHECK(seq_before(0xFFFFFFF0, 5));
  CHECK_FALSE(seq_before(5, 0xFFFFFFF0));
}

TEST_CASE("Reassembly of pieces in any order and overlap", "[network]") {
  const std::string text = sample_text(5000);
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SeededEntropy entropy(seed);
    const auto base = static_cast<std::uint32_t>(0xFFFFFFFF - entropy.below(6000));
    Reassembly early;
    std::uint32_t next = base;
    std::string out;
    int pieces = 0;
    while (out.size() < text.size() && ++pieces < 100'000) {
      const std::size_t from = entropy.below(text.size());
      const std::size_t size = 1 + entropy.below(900);
      const auto piece = std::string_view(text).substr(from, size);
      const auto seq = base + static_cast<std::uint32_t>(from);
      if (seq_at_most(seq + static_cast<std::uint32_t>(piece.size()), next)) continue;
      early.insert(seq, piece);
      early.take(next, out);
      REQUIRE(next - base == out.size());
    }
    REQUIRE(out == text);
    REQUIRE(early.empty());
  }
}

TEST_CASE("Send buffer", "[network]") {
  SendBuffer buffer;
  const std::string text = sample_text(200'000);
  buffer.append(text);
  std::string out;
  while (!buffer.empty()) {
    const std::size_t count = std::min<std::size_t>(buffer.size(), 1460);
    out += buffer.view(0, count);
    buffer.drop(count);
  }
  CHECK(out == text);
  buffer.append("again");
  CHECK(buffer.view(1, 3) == "gai");
}

TEST_CASE("Retransmission time-out, RFC 6298", "[network]") {
  TcpOptions options;
  options.min_rto = 1ms;
  RttEstimator rtt(options);
  CHECK(rtt.rto() == 1s);
  rtt.sample(100ms);
  CHECK(rtt.smoothed() == 100ms);
  CHECK(rtt.variation() == 50ms);
  CHECK(rtt.rto() == 300ms);
  rtt.sample(180ms);
  CHECK(rtt.variation() == 57500us);  // 3/4 * 50 + 1/4 * 80
  CHECK(rtt.smoothed() == 110ms);     // 7/8 * 100 + 1/8 * 180
  CHECK(rtt.rto() == 340ms);
  for (int i = 0; i < 20; ++i) rtt.back_off();
  CHECK(rtt.rto() == 60s);
  rtt.sample(110ms);
  CHECK(rtt.rto() < 1s);
}

TEST_CASE("Congestion window, RFC 5681", "[network]") {
  constexpr std::uint32_t mss = 1000;
  Congestion congestion(mss);
  CHECK(congestion.window() == 10 * mss);
  CHECK(congestion.phase() == Congestion::Phase::slow_start);
  congestion.on_ack(5000);
  CHECK(congestion.window() == 11 * mss);
  congestion.on_loss(11 * mss);
  CHECK(congestion.threshold() == 5500);
  CHECK(congestion.window() == 8500);
  CHECK(congestion.phase() == Congestion::Phase::recovery);
  congestion.on_duplicate();
  CHECK(congestion.window() == 9500);
  congestion.on_recovered(6000);
  CHECK(congestion.window() == 5500);
  CHECK(congestion.phase() == Congestion::Phase::avoidance);
  congestion.on_ack(1000);
  CHECK(congestion.window() == 5500 + 1000 * 1000 / 5500);
  congestion.on_timeout(5000, true);
  CHECK(congestion.window() == mss);
  CHECK(congestion.threshold() == 2500);
  congestion.on_timeout(1000, false);
  CHECK(congestion.threshold() == 2500);  // the same loss halves once
  for (int i = 0; i < 1'000'000; ++i) congestion.on_ack(mss);
  CHECK(congestion.window() < 2'000'000);
}

TEST_CASE("A link's queue", "[network]") {
  LinkQueue queue;
  CHECK(queue.pass(kStart, 1000, 0) == kStart);
  CHECK(queue.pass(kStart, 1000, 8'000'000) == kStart + 1ms);
  CHECK(queue.pass(kStart, 1000, 8'000'000) == kStart + 2ms);
  CHECK(queue.pass(kStart + 10ms, 1000, 8'000'000) == kStart + 11ms);
  net::Time last{};
  int taken = 0;
  for (; taken < 1000; ++taken) {
    const net::Time at = queue.pass(kStart + 11ms, 1000, 8'000'000);
    if (at == net::kNever) break;
    last = at;
  }
  CHECK(taken == 263);  // 256 KiB, and the one that is being sent
  CHECK(queue.pass(last, 1000, 8'000'000) == last + 1ms);
}

TEST_CASE("The state table", "[network]") {
  CHECK(may_move(TcpState::established, TcpState::close_wait));
  CHECK_FALSE(may_move(TcpState::established, TcpState::time_wait));
  CHECK_FALSE(may_move(TcpState::closed, TcpState::established));
  CHECK(to_string(TcpState::fin_wait_2) == "FIN-WAIT-2");
  // Every state can be reached from CLOSED and left for it.
  for (int s = 1; s <= static_cast<int>(TcpState::time_wait); ++s) {
    const auto state = static_cast<TcpState>(s);
    bool entered = false;
    bool left = false;
    for (const TcpMove& move : kTcpMoves) {
      entered = entered || move.to == state;
      left = left || move.from == state;
    }
    CAPTURE(to_string(state));
    CHECK(entered);
    CHECK(left);
  }
}

TEST_CASE("Names of control bits", "[network]") {
  CHECK(flag_names(flag::kSyn) == "SYN");
  CHECK(flag_names(flag::kSyn | flag::kAck) == "SYN ACK");
  CHECK(flag_names(flag::kPsh | flag::kAck) == "PSH ACK");
  CHECK(flag_names(flag::kFin | flag::kPsh | flag::kAck) == "FIN PSH ACK");
  CHECK(flag_names(flag::kRst | flag::kAck) == "RST ACK");
}

TEST_CASE("TIME-WAIT records fall out", "[network]") {
  TimeWaitTable table;
  TimeWaitTable::Record record;
  record.until = kStart + 60s;
  table.insert(7, record, kStart);
  CHECK(table.find(7, kStart + 59s) != nullptr);
  CHECK(table.find(8, kStart) == nullptr);
  CHECK(table.find(7, kStart + 60s) == nullptr);
  record.until = kStart + 120s;
  for (std::uint64_t key = 0; key < 300'000; ++key) table.insert(key, record, kStart + 60s);
  CHECK(table.size() <= 131'072);
  CHECK(table.find(299'999, kStart + 60s) != nullptr);
}
