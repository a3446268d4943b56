// The timeline: chapters, a lane for each layer, the playhead, and the buttons of the player.
#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

using story::Lane;
using story::Step;

struct LaneRow {
  Lane lane;
  const char* name;
};
constexpr LaneRow kLanes[] = {{Lane::dns, "DNS"},   {Lane::tls, "TLS"},     {Lane::smtp, "SMTP"},
                              {Lane::auth, "Auth"}, {Lane::store, "Store"}, {Lane::read, "Read"}};

class Timeline {
 public:
  Timeline(Canvas& canvas, const Scene& scene, Rect area)
      : canvas_(canvas),
        scene_(scene),
        p_(canvas.colours()),
        tracks_{area.x + 409, area.y + 12, area.w - 409 - 28, area.h - 24} {
    steps_ = static_cast<float>(scene.lesson.steps());
    // What lies behind an open question is not told.
    hidden_from_ = scene.hidden_from();
    bool used[std::size(kLanes)] = {};
    for (const Step& step : scene.lesson.story().steps) {
      for (std::size_t i = 0; i < std::size(kLanes); ++i)
        used[i] = used[i] || step.lane == kLanes[i].lane;
    }
    rows_ = used[5] ? 6 : 5;
  }

  void draw() {
    draw_lanes();
    draw_chapters();
    draw_hidden();
    draw_playhead();
    canvas_.hit(tracks_, {Action::What::step, -1});
    for (std::size_t i = 0; i < scene_.lesson.steps(); ++i) {
      const float w = tracks_.w / steps_;
      canvas_.hit({x_of(i) - w / 2, tracks_.y + 30, w, tracks_.h - 30},
                  {Action::What::step, static_cast<std::int64_t>(i)});
    }
  }

 private:
  float x_of(std::size_t step) const {
    return tracks_.x + (static_cast<float>(step) + 0.5f) / steps_ * tracks_.w;
  }
  float y_of(std::size_t row) const {
    const float top = tracks_.y + 27 + 9;
    const float room = tracks_.bottom() - top;
    return top + (static_cast<float>(row) + 0.5f) * room / static_cast<float>(rows_);
  }

  void draw_chapters() {
    const auto& chapters = scene_.lesson.story().chapters;
    const float bubble_x = x_of(scene_.index);
    for (std::size_t c = 0; c < chapters.size(); ++c) {
      const float half = tracks_.w / steps_ / 2;
      const Rect r{x_of(chapters[c].first) - half, tracks_.y,
                   x_of(chapters[c].last) - x_of(chapters[c].first) + 2 * half - 4, 27};
      const bool current = scene_.step().chapter == c;
      const bool past = c < scene_.step().chapter;
      const bool hidden = chapters[c].first >= hidden_from_;
      const Colour ground =
          current ? p_.accent
          : past  ? (p_.name == ThemeName::light ? mix(p_.panel, p_.accent, 0.15f) : p_.accent_soft)
                  : p_.sunken;
      canvas_.fill(r, ground, 5);
      canvas_.hit(r, {Action::What::chapter, static_cast<std::int64_t>(chapters[c].first)});
      const Colour ink =
          current ? p_.on_accent
          : past  ? (p_.name == ThemeName::light ? mix(p_.accent, p_.text, 0.15f) : p_.accent)
                  : p_.text_faint;
      const std::string number = std::to_string(c + 1);
      float x = r.x + 11, limit = r.w - 16;
      const std::string name = hidden ? number : number + "  " + chapters[c].title;
      if (current) dodge(bubble_x, canvas_.width(Type::strong_label, name), r, x, limit);
      if (limit > 12)
        canvas_.text(current ? Type::strong_label : Type::label, {x, r.centre().y}, ink,
                     canvas_.width(Type::label, name) > limit && limit < 60 ? number : name,
                     Align::left, limit);
    }
  }

