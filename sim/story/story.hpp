// The story of a trace: which events make a step, in which chapter it belongs, what moves. The
// terminal prints it and the viewer plays it, so both count the same steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/story/world.hpp"

namespace mailscope::story {

/// What travels, or happens, in a step. Never colour alone: each has its own shape.
enum class Mover : std::uint8_t {
  person,     // somebody acts
  pill,       // a command or a reply
  diamond,    // a DNS question or answer
  envelope,   // the message itself
  ring,       // something is stored
  triangle,   // a login is checked
  handshake,  // TCP or TLS is set up
  note,       // nothing travels
};

/// The rows of the timeline.
enum class Lane : std::uint8_t { dns, tls, smtp, auth, store, read, none };

struct Step {
  trace::EventId event = 0;  // the event that the step is about
  trace::EventId last = 0;   // the last event before the next step
  std::int64_t time_ns = 0;  // since the start of the trace
  trace::Kind kind{};
  trace::HostId from = 0;
  trace::HostId to = 0;  // 0: it happens inside `from`
  trace::ConnectionId connection = 0;
  trace::MessageNumber message = 0;
  Mover mover = Mover::note;
  Lane lane = Lane::none;
  bool failure = false;      // a refusal for good, a loss
  bool trouble = false;      // not now
  std::uint32_t folded = 0;  // events of the same kind that the step stands for besides its own
  std::uint32_t chapter = 0;
  std::string label;  // what the mover carries: "MAIL FROM:<a@b>"
};

struct Chapter {
  std::string title;
  std::size_t first = 0;  // steps
  std::size_t last = 0;
};

enum class Granularity : std::uint8_t {
  exchange,  // a command and its reply are one step
  wire,      // each line that travels
  packet,    // and each segment and datagram under it
};

struct Story {
  std::vector<Step> steps;
  std::vector<Chapter> chapters;

  /// The step that an event belongs to; the last one whose event is not later.
  std::size_t step_of(trace::EventId event) const;
};

Story tell(const World& world, const trace::Log& log, Granularity granularity = Granularity::wire);

/// The short text that a step's mover carries.
std::string label(const World& world, const trace::Log& log, trace::EventId id);
/// "TLS 1.3" of "TLSv1.3".
std::string tls_name(std::string_view version);
/// Records as in a zone file, short: "10 mx1, 20 mx2".
std::string compact_records(std::string_view records);

/// Divides the steps into chapters: the lesson's own if it has any, else by what goes on.
void divide(const World& world, const trace::Log& log, Story& story);

}  // namespace mailscope::story
