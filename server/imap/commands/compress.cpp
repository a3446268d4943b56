// COMPRESS (RFC 4978): from here on both sides send DEFLATE.
//
//   C: a COMPRESS DEFLATE
//   S: a OK Compression is on
#include "server/imap/commands/commands.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {

Outcome run_compress(Session& session, Cursor& arguments, Numbering) {
  std::string_view mechanism;
  if (!arguments.space() || !arguments.atom(mechanism) || !arguments.end())
    return syntax_error(arguments);
  if (!equal_ci(mechanism, "DEFLATE")) return no("DEFLATE is all that there is");
  if (session.compressed()) return no("Compression is on already", "COMPRESSIONACTIVE");
  Reply reply = ok("Compression is on");
  reply.then = Reply::Then::compress;
  return reply;
}

}  // namespace mailscope::imap
