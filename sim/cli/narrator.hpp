// Tells a trace in the terminal: a line a step, with time, hosts, what happened and why.
#pragma once

#include <optional>
#include <string>

#include "server/trace/log.hpp"
#include "sim/world/expectations.hpp"

namespace mailscope::cli {

struct NarratorOptions {
  bool colour = false;
  std::size_t width = 100;  // columns; longer lines are cut on a terminal
  bool cut = false;
  std::optional<trace::Layer> layer;  // only steps of this layer; link and transport show packets
};

/// The whole story, with a heading a chapter.
std::string narrate(const trace::Log& log, const NarratorOptions& options);
/// One event as a line, for what bears on a failed expectation.
std::string narrate_event(const trace::Log& log, trace::EventId id);
/// A failed expectation in some lines: what was expected, what was found, the events about it.
std::string narrate_failure(const trace::Log& log, const world::Verdict& verdict,
                            const std::string& file);

/// True when standard output is a terminal that shows colour.
bool terminal_has_colour();
/// Columns of the terminal; 100 when there is none.
std::size_t terminal_width();

}  // namespace mailscope::cli
