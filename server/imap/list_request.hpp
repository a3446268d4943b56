// LIST's arguments (RFC 3501 section 6.3.8, RFC 5258, RFC 5819): which mailboxes, and what to tell
// of them.
//
//   (SUBSCRIBED RECURSIVEMATCH) "" ("INBOX" "Work/%") RETURN (CHILDREN STATUS (UNSEEN))
//
// Options of both kinds are rows of tables in list_request.cpp; an extension adds a row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/imap/capabilities.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/metadata.hpp"
#include "server/imap/status_items.hpp"

namespace mailscope::imap {

/// A name that LIST looks at.
struct ListEntry {
  std::string name;
  const store::MailboxInfo* info = nullptr;  // null: there is no such mailbox
  bool subscribed = false;
  bool has_children = false;
};

/// "(SUBSCRIBED ...)" in front: which names are meant.
struct ListSelection {
  std::string_view name;
  std::string_view capability;
  /// Null: it selects nothing by itself (REMOTE, RECURSIVEMATCH).
  bool (*selects)(const Session& session, const ListEntry& mailbox) = nullptr;
};

struct ListRequest;

/// "RETURN (...)" behind: what is told of each.
struct ListReturn {
  std::string_view name;
  std::string_view capability;
  /// Reads what follows the name; null: nothing does.
  bool (*parse)(Cursor& cursor, ListRequest& out) = nullptr;
  /// Sent behind the mailbox's LIST line, when it exists; null: it shows in the line itself.
  void (*after)(Session& session, const ListRequest& request, const ListEntry& mailbox) = nullptr;
};

struct ListRequest {
  std::vector<const ListSelection*> selections;
  std::vector<const ListReturn*> returns;
  std::vector<ListPattern> patterns;  // the reference is part of each
  bool asks_separator = false;        // an empty pattern: tell the hierarchy separator
  bool extended = false;              // any syntax of RFC 5258
  StatusRequest status;               // of RETURN (STATUS (...))
  MetadataQuery metadata;             // of RETURN (METADATA (...))
  Uses uses;
  bool selects(std::string_view name) const;
  bool returns_option(std::string_view name) const;
};

/// Everything behind LIST and its space.
bool parse_list(Cursor& cursor, ListRequest& out);
/// The reference and one pattern, as LSUB has them.
bool parse_reference_and_pattern(Cursor& cursor, ListRequest& out);

}  // namespace mailscope::imap
