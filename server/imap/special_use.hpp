// Special uses of mailboxes (RFC 6154, RFC 8457), as CREATE and the annotation
// "/private/specialuse" have them: "\Drafts \Sent".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/imap/session.hpp"

namespace mailscope::imap {

/// RFC 6154 section 4.
inline constexpr std::string_view kSpecialUseEntry = "/private/specialuse";
/// That entry of a mailbox says what it is used for, and is no annotation as others are.
bool is_special_use(const Session& session, store::MailboxId mailbox, std::string_view entry);

/// Adds a use to a list of them, each once; false: it is none of ours.
bool add_special_use(std::string& uses, std::string_view use);
/// "\SENT  \Drafts" as it is kept; nullopt: some of it is none of ours.
std::optional<std::string> parse_special_uses(std::string_view text);
/// Makes them the uses of a mailbox of the user. Others that had one of them have it no longer,
/// which the client is told (RFC 6154 section 5.4).
store::StoreError set_special_uses(Session& session, store::MailboxId mailbox,
                                   std::string_view uses);

}  // namespace mailscope::imap
