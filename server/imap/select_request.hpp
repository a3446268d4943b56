// What SELECT and EXAMINE are given (RFC 3501 section 6.3.1), with parameters (RFC 4466
// section 2.1):
//
//   INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))
//
// Parameters are rows of a table in select_request.cpp; an extension adds a row.
#pragma once

#include <string>
#include <string_view>

#include "server/imap/capabilities.hpp"
#include "server/imap/cursor.hpp"

namespace mailscope::imap {

struct SelectRequest {
  std::string mailbox;
  Uses uses;
  EnabledSet enables = 0;  // what the parameters turn on
};

/// Everything behind the command and its space.
bool parse_select(Cursor& cursor, SelectRequest& out);

}  // namespace mailscope::imap
