// Searches text without regard to case (Boyer, Moore, Horspool).
#include "server/imap/text_search.hpp"

#include <algorithm>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {

namespace {

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return all < 0x80;
}

}  // namespace

TextSearch::TextSearch(std::string_view needle, Collation collation)
    : key_(collation_key(collation, needle)), collation_(collation), ascii_(is_ascii(needle)) {
  for (const char c : needle) needle_ += ascii_lower(c);
  shift_.fill(needle_.size());
  for (std::size_t i = 0; i + 1 < needle_.size(); ++i) {
    const char c = needle_[i];
    shift_[static_cast<unsigned char>(c)] = needle_.size() - 1 - i;
    shift_[static_cast<unsigned char>(ascii_upper(c))] = needle_.size() - 1 - i;
  }
}

bool TextSearch::found_in(std::string_view text) const {
  if (needle_.empty()) return true;
  switch (collation_) {
    case Collation::octet:
      return text.find(key_) != std::string_view::npos;
    case Collation::ascii_casemap:
      return scan(text);
    case Collation::unicode_casemap:
      break;
  }
  // An ASCII letter may be part of what a letter with an accent is decomposed into.
  if (is_ascii(text)) return ascii_ && scan(text);
  return collation_key(collation_, text).find(key_) != std::string::npos;
}

bool TextSearch::scan(std::string_view text) const {
  const std::size_t size = needle_.size();
  for (std::size_t at = 0; at + size <= text.size();) {
    const char last = text[at + size - 1];
    if (ascii_lower(last) == needle_[size - 1] &&
        std::equal(needle_.begin(), needle_.end() - 1,
                   text.begin() + static_cast<std::ptrdiff_t>(at),
                   [](char n, char t) { return n == ascii_lower(t); })) {
      return true;
    }
    at += shift_[static_cast<unsigned char>(last)];
  }
  return false;
}

}  // namespace mailscope::imap
