#include "server/mail/normal_form.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "server/mail/encoding.hpp"
#include "server/mail/normal_form_table.hpp"

namespace mailscope::mail {
namespace {

using Text = std::u32string;

// Hangul syllables are put together by arithmetic: lead, vowel, and maybe a tail.
constexpr char32_t kSyllables = 0xac00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11a7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

/// Below it nothing combines and nothing has another spelling.
constexpr char32_t kFirstToLookAt = 0x300;

// Of good UTF-8.
Text decode(std::string_view text) {
  Text out;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t c = size == 1 ? first : first & (0xffu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
      c = c << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3fu);
    out += c;
    at += size;
  }
  return out;
}

std::string encode(const Text& text) {
  std::string out;
  for (const char32_t c : text) {
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    out += static_cast<char>((0xffu << (7 - more) & 0xffu) | (c >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80u | (c >> (6 * i) & 0x3fu));
  }
  return out;
}

std::uint8_t weight_of(char32_t c) {
  const auto runs = combining_runs();
  auto run = std::upper_bound(runs.begin(), runs.end(), c,
                              [](char32_t value, const auto& r) { return value < r.first; });
  if (run == runs.begin()) return 0;
  --run;
  return c <= run->last ? run->weight : 0;
}

void append_decomposed(Text& out, char32_t c) {
  if (c >= kSyllables && c < kSyllables + kSyllableCount) {
    const char32_t index = c - kSyllables;
    out += kLeads + index / (kVowelCount * kTailCount);
    out += kVowels + index / kTailCount % kVowelCount;
    if (index % kTailCount != 0) out += kTails + index % kTailCount;
    return;
  }
  const auto all = decompositions();
  const auto at = std::lower_bound(all.begin(), all.end(), c,
                                   [](const auto& d, char32_t value) { return d.from < value; });
  if (at == all.end() || at->from != c) {
    out += c;
    return;
  }
  append_decomposed(out, at->first);
  if (at->second != 0) append_decomposed(out, at->second);
}

// Marks of different classes stand in the order of their classes.
void order_marks(Text& text) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    std::size_t end = begin;
    while (end < text.size() && weight_of(text[end]) != 0) ++end;
    const auto from = text.begin() + static_cast<std::ptrdiff_t>(begin);
    std::stable_sort(from, text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char32_t a, char32_t b) { return weight_of(a) < weight_of(b); });
    begin = end;
  }
}

struct Composition {
  char32_t first, second, whole;
  auto key() const { return std::pair(first, second); }
};

const std::vector<Composition>& compositions() {
  static const std::vector<Composition> all = [] {
    std::vector<Composition> out;
    for (const Decomposition& d : decompositions()) {
      if (d.composes) out.push_back({d.first, d.second, d.from});
    }
    std::sort(out.begin(), out.end(),
              [](const Composition& a, const Composition& b) { return a.key() < b.key(); });
    return out;
  }();
  return all;
}

std::optional<char32_t> composed(char32_t a, char32_t b) {
  if (a >= kLeads && a < kLeads + kLeadCount && b >= kVowels && b < kVowels + kVowelCount)
    return kSyllables + ((a - kLeads) * kVowelCount + (b - kVowels)) * kTailCount;
  const bool open =
      a >= kSyllables && a < kSyllables + kSyllableCount && (a - kSyllables) % kTailCount == 0;
  if (open && b > kTails && b < kTails + kTailCount) return a + (b - kTails);
  const auto& all = compositions();
  const auto at = std::lower_bound(
      all.begin(), all.end(), std::pair(a, b),
      [](const Composition& c, const std::pair<char32_t, char32_t>& key) { return c.key() < key; });
  if (at == all.end() || at->key() != std::pair(a, b)) return std::nullopt;
  return at->whole;
}

// Puts marks back into the last character that begins something, unless another mark of the same
// class, or a character that begins something else, stands between.
void compose(Text& text) {
  std::size_t kept = 0, starter = 0;
  bool has_starter = false;
  std::uint8_t between = 0;  // the class of the last one kept behind the starter
  for (const char32_t c : text) {
    const std::uint8_t weight = weight_of(c);
    const bool adjacent = has_starter && kept == starter + 1;
    if (has_starter && (adjacent || (between != 0 && between < weight))) {
      if (const auto whole = composed(text[starter], c)) {
        text[starter] = *whole;
        continue;
      }
    }
    if (weight == 0) {
      starter = kept;
      has_starter = true;
    }
    between = weight;
    text[kept++] = c;
  }
  text.resize(kept);
}

}  // namespace

std::string normal_form(std::string_view text) {
  if (!is_valid_utf8(text)) return std::string(text);
  const Text before = decode(text);
  if (std::all_of(before.begin(), before.end(), [](char32_t c) { return c < kFirstToLookAt; }))
    return std::string(text);
  Text out;
  for (const char32_t c : before) append_decomposed(out, c);
  order_marks(out);
  compose(out);
  return encode(out);
}

}  // namespace mailscope::mail
