// The service extensions of SMTP (RFC 5321 section 2.2) that the server has: one table. EHLO, what
// is accepted, and HELP all come from it.
//
//   S: 250-mx1.globex.example greets mail.acme.example
//   S: 250-PIPELINING                                   a row each, those that are offered now
//   S: 250 SIZE 26214400                                keyword and argument
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mailscope::smtp {

class ServerEngine;

enum class Extension : std::uint8_t {
  base,  // no extension: what every SMTP server has
  esmtp,
  pipelining,
  size,
  eight_bit_mime,
  enhanced_status_codes,
  starttls,
  auth,
  chunking,
  binary_mime,
  dsn,
  smtputf8,
  deliver_by,
  future_release,
  mt_priority,
  require_tls,
  limits,
  etrn,
  xclient,
  lmtp,  // LHLO; no keyword of a reply
};

struct ExtensionRule {
  Extension extension;
  std::string_view keyword;  // as EHLO shows it
  std::string_view section;  // where it is specified
  /// Whether a session as it stands has it; null: always.
  bool (*available)(const ServerEngine&);
  /// What stands behind the keyword; null: nothing.
  std::string (*argument)(const ServerEngine&);
};

/// The table, in the order of the EHLO reply.
std::span<const ExtensionRule> extensions();
/// Whether there is a row with this keyword (no regard to case).
bool has_extension(std::string_view keyword);
/// Not for `base`, which has no row.
const ExtensionRule& extension_rule(Extension extension);

}  // namespace mailscope::smtp
