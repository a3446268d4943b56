// The whole frame: panels first, then each view into its own.
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

constexpr float kSplitShare = 0.42f;  // of the stage's height for the small map above the ladder

/// Nothing is shown behind the question: the card covers the foot of the stage.
void draw_stage(Canvas& canvas, const Scene& scene, Rect area) {
  draw_panel(canvas, area);
  canvas.push_clip(area);
  switch (scene.view.stage) {
    case Stage::map:
      draw_map(canvas, scene, area);
      break;
    case Stage::ladder:
      draw_ladder(canvas, scene, area);
      break;
    case Stage::split: {
      Rect rest = area;
      Rect map = rest.take_top(area.h * kSplitShare);
      draw_mini_map(canvas, scene, map.inset(16, 14));
      canvas.line({area.x, rest.y}, {area.right(), rest.y}, canvas.colours().border);
      draw_ladder(canvas, scene, rest);
      break;
    }
  }
  canvas.pop_clip();
}

struct KeyHelp {
  const char* key;
  const char* what;
};
constexpr KeyHelp kKeys[] = {{"\u2190  \u2192", "one step back, forward"},
                             {"Shift + \u2190  \u2192", "one chapter"},
                             {"Space", "play or pause"},
                             {"Home  End", "first, last step"},
                             {",  .", "slower, faster"},
                             {"1  2  3", "map, ladder, split"},
                             {"C", "show the causes of this step"},
                             {"L", "light or dark"},
                             {"Tab", "next tab of the inspector"},
                             {"A \u2013 D", "answer a question"},
                             {"G", "go to a step"},
                             {"/", "search the steps"},
                             {"[  ]", "coarser, finer steps"},
                             {"M", "reduced motion"},
                             {"F11", "full screen"},
                             {"?", "this help"},
                             {"Esc", "close help; quit"}};

void draw_help(Canvas& canvas, Rect window) {
  const Palette& p = canvas.colours();
  constexpr float kWidth = 520;
  const float height = 84 + 31 * static_cast<float>(std::size(kKeys));
  const Rect r{window.centre().x - kWidth / 2, window.centre().y - height / 2, kWidth, height};
  canvas.fill(window, Colour(10, 14, 22, 150));
  canvas.fill(r, p.panel, metric::kPanelRadius);
  canvas.stroke(r, p.border, metric::kPanelRadius);
  canvas.text(Type::title, {r.x + 30, r.y + 38}, p.text, "Keys");
  float y = r.y + 82;
  for (const KeyHelp& row : kKeys) {
    canvas.text(Type::mono_strong, {r.x + 30, y}, p.accent, row.key);
    canvas.text(Type::body, {r.x + 200, y}, p.text, row.what);
    y += 31;
  }
}

}  // namespace

FrameLayout layout_frame(float width, float height) {
  using namespace metric;
  FrameLayout out;
  Rect room{0, 0, width, height};
  out.top_bar = room.take_top(kTopBar);
  room = room.inset(kMargin, kGap);
  room.h -= kMargin - kGap;
  out.timeline = room.take_bottom(kTimeline);
  room.take_bottom(kGap);
  out.inspector = room.take_right(std::min(kInspector, room.w * 0.36f));
  room.take_right(kMargin);
  out.caption = room.take_bottom(kCaption);
  room.take_bottom(kGap);
  out.stage = room;
  return out;
}

float unit_for(int width, int height, float scale) {
  const float w = static_cast<float>(width) / scale, h = static_cast<float>(height) / scale;
  const float shrink = std::min(w / metric::kMinWidth, h / metric::kMinHeight);
  return scale * std::min(1.0f, shrink);
}

void draw_frame(Canvas& canvas, const Scene& scene, float width, float height) {
  const FrameLayout layout = layout_frame(width, height);
  canvas.fill({0, 0, width, height}, canvas.colours().ground);
  draw_top_bar(canvas, scene, layout.top_bar);
  draw_stage(canvas, scene, layout.stage);
  if (scene.question() != nullptr) draw_question(canvas, scene, layout.stage);
  draw_inspector(canvas, scene, layout.inspector);
  draw_caption(canvas, scene, layout.caption);
  draw_timeline(canvas, scene, layout.timeline);
  if (!scene.view.prompt.empty()) {
    const Palette& p = canvas.colours();
    const Rect r{layout.caption.x, layout.caption.y, layout.caption.w, layout.caption.h};
    canvas.fill(r, p.panel, metric::kPanelRadius);
    canvas.stroke(r, p.accent, metric::kPanelRadius, 2);
    canvas.text(Type::caption, {r.x + 34, r.centre().y}, p.text, scene.view.prompt, Align::left,
                r.w - 68);
  }
  if (scene.view.help) draw_help(canvas, {0, 0, width, height});
}

}  // namespace mailscope::viz
