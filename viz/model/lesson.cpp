#include "viz/model/lesson.hpp"

#include <algorithm>

#include "sim/story/wire.hpp"

namespace mailscope::viz {

using trace::EventId;
using trace::Kind;

Lesson::Lesson(const trace::Log& log, story::Granularity granularity)
    : log_(&log),
      world_(story::read_world(log)),
      story_(story::tell(world_, log, granularity)),
      message_of_(messages_on_the_wire(log)) {
  State state;
  checkpoints_.push_back(state);
  for (EventId id = 1; id <= log.size(); ++id) {
    const trace::Event& event = log.at(id);
    const bool wire = story::is_command(event.kind) || story::is_reply(event.kind) ||
                      event.kind == Kind::tls_established || event.kind == Kind::tls_failed;
    if (wire && event.connection != 0) wire_[event.connection].push_back(id);
    apply(state, log, id, message_of_);
    if (id % kCheckpointEvery == 0) checkpoints_.push_back(state);
  }
}

State Lesson::at_event(EventId event) const {
  const std::size_t checkpoint =
      std::min<std::size_t>(event / kCheckpointEvery, checkpoints_.size() - 1);
  State state = checkpoints_[checkpoint];
  for (EventId id = state.event + 1; id <= event; ++id) apply(state, *log_, id, message_of_);
  return state;
}

State Lesson::before(std::size_t step) const {
  return at_event(steps() == 0 ? 0 : story_.steps[step].event - 1);
}

story::Caption Lesson::caption(std::size_t step) const {
  return story::caption(world_, *log_, story_.steps[step].event);
}

const std::vector<EventId>& Lesson::wire(trace::ConnectionId connection) const {
  static const std::vector<EventId> kNone;
  const auto it = wire_.find(connection);
  return it == wire_.end() ? kNone : it->second;
}

std::vector<std::size_t> Lesson::causes(std::size_t step) const {
  std::vector<std::size_t> out;
  for (EventId id = story_.steps[step].event; id != 0; id = log_->at(id).cause) {
    // Only events that made a step of their own are shown on the chain.
    const std::size_t at = story_.step_of(id);
    if (story_.steps[at].event == id && (out.empty() || out.back() != at)) out.push_back(at);
  }
  std::ranges::reverse(out);
  return out;
}

trace::MessageNumber Lesson::message_on_the_wire(EventId data) const {
  const auto it = message_of_.find(data);
  return it == message_of_.end() ? 0 : it->second;
}

}  // namespace mailscope::viz
