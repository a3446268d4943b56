// What a scenario expects, checked against the world as it is: its stores, queues, devices and
// trace.
#pragma once

#include <string>
#include <vector>

#include "server/trace/event.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::world {

class World;

/// What came of an expectation.
struct Verdict {
  scenario::Place place;
  bool holds = false;
  std::string expected;  // "a message with subject \"Lunch?\" in bob@globex.example/INBOX"
  std::string found;     // what was there instead
  std::vector<trace::EventId> related;  // the last events that bear on it, oldest first
};

Verdict check(const scenario::Expectation& expectation, World& world);

}  // namespace mailscope::world
