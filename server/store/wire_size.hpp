// The size of a message as POP3 sends it, whatever line ends it is stored with.
#pragma once

#include <cstdint>
#include <string_view>

namespace mailscope::store {

/// Octets with each line ended by CRLF, the last one too (RFC 1939 section 11).
inline std::uint64_t wire_size(std::string_view text) {
  std::uint64_t size = text.size();
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') ++size;
  }
  if (!text.empty() && !text.ends_with('\n')) size += 2;
  return size;
}

}  // namespace mailscope::store
