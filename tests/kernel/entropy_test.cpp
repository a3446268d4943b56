// Seeded random numbers: the published sequence, independence of forks, spread.
#include "sim/kernel/entropy.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::sim;

TEST_CASE("The sequence is that of xoshiro256** behind splitmix64", "[kernel]") {
  // splitmix64 of seed 0 gives e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f,
  // f88bb8a8724c81ec; the first result is rotl(state[1] * 5, 7) * 9.
  SeededEntropy entropy(0);
  const std::uint64_t second = 0x6E789E6AA1B965F4u;
  const std::uint64_t times5 = second * 5;
  CHECK(entropy.next() == ((times5 << 7) | (times5 >> 57)) * 9);
  // Fixed for good: traces of published scenarios depend on it.
  SeededEntropy again(0);
  CHECK(again.next() == 0x99EC5F36CB75F2B4u);
  CHECK(again.next() == 0xBF6E1F784956452Au);
  CHECK(again.next() == 0x1A5F849D4933E6E0u);
}

TEST_CASE("FNV-1a", "[kernel]") {
  CHECK(stable_hash("") == 0xCBF29CE484222325u);
  CHECK(stable_hash("a") == 0xAF63DC4C8601EC8Cu);
  CHECK(stable_hash("foobar") == 0x85944171F73967E8u);
}

TEST_CASE("Forks depend on seed and label alone", "[kernel]") {
  SeededEntropy entropy(42);
  const auto before = entropy.fork("client")->next();
  for (int i = 0; i < 100; ++i) entropy.next();
  CHECK(entropy.fork("client")->next() == before);
  CHECK(entropy.fork("server")->next() != before);
  CHECK(SeededEntropy(43).fork("client")->next() != before);
  CHECK(entropy.fork("a")->fork("b")->next() != entropy.fork("b")->fork("a")->next());
  CHECK(entropy.fork("")->next() != SeededEntropy(42).next());
}

TEST_CASE("Near seeds and near labels give far streams", "[kernel]") {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) first.insert(SeededEntropy(seed).next());
  CHECK(first.size() == 10'000);
  SeededEntropy root(1);
  for (int i = 0; i < 10'000; ++i) first.insert(root.fork(std::to_string(i))->next());
  CHECK(first.size() == 20'000);
}

TEST_CASE("Draws are spread evenly", "[kernel]") {
  SeededEntropy entropy(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[entropy.below(10)];
  for (const int count : counts) {
    CHECK(count > 9'600);
    CHECK(count < 10'400);
  }
}
