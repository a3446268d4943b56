// Sequence sets, read, resolved and written.
#include "server/imap/sequence_set.hpp"

#include <algorithm>

namespace mailscope::imap {
namespace {

bool parse_sequence_number(Cursor& cursor, std::uint32_t& out) {
  if (cursor.peek() == '*') {
    out = 0;
    return cursor.character('*');
  }
  return cursor.nz_number(out) || cursor.expected("a message number, UID or \"*\"");
}

}  // namespace

bool parse_sequence_set(Cursor& cursor, SequenceSet& out) {
  if (cursor.peek() == '$') {
    out.saved = true;
    return cursor.character('$');
  }
  Cursor c = cursor;
  do {
    NumberRange range;
    if (!parse_sequence_number(c, range.first)) return cursor.failed_like(c);
    range.last = range.first;
    if (c.peek() == ':') {
      c.character(':');
      if (!parse_sequence_number(c, range.last)) return cursor.failed_like(c);
    }
    out.ranges.push_back(range);
  } while (c.peek() == ',' && c.character(','));
  cursor = c;
  return true;
}

std::vector<NumberRange> resolve(const SequenceSet& set, std::uint32_t largest) {
  std::vector<NumberRange> all;
  all.reserve(set.ranges.size());
  for (const NumberRange& r : set.ranges) {
    const std::uint32_t a = r.first == 0 ? largest : r.first;
    const std::uint32_t b = r.last == 0 ? largest : r.last;
    all.push_back({std::min(a, b), std::max(a, b)});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<NumberRange> merged;
  for (const NumberRange& r : all) {
    if (!merged.empty() && (merged.back().last >= r.first || merged.back().last + 1 == r.first)) {
      merged.back().last = std::max(merged.back().last, r.last);
    } else {
      merged.push_back(r);
    }
  }
  return merged;
}

bool contains(std::span<const NumberRange> rising, std::uint32_t number) {
  const auto after =
      std::upper_bound(rising.begin(), rising.end(), number,
                       [](std::uint32_t n, const NumberRange& r) { return n < r.first; });
  return after != rising.begin() && number <= std::prev(after)->last;
}

std::vector<NumberRange> ranges_of(std::span<const std::uint32_t> rising) {
  std::vector<NumberRange> ranges;
  for (const std::uint32_t number : rising) {
    if (!ranges.empty() && ranges.back().last + 1 == number)
      ranges.back().last = number;
    else
      ranges.push_back({number, number});
  }
  return ranges;
}

std::string format_set(std::span<const std::uint32_t> numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (!out.empty()) out += ',';
    out += std::to_string(numbers[i]);
    if (end - i > 1) out += ':' + std::to_string(numbers[end - 1]);
    i = end;
  }
  return out;
}

}  // namespace mailscope::imap
