// How a ManageSieve server writes strings (RFC 5804 section 4).
#pragma once

#include <string>
#include <string_view>

namespace mailscope::managesieve {

/// "text" as a quoted string, or as a literal where it cannot be one.
std::string wire_string(std::string_view text);
/// sieve-name of RFC 5804 section 1.6: UTF-8 without control characters and line separators, not
/// empty, not too long.
bool is_script_name(std::string_view name);

}  // namespace mailscope::managesieve
