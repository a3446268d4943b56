// Scan conversion with 24.8 fixed-point vertices and the top-left rule, so that two triangles that
// share an edge never leave a gap nor cover a pixel twice: ImGui's anti-aliasing fringes need that.
#include "viz/render/raster.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mailscope::viz {
namespace {

constexpr int kSubBits = 8;  // positions are rounded to 1/256 pixel
constexpr std::int64_t kSub = 1 << kSubBits;
constexpr int kAttributeBits = 24;         // fraction bits of interpolated colours and coordinates
constexpr float kCoordinateLimit = 16384;  // pixels; larger positions are clamped, no overflow

struct Clip {
  int x0, y0, x1, y1;
};

struct Vertex {
  std::int64_t x, y;  // 24.8
  std::array<std::int64_t, 6>
      a;  // r g b a (0..255) and u v (texels), as integers << kAttributeBits
};

std::int64_t fixed(float value) {
  return static_cast<std::int64_t>(
      std::floor(std::clamp(value, -kCoordinateLimit, kCoordinateLimit) * float{kSub} + 0.5f));
}

std::uint32_t channel(std::uint32_t colour, int shift) {
  return (colour >> shift) & 0xffu;
}

/// x / 255 rounded, exact for x in 0..65025.
std::uint32_t div255(std::uint32_t x) {
  x += 128;
  return (x + (x >> 8)) >> 8;
}

void blend(std::uint32_t& target, std::uint32_t r, std::uint32_t g, std::uint32_t b,
           std::uint32_t a) {
  if (a == 0) return;
  if (a >= 255) {
    target = r | g << 8 | b << 16 | 0xff000000u;
    return;
  }
  // Two channels in one multiplication; each lane holds at most 255 * 255 + 128 + 255.
  const std::uint32_t keep = 255 - a;
  constexpr std::uint32_t kLanes = 0x00ff00ffu, kHalf = 0x00800080u;
  std::uint32_t red_blue = (r | b << 16) * a + (target & kLanes) * keep + kHalf;
  red_blue = ((red_blue + ((red_blue >> 8) & kLanes)) >> 8) & kLanes;
  const std::uint32_t green = div255(g * a + channel(target, 8) * keep);
  target = red_blue | green << 8 | 0xff000000u;
}

/// Bilinear coverage at texel coordinates (u, v), 16.8 fixed, as a GPU samples: 0..255.
std::uint32_t sample(const AlphaTexture& t, std::int64_t u, std::int64_t v) {
  u -= 128;
  v -= 128;
  const auto fu = static_cast<std::uint32_t>(u & 255);
  const auto fv = static_cast<std::uint32_t>(v & 255);
  const int x0 = std::clamp(static_cast<int>(u >> 8), 0, t.width - 1);
  const int y0 = std::clamp(static_cast<int>(v >> 8), 0, t.height - 1);
  const int x1 = std::min(x0 + 1, t.width - 1);
  const int y1 = std::min(y0 + 1, t.height - 1);
  const unsigned char* row0 = t.pixels + static_cast<std::ptrdiff_t>(y0) * t.width;
  const unsigned char* row1 = t.pixels + static_cast<std::ptrdiff_t>(y1) * t.width;
  const std::uint32_t top = row0[x0] * (256 - fu) + row0[x1] * fu;
  const std::uint32_t bottom = row1[x0] * (256 - fu) + row1[x1] * fu;
  return (top * (256 - fv) + bottom * fv + 32768) >> 16;
}

/// floor(a / b) for b > 0.
std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/// A half-open span of pixels on each row of one triangle.
class Triangle {
 public:
  Triangle(const Vertex& a, const Vertex& b, const Vertex& c) : v_{&a, &b, &c} {
    area_ = cross(*v_[0], *v_[1], v_[2]->x, v_[2]->y);
    if (area_ < 0) {
      std::swap(v_[1], v_[2]);
      area_ = -area_;
    }
  }

  std::int64_t area() const { return area_; }
  const Vertex& first() const { return *v_[0]; }

  int top() const {
    return static_cast<int>(
        floor_div(std::min({v_[0]->y, v_[1]->y, v_[2]->y}) + kSub / 2 - 1, kSub));
  }
  int bottom() const {
    return static_cast<int>(floor_div(std::max({v_[0]->y, v_[1]->y, v_[2]->y}) + kSub / 2, kSub)) +
           1;
  }

