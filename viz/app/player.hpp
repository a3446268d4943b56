// The player: what keys and clicks do. Knows no window, so it can be tested.
#pragma once

#include <memory>
#include <string>

#include "viz/views/scene.hpp"

namespace mailscope::viz {

enum class Key : std::uint8_t {
  right,
  left,
  shift_right,
  shift_left,
  space,
  home,
  end,
  comma,
  period,
  digit,
  letter,
  slash,
  bracket_left,
  bracket_right,
  tab,
  enter,
  backspace,
  escape,
  question_mark,
};

class Player {
 public:
  /// `log` must outlive the player and not grow.
  Player(const trace::Log& log, ViewState view, std::size_t step);

  /// `character` for digits and letters (lower case), and for what is typed into a prompt.
  void press(Key key, char character = 0);
  void click(const Action& action);
  void scroll(float rows);
  /// Time passes: the animation goes on, and the next step comes while playing.
  void tick(float seconds);

  const Lesson& lesson() const { return *lesson_; }
  const ViewState& view() const { return view_; }
  std::size_t step() const { return step_; }
  float phase() const { return phase_; }
  bool quit() const { return quit_; }
  /// True while something moves: a window need not draw otherwise.
  bool moving() const { return phase_ < 1 || view_.playing; }

 private:
  enum class Prompt : std::uint8_t { none, go_to, search };

  void go(std::size_t step, bool animate);
  void go_chapter(int direction);
  void letter(char c);
  void answer(std::size_t choice);
  void type(Key key, char c);
  void find_next();
  void regrain(int direction);

  const trace::Log* log_;
  story::Granularity granularity_ = story::Granularity::wire;
  std::unique_ptr<Lesson> lesson_;
  ViewState view_;
  std::size_t step_ = 0;
  float phase_ = 1;
  float dwell_ = 0;  // seconds since the animation ended, while playing
  bool quit_ = false;
  Prompt prompt_ = Prompt::none;
  std::string typed_;
};

}  // namespace mailscope::viz
