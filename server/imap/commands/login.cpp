// LOGIN (RFC 3501 section 6.2.3).
//
//   C: a LOGIN alice "open sesame"
//   S: a OK [CAPABILITY IMAP4rev1 ...] Logged in
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {

Outcome run_login(Session& session, Cursor& arguments, Numbering) {
  std::string user, password;
  if (!arguments.space() || !arguments.astring(user) || !arguments.space() ||
      !arguments.astring(password) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (!session.may_send_password()) {
    return no("Not without TLS: anybody on the way could read the password", "PRIVACYREQUIRED");
  }
  return session.authenticated(user, "LOGIN", session.accounts().verify(user, password));
}

}  // namespace mailscope::imap
