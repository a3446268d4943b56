#!/usr/bin/env python3
# Makes casemap_table.cpp from Python's copy of UnicodeData.txt:
#   python3 server/imap/casemap_table.py > server/imap/casemap_table.cpp
import unicodedata

HEADER = """// What i;unicode-casemap (RFC 5051) makes of a character: its title case, decomposed. Made by
// casemap_table.py from Unicode {version}; characters that stay and Hangul are not listed.
#include "server/imap/casemap_table.hpp"

namespace mailscope::imap {{
namespace {{

// clang-format off
constexpr CasemapRun kRuns[] = {{
{runs}
}};

constexpr CasemapSequence kSequences[] = {{
{sequences}
}};

constexpr char32_t kPool[] = {{
{pool}
}};
// clang-format on

}}  // namespace

std::span<const CasemapRun> casemap_runs() {{
  return kRuns;
}}
std::span<const CasemapSequence> casemap_sequences() {{
  return kSequences;
}}
std::span<const char32_t> casemap_pool() {{
  return kPool;
}}

}}  // namespace mailscope::imap"""


def title(c):  # the simple mapping: one character or none
    return c.title() if len(c.title()) == 1 else c


def decompose(c):
    parts = [p for p in unicodedata.decomposition(c).split() if not p.startswith("<")]
    return "".join(decompose(chr(int(p, 16))) for p in parts) if parts else c


def runs(single):
    keys, out, i = sorted(single), [], 0
    while i < len(keys):
        delta = single[keys[i]] - keys[i]
        for step in (1, 2):
            j = i
            while j + 1 < len(keys) and keys[j + 1] == keys[j] + step and single[keys[j + 1]] - keys[j + 1] == delta:
                j += 1
            if j > i:
                break
        out.append((keys[i], keys[j], step if j > i else 1, delta))
        i = j + 1
    return out


def lines(items):
    line, out = "", []
    for item in items:
        if len(line) + len(item) + 1 > 99:
            out.append(line)
            line = ""
        line += (" " if line else "") + item
    return "\n".join(out + [line])


mapped = {}
for code in range(0x110000):
    if not 0xD800 <= code <= 0xDFFF:
        result = decompose(title(chr(code)))
        if result != chr(code):
            mapped[code] = result
pool, sequences, seen = [], [], {}
for code in sorted(mapped):
    text = mapped[code]
    if len(text) == 1:
        continue
    if text not in seen:
        seen[text] = len(pool)
        pool += [ord(c) for c in text]
    sequences.append((code, seen[text], len(text)))
print(HEADER.format(
    version=unicodedata.unidata_version,
    runs=lines(f"{{{a:#x},{b:#x},{s},{d}}}," for a, b, s, d in runs({k: ord(v) for k, v in mapped.items() if len(v) == 1})),
    sequences=lines(f"{{{c:#x},{o},{n}}}," for c, o, n in sequences),
    pool=lines(f"{c:#x}," for c in pool)))
