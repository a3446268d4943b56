// LIST's wildcards (RFC 3501 section 6.3.8): "*" matches anything, "%" anything but "/".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailscope::imap {

class ListPattern {
 public:
  /// `pattern`: UTF-8 with wildcards.
  explicit ListPattern(std::string_view pattern);
  /// INBOX is matched without regard to case, alone and above other levels; all else with it.
  bool matches(std::string_view name) const;
  bool has_percent() const { return pattern_.find('%') != std::string::npos; }

 private:
  /// `folded`: octets at the front of the name whose case does not count.
  bool match(std::string_view name, std::size_t folded) const;
  std::string pattern_;  // runs of wildcards made one
};

}  // namespace mailscope::imap
