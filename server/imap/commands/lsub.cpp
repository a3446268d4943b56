// LSUB (RFC 3501 section 6.3.9): the names that are subscribed to.
//
//   C: a LSUB "" %
//   S: * LSUB () "/" INBOX
//   S: * LSUB (\Noselect) "/" Projects
//   S: a OK Listed
#include <map>

#include "server/imap/commands/commands.hpp"
#include "server/imap/list_request.hpp"

namespace mailscope::imap {

Outcome run_lsub(Session& session, Cursor& arguments, Numbering) {
  ListRequest request;
  if (!arguments.space() || !parse_reference_and_pattern(arguments, request) || !arguments.end())
    return syntax_error(arguments);
  if (request.asks_separator) {
    session.out().line("*", "LSUB (\\Noselect) \"/\" \"\"");
    return ok("Listed");
  }
  const ListPattern& pattern = request.patterns.front();
  std::map<std::string, bool, std::less<>> found;  // name -> it is subscribed itself
  for (const std::string& name : session.store().subscriptions(session.account())) {
    if (pattern.matches(name)) {
      found[name] = true;
      continue;
    }
    // "%" stops at a level: a subscribed name below it shows as its parent, \Noselect (RFC 3501
    // section 6.3.9).
    if (!pattern.has_percent()) continue;
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string parent = name.substr(0, slash);
      if (pattern.matches(parent)) found.try_emplace(parent, false);
    }
  }
  for (const auto& [name, subscribed] : found) {
    const bool there = subscribed && session.find_mailbox(name);
    auto& out = session.out().begin("*").text(there ? "LSUB ()" : "LSUB (\\Noselect)");
    out.text(" \"/\" ").mailbox(name).end();
  }
  return ok("Listed");
}

}  // namespace mailscope::imap
