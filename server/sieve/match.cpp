#include "server/sieve/match.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/imap/unicode.hpp"
#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

/// Octets of a value that are matched with wildcards: each costs eight in memory meanwhile.
constexpr std::size_t kMaxUnits = 1'048'576;

/// A value as units that the comparator calls characters, folded as it compares them.
struct Units {
  std::u32string folded;
  std::vector<std::uint32_t> offsets;  // of each unit in the value, and its end
};

char32_t fold_octet(Comparator::Kind kind, char c) {
  const char folded = kind == Comparator::Kind::octet ? c : mail::to_lower(c);
  return static_cast<unsigned char>(folded);
}

Units units_of(Comparator::Kind kind, std::string_view text) {
  Units out;
  out.folded.reserve(text.size());
  out.offsets.reserve(text.size() + 1);
  std::size_t at = 0;
  while (at < text.size()) {
    out.offsets.push_back(static_cast<std::uint32_t>(at));
    if (kind != Comparator::Kind::unicode_casemap) {
      out.folded += fold_octet(kind, text[at++]);
      continue;
    }
    const std::size_t begin = at;
    imap::next_code_point(text, at);
    const std::string one = imap::fold_case(text.substr(begin, at - begin));
    std::size_t ignored = 0;
    out.folded += one.empty() ? U'\0' : imap::next_code_point(one, ignored);
  }
  out.offsets.push_back(static_cast<std::uint32_t>(at));
  return out;
}

/// A pattern: '*' any units, '?' one unit, else the unit itself.
struct Sign {
  enum class Kind : std::uint8_t { unit, one, many } kind = Kind::unit;
  char32_t unit = 0;
};

/// RFC 5228 section 2.7.1: a backslash makes the next sign literal.
std::vector<Sign> pattern_of(Comparator::Kind kind, std::string_view key, bool wildcards) {
  std::vector<Sign> out;
  const Units units = units_of(kind, key);
  for (std::size_t i = 0; i < units.folded.size(); ++i) {
    const char32_t unit = units.folded[i];
    if (wildcards && unit == U'\\' && i + 1 < units.folded.size())
      out.push_back({Sign::Kind::unit, units.folded[++i]});
    else if (wildcards && unit == U'*')
      out.push_back({Sign::Kind::many, 0});
    else if (wildcards && unit == U'?')
      out.push_back({Sign::Kind::one, 0});
    else
      out.push_back({Sign::Kind::unit, unit});
  }
  return out;
}

/// Matching from the left, '*' as short as possible: each piece between two '*' is taken where it
/// first fits, which is never worse than a later place, and the last one at the end.
class Glob {
 public:
  Glob(const std::vector<Sign>& pattern, const std::u32string& value, std::uint64_t& work)
      : pattern_(pattern), value_(value), work_(work) {}

  bool run() {
    std::size_t at = 0, sign = 0;
    std::size_t piece = piece_end(0);
    if (piece == pattern_.size()) return value_.size() == piece && fits(0, piece, 0);
    if (!fits(0, piece, 0)) return false;
    note(0, piece, 0);
    at = sign = piece;
    while (sign < pattern_.size()) {  // pattern_[sign] is a '*'
      const std::size_t begin = sign + 1;
      const std::size_t end = piece_end(begin);
      const std::size_t length = end - begin;
      std::size_t found = at;
      if (end == pattern_.size()) {
        if (value_.size() < at + length) return false;
        found = value_.size() - length;
        if (!fits(begin, end, found)) return false;
      } else {
        while (!fits(begin, end, found)) {
          if (work_ == 0 || ++found + length > value_.size()) return false;
        }
      }
      spans_.emplace_back(at, found);
      note(begin, end, found);
      at = found + length;
      sign = end;
    }
    return true;
  }
  /// What each wildcard stands for, as units.
  const std::vector<std::pair<std::size_t, std::size_t>>& spans() const { return spans_; }

 private:
  std::size_t piece_end(std::size_t from) const {
    while (from < pattern_.size() && pattern_[from].kind != Sign::Kind::many) ++from;
    return from;
  }
  bool fits(std::size_t begin, std::size_t end, std::size_t at) {
    if (at + (end - begin) > value_.size()) return false;
    for (std::size_t i = begin; i < end; ++i) {
      if (work_ == 0) return false;
      --work_;
      if (pattern_[i].kind == Sign::Kind::unit && pattern_[i].unit != value_[at + i - begin])
        return false;
    }
    return true;
  }
  void note(std::size_t begin, std::size_t end, std::size_t at) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t unit = at + i - begin;
      if (pattern_[i].kind == Sign::Kind::one) spans_.emplace_back(unit, unit + 1);
    }
  }

  const std::vector<Sign>& pattern_;
  const std::u32string& value_;
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
    take_work(work, std::min(value.size(), key.size()) + 1);
    const Relation relation = matcher.type == MatchType::is ? Relation::eq : matcher.relation;
    return work > 0 && holds(relation, compare(*matcher.comparator, value, key));
  }
  take_work(work, value.size() + key.size() + 1);
  if (work == 0) return false;
  const Comparator::Kind kind = matcher.comparator->kind;
  const bool wildcards = matcher.type == MatchType::matches;
  if (!wildcards && kind != Comparator::Kind::unicode_casemap)
    return contains_octets(kind, value, key, work);
  value = value.substr(0, kMaxUnits);
  std::vector<Sign> pattern = pattern_of(kind, key, wildcards);
  if (!wildcards) {
    pattern.insert(pattern.begin(), Sign{Sign::Kind::many, 0});
    pattern.push_back({Sign::Kind::many, 0});
  }
  const Units units = units_of(kind, value);
  Glob glob(pattern, units.folded, work);
  if (!glob.run()) return false;
  if (captures != nullptr && wildcards) {
    captures->assign(1, std::string(value));
    for (const auto& [begin, end] : glob.spans()) {
      captures->emplace_back(
          value.substr(units.offsets[begin], units.offsets[end] - units.offsets[begin]));
    }
  }
  return true;
}

}  // namespace mailscope::sieve
