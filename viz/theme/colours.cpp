#include "viz/theme/colours.hpp"

#include <algorithm>
#include <cmath>

namespace mailscope::viz {
namespace {

constexpr Palette kLight{
    .name = ThemeName::light,
    .ground = Colour::rgb(0xf1f3f8),
    .panel = Colour::rgb(0xffffff),
    .border = Colour::rgb(0xe1e5ec),
    .zone = Colour::rgb(0xf5f7f9),
    .zone_border = Colour::rgb(0xccd2dd),
    .raised = Colour::rgb(0xffffff),
    .sunken = Colour::rgb(0xe9edf4),
    .text = Colour::rgb(0x151b28),
    .text_soft = Colour::rgb(0x4a5364),
    .text_faint = Colour::rgb(0x636b7c),
    .on_accent = Colour::rgb(0xffffff),
    .accent = Colour::rgb(0x0f55c1),
    .accent_soft = Colour::rgb(0xe3edfb),
    .accent_mid = Colour::rgb(0x8eade2),
    .select = Colour::rgb(0xffffff),
    .marker = Colour::rgb(0x11151f),
    .on_marker = Colour::rgb(0xffffff),
    .shadow = Colour(22, 34, 66, 26),
    .dns = Colour::rgb(0x8f5f00),
    .smtp = Colour::rgb(0x0f55c1),
    .tls = Colour::rgb(0x4b5566),
    .store = Colour::rgb(0x037a55),
    .auth = Colour::rgb(0xb52e96),
    .failure = Colour::rgb(0x9e2010),
};

constexpr Palette kDark{
    .name = ThemeName::dark,
    .ground = Colour::rgb(0x0e131b),
    .panel = Colour::rgb(0x161d29),
    .border = Colour::rgb(0x283244),
    .zone = Colour::rgb(0x1a2230),
    .zone_border = Colour::rgb(0x333f52),
    .raised = Colour::rgb(0x1f2937),
    .sunken = Colour::rgb(0x2a3546),
    .text = Colour::rgb(0xeef2f8),
    .text_soft = Colour::rgb(0xb9c3d1),
    .text_faint = Colour::rgb(0x98a3b4),
    .on_accent = Colour::rgb(0x0b1626),
    .accent = Colour::rgb(0x68b3f2),
    .accent_soft = Colour::rgb(0x1c3557),
    .accent_mid = Colour::rgb(0x3c6289),
    .select = Colour::rgb(0x3d4b60),
    .marker = Colour::rgb(0xf4f7fb),
    .on_marker = Colour::rgb(0x10151f),
    .shadow = Colour(0, 0, 0, 90),
    .dns = Colour::rgb(0xfcc34e),
    .smtp = Colour::rgb(0x68b3f2),
    .tls = Colour::rgb(0xb3bccb),
    .store = Colour::rgb(0x2ce8b1),
    .auth = Colour::rgb(0xe072a6),
    .failure = Colour::rgb(0xf96a4e),
};

double linear(std::uint8_t channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(Colour c) {
  return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

}  // namespace

Colour mix(Colour under, Colour over, float share) {
  const auto one = [share](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(
        static_cast<float>(a) + (static_cast<float>(b) - static_cast<float>(a)) * share + 0.5f);
  };
  return {one(under.r, over.r), one(under.g, over.g), one(under.b, over.b)};
}

double contrast(Colour a, Colour b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

const Palette& palette(ThemeName name) {
  return name == ThemeName::light ? kLight : kDark;
}

}  // namespace mailscope::viz
