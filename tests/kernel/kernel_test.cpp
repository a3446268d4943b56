// The event queue: order, cancelling, causes, turns, limits.
#include "sim/kernel/kernel.hpp"

#include <array>
#include <map>
#include <stdexcept>

#include "sim/kernel/entropy.hpp"
#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace std::chrono_literals;

namespace {

const net::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

}  // namespace

TEST_CASE("Events run in order of time, then of scheduling", "[kernel]") {
  Kernel kernel(kStart);
  std::string order;
  kernel.set(kStart + 2s, [&] { order += 'd'; });
  kernel.set(kStart + 1s, [&] { order += 'b'; });
  kernel.set(kStart + 1s, [&] { order += 'c'; });
  kernel.set(kStart, [&] { order += 'a'; });
  CHECK(order.empty());
  CHECK(kernel.waiting() == 4);
  CHECK(kernel.next_time() == kStart);
  CHECK(kernel.run_until(kStart + 1s) == RunEnd::reached);
  CHECK(order == "abc");
  CHECK(kernel.now() == kStart + 1s);
  CHECK(kernel.run_until(kStart + 1h) == RunEnd::reached);
  CHECK(order == "abcd");
  CHECK(kernel.now() == kStart + 1h);
  CHECK(kernel.idle());
  CHECK(kernel.next_time() == net::kNever);
  CHECK_FALSE(kernel.run_one());
}

TEST_CASE("The clock shows the event's time; running out leaves it at the last", "[kernel]") {
  Kernel kernel(kStart);
  net::Time seen{};
  kernel.set(kStart + 90s, [&] { seen = kernel.now(); });
  CHECK(kernel.run_until(net::kNever) == RunEnd::reached);
  CHECK(seen == kStart + 90s);
  CHECK(kernel.now() == kStart + 90s);
}

TEST_CASE("The past is now, but never inside the call", "[kernel]") {
  Kernel kernel(kStart);
  std::string order;
  kernel.set(kStart - 1h, [&] {
    order += '1';
    kernel.set(kStart - 2h, [&] { order += '3'; });
    order += '2';
  });
  CHECK(order.empty());
  CHECK(kernel.run_until(kStart) == RunEnd::reached);
  CHECK(order == "123");
  CHECK(kernel.now() == kStart);
}

TEST_CASE("Cancelling", "[kernel]") {
  Kernel kernel(kStart);
  int ran = 0;
  const auto count = [&] { ++ran; };
  SECTION("before") {
    const auto id = kernel.set(kStart + 1s, count);
    kernel.cancel(id);
    kernel.cancel(id);
    CHECK(kernel.idle());
  }
  SECTION("after") {
    const auto id = kernel.set(kStart, count);
    CHECK(kernel.run_one());
    const auto reused = kernel.set(kStart, [] {});
    CHECK(reused != id);
    kernel.cancel(id);  // does not hit the event that took its place
    CHECK(kernel.waiting() == 1);
    ran = 0;
  }
  SECTION("while it runs") {
    net::TimerId id = 0;
    id = kernel.set(kStart, [&] { kernel.cancel(id); });
    CHECK(kernel.run_one());
    CHECK(kernel.idle());
  }
  SECTION("ids that never were") {
    kernel.cancel(0);
    kernel.cancel(~net::TimerId{0});
    kernel.cancel(net::TimerId{5} << 32 | 3);
    CHECK(kernel.idle());
  }
  CHECK(kernel.run_until(net::kNever) == RunEnd::reached);
  CHECK(ran == 0);
}

TEST_CASE("A queue of many, set and cancelled at random, stays in order", "[kernel]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SeededEntropy entropy(seed);
    Kernel kernel(kStart);
    std::map<std::pair<net::Time, int>, net::TimerId> model;
    std::vector<std::pair<net::Time, int>> ran;
    std::vector<std::pair<net::Time, int>> expected;
    for (int number = 0; number < 2000; ++number) {
      const net::Time at = kStart + 1ms * static_cast<int>(entropy.below(500));
      const auto key = std::make_pair(at, number);
      model[key] = kernel.set(at, [&ran, key] { ran.push_back(key); });
      if (entropy.below(3) == 0) {
        auto victim = model.begin();
        std::advance(victim, static_cast<std::ptrdiff_t>(entropy.below(model.size())));
        kernel.cancel(victim->second);
        model.erase(victim);
      }
    }
    for (const auto& [key, id] : model) expected.push_back(key);
    CHECK(kernel.run_until(net::kNever) == RunEnd::reached);
    REQUIRE(ran == expected);
  }
}

TEST_CASE("Causes travel with events", "[kernel]") {
  Kernel kernel(kStart);
  trace::NullSink sink;
  kernel.attach(sink);
  std::vector<trace::EventId> seen;
  sink.set_cause(7);
  kernel.set(kStart + 2s, [&] { seen.push_back(sink.cause()); });
  sink.set_cause(0);
  kernel.schedule(kStart + 1s, trace::EventId{9}, [&] {
    seen.push_back(sink.cause());
    sink.set_cause(11);
    kernel.set(kStart + 3s, [&] { seen.push_back(sink.cause()); });
  });
  CHECK(kernel.run_until(kStart + 10s) == RunEnd::reached);
  CHECK(seen == std::vector<trace::EventId>{9, 7, 11});
  CHECK(sink.cause() == 0);
}

