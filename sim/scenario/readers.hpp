// The readers of a scenario file's keys, one file each. The document has been validated, so types
// are right; what they check is what only the whole tells: names, doubles, combinations.
#pragma once

#include <string>

#include "sim/scenario/names.hpp"
#include "sim/scenario/node.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::scenario {

/// Adds a domain to the scenario. `written`: its name as the file has it.
void read_domain(const std::string& written, const Node& node, Scenario& scenario);
/// What holds for a scenario without "network".
void default_network(Scenario& scenario);
void read_network(const Node& node, const Names& names, Scenario& scenario);
void read_script(const Node& list, const Names& names, Scenario& scenario);
Fault read_fault(const Node& node, const Names& names, const Scenario& scenario);
EventMatch read_event(const Node& node, const Names& names);
Expectation read_expectation(const Node& node, const Names& names, const Scenario& scenario);
void read_lesson(const Node& node, const Names& names, Scenario& scenario);

}  // namespace mailscope::scenario
