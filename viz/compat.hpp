// The one place that includes Dear ImGui and hides what differs between its versions (1.86 here;
// 1.92 changed the font and texture fields).
#pragma once

#include <imgui.h>
#include <imgui_internal.h>

#include <cstdint>

namespace mailscope::viz::compat {

/// Debian's library rasterises fonts with freetype unless told otherwise; stb with threefold
/// horizontal oversampling looks better at the sizes used here and is the same on every machine.
inline void use_stb_fonts(ImFontAtlas& atlas) {
  atlas.FontBuilderIO = ImFontAtlasGetBuilderForStbTruetype();
}

/// The atlas as one octet of coverage per pixel.
inline void atlas_alpha(ImFontAtlas& atlas, unsigned char** pixels, int* width, int* height) {
  atlas.GetTexDataAsAlpha8(pixels, width, height);
}

}  // namespace mailscope::viz::compat
