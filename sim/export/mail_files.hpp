// Import and export of mailboxes: which format a path has, and the way between it and a store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/export/filed_message.hpp"

namespace mailscope::exporting {

enum class MailFormat : std::uint8_t { maildir, mbox, eml };

/// Reads a Maildir, an mbox file, a folder of mbox files (*.mbox), an .eml file, or a folder of
/// them. Throws std::runtime_error that says what is wrong with the path.
void read_mail_files(const std::string& path, const TakeMessage& take);

struct ImportCounts {
  std::size_t messages = 0;
  std::size_t mailboxes = 0;  // that were made
};
/// Puts the messages into the account's mailbox, and into those below it, which are made when they
/// are missing: for "INBOX" into those of the same names. Durable in batches. Throws
/// std::runtime_error that says how far it came.
ImportCounts import_mail(store::MailStore& store, std::string_view account,
                         std::string_view mailbox, const std::string& path, net::Time now);

struct ExportCounts {
  std::size_t messages = 0;
  std::size_t mailboxes = 0;
  std::size_t lost_keywords = 0;  // of messages in a Maildir, which has room for 26
  std::size_t renamed = 0;        // mailboxes whose names cannot be those of files
};
/// Writes the account's mailboxes (or the one named, with those below it) into a folder that must
/// not exist.
ExportCounts export_mail(const store::MailStore& store, std::string_view account,
                         const std::optional<std::string>& mailbox, MailFormat format,
                         const std::string& folder);

}  // namespace mailscope::exporting
