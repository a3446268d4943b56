// From a JSON file to a Scenario. Nothing is ignored in silence: whatever is wrong is an error that
// says where it stands, what was found and what would be right.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "sim/scenario/scenario.hpp"

namespace mailscope::scenario {

/// what(): "file:line:column: /json/pointer: what was found; what was meant".
class ScenarioError : public std::runtime_error {
 public:
  ScenarioError(std::string_view file, const Place& where, std::string_view message);
  const Place& place() const { return place_; }

 private:
  Place place_;
};

inline constexpr std::size_t kMaxScenarioOctets =
    8 << 20;  // a lesson is a few KB; 8 MiB is a mistake
inline constexpr std::size_t kMaxScenarioDepth = 32;
inline constexpr std::size_t kMaxDomains = 4'000;
inline constexpr std::size_t kMaxUsersPerDomain = 10'000;
inline constexpr std::size_t kMaxScriptEntries = 100'000;

/// Throws ScenarioError; for a file that cannot be read too.
Scenario load_scenario_file(const std::string& path);
Scenario load_scenario(std::string_view json, const std::string& file_name);
/// One entry of "faults" for a world that runs. Throws ScenarioError.
Fault load_fault(std::string_view json, const Scenario& scenario);

}  // namespace mailscope::scenario
