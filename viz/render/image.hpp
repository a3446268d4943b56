// A picture in memory: 8-bit RGBA, rows from the top, no padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mailscope::viz {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> pixels;  // R in the lowest octet, as ImGui packs its colours

  Image() = default;
  Image(int w, int h, std::uint32_t fill = 0xff000000u)
      : width(w),
        height(h),
        pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), fill) {}
  std::uint32_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  bool operator==(const Image&) const = default;
};

}  // namespace mailscope::viz
