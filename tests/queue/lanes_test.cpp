// Whose turn it is: limits of a destination, and fairness between destinations.
#include "server/queue/lanes.hpp"

#include "tests/catch.hpp"
#include "tests/queue/world.hpp"

namespace mailscope::queue::test {
namespace {

const net::Time kNow{net::Duration(1'000'000'000)};

struct Lane {
  Lanes lanes{[](const std::string& destination) {
    if (destination == "slow.example") return DestinationLimits{5, 10s};
    if (destination == "narrow.example") return DestinationLimits{1, {}};
    return DestinationLimits{2, {}};
  }};
  net::Time now = kNow;
  void enter(const std::string& destination, const std::string& id, int priority = 0) {
    lanes.enter(destination, {priority, now, id}, now);
  }
  /// Starts what may be started, and tells in which order.
  std::string start_all(std::size_t most = 100) {
    std::string order;
    for (std::size_t i = 0; i < most; ++i) {
      const auto turn = lanes.next(now);
      if (!turn) break;
      lanes.started(turn->destination, turn->id, now);
      order += (order.empty() ? "" : " ") + turn->id;
    }
    return order;
  }
};

TEST_CASE("a lane takes as many as its destination may have", "[queue][lanes]") {
  Lane l;
  for (const char* id : {"n1", "n2"}) l.enter("narrow.example", id);
  for (const char* id : {"a1", "a2", "a3"}) l.enter("a.example", id);
  CHECK(l.start_all() == "a1 n1 a2");
  CHECK(l.lanes.hold("narrow.example", l.now) == Lanes::Hold::connections);
  CHECK(l.lanes.waits("narrow.example", "n2"));
  CHECK_FALSE(l.lanes.waits("narrow.example", "n1"));
  CHECK_FALSE(l.lanes.first_of("narrow.example", l.now));
  l.lanes.ended("narrow.example", l.now);
  CHECK(l.lanes.hold("narrow.example", l.now) == Lanes::Hold::open);
  CHECK(l.lanes.first_of("narrow.example", l.now) == "n2");
  CHECK(l.start_all() == "n2");
  CHECK(l.lanes.opens() == net::kNever);
}

TEST_CASE("a lane rests between two starts", "[queue][lanes]") {
  Lane l;
  for (const char* id : {"s1", "s2", "s3"}) l.enter("slow.example", id);
  CHECK(l.start_all() == "s1");
  CHECK(l.lanes.hold("slow.example", l.now) == Lanes::Hold::rate);
  CHECK(l.lanes.opens() == kNow + 10s);
  l.lanes.ended("slow.example", l.now);
  l.now += 9s;
  CHECK(l.start_all().empty());
  l.now += 1s;
  CHECK(l.start_all() == "s2");
  CHECK(l.lanes.opens() == kNow + 20s);
  // The gap is remembered when nothing waits, and forgotten when it is over.
  l.lanes.leave("slow.example", "s3", l.now);
  l.lanes.ended("slow.example", l.now);
  CHECK(l.lanes.opens() == net::kNever);
  l.enter("slow.example", "s4");
  CHECK(l.lanes.opens() == kNow + 20s);
  l.now += 10s;
  CHECK(l.start_all() == "s4");
}

TEST_CASE("the destination that was served longest ago is next", "[queue][lanes]") {
  Lane l;
  for (int i = 1; i <= 6; ++i) l.enter("a.example", "a" + std::to_string(i));
  l.now += 1s;
  for (int i = 1; i <= 3; ++i) l.enter("b.example", "b" + std::to_string(i));
  l.now += 1s;
  l.enter("c.example", "c1");
  std::string order;
  for (int i = 0; i < 10; ++i) {
    const auto turn = l.lanes.next(l.now);
    REQUIRE(turn);
    l.lanes.started(turn->destination, turn->id, l.now);
    l.lanes.ended(turn->destination, l.now);
    order += turn->id + " ";
  }
  CHECK(order == "a1 b1 c1 a2 b2 a3 b3 a4 a5 a6 ");
}

TEST_CASE("importance comes before fairness, and age before names", "[queue][lanes]") {
  Lane l;
  l.enter("a.example", "a2");
  l.now += 1s;
  l.enter("a.example", "a1");
  l.enter("b.example", "urgent", 3);
  l.enter("b.example", "later", -2);
  l.enter("a.example", "soon", 1);
  CHECK(l.start_all() == "urgent soon a2 later");
  CHECK(l.lanes.waits("a.example", "a1"));
}

TEST_CASE("what waits twice waits once, and what does not wait may leave", "[queue][lanes]") {
  Lane l;
  l.enter("narrow.example", "x");
  l.enter("narrow.example", "x", 5);
  l.lanes.leave("narrow.example", "y", l.now);
  l.lanes.leave("nowhere.example", "x", l.now);
  CHECK(l.start_all() == "x");
  l.lanes.ended("narrow.example", l.now);
  CHECK(l.start_all().empty());
}

}  // namespace
}  // namespace mailscope::queue::test
