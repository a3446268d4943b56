#include "server/imap/casemap.hpp"

#include <algorithm>

#include "server/imap/casemap_table.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

// Hangul syllables are put together by arithmetic: lead, vowel, and maybe a tail.
constexpr char32_t kSyllables = 0xac00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11a7;
constexpr char32_t kVowelCount = 21, kTailCount = 28, kSyllableCount = 19 * 21 * 28;

void append_hangul(std::string& out, char32_t c) {
  const char32_t index = c - kSyllables;
  append_utf8(out, kLeads + index / (kVowelCount * kTailCount));
  append_utf8(out, kVowels + index / kTailCount % kVowelCount);
  if (index % kTailCount != 0) append_utf8(out, kTails + index % kTailCount);
}

char32_t mapped_alone(char32_t c) {
  const auto runs = casemap_runs();
  auto run = std::upper_bound(runs.begin(), runs.end(), c,
                              [](char32_t value, const CasemapRun& r) { return value < r.first; });
  if (run == runs.begin()) return c;
  --run;
  if (c > run->last || (c - run->first) % run->step != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + run->delta);
}

}  // namespace

void append_casemapped(std::string& out, char32_t c) {
  if (c >= kSyllables && c < kSyllables + kSyllableCount) return append_hangul(out, c);
  const auto sequences = casemap_sequences();
  const auto at = std::lower_bound(sequences.begin(), sequences.end(), c,
                                   [](const CasemapSequence& s, char32_t v) { return s.from < v; });
  if (at == sequences.end() || at->from != c) return append_utf8(out, mapped_alone(c));
  for (const char32_t part : casemap_pool().subspan(at->offset, at->count)) append_utf8(out, part);
}

std::string unicode_casemap(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    if (static_cast<unsigned char>(utf8[at]) < 0x80) {
      out += ascii_upper(utf8[at++]);
    } else {
      append_casemapped(out, next_code_point(utf8, at));
    }
  }
  return out;
}

}  // namespace mailscope::imap
