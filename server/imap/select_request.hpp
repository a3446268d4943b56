// What SELECT and EXAMINE are given (RFC 3501 section 6.3.1), with parameters (RFC 4466
// section 2.1):
//
//   INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))
//
// Parameters are rows of a table in select_request.cpp; an extension adds a row.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/imap/capabilities.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/sequence_set.hpp"

namespace mailscope::imap {

struct SelectRequest {
  std::string mailbox;
  std::string sent;  // the name before it was normalised
  Uses uses;
  bool resync = false;  // QRESYNC was given (RFC 7162 section 3.2.5): what follows belongs to it
  std::uint32_t known_validity = 0;
  std::uint64_t known_modseq = 0;
  std::optional<SequenceSet> known_uids;
  bool by_number = false;  // the client sent pairs of numbers and UIDs
};

/// Everything behind the command and its space.
bool parse_select(Cursor& cursor, SelectRequest& out);

}  // namespace mailscope::imap
