// Tokens of a Sieve script (RFC 5228 section 8.1).
//
//   if size :over 100K { discard; }   # identifier, tag, number, separators; comments are skipped
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/sieve/syntax.hpp"

namespace mailscope::sieve {

struct Token {
  enum class Kind : std::uint8_t {
    identifier,
    tag,
    number,
    string,
    separator,
    end,
    error
  } kind = Kind::end;
  Place at;
  std::string text;          // identifier and tag in lower case; string; what is wrong
  std::uint64_t number = 0;  // with its quantifier
  char separator = 0;        // one of [](){},;
  /// As an error message names it: "';'", "a string".
  std::string shown() const;
};

class Lexer {
 public:
  /// `script` has CRLF line ends and outlives the lexer; see with_crlf().
  explicit Lexer(std::string_view script) : script_(script) {}
  /// After an error or the end there is nothing more.
  Token next();

 private:
  bool skip_blanks(Token& error);
  Token identifier();
  Token tag();
  Token number();
  Token quoted();
  Token multi_line(Place at);
  bool has(std::string_view text) const { return script_.substr(offset_).starts_with(text); }
  char peek(std::size_t ahead = 0) const {
    return offset_ + ahead < script_.size() ? script_[offset_ + ahead] : '\0';
  }
  bool at_end() const { return offset_ >= script_.size(); }
  bool take_line_end();
  void step();
  static Token wrong(Place at, std::string text);

  std::string_view script_;
  std::size_t offset_ = 0;
  Place place_;
};

/// Line ends as the grammar wants them. Editors and JSON write bare LF: it is taken as a line end,
/// although RFC 5228 section 2.2 knows CRLF only.
std::string with_crlf(std::string_view script);

}  // namespace mailscope::sieve