  /// The chapter's name makes room for the number of the step.
  static void dodge(float bubble, float width, Rect r, float& x, float& limit) {
    constexpr float kHalf = 24;
    const float left_room = bubble - kHalf - x;
    const float right_room = r.right() - 6 - (bubble + kHalf);
    if (left_room >= std::min(width, limit) || left_room >= right_room) {
      limit = std::min(limit, left_room);
    } else {
      x = bubble + kHalf;
      limit = right_room;
    }
  }

  void draw_lanes() {
    for (std::size_t row = 0; row < rows_; ++row) {
      const float y = y_of(row);
      canvas_.text(Type::body, {tracks_.x - 20, y}, p_.text_soft, kLanes[row].name, Align::right);
      canvas_.line({tracks_.x - 2, y}, {tracks_.right(), y}, mix(p_.panel, p_.zone_border, 0.55f),
                   1);
      draw_runs(kLanes[row].lane, y);
      for (std::size_t i = 0; i < std::min(hidden_from_, scene_.lesson.steps()); ++i) {
        if (scene_.lesson.step(i).lane == kLanes[row].lane)
          draw_mark(scene_.lesson.step(i), {x_of(i), y}, i);
      }
    }
  }

  /// Wire lanes join the steps of one connection with a bar.
  void draw_runs(Lane lane, float y) {
    if (lane != Lane::smtp && lane != Lane::tls && lane != Lane::read) return;
    const Colour c = lane_colour(p_, lane);
    const std::size_t end = std::min(hidden_from_, scene_.lesson.steps());
    std::size_t first = end, last = end;
    const auto flush = [&] {
      if (first == end || first == last) return;
      const float now = x_of(scene_.index);
      const float a = x_of(first), b = x_of(last);
      canvas_.fill({a, y - 3.5f, std::min(b, std::max(a, now)) - a, 7}, mix(p_.panel, c, 0.45f),
                   3.5f);
      if (b > now)
        canvas_.fill({std::max(a, now), y - 3.5f, b - std::max(a, now), 7}, mix(p_.panel, c, 0.14f),
                     3.5f);
    };
    for (std::size_t i = 0; i < end; ++i) {
      const Step& step = scene_.lesson.step(i);
      if (step.lane != lane || step.connection == 0) continue;
      if (first == end || scene_.lesson.step(first).connection != step.connection) {
        flush();
        first = i;
      }
      last = i;
    }
    flush();
  }

  void draw_mark(const Step& step, Vec at, std::size_t index) {
    const bool future = index > scene_.index;
    const Colour c = step.failure ? p_.failure : lane_colour(p_, step.lane);
    const float k = std::min(1.0f, tracks_.w / steps_ / 14);  // narrow when there are many steps
    if (std::ranges::find(scene_.causes, index) != scene_.causes.end())
      canvas_.ring(at, 10 * std::max(k, 0.7f), p_.marker, 1.8f);
    switch (step.lane) {
      case Lane::dns:
        draw_diamond(canvas_, at, 6.5f * std::max(k, 0.6f), c, future);
        break;
      case Lane::auth:
        draw_triangle(canvas_, at, 6 * std::max(k, 0.7f), c, future);
        break;
      case Lane::tls:
      case Lane::store:
        if (future) {
          canvas_.circle(at, 4.5f, p_.panel);
          canvas_.ring(at, 4.5f, c, 1.7f);
        } else {
          canvas_.circle(at, 5.2f, c);
        }
        break;
      default: {
        const float w = 11 * std::max(k, 0.35f);
        if (step.failure) {
          draw_cross(canvas_, at, 7, c, p_.panel);
        } else if (future) {
          canvas_.fill({at.x - w / 2, at.y - 4, w, 8}, p_.panel, 2.5f);
          canvas_.stroke({at.x - w / 2, at.y - 4, w, 8}, c, 2.5f, 1.4f);
        } else {
          canvas_.fill({at.x - w / 2, at.y - 4.5f, w, 9}, c, 2.5f);
        }
      }
    }
  }

