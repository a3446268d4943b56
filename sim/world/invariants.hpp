// What must be true after every run, whatever the scenario breaks: no accepted message is lost.
#pragma once

#include <string>
#include <vector>

namespace mailscope::world {

class World;

/// In words, what does not hold; empty when all is well. Every message that a host accepted is, for
/// each of its recipients, in exactly one state: delivered into a mailbox once, passed on to a host
/// that accepted it, failed and reported to its sender, or still in a queue.
std::vector<std::string> broken_invariants(World& world);

}  // namespace mailscope::world
