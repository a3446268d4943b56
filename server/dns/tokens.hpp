// Zone file text cut into entries and tokens (RFC 1035 section 5.1): quotes, escapes, comments, and
// parentheses that let an entry go over several lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/dns/record.hpp"

namespace mailscope::dns {

struct Token {
  std::string_view text;  // escapes still in it; quotes taken off
  bool quoted = false;
};

/// One entry: a record or a $ directive.
struct Entry {
  std::vector<Token> tokens;
  bool indented = false;  // begins with white space: the owner is that of the entry before
  std::size_t line = 1;   // where it begins
};

class EntryReader {
 public:
  explicit EntryReader(std::string_view text) : text_(text) {}
  /// The next entry that is not blank. nullopt at the end or at an error.
  std::optional<Entry> next();
  /// Empty unless the text is malformed; then in words, without the line.
  const std::string& error() const { return error_; }
  std::size_t line() const { return line_; }

 private:
  bool read_token(Entry& entry);
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t depth_ = 0;  // of parentheses
  std::string error_;
};

/// The record that an entry says. `last_owner`: of the entry before, or null.
Parsed<Record> parse_entry(const Entry& entry, const Name& origin, std::uint32_t default_ttl,
                           const Name* last_owner);

}  // namespace mailscope::dns