TEST_CASE("Each event is a turn: commit, flush, then the next", "[kernel]") {
  struct Writer final : net::Flushable {
    explicit Writer(std::string& log) : log_(log) {}
    void flush() override { log_ += 'f'; }
    std::string& log_;
  };
  Kernel kernel(kStart);
  std::string log;
  Writer writer(log);
  kernel.turn().on_commit([&] { log += 'c'; });
  for (int i = 0; i < 2; ++i) {
    kernel.set(kStart, [&] {
      log += 'e';
      kernel.turn().flush_later(writer);
    });
  }
  CHECK(kernel.run_until(kStart) == RunEnd::reached);
  CHECK(log == "ecfecf");
  SECTION("What is asked for outside of events is not forgotten") {
    kernel.turn().flush_later(writer);
    CHECK_FALSE(kernel.idle());
    CHECK(kernel.run_until(kStart) == RunEnd::reached);
    CHECK(log == "ecfecfcf");
  }
}

TEST_CASE("Stopping", "[kernel]") {
  Kernel kernel(kStart);
  int ran = 0;
  for (int i = 0; i < 5; ++i) {
    kernel.set(kStart + 1s * i, [&] {
      if (++ran == 3) kernel.stop();
    });
  }
  CHECK(kernel.run_until(kStart + 1h) == RunEnd::stopped);
  CHECK(ran == 3);
  CHECK(kernel.now() == kStart + 2s);
  CHECK(kernel.run_until(kStart + 1h) == RunEnd::reached);
  CHECK(ran == 5);
}

namespace {

/// An actor that wakes itself again and again.
void tick(Kernel& kernel, net::Duration pause) {
  kernel.set(kernel.now() + pause, [&kernel, pause] { tick(kernel, pause); });
}

}  // namespace

TEST_CASE("Limits end what has no end, with words", "[kernel]") {
  KernelLimits limits;
  SECTION("too many events") {
    limits.max_events = 1000;
    Kernel kernel(kStart, limits);
    tick(kernel, 1s);
    CHECK(kernel.run_until(net::kNever) == RunEnd::limit);
    CHECK(kernel.events_run() == 1000);
    CHECK_THAT(kernel.problem(),
               Catch::Contains("does not come to an end") && Catch::Contains("1000 events"));
    CHECK(kernel.run_until(net::kNever) == RunEnd::limit);  // for good
  }
  SECTION("a clock that stands still") {
    limits.max_events_per_instant = 100;
    Kernel kernel(kStart, limits);
    tick(kernel, 0s);
    CHECK(kernel.run_until(kStart) == RunEnd::limit);
    CHECK_THAT(kernel.problem(), Catch::Contains("does not move"));
  }
  SECTION("a clock that moves is no such clock") {
    limits.max_events_per_instant = 100;
    Kernel kernel(kStart, limits);
    tick(kernel, 1ns);
    CHECK(kernel.run_until(kStart + 1us) == RunEnd::reached);
  }
  SECTION("too much planned") {
    limits.max_waiting = 10;
    Kernel kernel(kStart, limits);
    for (int i = 0; i < 11; ++i) kernel.set(kStart, [] {});
    CHECK(kernel.run_until(kStart) == RunEnd::limit);
    CHECK_THAT(kernel.problem(), Catch::Contains("11 events are waiting"));
  }
}

TEST_CASE("Nothing leaks: callables are destroyed once", "[kernel]") {
  const auto counted = std::make_shared<int>(0);
  {
    Kernel kernel(kStart);
    kernel.set(kStart, [counted] {});
    kernel.set(kStart + 1h, [counted] {});  // never runs
    const auto id = kernel.set(kStart, [counted] {});
    kernel.cancel(id);
    kernel.set(kStart, [counted] { throw std::runtime_error("a disk is full"); });
    CHECK(kernel.run_one());
    CHECK_THROWS_AS(kernel.run_one(), std::runtime_error);
    CHECK(counted.use_count() == 2);
    kernel.schedule(kStart, [counted, filler = std::array<char, 24>{}] { (void)filler; });
    CHECK(kernel.run_one());
  }
  CHECK(counted.use_count() == 1);
}

TEST_CASE("net::Timer on the kernel", "[kernel]") {
  Kernel kernel(kStart);
  int ran = 0;
  {
    net::Timer timer(kernel);
    timer.set(kStart + 1s, [&] { ++ran; });
    timer.set(kStart + 2s, [&] { ran += 10; });
    CHECK(kernel.run_until(kStart + 3s) == RunEnd::reached);
    CHECK(ran == 10);
    timer.set(kStart + 4s, [&] { ran += 100; });
  }
  CHECK(kernel.run_until(kStart + 10s) == RunEnd::reached);
  CHECK(ran == 10);
}

TEST_CASE("time passes without an end of the turn when nothing is due", "[kernel]") {
  Kernel kernel(kStart);
  int commits = 0;
  kernel.turn().on_commit([&] { ++commits; });
  kernel.turn().after([] {});
  kernel.set(kStart + 2s, [] {});
  CHECK(kernel.pass_time(kStart + 1s));
  CHECK(kernel.now() == kStart + 1s);
  CHECK(commits == 0);
  CHECK(kernel.pass_time(kStart));  // never back
  CHECK(kernel.now() == kStart + 1s);
  CHECK_FALSE(kernel.pass_time(kStart + 2s));  // somebody has something to do then
  CHECK(kernel.now() == kStart + 1s);
  CHECK(kernel.run_until(kStart + 2s) == RunEnd::reached);
  CHECK(commits == 1);
}
