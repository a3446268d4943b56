// The checksum of trace files.
#include "sim/export/trace_codec.hpp"

#include <zlib.h>

namespace mailscope::exporting {

std::uint32_t crc_of(std::string_view a, std::string_view b) {
  uLong crc = 0;
  for (const std::string_view part : {a, b}) {
    // zlib takes a null pointer as the wish to start again.
    if (part.empty()) continue;
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
  }
  return static_cast<std::uint32_t>(crc);
}

}  // namespace mailscope::exporting
