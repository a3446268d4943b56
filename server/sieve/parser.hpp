// The grammar of Sieve (RFC 5228 section 8.2) by recursive descent.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/sieve/limits.hpp"
#include "server/sieve/syntax.hpp"

namespace mailscope::sieve {

struct Parsed {
  std::vector<Statement> commands;
  std::optional<Problem> problem;  // the first one; then the commands say nothing
};

Parsed parse(std::string_view script, const Limits& limits = {});

}  // namespace mailscope::sieve
