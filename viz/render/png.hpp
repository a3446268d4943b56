// PNG files in and out, through libpng.
#pragma once

#include <string>

#include "viz/render/image.hpp"

namespace mailscope::viz {

/// Throws std::runtime_error with the file's name and the reason.
void write_png(const std::string& path, const Image& image);
Image read_png(const std::string& path);

}  // namespace mailscope::viz
