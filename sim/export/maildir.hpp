// A mailbox as a Maildir, and an account as a tree of them in the way of Maildir++: a file for each
// message, flags in its name, sub-mailboxes in folders that begin with a dot.
//
//   cur/1772442000.M000000P7.mailscope,S=4096,W=4096:2,FSa
//   dovecot-keywords                  0 $Work
//   .Projects.2026/cur/...
//
// S is the file's size, W the message's with CRLF at the ends of lines: where both are the same the
// octets are read as they are, else LF becomes CRLF.
#pragma once

#include <string>

#include "server/store/mail_store.hpp"
#include "sim/export/filed_message.hpp"

namespace mailscope::exporting {

/// True when the folder has "cur" and "new".
bool is_maildir(const std::string& folder);

void make_maildir(const std::string& folder);

/// Name of the folder of a mailbox below the account's Maildir: ".Projects.2026"; "" for INBOX.
std::string maildir_folder(std::string_view mailbox);

/// Writes the mailbox into a Maildir, which must be empty; with the UIDs in Dovecot's form. Gives
/// the number of keywords that found no letter (there are 26). Throws std::runtime_error that names
/// the file that could not be written.
std::size_t write_maildir(const store::MailStore& store, const store::MailboxInfo& mailbox,
                          const std::string& folder);

/// Reads the Maildir and those below it.
void read_maildir(const std::string& folder, const TakeMessage& take);

}  // namespace mailscope::exporting
