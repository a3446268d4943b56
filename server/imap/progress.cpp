// When to speak, and how.
#include "server/imap/progress.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"

namespace mailscope::imap {

void Progress::tell(Session& session, std::uint64_t done, std::uint64_t total) {
  if (!last_) last_ = session.now();
  if (!session.offers("INPROGRESS") || session.now() - *last_ < kProgressInterval) return;
  last_ = session.now();
  // RFC 9585 section 4: a tag, how much is done, and of how much, which is always more. A code ends
  // at its "]", so that a tag with one in it is not named.
  std::string code = "INPROGRESS (";
  if (session.tag().find(']') == std::string::npos)
    append_quoted(code, session.tag());
  else
    code += "NIL";
  if (total > 0) {
    code += ' ' + std::to_string(std::min(done, total - 1)) + ' ' + std::to_string(total) + ')';
  } else {
    code += " NIL NIL)";
  }
  session.say("OK", code, "Still at work");
}

}  // namespace mailscope::imap
