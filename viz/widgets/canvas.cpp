#include "viz/widgets/canvas.hpp"

#include <cmath>

namespace mailscope::viz {
namespace {

constexpr std::string_view kEllipsis = "\u2026";

/// Octets of the UTF-8 character that starts with this one.
std::size_t utf8_length(char first) {
  const auto c = static_cast<unsigned char>(first);
  return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

bool is_mono(Face face) {
  return face == Face::mono || face == Face::mono_semibold;
}

}  // namespace

void Canvas::fill(Rect r, Colour c, float radius) {
  if (r.w <= 0 || r.h <= 0) return;
  list_.AddRectFilled(p({r.x, r.y}), p({r.right(), r.bottom()}), u32(c), radius * unit_);
}

void Canvas::fill_left(Rect r, Colour c, float radius) {
  list_.AddRectFilled(p({r.x, r.y}), p({r.right(), r.bottom()}), u32(c), radius * unit_,
                      ImDrawFlags_RoundCornersLeft);
}

void Canvas::stroke(Rect r, Colour c, float radius, float width) {
  list_.AddRect(p({r.x, r.y}), p({r.right(), r.bottom()}), u32(c), radius * unit_, 0,
                width * unit_);
}

void Canvas::shadow(Rect r, float radius, Colour c, float spread, float offset_y) {
  // Rings that fade outwards. The rectangle itself is drawn over it next, so nothing lies below it
  // but what the offset uncovers.
  constexpr int kRings = 8;
  const float from = -offset_y - 1;
  const float step = (spread - from) / kRings;
  for (int i = 0; i < kRings; ++i) {
    const float middle = from + step * (static_cast<float>(i) + 0.5f);
    const float left = 1 - std::max(0.0f, middle) / spread;
    const Rect ring{r.x - middle, r.y - middle + offset_y, r.w + 2 * middle, r.h + 2 * middle};
    stroke(ring, c.alpha(std::min(1.0f, 1.5f * left * left)), std::max(1.0f, radius + middle),
           step);
  }
}

void Canvas::circle(Vec centre, float radius, Colour c) {
  list_.AddCircleFilled(p(centre), radius * unit_, u32(c), 0);
}

void Canvas::ring(Vec centre, float radius, Colour c, float width) {
  list_.AddCircle(p(centre), radius * unit_, u32(c), 0, width * unit_);
}

void Canvas::dashed_ring(Vec centre, float radius, Colour c, float width) {
  constexpr int kDashes = 12;
  constexpr float kTurn = 6.28318530718f;
  for (int i = 0; i < kDashes; ++i) {
    const float from = kTurn * static_cast<float>(i) / kDashes;
    list_.PathArcTo(p(centre), radius * unit_, from, from + kTurn / kDashes * 0.6f, 6);
    list_.PathStroke(u32(c), 0, width * unit_);
  }
}

void Canvas::polygon(const std::vector<Vec>& points, Colour c) {
  for (const Vec& v : points) list_.PathLineTo(p(v));
  list_.PathFillConvex(u32(c));
}

void Canvas::outline(const std::vector<Vec>& points, Colour c, float width) {
  for (const Vec& v : points) list_.PathLineTo(p(v));
  list_.PathStroke(u32(c), ImDrawFlags_Closed, width * unit_);
}

void Canvas::line(Vec a, Vec b, Colour c, float width) {
  path(Path::line(a, b), c, width);
}

void Canvas::path(const Path& path, Colour c, float width) {
  if (path.empty()) return;
  for (const Vec& v : path.points()) list_.PathLineTo(p(v));
  list_.PathStroke(u32(c), 0, width * unit_);
}

void Canvas::dashes(const Path& path, Colour c, float width, float on, float off) {
  const float length = path.length();
  if (length <= 0) return;
  for (float at = 0; at < length; at += on + off) {
    if (on <= 0) {
      circle(path.at(at / length), width / 2, c);
    } else {
      this->path(path.part(at / length, std::min(1.0f, (at + on) / length)), c, width);
    }
  }
}

void Canvas::arrow_head(Vec tip, Vec d, Colour c, float size) {
  const Vec n{-d.y, d.x};
  const Vec base = tip - d * size;
  // ImGui anti-aliases a polygon on the outside only when it runs clockwise.
  polygon({tip, base + n * (size * 0.5f), base - n * (size * 0.5f)}, c);
}

float Canvas::width(Type type, std::string_view text) const {
  const ImFont& font = fonts_.font(type);
  return font.CalcTextSizeA(font.FontSize, FLT_MAX, 0, text.data(), text.data() + text.size()).x /
         unit_;
}

float Canvas::cap_height(Type type) const {
  const TypeInfo& t = info(type);
  return t.em * (t.face == Face::icons ? 1.0f : is_mono(t.face) ? 0.73f : 0.727f);
}

std::string Canvas::fitted(Type type, std::string_view text, float limit) const {
  if (limit == kNoLimit || width(type, text) <= limit) return std::string(text);
  const ImFont& font = fonts_.font(type);
  const float scale = 1 / unit_;
  float used = width(type, kEllipsis);
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t next = std::min(end + utf8_length(text[end]), text.size());
    const float advance =
        font.CalcTextSizeA(font.FontSize, FLT_MAX, 0, text.data() + end, text.data() + next).x *
        scale;
    if (used + advance > limit) break;
    used += advance;
    end = next;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  if (end == 0) return {};  // a lone ellipsis says nothing
  return std::string(text.substr(0, end)) + std::string(kEllipsis);
}

std::vector<std::string> Canvas::wrapped(Type type, std::string_view text, float limit,
                                         std::size_t max_lines) const {
  std::vector<std::string> lines;
  while (!text.empty()) {
    if (lines.size() + 1 == max_lines || width(type, text) <= limit) {
      lines.push_back(fitted(type, text, limit));
      break;
    }
    std::size_t end = std::string_view::npos;
    for (std::size_t space = text.find(' '); space != std::string_view::npos;
         space = text.find(' ', space + 1)) {
      if (width(type, text.substr(0, space)) > limit) break;
      end = space;
    }
    if (end == std::string_view::npos) {
      lines.push_back(fitted(type, text, limit));
      break;
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

float Canvas::text(Type type, Vec at, Colour c, std::string_view raw, Align align, float limit) {
  const std::string shown = fitted(type, raw, limit);
  if (shown.empty()) return 0;
  ImFont& font = fonts_.font(type);
  const float w = width(type, shown);
  const float x = align == Align::left ? at.x : align == Align::centre ? at.x - w / 2 : at.x - w;
  const float cap = cap_height(type);
  // ImGui draws from the ascender: put the middle of the capitals on at.y.
  const float top = at.y + cap / 2 - font.Ascent / unit_;
  list_.AddText(&font, font.FontSize,
                {std::floor(x * unit_ + 0.5f), std::floor(top * unit_ + 0.5f)}, u32(c),
                shown.data(), shown.data() + shown.size());
  const Rect area{x, at.y - cap / 2, w, cap};
  if (c.a > 0 && (clips_.empty() || clips_.back().overlaps(area))) texts_.push_back({area, shown});
  return w;
}

void Canvas::icon(const char* glyph, Vec centre, Colour c, Type type) {
  ImFont& font = fonts_.font(type);
  const float size = font.FontSize;
  const float w = font.CalcTextSizeA(size, FLT_MAX, 0, glyph).x;
  list_.AddText(
      &font, size,
      {std::floor(centre.x * unit_ - w / 2 + 0.5f), std::floor(centre.y * unit_ - size / 2 + 0.5f)},
      u32(c), glyph);
}

void Canvas::push_clip(Rect r) {
  list_.PushClipRect(p({r.x, r.y}), p({r.right(), r.bottom()}), true);
  clips_.push_back(r);
}

void Canvas::pop_clip() {
  list_.PopClipRect();
  clips_.pop_back();
}

}  // namespace mailscope::viz
