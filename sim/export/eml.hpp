// Messages as files of their own, "*.eml", with their octets as they are; a folder for each
// mailbox. What a file cannot say is in index.tsv beside it: file, seconds since 1970, flags.
//
//   INBOX/0000000007.eml
//   INBOX/index.tsv                   0000000007.eml <TAB> 1772442000.000000000 <TAB> \Seen $Work
#pragma once

#include <string>
#include <string_view>

#include "server/store/mail_store.hpp"
#include "sim/export/filed_message.hpp"

namespace mailscope::exporting {

/// The name of the file beside the messages.
inline constexpr std::string_view kEmlIndex = "index.tsv";

/// Writes the mailbox into the folder, which is made.
void write_eml(const store::MailStore& store, store::MailboxId mailbox, const std::string& folder);

/// Reads the *.eml files of the folder and of those below it, whose names are the mailboxes'. A
/// file that no index names gets the date of its Date field, or of the file, and CRLF at ends of
/// lines.
void read_eml_tree(const std::string& folder, const TakeMessage& take);
FiledMessage read_eml(const std::string& file);

}  // namespace mailscope::exporting
