#!/usr/bin/env python3
# Makes normal_form_table.cpp from Python's copy of UnicodeData.txt:
#   python3 server/mail/normal_form_table.py > server/mail/normal_form_table.cpp
import unicodedata

HEADER = """// What normalization form C needs to know of characters. Made by normal_form_table.py from Unicode
// {version}; Hangul syllables are computed and not listed.
#include "server/mail/normal_form_table.hpp"

namespace mailscope::mail {{
namespace {{

// clang-format off
constexpr CombiningRun kCombining[] = {{
{combining}
}};

constexpr Decomposition kDecompositions[] = {{
{decompositions}
}};
// clang-format on

}}  // namespace

std::span<const CombiningRun> combining_runs() {{
  return kCombining;
}}
std::span<const Decomposition> decompositions() {{
  return kDecompositions;
}}

}}  // namespace mailscope::mail"""


def lines(items):
    line, out = "", []
    for item in items:
        if len(line) + len(item) + 1 > 99:
            out.append(line)
            line = ""
        line += (" " if line else "") + item
    return "\n".join(out + [line])


combining, decompositions = [], []
for code in range(0x110000):
    if 0xD800 <= code <= 0xDFFF or 0xAC00 <= code <= 0xD7A3:
        continue
    c = chr(code)
    weight = unicodedata.combining(c)
    if weight:
        if combining and combining[-1][1] == code - 1 and combining[-1][2] == weight:
            combining[-1][1] = code
        else:
            combining.append([code, code, weight])
    parts = unicodedata.decomposition(c).split()
    if parts and not parts[0].startswith("<"):
        numbers = [int(p, 16) for p in parts] + [0]
        composes = len(parts) == 2 and unicodedata.normalize("NFC", c) == c
        decompositions.append((code, numbers[0], numbers[1], composes))
print(HEADER.format(
    version=unicodedata.unidata_version,
    combining=lines(f"{{{a:#x},{b:#x},{w}}}," for a, b, w in combining),
    decompositions=lines(f"{{{c:#x},{a:#x},{b:#x},{int(k)}}}," for c, a, b, k in decompositions)))
