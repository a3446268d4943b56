// What may stand behind FETCH's items (RFC 4466 section 2.4), a table of modifiers:
//
//   C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)
//   C: b UID FETCH 1:* (FLAGS) (PARTIAL -1:-100)
#pragma once

#include <cstdint>
#include <optional>

#include "server/imap/capabilities.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/search_return.hpp"

namespace mailscope::imap {

struct FetchModifiers {
  std::optional<std::uint64_t> changed_since;  // RFC 7162 section 3.1.4.1
  bool vanished = false;                       // RFC 7162 section 3.2.6
  std::optional<ResultRange> partial;          // RFC 9394 section 3.3
  Uses uses;
};

/// " (...)" or nothing.
bool parse_fetch_modifiers(Cursor& cursor, FetchModifiers& out);

}  // namespace mailscope::imap
