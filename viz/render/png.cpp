// libpng's simplified interface is enough: one call each way, no setjmp in C++ code.
#include "viz/render/png.hpp"

#include <png.h>

#include <cstring>
#include <stdexcept>

namespace mailscope::viz {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path, const char* reason) {
  throw std::runtime_error(std::string("cannot ") + what + " " + path + ": " + reason);
}

png_image blank() {
  png_image header;
  std::memset(&header, 0, sizeof header);
  header.version = PNG_IMAGE_VERSION;
  return header;
}

}  // namespace

void write_png(const std::string& path, const Image& image) {
  png_image header = blank();
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  // Alpha is always opaque: three channels keep the file small.
  header.format = PNG_FORMAT_RGB;
  std::vector<unsigned char> rgb;
  rgb.reserve(image.pixels.size() * 3);
  for (const std::uint32_t pixel : image.pixels) {
    rgb.push_back(static_cast<unsigned char>(pixel));
    rgb.push_back(static_cast<unsigned char>(pixel >> 8));
    rgb.push_back(static_cast<unsigned char>(pixel >> 16));
  }
  header.flags = PNG_IMAGE_FLAG_FAST;
  if (png_image_write_to_file(&header, path.c_str(), 0, rgb.data(), 0, nullptr) == 0) {
    fail("write", path, header.message);
  }
}

Image read_png(const std::string& path) {
  png_image header = blank();
  if (png_image_begin_read_from_file(&header, path.c_str()) == 0)
    fail("read", path, header.message);
  header.format = PNG_FORMAT_RGBA;
  std::vector<unsigned char> rgba(PNG_IMAGE_SIZE(header));
  if (png_image_finish_read(&header, nullptr, rgba.data(), 0, nullptr) == 0) {
    fail("read", path, header.message);
  }
  Image image(static_cast<int>(header.width), static_cast<int>(header.height));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const unsigned char* p = rgba.data() + 4 * i;
    image.pixels[i] = static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
                      static_cast<std::uint32_t>(p[2]) << 16 |
                      static_cast<std::uint32_t>(p[3]) << 24;
  }
  return image;
}

}  // namespace mailscope::viz
