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
  // RFC 4978 section 3: both are BAD; NO is for a compression in another layer.
  if (!equal_ci(mechanism, "DEFLATE")) return bad("DEFLATE is all that there is");
  if (session.compressed()) return bad("Compression is on already", "COMPRESSIONACTIVE");
  Reply reply = ok("Compression is on");
  reply.then = Reply::Then::compress;
  return reply;
}

}  // namespace mailscope::imap
