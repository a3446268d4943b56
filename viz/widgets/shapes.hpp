// The signs of the viewer. Never colour alone: every layer has its own shape.
#pragma once

#include <string_view>

#include "viz/widgets/canvas.hpp"

namespace mailscope::viz {

void draw_diamond(Canvas& canvas, Vec centre, float size, Colour c, bool hollow = false);
void draw_triangle(Canvas& canvas, Vec centre, float size, Colour c, bool hollow = false);
void draw_cross(Canvas& canvas, Vec centre, float radius, Colour c, Colour on);
/// Solid is the responsible copy; outlined is a copy in transit.
void draw_envelope(Canvas& canvas, Rect r, Colour c, Colour ground, bool solid);
void draw_lock_badge(Canvas& canvas, Vec centre, float radius);
/// A rounded label; `left` is x of its left side. Returns its rectangle.
Rect draw_pill(Canvas& canvas, Vec centre, std::string_view text, Type type, Colour ground,
               Colour ink, float height, float limit = kNoLimit);
/// The same with a shape before the text, drawn by the caller into the space left for it.
Rect pill_area(const Canvas& canvas, Vec centre, std::string_view text, Type type, float height,
               float lead, float limit);
/// A panel: card with shadow.
void draw_panel(Canvas& canvas, Rect r);

}  // namespace mailscope::viz
