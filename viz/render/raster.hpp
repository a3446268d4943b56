// A small software rasteriser for ImGui's draw lists, so that a picture of any step can be made
// without a display, and the same picture to the bit on every machine: positions are rounded to
// 1/256 pixel, coverage and interpolation are integer arithmetic.
#pragma once

#include "viz/compat.hpp"
#include "viz/render/image.hpp"

namespace mailscope::viz {

/// One octet of coverage per pixel: the font atlas. ImGui's own lines and fills sample its white
/// pixel or its row of anti-aliased lines.
struct AlphaTexture {
  const unsigned char* pixels = nullptr;
  int width = 0;
  int height = 0;
};

/// Draws every command list over what `target` holds. `target` stays opaque.
void rasterise(Image& target, const ImDrawData& data, const AlphaTexture& texture);

}  // namespace mailscope::viz
