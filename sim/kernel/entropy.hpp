// Random numbers of a simulation: the same seed gives the same numbers on every machine, compiler
// and day. Each actor forks a stream of its own by name, so that one more draw here never changes
// what happens there.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/net/network.hpp"

namespace mailscope::sim {

/// xoshiro256** (Blackman and Vigna), its state filled from the seed by splitmix64.
class SeededEntropy final : public net::Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed);

  std::uint64_t next() override;
  std::unique_ptr<net::Entropy> fork(std::string_view label) const override;
  /// The seed of the stream that fork(label) gives.
  std::uint64_t fork_seed(std::string_view label) const;
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_{};
};

/// FNV-1a, 64 bits. Written out because std::hash may differ between libraries.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3u;
  }
  return hash;
}

}  // namespace mailscope::sim
