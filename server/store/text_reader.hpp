// How messages become text that is searched. The store keeps an index of such text and does not
// know what a message is: who searches tells it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailscope::store {

class TextReader {
 public:
  virtual ~TextReader() = default;
  struct Text {
    std::string header;
    std::string body;
  };
  /// All text in which a search may find something: UTF-8, case folded.
  virtual Text read(std::string_view message) const = 0;
  /// What is searched for, folded in the same way.
  virtual std::string fold(std::string_view wanted) const = 0;
  /// Another number whenever either gives another result than before: the index is made anew.
  virtual std::uint32_t version() const = 0;
};

}  // namespace mailscope::store
