// The data behind normal_form().
#pragma once

#include <cstdint>
#include <span>

namespace mailscope::mail {

/// Characters from first to last have this canonical combining class; all others have 0.
struct CombiningRun {
  char32_t first, last;
  std::uint8_t weight;
};
/// A character that is the same as one or two others (second: 0 when it is one). `composes`: the
/// two become this one again.
struct Decomposition {
  char32_t from, first, second;
  bool composes;
};

/// Both rising.
std::span<const CombiningRun> combining_runs();
std::span<const Decomposition> decompositions();

}  // namespace mailscope::mail
