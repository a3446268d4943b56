// Points and rectangles of the layout, in layout pixels. No ImGui here.
#pragma once

#include <algorithm>

namespace mailscope::viz {

struct Vec {
  float x = 0, y = 0;
  friend Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y}; }
  friend Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec operator*(Vec a, float k) { return {a.x * k, a.y * k}; }
  bool operator==(const Vec&) const = default;
};

struct Rect {
  float x = 0, y = 0, w = 0, h = 0;
  float right() const { return x + w; }
  float bottom() const { return y + h; }
  Vec centre() const { return {x + w / 2, y + h / 2}; }
  Rect inset(float d) const { return {x + d, y + d, w - 2 * d, h - 2 * d}; }
  Rect inset(float dx, float dy) const { return {x + dx, y + dy, w - 2 * dx, h - 2 * dy}; }
  bool contains(Vec p) const { return p.x >= x && p.y >= y && p.x < right() && p.y < bottom(); }
  bool contains(const Rect& o) const {
    return o.x >= x && o.y >= y && o.right() <= right() && o.bottom() <= bottom();
  }
  bool overlaps(const Rect& o) const {
    return x < o.right() && o.x < right() && y < o.bottom() && o.y < bottom();
  }
  /// Cuts a strip off one side and returns it.
  Rect take_top(float height) {
    const Rect strip{x, y, w, height};
    y += height;
    h -= height;
    return strip;
  }
  Rect take_left(float width) {
    const Rect strip{x, y, width, h};
    x += width;
    w -= width;
    return strip;
  }
  Rect take_right(float width) {
    w -= width;
    return {x + w, y, width, h};
  }
  Rect take_bottom(float height) {
    h -= height;
    return {x, y + h, w, height};
  }
  bool operator==(const Rect&) const = default;
};

inline Vec lerp(Vec a, Vec b, float t) {
  return a + (b - a) * t;
}

}  // namespace mailscope::viz
