#include "tests/sim/support.hpp"

#include <algorithm>
#include <filesystem>

#include "sim/world/invariants.hpp"

namespace mailscope::test {

Played judge(world::World& world) {
  Played played;
  played.hash = world.log().hash();
  played.events = world.log().size();
  for (const world::Verdict& verdict : world.verdicts()) {
    ++played.expectations;
    if (!verdict.holds)
      played.failures.push_back(verdict.place.pointer + ": expected " + verdict.expected +
                                "; found " + verdict.found);
  }
  for (const std::string& broken : world::broken_invariants(world))
    played.failures.push_back("invariant: " + broken);
  return played;
}

Played play(const scenario::Scenario& scenario, std::optional<std::uint64_t> seed) {
  world::WorldOptions options;
  options.seed = seed;
  world::World world(scenario, options);
  world.run();
  return judge(world);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> library() {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  const fs::path source = source_path(".");
  for (const auto& entry : fs::recursive_directory_iterator(source / "scenarios")) {
    if (entry.path().extension() == ".json")
      found.push_back(fs::relative(entry.path(), source).string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace mailscope::test
