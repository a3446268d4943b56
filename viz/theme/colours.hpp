// Colours as data: two themes, every colour by what it is for. Text colours keep a contrast of at
// least 4.5 : 1 against the grounds that they are used on (tests/viz checks that).
#pragma once

#include <cstdint>

namespace mailscope::viz {

struct Colour {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
  constexpr Colour() = default;
  constexpr Colour(std::uint8_t red, std::uint8_t green, std::uint8_t blue,
                   std::uint8_t alpha = 255)
      : r(red), g(green), b(blue), a(alpha) {}
  /// 0xRRGGBB.
  static constexpr Colour rgb(std::uint32_t hex) {
    return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8),
            static_cast<std::uint8_t>(hex)};
  }
  constexpr Colour alpha(float share) const {
    return {r, g, b, static_cast<std::uint8_t>(static_cast<float>(a) * share + 0.5f)};
  }
  constexpr bool operator==(const Colour&) const = default;
};

/// `share` of `over` on `under`, opaque.
Colour mix(Colour under, Colour over, float share);
/// WCAG 2.1 contrast ratio of two opaque colours, 1..21.
double contrast(Colour a, Colour b);

enum class ThemeName : std::uint8_t { light, dark };

struct Palette {
  ThemeName name;
  Colour ground;  // behind the panels
  Colour panel;   // panels, cards
  Colour border;
  Colour zone;  // domains on the map
  Colour zone_border;
  Colour raised;  // cards that take part
  Colour sunken;  // icon tiles, inactive segments
  Colour text;
  Colour text_soft;   // secondary text
  Colour text_faint;  // still 4.5 : 1
  Colour on_accent;   // text on the accent colour
  Colour accent;
  Colour accent_soft;  // tinted ground
  Colour accent_mid;   // rails, past segments
  Colour select;       // selected segment of a switch
  Colour marker;       // playhead
  Colour on_marker;
  Colour shadow;
  Colour dns, smtp, tls, store, auth, failure;
};

const Palette& palette(ThemeName name);

}  // namespace mailscope::viz
