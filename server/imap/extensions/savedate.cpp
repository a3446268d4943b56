// SAVEDATE (RFC 8514): when a message came into its mailbox.
//
//   C: a FETCH 1 (SAVEDATE)
//   S: * 1 FETCH (SAVEDATE "28-Sep-2015 10:17:20 +0000")
//   S: a OK Fetched
#include "server/imap/date_time.hpp"
#include "server/imap/extensions/extensions.hpp"

namespace mailscope::imap {

void write_save_date(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  f.scratch.clear();
  append_date_time(f.scratch, f.info->saved);
  out.text("SAVEDATE ").text(f.scratch);
}

}  // namespace mailscope::imap
