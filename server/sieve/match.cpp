#include "server/sieve/match.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/imap/casemap.hpp"
#include "server/imap/unicode.hpp"
#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

/// Units of a value that are matched with wildcards: each costs eight octets meanwhile.
constexpr std::size_t kMaxUnits = 1'048'576;
constexpr std::size_t kNowhere = std::string_view::npos;
/// What a comparison costs besides its octets: lists of keys may be long, and values few octets.
constexpr std::uint64_t kMatchWork = 16;

/// A value as the comparator sees it. A character may be several units (RFC 5051: decomposed).
struct Units {
  std::u32string folded;
  // Where the character of each unit begins in the value; of a unit that is not the first of its
  // character, where it ends. One more: the end.
  std::vector<std::uint32_t> offsets;
  bool octets = false;  // each unit is an octet of the value

  bool begins_character(std::size_t unit) const {
    return unit >= folded.size() || offsets[unit] < offsets[unit + 1];
  }
  /// Behind the character that holds this unit.
  std::size_t behind_character(std::size_t unit) const {
    do ++unit;
    while (!begins_character(unit));
    return unit;
  }
};

char32_t fold_octet(Comparator::Kind kind, char c) {
  const char folded = kind == Comparator::Kind::octet ? c : mail::to_lower(c);
  return static_cast<unsigned char>(folded);
}

Units units_of(Comparator::Kind kind, std::string_view text) {
  Units out;
  std::size_t at = 0;
  const auto add = [&out](char32_t unit, std::size_t offset) {
    out.folded += unit;
    out.offsets.push_back(static_cast<std::uint32_t>(offset));
  };
  out.octets = kind != Comparator::Kind::unicode_casemap;
  out.folded.reserve(text.size());
  out.offsets.reserve(text.size() + 1);
  while (at < text.size() && out.folded.size() < kMaxUnits) {
    const std::size_t begin = at;
    if (out.octets) {
      add(fold_octet(kind, text[at++]), begin);
      continue;
    }
    std::string mapped;
    imap::append_casemapped(mapped, imap::next_code_point(text, at));
    for (std::size_t i = 0; i < mapped.size();) {
      const std::size_t offset = i == 0 ? begin : at;
      add(imap::next_code_point(mapped, i), offset);
    }
  }
  out.offsets.push_back(static_cast<std::uint32_t>(at));
  return out;
}

/// A pattern: '*' any characters, '?' one character, else the unit itself.
struct Sign {
  enum class Kind : std::uint8_t { unit, one, many } kind = Kind::unit;
  char32_t unit = 0;
};

/// RFC 5228 section 2.7.1: a backslash makes the next sign literal. What only decomposes to a
/// wildcard (U+FF0A) is none.
std::vector<Sign> pattern_of(Comparator::Kind kind, std::string_view key) {
  std::vector<Sign> out;
  const Units units = units_of(kind, key);
  for (std::size_t i = 0; i < units.folded.size(); ++i) {
    const char sign = units.begins_character(i) ? key[units.offsets[i]] : '\0';
    if (sign == '\\' && i + 1 < units.folded.size())
      out.push_back({Sign::Kind::unit, units.folded[++i]});
    else if (sign == '*')
      out.push_back({Sign::Kind::many, 0});
    else if (sign == '?')
      out.push_back({Sign::Kind::one, 0});
    else
      out.push_back({Sign::Kind::unit, units.folded[i]});
  }
  return out;
}

/// Matching from the left, '*' as short as possible: each piece between two '*' is taken where it
/// first fits, which is never worse than a later place, and the last one at the end.
class Glob {
 public:
  Glob(const std::vector<Sign>& pattern, const Units& value, std::uint64_t& work)
      : pattern_(pattern), value_(value), work_(work) {}

  bool run() {
    std::size_t sign = piece_end(0);
    std::size_t at = fit(0, sign, 0);
    if (at == kNowhere) return false;
    note(0, sign, 0);
    if (sign == pattern_.size()) return at == size();
    while (sign < pattern_.size()) {  // pattern_[sign] is a '*'
      const std::size_t begin = sign + 1;
      const std::size_t end = piece_end(begin);
      const std::size_t found = find(begin, end, at);
      if (found == kNowhere) return false;
      spans_.emplace_back(at, found);
      note(begin, end, found);
      at = fit(begin, end, found);
      sign = end;
    }
    return at == size();
  }
  /// What each wildcard stands for, as units.
  const std::vector<std::pair<std::size_t, std::size_t>>& spans() const { return spans_; }

