// The text styles of the viewer: a face and a size each. Nothing else chooses a font.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "viz/compat.hpp"
#include "viz/theme/font_data.hpp"

namespace mailscope::viz {

/// Sizes are the height of the em in pixels of the 1920x1080 layout.
enum class Type : std::uint8_t {
  note,          // small print: units, annotations
  body,          // card subtitles, tables
  lead,          // the caption's second sentence
  label,         // chips, lanes, small labels that must be read
  tab,           // tabs, stage switch
  strong_label,  // emphasised small label
  strong,        // emphasised body
  heading,       // host cards, panel headings
  title,         // zones, scenario title
  caption,       // the caption's first sentence
  number,        // the step number
  mono_note,     // times
  mono,          // wire lines
  mono_strong,   // the speaker column, current line
  digits,        // the reply code, large
  icon_small,
  icon,
  icon_large,
  count_
};
inline constexpr std::size_t kTypeCount = static_cast<std::size_t>(Type::count_);

struct TypeInfo {
  Face face;
  float em;
};
const TypeInfo& info(Type type);

/// The font atlas for one scale. Not movable: ImGui keeps pointers into it.
class FontSet {
 public:
  /// `unit` is output pixels per layout pixel.
  explicit FontSet(float unit);
  FontSet(const FontSet&) = delete;
  FontSet& operator=(const FontSet&) = delete;

  float unit() const { return unit_; }
  ImFontAtlas& atlas() { return atlas_; }
  const ImFont& font(Type type) const { return *fonts_[static_cast<std::size_t>(type)]; }
  ImFont& font(Type type) { return *fonts_[static_cast<std::size_t>(type)]; }

 private:
  float unit_;
  ImFontAtlas atlas_;
  std::array<ImFont*, kTypeCount> fonts_{};
};

}  // namespace mailscope::viz
