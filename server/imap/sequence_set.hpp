// Sets of message numbers or UIDs: "2,4:7,9,12:*" (RFC 3501 section 9, sequence-set).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "server/imap/cursor.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

/// Closed range of numbers.
struct NumberRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool operator==(const NumberRange&) const = default;
};

/// As written: ends may be in any order, 0 stands for "*".
struct SequenceSet {
  bool saved = false;  // "$": the result that SEARCH has saved (RFC 5182); no ranges then
  std::vector<NumberRange> ranges;
};

bool parse_sequence_set(Cursor& cursor, SequenceSet& out);
/// Ranges that rise and do not touch, with "*" replaced by `largest`.
std::vector<NumberRange> resolve(const SequenceSet& set, std::uint32_t largest);
bool contains(std::span<const NumberRange> rising, std::uint32_t number);
/// Rising numbers as ranges.
std::vector<NumberRange> ranges_of(std::span<const std::uint32_t> rising);
/// "1:3,7" of rising numbers; in any other order each run of neighbours is written as it stands.
std::string format_set(std::span<const std::uint32_t> numbers);

}  // namespace mailscope::imap
