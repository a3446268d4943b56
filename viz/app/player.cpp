#include "viz/app/player.hpp"

#include <algorithm>
#include <chrono>

#include "viz/theme/motion.hpp"

namespace mailscope::viz {
namespace {

constexpr float kDwell = 1.1f;  // seconds to read, between two steps while playing
constexpr float kMinSpeed = 0.25f, kMaxSpeed = 8;
constexpr std::size_t kMaxTyped = 60;  // characters of a prompt

float step_seconds() {
  return std::chrono::duration<float>(motion::kStep).count();
}

}  // namespace

Player::Player(const trace::Log& log, ViewState view, std::size_t step)
    : log_(&log), lesson_(std::make_unique<Lesson>(log, granularity_)), view_(std::move(view)) {
  view_.given.resize(view_.questions.size());
  go(step, false);
}

void Player::go(std::size_t step, bool animate) {
  if (lesson_->steps() == 0) return;
  // Behind an open question nobody looks.
  const std::size_t limit = std::min(lesson_->steps(), hidden_from(*lesson_, view_));
  const std::size_t target = std::min(step, limit - 1);
  const bool moved = target != step_;
  step_ = target;
  phase_ = animate && moved && !view_.reduced_motion ? 0.0f : 1.0f;
  dwell_ = 0;
  view_.scroll = 0;
}

void Player::go_chapter(int direction) {
  const auto& chapters = lesson_->story().chapters;
  if (chapters.empty()) return;
  const std::size_t now = lesson_->step(step_).chapter;
  if (direction > 0) {
    go(now + 1 < chapters.size() ? chapters[now + 1].first : lesson_->steps() - 1, false);
  } else if (step_ > chapters[now].first) {
    go(chapters[now].first, false);
  } else {
    go(now > 0 ? chapters[now - 1].first : 0, false);
  }
}

void Player::press(Key key, char c) {
  if (prompt_ != Prompt::none) return type(key, c);
  switch (key) {
    case Key::right:
      go(step_ + 1, true);
      break;
    case Key::left:
      go(step_ > 0 ? step_ - 1 : 0, false);
      break;
    case Key::shift_right:
      go_chapter(1);
      break;
    case Key::shift_left:
      go_chapter(-1);
      break;
    case Key::space:
      view_.playing = !view_.playing;
      dwell_ = kDwell;
      break;
    case Key::home:
      go(0, false);
      break;
    case Key::end:
      go(lesson_->steps() - 1, false);
      break;
    case Key::comma:
      view_.speed = std::max(kMinSpeed, view_.speed / 2);
      break;
    case Key::period:
      view_.speed = std::min(kMaxSpeed, view_.speed * 2);
      break;
    case Key::digit:
      if (c >= '1' && c <= '3') view_.stage = static_cast<Stage>(c - '1');
      break;
    case Key::letter:
      letter(c);
      break;
    case Key::slash:
      prompt_ = Prompt::search;
      view_.prompt = "search: ";
      break;
    case Key::bracket_left:
      regrain(-1);
      break;
    case Key::bracket_right:
      regrain(1);
      break;
    case Key::tab: {
      const auto now = static_cast<std::size_t>(view_.tab.value_or(Tab::transcript));
      view_.tab = view_.tab ? static_cast<Tab>((now + 1) % kTabCount) : Tab::transcript;
      break;
    }
    case Key::question_mark:
      view_.help = !view_.help;
      break;
    case Key::escape:
      if (view_.help) {
        view_.help = false;
      } else if (view_.tab || view_.host || view_.causes) {
        // Back to following the story.
        view_.tab.reset();
        view_.host.reset();
        view_.causes = false;
      } else {
        quit_ = true;
      }
      break;
    default:
      break;
  }
}

void Player::letter(char c) {
  const Scene scene(*lesson_, view_, step_, phase_);
  const Question* question = scene.question();
  if (question != nullptr && !scene.given_answer() && c >= 'a' &&
      c < 'a' + static_cast<char>(question->answers.size())) {
    return answer(static_cast<std::size_t>(c - 'a'));
  }
  switch (c) {
    case 'c':
      view_.causes = !view_.causes;
      break;
    case 'l':
      view_.theme = view_.theme == ThemeName::light ? ThemeName::dark : ThemeName::light;
      break;
    case 'm':
      view_.reduced_motion = !view_.reduced_motion;
      break;
    case 'g':
      prompt_ = Prompt::go_to;
      view_.prompt = "go to step: ";
      break;
    default:
      break;
  }
}

void Player::answer(std::size_t choice) {
  const Scene scene(*lesson_, view_, step_, phase_);
  const Question* question = scene.question();
  if (question == nullptr || scene.given_answer() || choice >= question->answers.size()) return;
  view_.given[static_cast<std::size_t>(question - view_.questions.data())] = choice;
}

void Player::type(Key key, char c) {
  if (key == Key::enter) {
    if (prompt_ == Prompt::go_to && !typed_.empty()) {
      std::size_t number = 0;
      for (const char digit : typed_) {
        if (digit >= '0' && digit <= '9' && number < 100'000'000)
          number = number * 10 + static_cast<std::size_t>(digit - '0');
      }
      go(number > 0 ? number - 1 : 0, false);
    } else if (prompt_ == Prompt::search) {
      find_next();
    }
  }
  if (key == Key::enter || key == Key::escape) {
    prompt_ = Prompt::none;
    typed_.clear();
    view_.prompt.clear();
    return;
  }
  if (key == Key::backspace) {
    if (!typed_.empty()) typed_.pop_back();
  } else if (c >= ' ' && c < 127 && typed_.size() < kMaxTyped) {
    typed_ += c;
  }
  view_.prompt = (prompt_ == Prompt::go_to ? "go to step: " : "search: ") + typed_;
}

void Player::find_next() {
  const auto lower = [](std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
  };
  const std::string wanted = lower(typed_);
  const std::size_t count = lesson_->steps();
  for (std::size_t i = 1; i <= count; ++i) {
    const std::size_t at = (step_ + i) % count;
    if (lower(lesson_->step(at).label).find(wanted) != std::string::npos) return go(at, false);
  }
}

/// Coarser or finer steps; the place in the story stays.
void Player::regrain(int direction) {
  const int wanted = std::clamp(static_cast<int>(granularity_) + direction, 0, 2);
  if (wanted == static_cast<int>(granularity_)) return;
  const trace::EventId event = lesson_->step(step_).event;
  granularity_ = static_cast<story::Granularity>(wanted);
  lesson_ = std::make_unique<Lesson>(*log_, granularity_);
  go(lesson_->story().step_of(event), false);
}

void Player::click(const Action& action) {
  const auto number = static_cast<std::size_t>(std::max<std::int64_t>(0, action.argument));
  switch (action.what) {
    case Action::What::step:
      if (action.argument >= 0) go(number, false);
      break;
    case Action::What::chapter:
      go(number, false);
      break;
    case Action::What::stage:
      view_.stage = static_cast<Stage>(number);
      break;
    case Action::What::tab:
      view_.tab = static_cast<Tab>(number);
      break;
    case Action::What::host:
      view_.host = static_cast<trace::HostId>(number);
      view_.tab = Tab::queue;
      break;
    case Action::What::play:
      press(Key::space);
      break;
    case Action::What::first:
      press(Key::home);
      break;
    case Action::What::last:
      press(Key::end);
      break;
    case Action::What::next:
      press(Key::right);
      break;
    case Action::What::previous:
      press(Key::left);
      break;
    case Action::What::theme:
      letter('l');
      break;
    case Action::What::answer:
      answer(number);
      break;
    default:
      break;
  }
}

void Player::scroll(float rows) {
  view_.scroll = std::max(0.0f, view_.scroll + rows);
}

void Player::tick(float seconds) {
  if (phase_ < 1) {
    phase_ = std::min(1.0f, phase_ + seconds * view_.speed / step_seconds());
    return;
  }
  if (!view_.playing) return;
  dwell_ += seconds * view_.speed;
  if (dwell_ < kDwell) return;
  const std::size_t before = step_;
  go(step_ + 1, true);
  if (step_ == before) view_.playing = false;  // the end, or a question
}

}  // namespace mailscope::viz
