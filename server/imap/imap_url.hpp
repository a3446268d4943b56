// IMAP URLs (RFC 5092), as URLAUTH and CATENATE use them:
//
//   imap://joe@example.com/INBOX;UIDVALIDITY=3/;UID=20/;SECTION=1.2;EXPIRE=2026-03-02T09:00:00Z
//     ;URLAUTH=submit+fred:internal:91354a473744909de610943775f92038
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::imap {

/// Octets of ";PARTIAL=".
struct UrlRange {
  std::uint32_t offset = 0;
  std::optional<std::uint32_t> length;  // none: to the end
};

struct ImapUrl {
  bool has_server = false;  // "imap://host/..."; otherwise relative to a server or mailbox
  std::string user;         // decoded
  std::string auth;         // of ";AUTH=", decoded
  std::string host;         // lower case
  std::uint16_t port = 143;
  std::string mailbox;             // UTF-8; empty: the mailbox that the URL is relative to
  std::uint32_t uid_validity = 0;  // 0: not given
  std::uint32_t uid = 0;
  std::string section;  // as BODY[] has it: "1.2.MIME"
  std::optional<UrlRange> partial;
  std::string search;  // of "?", decoded

  // RFC 5092 section 6.1; `access` is empty when the URL is not authorized.
  std::optional<net::Time> expire;
  std::string access;       // "submit+", "user+", "authuser" or "anonymous"
  std::string access_user;  // behind a plus
  std::string rump;         // the URL up to here
  std::string mechanism;    // lower case; empty: the URL is a rump
  std::string token;        // hexadecimal
};

/// nullopt: this is no IMAP URL.
std::optional<ImapUrl> parse_imap_url(std::string_view text);
/// Decodes %-escapes; nullopt when one is broken or means NUL, CR or LF.
std::optional<std::string> url_decode(std::string_view text);
/// Escapes what may not stand in a mailbox name of a URL.
std::string url_encode_mailbox(std::string_view utf8);

}  // namespace mailscope::imap
