// When to speak, and how.
#include "server/imap/progress.hpp"

#include "server/imap/limits.hpp"

namespace mailscope::imap {

void Progress::tell(Session& session, std::uint64_t done, std::uint64_t total) {
  if (!last_) last_ = session.now();
  if (!session.offers("INPROGRESS") || session.now() - *last_ < kProgressInterval) return;
  last_ = session.now();
  std::string code = "INPROGRESS (";
  append_quoted(code, session.tag());
  code += ' ' + std::to_string(done) + ' ' + std::to_string(total) + ')';
  session.say("OK", code, "Still at work");
}

}  // namespace mailscope::imap
