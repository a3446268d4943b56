// A trace made ready to be looked at: its story, and the state at any step, forward and backward.
#pragma once

#include <map>
#include <vector>

#include "sim/story/caption.hpp"
#include "sim/story/story.hpp"
#include "viz/model/state.hpp"

namespace mailscope::viz {

/// Events between two kept states: seeking folds at most this many, a few microseconds each.
inline constexpr trace::EventId kCheckpointEvery = 256;

class Lesson {
 public:
  /// `log` must outlive the lesson and not grow.
  explicit Lesson(const trace::Log& log, story::Granularity granularity = story::Granularity::wire);

  const trace::Log& log() const { return *log_; }
  const story::World& world() const { return world_; }
  const story::Story& story() const { return story_; }
  std::size_t steps() const { return story_.steps.size(); }
  const story::Step& step(std::size_t index) const { return story_.steps[index]; }

  /// The state when the step is over, and before it began.
  State after(std::size_t step) const { return at_event(step_of_or_none(step)); }
  State before(std::size_t step) const;
  State at_event(trace::EventId event) const;
  story::Caption caption(std::size_t step) const;

  /// Wire events of a connection, in order.
  const std::vector<trace::EventId>& wire(trace::ConnectionId connection) const;
  /// Steps on the chain of causes of this step, oldest first, ending with itself.
  std::vector<std::size_t> causes(std::size_t step) const;
  trace::MessageNumber message_on_the_wire(trace::EventId data) const;

 private:
  trace::EventId step_of_or_none(std::size_t step) const {
    return steps() == 0 ? 0 : story_.steps[step].last;
  }

  const trace::Log* log_;
  story::World world_;
  story::Story story_;
  std::map<trace::EventId, trace::MessageNumber> message_of_;
  std::map<trace::ConnectionId, std::vector<trace::EventId>> wire_;
  std::vector<State> checkpoints_;  // after 0, kCheckpointEvery, 2 * kCheckpointEvery... events
};

}  // namespace mailscope::viz
