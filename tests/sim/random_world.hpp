// A random scenario from a seed: domains, people, mail across domains and to nobody, and faults of
// every kind that come and go. Written as a file, so that the loader takes part and a failure can
// be played again with `mailscope run`.
#pragma once

#include <cstdint>
#include <string>

namespace mailscope::test {

enum class Weather : std::uint8_t {
  calm,    // packets may be lost, nothing else breaks
  stormy,  // faults of every kind
};

std::string random_scenario(std::uint64_t seed, Weather weather);

}  // namespace mailscope::test
