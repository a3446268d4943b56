// When to speak, and how.
#include "server/imap/progress.hpp"

#include "server/imap/limits.hpp"

namespace mailscope::imap {

void Progress::tell(Session& session, std::uint64_t done, std::uint64_t total) {
  if (!last_) last_ = session.now();
  if (!session.offers("INPROGRESS") || session.now() - *last_ < kProgressInterval) return;
  last_ = session.now();
  ResponseWriter& out = session.out();
  out.begin("*").text("OK [INPROGRESS (").string(session.tag()).text(" ").number(done);
  out.text(" ").number(total).text(")] Still at work").end();
}

}  // namespace mailscope::imap