 private:
  std::size_t size() const { return value_.folded.size(); }
  std::size_t piece_end(std::size_t from) const {
    while (from < pattern_.size() && pattern_[from].kind != Sign::Kind::many) ++from;
    return from;
  }
  /// The first place at or behind `at` where the piece fits; for the last piece: up to the end.
  std::size_t find(std::size_t begin, std::size_t end, std::size_t at) {
    const std::size_t length = end - begin;
    if (at + length > size()) return kNowhere;
    const bool last = end == pattern_.size();
    // There the piece has one length, so that places before the last one need no look.
    if (last && value_.octets) at = size() - length;
    for (; work_ > 0 && at + length <= size(); ++at) {
      const std::size_t behind = fit(begin, end, at);
      if (behind != kNowhere && (!last || behind == size())) return at;
    }
    return kNowhere;
  }
  /// Behind the piece when it fits at `at`.
  std::size_t fit(std::size_t begin, std::size_t end, std::size_t at) {
    for (std::size_t i = begin; i < end; ++i) {
      if (work_ == 0 || at >= size()) return kNowhere;
      --work_;
      if (pattern_[i].kind == Sign::Kind::unit && pattern_[i].unit != value_.folded[at])
        return kNowhere;
      at = step(i, at);
    }
    return at;
  }
  std::size_t step(std::size_t sign, std::size_t at) const {
    return pattern_[sign].kind == Sign::Kind::one ? value_.behind_character(at) : at + 1;
  }
  void note(std::size_t begin, std::size_t end, std::size_t at) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t behind = step(i, at);
      if (pattern_[i].kind == Sign::Kind::one) spans_.emplace_back(at, behind);
      at = behind;
    }
  }

  const std::vector<Sign>& pattern_;
  const Units& value_;
  std::uint64_t& work_;
  std::vector<std::pair<std::size_t, std::size_t>> spans_;
};

/// Substring search octet by octet, without the units that wildcards need: bodies are large.
bool contains_octets(Comparator::Kind kind, std::string_view value, std::string_view key,
                     std::uint64_t& work) {
  const auto same = [kind](char a, char b) { return fold_octet(kind, a) == fold_octet(kind, b); };
  for (std::size_t at = 0; at + key.size() <= value.size(); ++at) {
    std::size_t i = 0;
    while (i < key.size() && same(value[at + i], key[i])) ++i;
    if (i == key.size()) return true;
    if (work <= i) {
      work = 0;
      return false;
    }
    work -= i;
  }
  return false;
}

void take_work(std::uint64_t& work, std::size_t octets) {
  work -= std::min<std::uint64_t>(work, octets);
}

}  // namespace

std::optional<Relation> find_relation(std::string_view word) {
  constexpr std::array<std::string_view, 6> kWords = {"gt", "ge", "lt", "le", "eq", "ne"};
  const auto found = std::ranges::find(kWords, mail::lower(word));
  if (found == kWords.end()) return std::nullopt;
  return static_cast<Relation>(found - kWords.begin());
}

bool holds(Relation relation, std::strong_ordering order) {
  switch (relation) {
    case Relation::gt:
      return order > 0;
    case Relation::ge:
      return order >= 0;
    case Relation::lt:
      return order < 0;
    case Relation::le:
      return order <= 0;
    case Relation::eq:
      return order == 0;
    case Relation::ne:
      return order != 0;
  }
  return false;
}

bool matches(const Matcher& matcher, std::string_view value, std::string_view key,
             std::uint64_t& work, std::vector<std::string>* captures) {
  if (matcher.type != MatchType::contains && matcher.type != MatchType::matches) {
    const bool mapped = matcher.comparator->kind == Comparator::Kind::unicode_casemap;
    take_work(work, kMatchWork +
                        (mapped ? value.size() + key.size() : std::min(value.size(), key.size())));
    const Relation relation = matcher.type == MatchType::is ? Relation::eq : matcher.relation;
    return work > 0 && holds(relation, compare(*matcher.comparator, value, key));
  }
  take_work(work, kMatchWork + value.size() + key.size());
  if (work == 0) return false;
  const Comparator::Kind kind = matcher.comparator->kind;
  if (matcher.type == MatchType::contains) {
    if (kind != Comparator::Kind::unicode_casemap) return contains_octets(kind, value, key, work);
    return contains_octets(Comparator::Kind::octet, imap::unicode_casemap(value),
                           imap::unicode_casemap(key), work);
  }
  const std::vector<Sign> pattern = pattern_of(kind, key);
  const Units units = units_of(kind, value);
  Glob glob(pattern, units, work);
  if (!glob.run()) return false;
  if (captures != nullptr) {
    captures->assign(1, std::string(value.substr(0, units.offsets.back())));
    for (const auto& [begin, end] : glob.spans()) {
      captures->emplace_back(
          value.substr(units.offsets[begin], units.offsets[end] - units.offsets[begin]));
    }
  }
  return true;
}

}  // namespace mailscope::sieve
