// What a mailing list does to a message before it sends it to its members (RFC 2369, RFC 2919), and
// what it does not take.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/host/directory.hpp"

namespace mailscope::host {

/// "team.a.example": identifies the list for ever (RFC 2919 section 3).
std::string list_id(const MailingList& list, std::string_view domain);

/// Why a message must not go to the members, in words; nullopt: it may. A message that was here
/// already is a loop (its List-Id tells), one that a program sent is no contribution
/// (RFC 3834 section 2).
std::optional<std::string> not_for_list(const MailingList& list, std::string_view domain,
                                        const mail::Mailbox& sender, std::string_view content);

/// The message as members get it: fields of other lists are gone, this list's are there. The body
/// and all other fields stay octet for octet, so that signatures hold.
std::string list_copy(const MailingList& list, std::string_view domain, std::string_view content);

}  // namespace mailscope::host
