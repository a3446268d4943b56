// Lists of IMAP flags as scripts write them (RFC 5232 section 2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::sieve {

/// The flags in `lists`, each of which may hold several between spaces; each once, without regard
/// to case; what is no flag that can be set is left out. At most `limit`.
std::vector<std::string> parse_flags(const std::vector<std::string>& lists, std::size_t limit);
/// As the value of a variable.
std::string join_flags(const std::vector<std::string>& flags);

}  // namespace mailscope::sieve
