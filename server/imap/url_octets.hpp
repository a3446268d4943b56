// What an IMAP URL leads to: for CATENATE (RFC 4469) and URLFETCH (RFC 4467, RFC 5524).
#pragma once

#include <optional>
#include <string>

#include "server/imap/imap_url.hpp"
#include "server/imap/message_view.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {

/// A message, and which octets of it are meant.
struct UrlTarget {
  MessageView message;
  Section section;
  std::optional<UrlRange> partial;

  /// nullopt: the message has no such part.
  std::optional<std::string> octets();
  /// The range that was asked for.
  std::string_view cut(std::string_view octets) const;
};

/// As far as `account` may read it; nullopt: there is no such message, or not for that account. The
/// server in the URL is not looked at.
std::optional<UrlTarget> find_url_target(const Session& session, const std::string& account,
                                         const ImapUrl& url);
/// The same for the user of the session, whose selected mailbox a relative URL begins with.
std::optional<UrlTarget> find_url_target(const Session& session, const ImapUrl& url);

}  // namespace mailscope::imap
