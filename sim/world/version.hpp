// The version that traces carry: runs are only comparable within one.
#pragma once

#include <string_view>

namespace mailscope::world {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace mailscope::world
