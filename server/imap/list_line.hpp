// LIST responses that nobody has asked for, each of one mailbox (RFC 9051 section 6.3.9.7):
//
//   C: a CREATE (a name that is not in normalization form C)
//   S: * LIST (\HasNoChildren) "/" Normalized ("OLDNAME" (NonNormalized))
//   S: a OK Created
#pragma once

#include <string_view>

#include "server/imap/session.hpp"

namespace mailscope::imap {

/// "(\HasNoChildren \Sent)": what LIST tells of a mailbox of that name, or of its absence.
std::string list_attributes(const Session& session, std::string_view name);
/// Tells that a name was brought into another form, or that the mailbox has another one now: when
/// `sent` is not `name`, to clients that expect such a thing (RFC 9051 section 5.1).
void tell_name(Session& session, std::string_view name, std::string_view sent);
/// "* LIST (attributes) "/" name ("OLDNAME" (old))"; an empty old name: without it.
void write_list_line(Session& session, std::string_view name, std::string_view old_name);

}  // namespace mailscope::imap
