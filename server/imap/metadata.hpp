// Annotations of mailboxes and of the server (RFC 5464), as GETMETADATA, SETMETADATA and LIST
// (RFC 9590) have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/imap/cursor.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {

/// An entry's name, in lower case: "/shared/comment".
bool parse_metadata_entry(Cursor& cursor, std::string& out);
/// "(entry entry ...)", or one alone.
bool parse_metadata_entries(Cursor& cursor, std::vector<std::string>& out);

/// How GETMETADATA looks for entries.
struct MetadataQuery {
  enum class Depth : std::uint8_t { only, children, all } depth = Depth::only;
  std::optional<std::uint32_t> max_size;  // octets of a value that is sent
  std::vector<std::string> entries;
};
/// Sends what the query finds of a mailbox (0: of the server). Returns the octets of the largest
/// value that was left out for its size; 0: none was.
std::size_t write_metadata(Session& session, store::MailboxId mailbox, std::string_view name,
                           const MetadataQuery& query);
/// nullopt: the user may read and set annotations of the mailbox (RFC 5464 section 3.3).
std::optional<Reply> lacks_metadata(const Session& session, store::MailboxId mailbox);

}  // namespace mailscope::imap
