#include "viz/theme/fonts.hpp"

#include <cstring>

namespace mailscope::viz {
namespace {

constexpr std::array<TypeInfo, kTypeCount> kTypes{{
    {Face::regular, 14.5f},        // note
    {Face::regular, 16},           // body
    {Face::regular, 18},           // lead
    {Face::medium, 15},            // label
    {Face::medium, 17},            // tab
    {Face::semibold, 15},          // strong_label
    {Face::semibold, 16},          // strong
    {Face::semibold, 18},          // heading
    {Face::semibold, 20},          // title
    {Face::semibold, 25},          // caption
    {Face::bold, 21},              // number
    {Face::mono, 14},              // mono_note
    {Face::mono, 15.5f},           // mono
    {Face::mono_semibold, 15.5f},  // mono_strong
    {Face::mono_semibold, 32},     // digits
    {Face::icons, 19},             // icon_small
    {Face::icons, 25},             // icon
    {Face::icons, 38},             // icon_large
}};

/// ImGui's size is from ascender to descender; ours is the em. Line height over em of each face.
float line_over_em(Face face) {
  switch (face) {
    case Face::mono:
    case Face::mono_semibold:
      return 1.32f;
    case Face::icons:
      return 1.0f;
    default:
      return 3408.0f / 2816.0f;
  }
}

// Latin with the accents of Europe's languages, punctuation, arrows.
constexpr ImWchar kTextRanges[] = {0x20,   0x17f,  0x2010, 0x2015, 0x2018, 0x201e,
                                   0x2022, 0x2022, 0x2026, 0x2026, 0x2190, 0x2193,
                                   0x2212, 0x2212, 0x00d7, 0x00d7, 0};
constexpr ImWchar kIconRanges[] = {
    0xe002, 0xe002, 0xe034, 0xe037, 0xe044, 0xe045, 0xe0da, 0xe0da, 0xe0e1, 0xe0e1, 0xe156,
    0xe158, 0xe1db, 0xe1db, 0xe2c1, 0xe2c1, 0xe31e, 0xe31e, 0xe518, 0xe51c, 0xe5ca, 0xe5dd,
    0xe7fd, 0xe7fd, 0xe875, 0xe875, 0xe897, 0xe897, 0xe8b6, 0xe8b6, 0xe8e8, 0xe8e8, 0xe8fd,
    0xe8fd, 0xe97a, 0xe97a, 0xea5c, 0xea5c, 0xf233, 0xf233, 0};

}  // namespace

const TypeInfo& info(Type type) {
  return kTypes[static_cast<std::size_t>(type)];
}

FontSet::FontSet(float unit) : unit_(unit) {
  compat::use_stb_fonts(atlas_);
  atlas_.Flags |= ImFontAtlasFlags_NoMouseCursors;
  atlas_.TexGlyphPadding = 2;  // bilinear sampling must not reach the neighbour
  for (std::size_t i = 0; i < kTypeCount; ++i) {
    const TypeInfo& type = kTypes[i];
    const auto data = font_data(type.face);
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.OversampleH = 3;
    config.OversampleV = 1;
    config.PixelSnapH = false;
    const bool icons = type.face == Face::icons;
    // ImGui takes a mutable pointer and only reads it.
    fonts_[i] = atlas_.AddFontFromMemoryTTF(
        const_cast<unsigned char*>(data.data()), static_cast<int>(data.size()),
        type.em * line_over_em(type.face) * unit, &config, icons ? kIconRanges : kTextRanges);
  }
  atlas_.Build();
}

}  // namespace mailscope::viz
