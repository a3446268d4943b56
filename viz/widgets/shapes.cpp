#include "viz/widgets/shapes.hpp"

#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"

namespace mailscope::viz {

void draw_diamond(Canvas& canvas, Vec c, float size, Colour colour, bool hollow) {
  const std::vector<Vec> points{
      {c.x, c.y - size}, {c.x + size, c.y}, {c.x, c.y + size}, {c.x - size, c.y}};
  if (hollow) {
    canvas.outline(points, colour, 1.6f);
  } else {
    canvas.polygon(points, colour);
  }
}

void draw_triangle(Canvas& canvas, Vec c, float size, Colour colour, bool hollow) {
  const std::vector<Vec> points{
      {c.x, c.y - size}, {c.x + size, c.y + size * 0.8f}, {c.x - size, c.y + size * 0.8f}};
  if (hollow) {
    canvas.outline(points, colour, 1.6f);
  } else {
    canvas.polygon(points, colour);
  }
}

void draw_cross(Canvas& canvas, Vec c, float radius, Colour colour, Colour on) {
  canvas.circle(c, radius, colour);
  const float d = radius * 0.42f;
  canvas.line({c.x - d, c.y - d}, {c.x + d, c.y + d}, on, 2);
  canvas.line({c.x - d, c.y + d}, {c.x + d, c.y - d}, on, 2);
}

void draw_envelope(Canvas& canvas, Rect r, Colour colour, Colour ground, bool solid) {
  const float radius = std::min(7.0f, r.h * 0.14f);
  const float stroke = std::clamp(r.h * 0.075f, 1.6f, 4.5f);
  canvas.fill(r, solid ? colour : ground, radius);
  canvas.stroke(r, colour, radius, stroke);
  const Colour flap = solid ? ground : colour;
  const float dx = r.w * 0.08f, dy = r.h * 0.12f;
  const Vec tip{r.x + r.w / 2, r.y + r.h * 0.62f};
  canvas.path(Path({{r.x + dx, r.y + dy}, tip, {r.right() - dx, r.y + dy}}), flap, stroke);
}

void draw_lock_badge(Canvas& canvas, Vec c, float radius) {
  const Palette& p = canvas.colours();
  canvas.circle(c, radius, p.panel);
  canvas.ring(c, radius, p.tls, 1.6f);
  canvas.icon(icon::kLock, c, p.tls);
}

Rect pill_area(const Canvas& canvas, Vec c, std::string_view text, Type type, float height,
               float lead, float limit) {
  const float pad = height * 0.42f;
  const float w = std::min(canvas.width(type, text) + lead + 2 * pad, limit);
  return {c.x - w / 2, c.y - height / 2, w, height};
}

Rect draw_pill(Canvas& canvas, Vec c, std::string_view text, Type type, Colour ground, Colour ink,
               float height, float limit) {
  const Rect r = pill_area(canvas, c, text, type, height, 0, limit);
  canvas.fill(r, ground, height * 0.42f);
  canvas.text(type, {r.x + height * 0.42f, c.y}, ink, text, Align::left,
              r.w - height * 0.84f + 0.5f);
  return r;
}

void draw_panel(Canvas& canvas, Rect r) {
  const Palette& p = canvas.colours();
  canvas.shadow(r, metric::kPanelRadius, p.shadow.alpha(0.30f), 8, 2);
  canvas.fill(r, p.panel, metric::kPanelRadius);
  canvas.stroke(r, p.border, metric::kPanelRadius);
}

}  // namespace mailscope::viz
