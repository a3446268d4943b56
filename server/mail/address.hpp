// Addresses: the mailbox of an envelope (RFC 5321 section 4.1.2) and the address lists of a header
// (RFC 5322 section 3.4).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::mail {

inline constexpr std::size_t kMaxLocalPart = 64;  // octets, RFC 5321 section 4.5.3.1.1
inline constexpr std::size_t kMaxDomain = 255;    // octets, RFC 5321 section 4.5.3.1.2
inline constexpr std::size_t kMaxMailbox =
    254;                                      // octets: a path of 256, RFC 5321 section 4.5.3.1.3
inline constexpr std::size_t kMaxLabel = 63;  // octets of a domain's label, RFC 1035 section 2.3.4
inline constexpr std::size_t kMaxHeaderAddresses =
    10'000;  // of one field; keeps a hostile header small

/// Whether UTF-8 may stand in an address: only where SMTPUTF8 was asked for (RFC 6531 section 3.3).
enum class Utf8 : std::uint8_t { no, yes };

/// local-part@domain of an envelope. Empty local part and domain: the null reverse-path "<>".
struct Mailbox {
  std::string local;   // unquoted
  std::string domain;  // lower case; or an address literal with its brackets
  bool null() const { return local.empty() && domain.empty(); }
  /// local@domain with the local part quoted where the grammar asks for it; "" for the null path.
  std::string to_string() const;
  bool operator==(const Mailbox&) const = default;
  auto operator<=>(const Mailbox&) const = default;

  /// Strict RFC 5321 Mailbox (no angle brackets, no route); nullopt otherwise.
  static std::optional<Mailbox> parse(std::string_view text, Utf8 utf8 = Utf8::no);
};

/// One address of a header's list, or the start or end of a group (as IMAP's ENVELOPE wants it).
struct HeaderAddress {
  enum class Kind : std::uint8_t { mailbox, group_start, group_end } kind = Kind::mailbox;
  std::string name;  // display name or group name, quoting and comments removed, encoded words kept
  std::string route;  // obsolete source route ("@a,@b"), or empty
  std::string local;
  std::string domain;
};

/// Domain of RFC 5321 section 4.1.2 (no address literal, no final dot).
bool is_domain(std::string_view text, Utf8 utf8 = Utf8::no);
/// `local` as the local part of an address: quoted where the grammar asks for it.
std::string quote_local(std::string_view local);

/// What parse_address_list() does with an address that has no domain.
enum class Incomplete : std::uint8_t {
  drop,
  keep,  // what has no domain too: "root", or a name alone; to be shown, not to be written to
};

/// Parses what it can of an address list field's raw value (raw: still folded); skips what it
/// cannot, such as a name without a domain. A comment behind an address without a name is its name
/// ("bob@b.example (Bob)"), as old mail writes it.
std::vector<HeaderAddress> parse_address_list(std::string_view value,
                                              Incomplete incomplete = Incomplete::drop);

}  // namespace mailscope::mail
