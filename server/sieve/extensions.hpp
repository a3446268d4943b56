// The extensions that a script may require (RFC 5228 section 6), in one table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mailscope::sieve {

struct Extension {
  std::string_view name;     // capability string; these are case-sensitive
  std::string_view rfc;      // where it is specified
  std::string_view implies;  // another one that comes with it, or empty
};

std::span<const Extension> extensions();
/// Null when there is no such extension.
const Extension* find_extension(std::string_view name);

}  // namespace mailscope::sieve
