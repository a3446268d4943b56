// Substring search by a collation, as SEARCH's string keys want it (RFC 3501 section 6.4.4,
// RFC 5255 section 4.6).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "server/imap/collation.hpp"

namespace mailscope::imap {

class TextSearch {
 public:
  /// `needle`: UTF-8.
  explicit TextSearch(std::string_view needle, Collation collation = Collation::unicode_casemap);
  /// `text`: UTF-8. An empty needle is found everywhere.
  bool found_in(std::string_view text) const;

 private:
  bool scan(std::string_view text) const;

  std::string needle_;  // ASCII letters small
  std::string key_;     // what stands for the needle in the collation
  Collation collation_;
  bool ascii_;  // then the collation need not be asked about ASCII texts
  // Boyer-Moore-Horspool: how far the window moves for the last octet in it.
  std::array<std::size_t, 256> shift_{};
};

}  // namespace mailscope::imap
