// NAMESPACE (RFC 2342): the user's own mailboxes, and those of others that access control lists
// open (RFC 4314). Separator "/".
//
//   C: a NAMESPACE
//   S: * NAMESPACE (("" "/")) (("Other users/" "/")) NIL
//   S: a OK Namespaces listed
#include "server/imap/commands/commands.hpp"
#include "server/imap/utf7.hpp"

namespace mailscope::imap {

void write_namespaces(Session& session) {
  ResponseWriter& out = session.out().begin("*").text("NAMESPACE ((\"\" \"/\")) ");
  if (session.offers("ACL")) {
    out.text("((").string(kOtherUsers).text(" \"/\"");
    // RFC 5255 section 3.4: in modified UTF-7.
    const LanguageInfo& language = info(session.language());
    if (session.language() != Language::standard && !kOtherUsers.starts_with(language.other_users))
      out.text(" \"TRANSLATION\" (")
          .string(utf7_encode(std::string(language.other_users) + '/'))
          .text(")");
    out.text("))");
  } else {
    out.text("NIL");
  }
  out.text(" NIL").end();
}

Outcome run_namespace(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  write_namespaces(session);
  return ok("Namespaces listed");
}

}  // namespace mailscope::imap
