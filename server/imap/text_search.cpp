// Searches text without regard to case (Boyer, Moore, Horspool).
#include "server/imap/text_search.hpp"

#include <algorithm>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {

TextSearch::TextSearch(std::string_view needle) : needle_(fold_case(needle)) {
  ascii_ = std::all_of(needle_.begin(), needle_.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  shift_.fill(needle_.size());
  for (std::size_t i = 0; i + 1 < needle_.size(); ++i) {
    const char c = needle_[i];
    shift_[static_cast<unsigned char>(c)] = needle_.size() - 1 - i;
    shift_[static_cast<unsigned char>(ascii_upper(c))] = needle_.size() - 1 - i;
  }
}

bool TextSearch::found_in(std::string_view text) const {
  if (needle_.empty()) return true;
  return ascii_ ? scan(text) : scan(fold_case(text));
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
