// The data behind i;unicode-casemap (RFC 5051): see collation.hpp for its use.
#pragma once

#include <cstdint>
#include <span>

namespace mailscope::imap {

/// Each `step`th character from first to last becomes itself plus `delta`.
struct CasemapRun {
  char32_t first, last;
  std::uint8_t step;
  std::int32_t delta;
};
/// A character that becomes `count` characters of the pool, from `offset` on.
struct CasemapSequence {
  char32_t from;
  std::uint16_t offset;
  std::uint8_t count;
};

/// Both rising, and without a character in common.
std::span<const CasemapRun> casemap_runs();
std::span<const CasemapSequence> casemap_sequences();
std::span<const char32_t> casemap_pool();

}  // namespace mailscope::imap
