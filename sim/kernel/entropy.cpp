// xoshiro256** and its seeding.
#include "sim/kernel/entropy.hpp"

#include <bit>

namespace mailscope::sim {

namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

SeededEntropy::SeededEntropy(std::uint64_t seed) : seed_(seed) {
  std::uint64_t filler = seed;
  for (auto& word : state_) word = splitmix64(filler);
}

std::uint64_t SeededEntropy::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t SeededEntropy::fork_seed(std::string_view label) const {
  // Mixed twice, so that fork("a").fork("b") and fork("b").fork("a") are different streams.
  std::uint64_t mixer = seed_;
  std::uint64_t mixed = splitmix64(mixer) ^ stable_hash(label);
  return splitmix64(mixed);
}

std::unique_ptr<net::Entropy> SeededEntropy::fork(std::string_view label) const {
  return std::make_unique<SeededEntropy>(fork_seed(label));
}

}  // namespace mailscope::sim
