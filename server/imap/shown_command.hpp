// How the trace shows a command: literals shortened to their size, passwords redacted.
//
//   A1 LOGIN alice [redacted]        A2 APPEND Sent (\Seen) {812}
#pragma once

#include <string>
#include <string_view>

namespace mailscope::imap {

inline constexpr std::string_view kRedacted = "[redacted]";

/// `command`: with its literals, without the final line end.
std::string shown_command(std::string_view command, bool show_secrets);

}  // namespace mailscope::imap
