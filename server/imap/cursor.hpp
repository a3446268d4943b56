// The basic grammar of IMAP (RFC 3501 section 9) as functions that read from a view of one whole
// command, literals in place:
//
//   A1 LOGIN {5}\r\nalice "pass word"
//
// Every function returns whether it found what it looks for and moves behind it only then. Nothing
// is read from a connection here; the Receiver has put the command together before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::imap {

/// Character classes of RFC 3501 section 9.
bool is_atom_char(char c);
bool is_astring_char(char c);  // ATOM-CHAR or "]"
bool is_list_char(char c);     // astring character or a wildcard

/// Stands for a name that cannot be decoded: no mailbox has it, and no store takes it.
inline constexpr std::string_view kNoName = "\x01";

class Cursor {
 public:
  explicit Cursor(std::string_view text, std::size_t offset = 0) : text_(text), at_(offset) {}

  bool at_end() const { return at_ == text_.size(); }
  std::size_t offset() const { return at_; }
  std::string_view rest() const { return text_.substr(at_); }
  /// The next octet, or NUL at the end (a command line holds no NUL outside literals).
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  /// Moves on by at most `octets`.
  void skip(std::size_t octets) {
    at_ += octets < text_.size() - at_ ? octets : text_.size() - at_;
  }

  bool end();
  bool space();
  bool character(char c);
  /// A word of the grammar, without regard to case, that no further atom character follows.
  bool word(std::string_view expected);
  bool atom(std::string_view& out);
  bool tag(std::string_view& out);
  bool number(std::uint32_t& out);
  bool nz_number(std::uint32_t& out);
  /// Up to 2^63 - 1 (RFC 7162 section 7, RFC 9051 section 9).
  bool number64(std::uint64_t& out);
  bool quoted(std::string& out);
  /// Points into the command. NUL is refused (RFC 3501 section 4.3).
  bool literal(std::string_view& out);
  bool string(std::string& out);
  bool astring(std::string& out);
  /// A literal that may hold any octets (RFC 3516 section 4.4, RFC 9051 section 4.3): "~{12}".
  bool literal8(std::string_view& out);
  /// A mailbox name, decoded to UTF-8, in normalization form C (RFC 9051 section 5.1); "inbox" in
  /// any case becomes "INBOX", one that is not coded as names are becomes kNoName. `sent`: gets it
  /// as it was before it was normalised.
  bool mailbox(std::string& utf8, std::string* sent = nullptr);
  /// The same of a text that was read already; nullopt: the name is not in the form that holds.
  std::optional<std::string> decode_name(std::string_view name) const;
  /// From here on names are UTF-8 as they are (RFC 6855, RFC 9051), not modified UTF-7.
  void set_utf8(bool on) { utf8_ = on; }
  /// LIST's pattern, as it was written.
  bool list_mailbox(std::string& out);

  /// Notes what should have stood here; the note that lies furthest wins. Always false.
  bool expected(std::string_view what);
  /// Takes over the note of a copy that read on and failed. Always false.
  bool failed_like(const Cursor& copy);
  /// "expected a mailbox name at octet 14"; for the text of a BAD.
  std::string problem() const;

 private:
  bool literal_octets(std::string_view& out);

  std::string_view text_;
  std::size_t at_ = 0;
  bool utf8_ = false;
  std::string_view expected_ = "nothing more";
  std::size_t expected_at_ = 0;
};

}  // namespace mailscope::imap
