// UTF-8 and simple case folding.
#include "server/imap/unicode.hpp"

#include <algorithm>

namespace mailscope::imap {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// A run of capital letters and the way to their small ones.
struct FoldRange {
  char32_t first, last;
  int offset;      // added to the capital letter
  bool alternate;  // capital and small letters alternate: only every second one is a capital
};
constexpr FoldRange kFolds[] = {
    {0x41, 0x5a, 32, false},   {0xc0, 0xd6, 32, false},     {0xd8, 0xde, 32, false},
    {0x100, 0x12f, 1, true},   {0x132, 0x137, 1, true},     {0x139, 0x148, 1, true},
    {0x14a, 0x177, 1, true},   {0x178, 0x178, -121, false}, {0x179, 0x17e, 1, true},
    {0x1cd, 0x1dc, 1, true},   {0x1de, 0x1ef, 1, true},     {0x1f8, 0x21f, 1, true},
    {0x222, 0x233, 1, true},   {0x386, 0x386, 38, false},   {0x388, 0x38a, 37, false},
    {0x38c, 0x38c, 64, false}, {0x38e, 0x38f, 63, false},   {0x391, 0x3a1, 32, false},
    {0x3a3, 0x3ab, 32, false}, {0x400, 0x40f, 80, false},   {0x410, 0x42f, 32, false},
    {0x460, 0x481, 1, true},   {0x48a, 0x4bf, 1, true},     {0x4c1, 0x4ce, 1, true},
    {0x4d0, 0x52f, 1, true},   {0x531, 0x556, 48, false},   {0x1e00, 0x1e95, 1, true},
    {0x1ea0, 0x1eff, 1, true},
};

char32_t fold(char32_t c) {
  const auto* range =
      std::upper_bound(std::begin(kFolds), std::end(kFolds), c,
                       [](char32_t value, const FoldRange& r) { return value < r.first; });
  if (range == std::begin(kFolds)) return c;
  --range;
  if (c > range->last) return c;
  if (range->alternate && (c - range->first) % 2 != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + range->offset);
}

}  // namespace

char32_t next_code_point(std::string_view s, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(s[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 && lead <= 0xf4  ? 3
                   : lead >= 0xe0 && lead < 0xf0 ? 2
                   : lead >= 0xc2 && lead < 0xe0 ? 1
                                                 : 0;
  if (more == 0 || s.size() - at < static_cast<std::size_t>(more)) return kReplacement;
  char32_t c = lead & (0x3fu >> more);
  for (int i = 0; i < more; ++i) {
    const auto octet = static_cast<unsigned char>(s[at + static_cast<std::size_t>(i)]);
    if ((octet & 0xc0) != 0x80) return kReplacement;
    c = (c << 6) | (octet & 0x3f);
  }
  const bool overlong = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
  if (overlong || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return kReplacement;
  at += static_cast<std::size_t>(more);
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t octet) {
    out += static_cast<char>(static_cast<unsigned char>(octet));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

bool equal_ci(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return ascii_lower(x) == ascii_lower(y);
         });
}

std::string ascii_upper_copy(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), ascii_upper);
  return out;
}

std::string fold_case(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    if (static_cast<unsigned char>(utf8[at]) < 0x80) {
      out += ascii_lower(utf8[at++]);
    } else {
      append_utf8(out, fold(next_code_point(utf8, at)));
    }
  }
  return out;
}

}  // namespace mailscope::imap
