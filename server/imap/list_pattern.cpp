// Matches LIST's wildcards without backtracking.
#include "server/imap/list_pattern.hpp"

#include <algorithm>
#include <vector>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {

ListPattern::ListPattern(std::string_view pattern) {
  for (const char c : pattern) {
    const char last = pattern_.empty() ? '\0' : pattern_.back();
    if (c == '%' && (last == '%' || last == '*')) continue;
    if (c == '*' && last == '*') continue;
    if (c == '*' && last == '%') pattern_.pop_back();
    pattern_ += c;
  }
}

bool ListPattern::matches(std::string_view name) const {
  // INBOX has no case (RFC 3501 section 5.1), and so its name has none in those below it.
  const bool inbox = name.starts_with("INBOX") && (name.size() == 5 || name[5] == '/');
  return match(name, inbox ? 5 : 0);
}

// All places of the pattern at which we may be after each octet of the name: no backtracking, so no
// pattern takes longer than its length times that of the name.
bool ListPattern::match(std::string_view name, std::size_t folded) const {
  const auto is_wildcard = [this](std::size_t i) {
    return pattern_[i] == '*' || pattern_[i] == '%';
  };
  std::vector<char> here(pattern_.size() + 1, 0), next(pattern_.size() + 1, 0);
  const auto reach = [&](std::vector<char>& places, std::size_t i) {
    places[i] = 1;
    if (i < pattern_.size() && is_wildcard(i)) places[i + 1] = 1;  // a wildcard may match nothing
  };
  reach(here, 0);
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    const bool fold = at < folded;
    std::fill(next.begin(), next.end(), 0);
    bool alive = false;
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if (here[i] == 0) continue;
      const char p = pattern_[i];
      if (p == '*' || (p == '%' && c != '/')) {
        reach(next, i);
        alive = true;
      } else if (!is_wildcard(i) && (p == c || (fold && ascii_lower(p) == ascii_lower(c)))) {
        reach(next, i + 1);
        alive = true;
      }
    }
    if (!alive) return false;
    here.swap(next);
  }
  return here[pattern_.size()] != 0;
}

}  // namespace mailscope::imap
