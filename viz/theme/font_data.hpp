// The embedded font files: Inter for text, JetBrains Mono for what is on the wire, Material Icons.
#pragma once

#include <cstdint>
#include <span>

namespace mailscope::viz {

enum class Face : std::uint8_t { regular, medium, semibold, bold, mono, mono_semibold, icons };

/// The whole OpenType file.
std::span<const unsigned char> font_data(Face face);

}  // namespace mailscope::viz