  /// Pixels whose centre lies inside on row y.
  void span(int y, int& x0, int& x1) const {
    const std::int64_t py = y * kSub + kSub / 2;
    for (int i = 0; i < 3; ++i) {
      const Vertex& a = *v_[i];
      const Vertex& b = *v_[(i + 1) % 3];
      const std::int64_t dx = b.x - a.x;
      const std::int64_t dy = b.y - a.y;
      // Inside when e(px) = dx*(py-a.y) - dy*(px-a.x) > 0, or = 0 on a top or left edge.
      const bool top_left = dy < 0 || (dy == 0 && dx > 0);
      const std::int64_t base = dx * (py - a.y) + dy * a.x - (top_left ? 0 : 1);
      // Need base - dy*px >= 0 with px = x*kSub + kSub/2.
      const std::int64_t at_half = base - dy * (kSub / 2);
      if (dy == 0) {
        if (at_half < 0) x1 = x0;
      } else if (dy > 0) {
        x1 = static_cast<int>(std::min<std::int64_t>(x1, floor_div(at_half, dy * kSub) + 1));
      } else {
        // x >= -at_half / (-dy * kSub), rounded up.
        x0 = static_cast<int>(std::max<std::int64_t>(x0, -floor_div(at_half, -dy * kSub)));
      }
    }
  }

  /// Attribute k at pixel centre (0, 0) of the plane and its steps to the right and down.
  struct Plane {
    std::int64_t origin, dx, dy;
    std::int64_t at(int x, int y) const { return origin + dx * x + dy * y; }
  };
  Plane plane(std::size_t k) const {
    const Vertex &p = *v_[0], &q = *v_[1], &r = *v_[2];
    const auto d1 = static_cast<double>(q.a[k] - p.a[k]);
    const auto d2 = static_cast<double>(r.a[k] - p.a[k]);
    const auto inverse = static_cast<double>(kSub) / static_cast<double>(area_);
    const double gx =
        (d1 * static_cast<double>(r.y - p.y) - d2 * static_cast<double>(q.y - p.y)) * inverse;
    const double gy =
        (d2 * static_cast<double>(q.x - p.x) - d1 * static_cast<double>(r.x - p.x)) * inverse;
    Plane plane{};
    plane.dx = std::llrint(gx);
    plane.dy = std::llrint(gy);
    const double ox = static_cast<double>(kSub / 2 - p.x) / static_cast<double>(kSub);
    const double oy = static_cast<double>(kSub / 2 - p.y) / static_cast<double>(kSub);
    plane.origin = p.a[k] + std::llrint(gx * ox + gy * oy);
    return plane;
  }

 private:
  static std::int64_t cross(const Vertex& a, const Vertex& b, std::int64_t x, std::int64_t y) {
    return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
  }

  std::array<const Vertex*, 3> v_;
  std::int64_t area_ = 0;
};

std::uint32_t to_channel(std::int64_t value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      (value + (std::int64_t{1} << (kAttributeBits - 1))) >> kAttributeBits, 0, 255));
}

class Painter {
 public:
  Painter(Image& target, const AlphaTexture& texture) : target_(target), texture_(texture) {}

  void triangle(const Vertex& a, const Vertex& b, const Vertex& c, const Clip& clip) {
    const Triangle shape(a, b, c);
    if (shape.area() == 0) return;
    const bool flat = same(a, b, c, 0, 4);
    const bool plain = same(a, b, c, 4, 6);
    const int y1 = std::min(shape.bottom(), clip.y1);
    if (flat && plain) {
      solid(shape, a, clip, y1);
    } else {
      shaded(shape, flat, plain, clip, y1);
    }
  }

 private:
  static bool same(const Vertex& a, const Vertex& b, const Vertex& c, std::size_t from,
                   std::size_t to) {
    for (std::size_t k = from; k < to; ++k) {
      if (a.a[k] != b.a[k] || a.a[k] != c.a[k]) return false;
    }
    return true;
  }

  std::uint32_t coverage(std::int64_t u, std::int64_t v) const {
    return sample(texture_, u >> (kAttributeBits - 8), v >> (kAttributeBits - 8));
  }

  std::uint32_t* row(int y) {
    return target_.pixels.data() + static_cast<std::ptrdiff_t>(y) * target_.width;
  }