  void draw_hidden() {
    if (hidden_from_ >= scene_.lesson.steps()) return;
    const float x = x_of(hidden_from_) - tracks_.w / steps_ / 2;
    const Rect r{x, tracks_.y + 33, tracks_.right() - x, tracks_.h - 33};
    canvas_.fill(r, mix(p_.panel, p_.ground, 0.7f), 6);
    canvas_.push_clip(r);
    for (float d = -r.h; d < r.w; d += 14)
      canvas_.line({r.x + d, r.bottom()}, {r.x + d + r.h, r.y}, p_.border, 1);
    canvas_.pop_clip();
    canvas_.text(Type::strong_label, r.centre(), p_.text_soft, "hidden until you answer",
                 Align::centre, r.w - 12);
  }

  void draw_playhead() {
    const float x = x_of(scene_.index);
    canvas_.line({x, tracks_.y + 20}, {x, tracks_.bottom()}, p_.marker, 2.4f);
    const Rect r{x - 20, tracks_.y, 40, 26};
    canvas_.fill(r, p_.marker, 6);
    canvas_.polygon({{x, r.bottom() + 7}, {x - 6, r.bottom() - 0.5f}, {x + 6, r.bottom() - 0.5f}},
                    p_.marker);
    canvas_.text(Type::strong_label, r.centre(), p_.on_marker, std::to_string(scene_.index + 1),
                 Align::centre);
  }

  Canvas& canvas_;
  const Scene& scene_;
  const Palette& p_;
  Rect tracks_;
  float steps_ = 1;
  std::size_t rows_ = 5;
  std::size_t hidden_from_ = 0;
};

void draw_player(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const float y = area.y + 57;
  const Vec play{area.x + 148, y};
  const auto button = [&](const char* icon, Vec at, float radius, bool plate, Action::What what) {
    if (plate) canvas.circle(at, radius, p.sunken);
    canvas.icon(icon, at, p.text, Type::icon);
    canvas.hit({at.x - 20, at.y - 20, 40, 40}, {what, 0});
  };
  button(icon::kFirst, {play.x - 104, y}, 20, false, Action::What::first);
  button(icon::kPrevious, {play.x - 58, y}, 21, true, Action::What::previous);
  button(icon::kNext, {play.x + 58, y}, 21, true, Action::What::next);
  button(icon::kLast, {play.x + 104, y}, 20, false, Action::What::last);
  canvas.shadow({play.x - 29, y - 29, 58, 58}, 29, p.accent.alpha(0.3f), 6, 2);
  canvas.circle(play, 29, p.accent);
  canvas.icon(scene.view.playing ? icon::kPause : icon::kPlay, play, p.on_accent, Type::icon_large);
  canvas.hit({play.x - 29, y - 29, 58, 58}, {Action::What::play, 0});
  const float ty = area.y + 129;
  float x = area.x + 26;
  x += canvas.text(Type::body, {x, ty}, p.text_soft, "Step") + 10;
  x += canvas.text(Type::number, {x, ty}, p.text, std::to_string(scene.index + 1)) + 6;
  x += canvas.text(Type::lead, {x, ty}, p.text_faint, "/ " + std::to_string(scene.lesson.steps())) +
       12;
  const float room = area.x + 282 - x;
  const std::string time = seconds(scene.step().time_ns) + " s";
  const std::string named =
      (scene.view.speed == 1 ? "t = "
                             : std::to_string(scene.view.speed).substr(0, 4) + "\u00d7  ") +
      time;
  // Days of waiting leave no room for more than the time.
  const bool fits = canvas.width(Type::mono_note, named) <= room;
  canvas.text(Type::mono_note, {area.x + 282, ty}, p.text_soft, fits ? named : time, Align::right,
              room);
  canvas.line({area.x + 299, area.y + 18}, {area.x + 299, area.bottom() - 18}, p.border, 1.4f);
}

}  // namespace

void draw_timeline(Canvas& canvas, const Scene& scene, Rect area) {
  draw_panel(canvas, area);
  draw_player(canvas, scene, area);
  Timeline(canvas, scene, area).draw();
}

}  // namespace mailscope::viz
