// Where a message's header ends, for stores that keep it apart from the rest.
#pragma once

#include <string_view>

namespace mailscope::store {

/// Octets up to and with the first empty line (RFC 5322 section 2.1); all when there is none.
inline std::size_t header_size(std::string_view octets) {
  if (octets.starts_with("\r\n")) return 2;
  const std::size_t end = octets.find("\r\n\r\n");
  return end == std::string_view::npos ? octets.size() : end + 4;
}

}  // namespace mailscope::store