  void solid(const Triangle& shape, const Vertex& v, const Clip& clip, int y1) {
    const std::uint32_t r = to_channel(v.a[0]), g = to_channel(v.a[1]), b = to_channel(v.a[2]);
    const std::uint32_t a = div255(to_channel(v.a[3]) * coverage(v.a[4], v.a[5]));
    if (a == 0) return;
    for (int y = std::max(shape.top(), clip.y0); y < y1; ++y) {
      int x0 = clip.x0, x1 = clip.x1;
      shape.span(y, x0, x1);
      std::uint32_t* out = row(y);
      if (a == 255) {
        if (x0 < x1) std::fill(out + x0, out + x1, r | g << 8 | b << 16 | 0xff000000u);
      } else {
        for (int x = x0; x < x1; ++x) blend(out[x], r, g, b, a);
      }
    }
  }

  void shaded(const Triangle& shape, bool flat, bool plain, const Clip& clip, int y1) {
    std::array<Triangle::Plane, 6> planes{};
    for (std::size_t k = 0; k < 6; ++k) {
      const bool constant = k < 4 ? flat : plain;
      planes[k] = constant ? Triangle::Plane{shape.first().a[k], 0, 0} : shape.plane(k);
    }
    const std::uint32_t fixed_cover = plain ? coverage(shape.first().a[4], shape.first().a[5]) : 0;
    for (int y = std::max(shape.top(), clip.y0); y < y1; ++y) {
      int x0 = clip.x0, x1 = clip.x1;
      shape.span(y, x0, x1);
      if (x0 >= x1) continue;
      std::array<std::int64_t, 6> at{};
      for (std::size_t k = 0; k < 6; ++k) at[k] = planes[k].at(x0, y);
      std::uint32_t* out = row(y);
      for (int x = x0; x < x1; ++x) {
        const std::uint32_t cover = plain ? fixed_cover : coverage(at[4], at[5]);
        if (cover != 0) {
          blend(out[x], to_channel(at[0]), to_channel(at[1]), to_channel(at[2]),
                div255(to_channel(at[3]) * cover));
        }
        for (std::size_t k = 0; k < 6; ++k) at[k] += planes[k].dx;
      }
    }
  }

  Image& target_;
  AlphaTexture texture_;
};

Vertex convert(const ImDrawVert& v, const AlphaTexture& texture, ImVec2 offset, ImVec2 scale) {
  Vertex out{};
  out.x = fixed((v.pos.x - offset.x) * scale.x);
  out.y = fixed((v.pos.y - offset.y) * scale.y);
  for (std::size_t k = 0; k < 4; ++k) {
    out.a[k] = static_cast<std::int64_t>(channel(v.col, static_cast<int>(8 * k))) << kAttributeBits;
  }
  constexpr double kOne = 1 << kAttributeBits;
  out.a[4] = std::llrint(static_cast<double>(v.uv.x) * texture.width * kOne);
  out.a[5] = std::llrint(static_cast<double>(v.uv.y) * texture.height * kOne);
  return out;
}

}  // namespace

void rasterise(Image& target, const ImDrawData& data, const AlphaTexture& texture) {
  Painter painter(target, texture);
  const ImVec2 offset = data.DisplayPos;
  const ImVec2 scale = data.FramebufferScale;
  std::vector<Vertex> vertices;
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList& list = *data.CmdLists[n];
    vertices.clear();
    vertices.reserve(static_cast<std::size_t>(list.VtxBuffer.Size));
    for (const ImDrawVert& v : list.VtxBuffer)
      vertices.push_back(convert(v, texture, offset, scale));
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr) continue;  // the viewer's lists use none
      const auto pixel = [](float value) { return static_cast<int>(std::lround(value)); };
      const Clip clip{std::max(0, pixel((command.ClipRect.x - offset.x) * scale.x)),
                      std::max(0, pixel((command.ClipRect.y - offset.y) * scale.y)),
                      std::min(target.width, pixel((command.ClipRect.z - offset.x) * scale.x)),
                      std::min(target.height, pixel((command.ClipRect.w - offset.y) * scale.y))};
      if (clip.x0 >= clip.x1 || clip.y0 >= clip.y1) continue;
      const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
      const Vertex* base = vertices.data() + command.VtxOffset;
      for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
        painter.triangle(base[index[i]], base[index[i + 1]], base[index[i + 2]], clip);
      }
    }
  }
}

}  // namespace mailscope::viz
