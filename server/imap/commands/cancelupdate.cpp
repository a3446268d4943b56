// CANCELUPDATE (RFC 5267 section 4.3.5): no more news of some searches.
//
//   C: a CANCELUPDATE "b01" "b02"
//   S: a OK No further updates
#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"

namespace mailscope::imap {

Outcome run_cancelupdate(Session& session, Cursor& arguments, Numbering) {
  std::vector<std::string> tags;
  do {
    if (tags.size() >= kMaxSearchContexts) {
      arguments.expected("fewer tags before this,");
      return syntax_error(arguments);
    }
    // The grammar has quoted strings; atoms do no harm.
    if (!arguments.space() || !arguments.astring(tags.emplace_back()))
      return syntax_error(arguments);
  } while (!arguments.at_end());
  for (const std::string& tag : tags) {
    if (!session.contexts().knows(tag)) return bad("No such search is kept up to date");
  }
  for (const std::string& tag : tags) session.contexts().cancel(tag);
  return ok("No further updates");
}

}  // namespace mailscope::imap
