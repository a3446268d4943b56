// Keys by which texts are compared.
#include "server/imap/collation.hpp"

#include <algorithm>

#include "server/imap/casemap_table.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/unicode.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

constexpr CollationInfo kCollations[] = {
    {"i;unicode-casemap", Collation::unicode_casemap},
    {"i;ascii-casemap", Collation::ascii_casemap},
    {"i;octet", Collation::octet},
};

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

void append_mapped(std::string& out, char32_t c) {
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
      append_mapped(out, next_code_point(utf8, at));
    }
  }
  return out;
}

}  // namespace

std::span<const CollationInfo> collations() {
  return kCollations;
}

std::string_view name_of(Collation collation) {
  const auto* at =
      std::find_if(std::begin(kCollations), std::end(kCollations),
                   [collation](const CollationInfo& c) { return c.collation == collation; });
  return at->name;
}

std::string collation_key(Collation collation, std::string_view utf8) {
  switch (collation) {
    case Collation::unicode_casemap:
      return unicode_casemap(utf8);
    case Collation::ascii_casemap:
      return ascii_upper_copy(utf8);
    case Collation::octet:
      break;
  }
  return std::string(utf8);
}

std::string sorting_key(Collation collation, std::string_view utf8) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  const bool ascii = std::all_of(utf8.begin(), utf8.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii || (mail::is_valid_utf8(utf8) && utf8.find(kReplacement) == std::string_view::npos)) {
    return collation_key(collation, utf8);
  }
  // No UTF-8 begins with this octet, so that it is behind all that does.
  return '\xff' + std::string(utf8);
}

bool collation_matches(std::string_view pattern, std::string_view name) {
  std::string wanted = ascii_upper_copy(pattern);
  if (wanted.find('%') != std::string::npos) return false;  // not a wildcard here
  return ListPattern(wanted).matches(ascii_upper_copy(name));
}

}  // namespace mailscope::imap
