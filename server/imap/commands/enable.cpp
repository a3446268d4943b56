// ENABLE (RFC 5161). None of our extensions needs to be enabled; unknown ones are passed over.
//
//   C: a ENABLE CONDSTORE
//   S: * ENABLED
//   S: a OK Enabled
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_enable(Session& session, Cursor& arguments, Numbering) {
  if (!session.offers("ENABLE")) return bad("Unknown command");
  do {
    std::string_view name;
    if (!arguments.space() || !arguments.atom(name)) return syntax_error(arguments);
  } while (!arguments.at_end());
  session.out().line("*", "ENABLED");
  return ok("Enabled");
}

}  // namespace mailscope::imap
