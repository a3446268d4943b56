// The header field MT-Priority (RFC 6758): how the priority of a message gets past servers that
// have no MT-PRIORITY.
//
//   MT-Priority: 4 (ultra)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::smtp {

inline constexpr std::string_view kPriorityField = "MT-Priority";

/// True when the header section has such a field.
bool has_priority_field(std::string_view content);
/// What the field says, where there is one alone and it is valid (RFC 6758 section 3.1).
std::optional<int> header_priority(std::string_view content);
/// The content without such fields, and with one of our own on top (RFC 6758 section 3.3).
std::string with_priority_field(std::string_view content, int priority);

}  // namespace mailscope::smtp
