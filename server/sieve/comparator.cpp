#include "server/sieve/comparator.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "server/imap/casemap.hpp"
#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

/// RFC 4790 section 9.1: the digits in front, without leading zeros; null data: infinity.
std::string_view digits_of(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && mail::is_digit(text[end])) ++end;
  text = text.substr(0, end);
  if (text.empty()) return {};
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  return text;
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  const std::string_view x = digits_of(a), y = digits_of(b);
  // What begins with no digit is infinity, and all infinities are equal.
  if (x.empty() || y.empty()) return x.empty() <=> y.empty();
  if (x.size() != y.size()) return x.size() <=> y.size();
  return x.compare(y) <=> 0;
}

/// RFC 4790 section 9.2: as octets, with the lower-case letters of ASCII changed to upper case.
std::strong_ordering compare_ascii(std::string_view a, std::string_view b) {
  const auto octet = [](char c) {
    return static_cast<unsigned char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
  };
  return std::lexicographical_compare_three_way(
      a.begin(), a.end(), b.begin(), b.end(),
      [octet](char x, char y) { return octet(x) <=> octet(y); });
}

}  // namespace

std::span<const Comparator> comparators() {
  using enum Comparator::Kind;
  static constexpr auto kComparators = std::to_array<Comparator>({
      {octet, "i;octet", "", true},
      {ascii_casemap, "i;ascii-casemap", "", true},
      {ascii_numeric, "i;ascii-numeric", "comparator-i;ascii-numeric", false},
      {unicode_casemap, "i;unicode-casemap", "comparator-i;unicode-casemap", true},
  });
  return kComparators;
}

const Comparator* find_comparator(std::string_view name) {
  for (const Comparator& comparator : comparators()) {
    if (comparator.name == name) return &comparator;
  }
  return nullptr;
}

std::strong_ordering compare(const Comparator& comparator, std::string_view a, std::string_view b) {
  switch (comparator.kind) {
    case Comparator::Kind::octet:
      return a.compare(b) <=> 0;
    case Comparator::Kind::ascii_casemap:
      return compare_ascii(a, b);
    case Comparator::Kind::ascii_numeric:
      return compare_numbers(a, b);
    case Comparator::Kind::unicode_casemap:
      return imap::unicode_casemap(a).compare(imap::unicode_casemap(b)) <=> 0;
  }
  return std::strong_ordering::equal;
}

}  // namespace mailscope::sieve
