// What the views draw with: rectangles, text that fits, lines and curves in layout pixels, and the
// list of what can be clicked. A thin layer over ImDrawList, which nothing above it touches.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "viz/theme/colours.hpp"
#include "viz/theme/fonts.hpp"
#include "viz/widgets/geometry.hpp"
#include "viz/widgets/path.hpp"

namespace mailscope::viz {

enum class Align : std::uint8_t { left, centre, right };
inline constexpr float kNoLimit = std::numeric_limits<float>::infinity();

/// What a click on a place asks for.
struct Action {
  enum class What : std::uint8_t {
    none,
    step,
    stage,
    tab,
    host,
    play,
    first,
    last,
    next,
    previous,
    theme,
    scroll_area,
    chapter,
    answer
  };
  What what = What::none;
  std::int64_t argument = 0;
  bool operator==(const Action&) const = default;
};

struct Hit {
  Rect area;
  Action action;
};

/// A text that was drawn: for the tests that look for overlaps.
struct DrawnText {
  Rect area;
  std::string text;
};

class Canvas {
 public:
  Canvas(ImDrawList& list, FontSet& fonts, const Palette& colours)
      : list_(list), fonts_(fonts), colours_(colours), unit_(fonts.unit()) {}

  const Palette& colours() const { return colours_; }

  void fill(Rect r, Colour c, float radius = 0);
  /// Rounded only on the left side.
  void fill_left(Rect r, Colour c, float radius);
  void stroke(Rect r, Colour c, float radius = 0, float width = 1);
  /// A soft shadow or, with offset 0 and a strong colour, a glow around the rectangle.
  void shadow(Rect r, float radius, Colour c, float spread, float offset_y = 0);
  void circle(Vec centre, float radius, Colour c);
  void ring(Vec centre, float radius, Colour c, float width);
  void dashed_ring(Vec centre, float radius, Colour c, float width);
  void polygon(const std::vector<Vec>& points, Colour c);
  void outline(const std::vector<Vec>& points, Colour c, float width);
  void line(Vec a, Vec b, Colour c, float width = 1);
  void path(const Path& p, Colour c, float width);
  /// Dashes of length `on` with gaps of `off`; round dots when `on` is 0.
  void dashes(const Path& p, Colour c, float width, float on, float off);
  void arrow_head(Vec tip, Vec direction, Colour c, float size);

  float width(Type type, std::string_view text) const;
  float cap_height(Type type) const;
  /// Draws text with its middle at y = at.y (centre of the capitals), cut with an ellipsis to
  /// `limit`; returns the width drawn.
  float text(Type type, Vec at, Colour c, std::string_view text, Align align = Align::left,
             float limit = kNoLimit);
  /// `text` cut to `limit` with an ellipsis.
  std::string fitted(Type type, std::string_view text, float limit) const;
  /// Breaks at spaces into at most `max_lines`; the last is cut with an ellipsis.
  std::vector<std::string> wrapped(Type type, std::string_view text, float limit,
                                   std::size_t max_lines) const;
  void icon(const char* icon, Vec centre, Colour c, Type type = Type::icon_small);

  void push_clip(Rect r);
  void pop_clip();
  void hit(Rect r, Action action) { hits_.push_back({r, action}); }
  const std::vector<Hit>& hits() const { return hits_; }
  const std::vector<DrawnText>& texts() const { return texts_; }

 private:
  ImVec2 p(Vec v) const { return {v.x * unit_, v.y * unit_}; }
  static ImU32 u32(Colour c) { return IM_COL32(c.r, c.g, c.b, c.a); }

  ImDrawList& list_;
  FontSet& fonts_;
  const Palette& colours_;
  float unit_;
  std::vector<Hit> hits_;
  std::vector<DrawnText> texts_;
  std::vector<Rect> clips_;
};

}  // namespace mailscope::viz
