// The text of a message in which SEARCH looks, for a store that keeps an index of it: the same that
// header_contains() and body_contains() read.
#pragma once

#include "server/store/text_reader.hpp"

namespace mailscope::imap {

class SearchableText final : public store::TextReader {
 public:
  Text read(std::string_view message) const override;
  std::string fold(std::string_view wanted) const override;
  /// Raise it with every change of what SEARCH reads, or how it compares.
  std::uint32_t version() const override { return 1; }
};

}  // namespace mailscope::imap
