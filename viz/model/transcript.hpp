// A connection as lines, the way a packet dump reads: who said what, and a few words on why.
#pragma once

#include <string>
#include <vector>

#include "viz/model/lesson.hpp"

namespace mailscope::viz {

struct TranscriptLine {
  enum class Speaker : std::uint8_t { client, server, band };  // a band is TLS coming up
  Speaker speaker = Speaker::client;
  std::string text;
  std::string note;
  trace::EventId event = 0;
  bool failure = false;
};

/// All lines of a connection up to and including `until`, then those of the next wire event.
struct Transcript {
  std::vector<TranscriptLine> lines;
  std::size_t current_first = 0;  // the lines of the step
  std::size_t current_last = 0;   // one past
  std::size_t next_first = 0;     // the lines to come
};
Transcript transcript(const Lesson& lesson, trace::ConnectionId connection, trace::EventId until,
                      trace::EventId current, bool show_next = true);

}  // namespace mailscope::viz
