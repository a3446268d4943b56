// The caption: what happens, why, and where it is written.
#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {

void draw_caption(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  draw_panel(canvas, area);
  const story::Step& step = scene.step();
  const Colour edge = step.failure ? p.failure : p.accent;
  canvas.fill_left({area.x, area.y, 8, area.h}, edge, 6);
  const story::Caption caption = scene.lesson.caption(scene.index);
  float right = area.right() - 22;
  if (!caption.rfc.empty()) {
    const std::string rfc = short_citation(caption.rfc);
    const float w = canvas.width(Type::strong_label, rfc) + 24;
    draw_pill(canvas, {right - w / 2, area.y + 32}, rfc, Type::strong_label, p.accent_soft,
              p.name == ThemeName::light ? p.accent : mix(p.accent, p.text, 0.3f), 28);
    right -= w + 16;
  }
  const float x = area.x + 34;
  const bool fits = canvas.width(Type::caption, caption.bold) <= right - x;
  canvas.text(fits ? Type::caption : Type::title, {x, area.y + 34}, p.text, caption.bold,
              Align::left, right - x);
  canvas.text(
      canvas.width(Type::lead, caption.support) <= area.right() - 22 - x ? Type::lead : Type::body,
      {x, area.y + 66}, p.text_soft, caption.support, Align::left, area.right() - 22 - x);
}

}  // namespace mailscope::viz
