// The guard: waits that grow and end, seats, bounded memory.
#include "server/policy/guard.hpp"

#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::policy;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {
constexpr net::Time kStart{seconds(1'000'000)};

net::Address address(unsigned number) {
  return *net::Address::parse("10." + std::to_string(number >> 16 & 255) + '.' +
                              std::to_string(number >> 8 & 255) + '.' +
                              std::to_string(number & 255));
}
}  // namespace

TEST_CASE("answers wait longer with each failure, up to a limit") {
  Guard guard;
  const int waits[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15};
  for (const int wait : waits) CHECK(guard.login(address(1), false, kStart) == seconds(wait));
  CHECK(guard.login(address(2), false, kStart) == seconds(0));  // others do not pay for it
  CHECK(guard.login(address(1), true, kStart) == seconds(15));  // a right guess waits as well
  CHECK(guard.failures(address(1), kStart) == 6);
  CHECK(guard.login(address(1), true, kStart) == seconds(2));
}

TEST_CASE("a usual login never waits, and leaves nothing behind") {
  Guard guard;
  for (int i = 0; i < 1'000; ++i) CHECK(guard.login(address(1), true, kStart) == seconds(0));
  CHECK(guard.remembered() == 0);
  CHECK(guard.login(address(1), false, kStart) == seconds(0));
  CHECK(guard.remembered() == 1);
  CHECK(guard.login(address(1), true, kStart) == seconds(0));
  CHECK(guard.remembered() == 0);
}

TEST_CASE("failures are forgotten") {
  Guard guard;
  for (int i = 0; i < 20; ++i) (void)guard.login(address(1), false, kStart);
  CHECK(guard.login(address(1), false, kStart + minutes(9)) == seconds(15));
  CHECK(guard.login(address(1), false, kStart + minutes(18)) == seconds(15));
  CHECK(guard.failures(address(1), kStart + minutes(28)) == 0);
  CHECK(guard.login(address(1), false, kStart + minutes(28)) == seconds(0));
  CHECK(guard.failures(address(1), kStart + minutes(28)) == 1);
}

TEST_CASE("memory is bounded: the oldest go first") {
  GuardLimits limits;
  limits.addresses = 100;
  Guard guard(limits);
  for (unsigned i = 0; i < 1'000; ++i) {
    (void)guard.login(address(i), false, kStart);
    (void)guard.login(address(0), false, kStart);  // keeps coming
    CHECK(guard.remembered() <= 100);
  }
  CHECK(guard.failures(address(0), kStart) == 1'001);
  CHECK(guard.failures(address(999), kStart) == 1);
  CHECK(guard.failures(address(500), kStart) == 0);
}

TEST_CASE("seats are given back") {
  GuardLimits limits;
  limits.connections = 2;
  limits.many_connections = {*net::Prefix::parse("10.9.0.0/16")};
  Guard guard(limits);
  Guard::Seat first = guard.take_seat(address(1));
  {
    const Guard::Seat second = guard.take_seat(address(1));
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(guard.take_seat(address(1)));
    CHECK(guard.take_seat(address(2)));
  }
  Guard::Seat third = guard.take_seat(address(1));
  CHECK(third);
  third = Guard::Seat();
  CHECK(guard.take_seat(address(1)));
  std::vector<Guard::Seat> many;
  for (int i = 0; i < 10; ++i) many.push_back(guard.take_seat(*net::Address::parse("10.9.1.1")));
  for (const Guard::Seat& seat : many) CHECK(seat);
}
