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

/// A draw list that needs neither window nor context: what headless pictures are drawn into.
class DrawSurface {
 public:
  DrawSurface(ImFontAtlas& atlas, float width, float height) : list_(&shared_) {
    shared_.TexUvWhitePixel = atlas.TexUvWhitePixel;
    shared_.TexUvLines = atlas.TexUvLines;
    shared_.Font = atlas.Fonts.Size > 0 ? atlas.Fonts[0] : nullptr;
    shared_.FontSize = shared_.Font != nullptr ? shared_.Font->FontSize : 0;
    shared_.ClipRectFullscreen = ImVec4(0, 0, width, height);
    shared_.CurveTessellationTol = 1.25f;
    shared_.SetCircleTessellationMaxError(0.20f);
    shared_.InitialFlags = ImDrawListFlags_AntiAliasedLines | ImDrawListFlags_AntiAliasedFill |
                           ImDrawListFlags_AllowVtxOffset;
    list_._ResetForNewFrame();
    list_.PushTextureID(atlas.TexID);
    list_.PushClipRectFullScreen();
    data_.Valid = true;
    data_.DisplaySize = ImVec2(width, height);
    data_.FramebufferScale = ImVec2(1, 1);
  }
  DrawSurface(const DrawSurface&) = delete;
  DrawSurface& operator=(const DrawSurface&) = delete;

  ImDrawList& list() { return list_; }
  const ImDrawData& data() {
    lists_[0] = &list_;
    data_.CmdLists = lists_;
    data_.CmdListsCount = 1;
    data_.TotalVtxCount = list_.VtxBuffer.Size;
    data_.TotalIdxCount = list_.IdxBuffer.Size;
    return data_;
  }

 private:
  ImDrawListSharedData shared_;
  ImDrawList list_;
  ImDrawList* lists_[1] = {};
  ImDrawData data_;
};

}  // namespace mailscope::viz::compat
