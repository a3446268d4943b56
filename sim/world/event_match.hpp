// Does an event fit a description from a scenario? For expectations, notes and questions.
#pragma once

#include <string>

#include "server/trace/log.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::world {

/// `start`: the time that `after` and `before` count from.
bool matches(const scenario::EventMatch& match, const trace::Log& log, trace::EventId id,
             net::Time start);
/// In words: "smtp.reply at mx1.globex.example with code 550".
std::string describe(const scenario::EventMatch& match);
/// True when following causes from `effect` leads to `cause`.
bool is_caused_by(const trace::Log& log, trace::EventId effect, trace::EventId cause);

}  // namespace mailscope::world
