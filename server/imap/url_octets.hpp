// What an IMAP URL leads to: for CATENATE (RFC 4469) and URLFETCH (RFC 4467).
#pragma once

#include <optional>
#include <string>

#include "server/imap/imap_url.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {

/// The octets of the message or part that the URL means, as far as `account` may read it; nullopt:
/// there is nothing, or not for that account. The server in the URL is not looked at.
std::optional<std::string> url_octets(const Session& session, const std::string& account,
                                      const ImapUrl& url);
/// The same for the user of the session, whose selected mailbox a relative URL begins with.
std::optional<std::string> url_octets(Session& session, const ImapUrl& url);

}  // namespace mailscope::imap
