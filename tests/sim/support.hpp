// Plays scenarios that are written inside a test, and the files of the library.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/world/world.hpp"
#include "tests/places.hpp"

namespace mailscope::test {

/// What came of a run.
struct Played {
  std::string hash;
  std::size_t events = 0;
  std::size_t expectations = 0;
  std::vector<std::string>
      failures;  // expectations that do not hold and invariants that are broken
};

Played play(const scenario::Scenario& scenario, std::optional<std::uint64_t> seed = {});
/// Of a world that has run.
Played judge(world::World& world);
std::string joined(const std::vector<std::string>& lines);

/// All *.json below scenarios/, as paths below the source folder, sorted.
std::vector<std::string> library();

}  // namespace mailscope::test
