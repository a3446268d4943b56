// Rights on mailboxes (RFC 4314 section 2): sets of letters.
//
//   SETACL Projects bob +lrsi        bob may see it, read it, keep \Seen and put messages into it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::imap {

/// The standard rights, in the order in which lists are written.
enum class Right : std::uint8_t {
  lookup,     // l
  read,       // r
  seen,       // s: \Seen
  write,      // w: other flags
  insert,     // i: APPEND, COPY into it
  post,       // p: mail to its address; asked for nowhere in IMAP
  create,     // k: mailboxes below it
  remove,     // x: DELETE, RENAME of it
  del_flag,   // t: \Deleted
  expunge,    // e
  administer  // a: its access control list
};
inline constexpr std::string_view kRightLetters = "lrswipkxtea";
/// For the capability: those that RFC 2086 did not have (RFC 4314 section 5.1.1).
inline constexpr std::string_view kNewRights = "kxte";

class Rights {
 public:
  constexpr Rights() = default;
  static constexpr Rights all() { return Rights((1u << kRightLetters.size()) - 1); }
  /// nullopt: there is a letter that is no right. "c" and "d" stand for "kx" and "te" (RFC 4314
  /// section 2.1.1).
  static std::optional<Rights> parse(std::string_view letters);
  constexpr bool has(Right right) const { return (bits_ & bit(right)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Rights operator|(Rights other) const { return Rights(bits_ | other.bits_); }
  constexpr Rights without(Rights other) const { return Rights(bits_ & ~other.bits_); }
  constexpr bool any_of(Rights other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool operator==(const Rights&) const = default;
  /// "lrswi"; what is stored.
  std::string letters() const;
  /// The same with the "c" and "d" that older clients look for.
  std::string shown() const;

 private:
  constexpr explicit Rights(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Right right) { return 1u << static_cast<unsigned>(right); }
  std::uint32_t bits_ = 0;
};

/// What a list of "identifier, letters" says for `account` and for "anyone": what is granted, or
/// with `negative` what "-account" and "-anyone" take away (RFC 4314 section 2).
template <typename Entries>
Rights listed_rights(const Entries& entries, std::string_view account, bool negative) {
  Rights rights;
  for (const auto& [identifier, letters] : entries) {
    if (identifier.starts_with('-') != negative) continue;
    const std::string_view who = std::string_view(identifier).substr(negative ? 1 : 0);
    if (who == account || who == "anyone")
      rights = rights | Rights::parse(letters).value_or(Rights());
  }
  return rights;
}
template <typename Entries>
Rights denied_to(const Entries& entries, std::string_view account) {
  return listed_rights(entries, account, true);
}
/// The union of what is granted, without what is taken away.
template <typename Entries>
Rights rights_of(const Entries& entries, std::string_view account) {
  return listed_rights(entries, account, false).without(denied_to(entries, account));
}

/// The third argument of SETACL.
struct RightsChange {
  enum class Kind : std::uint8_t { replace, add, remove } kind = Kind::replace;
  Rights rights;
  Rights apply(Rights before) const;
};
/// What is wrong with it, as a sentence for the client, or nullopt.
std::optional<std::string> parse_rights_change(std::string_view text, RightsChange& out);

}  // namespace mailscope::imap
