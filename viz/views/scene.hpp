// What every view reads: the lesson, the step and phase, the state before and after, and what the
// person at the screen has chosen. A frame is a pure function of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/model/lesson.hpp"
#include "viz/widgets/canvas.hpp"

namespace mailscope::viz {

enum class Stage : std::uint8_t { map, ladder, split };
enum class Tab : std::uint8_t {
  transcript,
  message,
  reply,
  dns,
  queue,
  mailbox,
  tls,
  auth,
  packet,
  count_
};
inline constexpr std::size_t kTabCount = static_cast<std::size_t>(Tab::count_);
const char* title(Tab tab);

/// A question of the lesson: what comes next? Asked when `event` has happened; it hides the rest of
/// the story until it is answered.
struct Question {
  trace::EventId event = 0;
  std::string text;
  std::vector<std::string> answers;
  std::size_t correct = 0;
  std::string because;
};

/// What the person has chosen; none of it changes what the trace says.
struct ViewState {
  Stage stage = Stage::map;
  ThemeName theme = ThemeName::light;
  std::optional<Tab> tab;             // none: follow the step
  std::optional<trace::HostId> host;  // a host card that was clicked: its queue or mailbox
  bool causes = false;
  bool playing = false;
  bool help = false;
  bool reduced_motion = false;
  float speed = 1;
  float scroll = 0;           // of the transcript, in rows back from the current one
  std::string lesson_number;  // "02", may be empty
  std::string prompt;         // what is being typed: "go to step 12"; empty for none
  std::vector<Question> questions;
  std::vector<std::optional<std::size_t>> given;  // answers, per question
};

struct Scene {
  const Lesson& lesson;
  const ViewState& view;
  std::size_t index;  // of the step
  float phase;        // 0..1
  State before;
  State after;
  trace::ConnectionId connection;   // the session in focus, 0 for none
  trace::MessageNumber message;     // the message in focus, 0 for none
  std::vector<std::size_t> causes;  // empty unless the view shows them

  Scene(const Lesson& lesson_, const ViewState& view_, std::size_t step, float phase_);

  const story::Step& step() const { return lesson.step(index); }
  const trace::Log& log() const { return lesson.log(); }
  const story::World& world() const { return lesson.world(); }
  /// The step's effect is there once its mover has arrived.
  const State& now() const;
  bool is_active(trace::HostId host) const {
    return host != 0 && (host == step().from || host == step().to);
  }
  /// The first step that an unanswered question hides; the number of steps when none does.
  std::size_t hidden_from() const;
  /// The question to be shown at this step, none when there is none.
  const Question* question() const;
  std::optional<std::size_t> given_answer() const;
};

/// The first step that an unanswered question hides.
std::size_t hidden_from(const Lesson& lesson, const ViewState& view);

Colour lane_colour(const Palette& palette, story::Lane lane);
/// The colour of what moves in a step: failure and trouble before the layer.
Colour step_colour(const Palette& palette, const story::Step& step);
/// "mail exchanger", "mail app": what a host is, in a few words.
std::string host_role(const story::Host& host);
const char* host_icon(const story::Host& host);
/// "1.842 s"
std::string seconds(std::int64_t ns);
/// "RFC 5321 §4.2.5" of "RFC 5321 section 4.2.5".
std::string short_citation(const std::string& rfc);

}  // namespace mailscope::viz
