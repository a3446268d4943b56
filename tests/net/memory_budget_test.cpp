// The one limit for the memory of all connections: who is evicted, and when newcomers are turned
// away.
#include "server/net/memory_budget.hpp"

#include <memory>
#include <vector>

#include "tests/catch.hpp"
#include "tests/net/session_stage.hpp"

using namespace mailscope;
using namespace mailscope::tests;

namespace {

/// Connections with numbers; those that were evicted, in order.
struct Crowd {
  explicit Crowd(std::size_t limit) : budget(limit) {}
  net::MemoryBudget budget;
  std::vector<std::unique_ptr<net::MemoryBudget::Share>> shares;
  std::vector<std::size_t> evicted;
  net::MemoryBudget::Share& join() {
    const std::size_t number = shares.size();
    shares.push_back(std::make_unique<net::MemoryBudget::Share>(
        budget, [this, number] { evicted.push_back(number); }));
    return *shares.back();
  }
};

}  // namespace

TEST_CASE("shares are added up", "[memory]") {
  Crowd crowd(1'000);
  net::MemoryBudget::Share& first = crowd.join();
  net::MemoryBudget::Share& second = crowd.join();
  first.hold(300);
  second.hold(500);
  CHECK(crowd.budget.used() == 800);
  CHECK_FALSE(crowd.budget.crowded());
  second.hold(600);
  CHECK(crowd.budget.crowded());
  first.hold(10);
  CHECK(crowd.budget.used() == 610);
  CHECK(crowd.budget.peak() == 900);
  crowd.shares.clear();
  CHECK(crowd.budget.used() == 0);
  CHECK(crowd.evicted.empty());
}

TEST_CASE("beyond the limit the greediest goes, the newest of them first", "[memory]") {
  Crowd crowd(1'000);
  for (const std::size_t octets : {100u, 260u, 300u, 50u}) crowd.join().hold(octets);
  net::MemoryBudget::Share& last = crowd.join();
  last.hold(200);
  CHECK(crowd.evicted.empty());
  last.hold(299);  // as many bits as 260 and 300, and last to have them
  CHECK(crowd.evicted == std::vector<std::size_t>{4});
  // What is evicted counts until it is gone, but nobody else has to go for it.
  CHECK(crowd.budget.used() == 1'009);
  crowd.shares[3]->hold(60);
  CHECK(crowd.evicted.size() == 1);
  crowd.shares[0]->hold(500);
  CHECK(crowd.evicted == std::vector<std::size_t>{4, 0});
  last.hold(0);
  crowd.shares[0].reset();
  CHECK(crowd.budget.used() == 620);
}

TEST_CASE("one share that is larger than everything goes itself", "[memory]") {
  Crowd crowd(1'000);
  crowd.join().hold(100);
  crowd.join().hold(5'000);
  CHECK(crowd.evicted == std::vector<std::size_t>{1});
  crowd.shares[1]->hold(6'000);
  CHECK(crowd.evicted.size() == 1);
  crowd.shares[0]->hold(990);
  CHECK(crowd.evicted.size() == 1);
}

TEST_CASE("without a limit nobody goes", "[memory]") {
  Crowd crowd(0);
  crowd.join().hold(SIZE_MAX / 2);
  CHECK_FALSE(crowd.budget.crowded());
  CHECK(crowd.evicted.empty());
}

TEST_CASE("a session tells what it holds, and ends when that is too much", "[memory][session]") {
  net::MemoryBudget budget(64 * 1024);
  Stage stage;
  stage.memory = &budget;
  stage.connect({"echo hello"});
  stage.world.run();
  const std::size_t idle = budget.used();
  CHECK(idle >= net::kSessionOctets);
  CHECK(idle < 16 * 1024);
  REQUIRE(stage.server);
  // A line without an end: the toy engine would keep it all.
  stage.client->connection()->send(std::string(200'000, 'x'));
  stage.world.run();
  CHECK_FALSE(stage.server);
  CHECK(budget.used() == 0);
  bool recorded = false;
  for (const std::string& event : stage.sink.events)
    recorded = recorded || event == "policy.limit @1/1 [memory_octets] 65536";
  CHECK(recorded);
}
