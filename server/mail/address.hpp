// Addresses: the mailbox of an envelope (RFC 5321 section 4.1.2) and the address lists of a header
// (RFC 5322 section 3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::mail {

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
  static std::optional<Mailbox> parse(std::string_view text);
};

/// One address of a header's list, or the start or end of a group (as IMAP's ENVELOPE wants it).
struct HeaderAddress {
  enum class Kind : std::uint8_t { mailbox, group_start, group_end } kind = Kind::mailbox;
  std::string name;    // display name or group name, quoting and comments removed, encoded words kept
  std::string route;   // obsolete source route ("@a,@b"), or empty
  std::string local;
  std::string domain;
};

/// Parses what it can of an address list field's raw value; skips what it cannot.
std::vector<HeaderAddress> parse_address_list(std::string_view value);

}  // namespace mailscope::mail
