// ENABLE (RFC 5161): the client says which changed responses it understands. What is unknown, or
// has nothing to turn on, is passed over.
//
//   C: a ENABLE CONDSTORE X-GOOD-IDEA
//   S: * ENABLED CONDSTORE
//   S: a OK Enabled
#include <algorithm>

#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_enable(Session& session, Cursor& arguments, Numbering) {
  std::vector<const Capability*> wanted;
  do {
    std::string_view name;
    if (!arguments.space() || !arguments.atom(name)) return syntax_error(arguments);
    const Capability* row = find_capability(name);
    if (row == nullptr || row->enables == 0 || !session.offers(row->name)) continue;
    if (std::find(wanted.begin(), wanted.end(), row) == wanted.end()) wanted.push_back(row);
  } while (!arguments.at_end());
  std::string list;
  for (const Capability* row : wanted) (list += ' ') += row->name;
  session.out().line("*", "ENABLED" + list);
  for (const Capability* row : wanted) session.enable(row->enables);
  return ok("Enabled");
}

}  // namespace mailscope::imap
