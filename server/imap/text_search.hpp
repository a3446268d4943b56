// Substring search without regard to case, as SEARCH's string keys want it (RFC 3501
// section 6.4.4).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace mailscope::imap {

class TextSearch {
 public:
  /// `needle`: UTF-8.
  explicit TextSearch(std::string_view needle);
  /// `text`: UTF-8. An empty needle is found everywhere.
  bool found_in(std::string_view text) const;

 private:
  bool scan(std::string_view text) const;

  std::string needle_;  // folded
  bool ascii_;          // then the text need not be folded as a whole
  // Boyer-Moore-Horspool: how far the window moves for the last octet in it.
  std::array<std::size_t, 256> shift_{};
};

}  // namespace mailscope::imap
