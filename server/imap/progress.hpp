// Tells the client that a long command is still at work (RFC 9585):
//
//   S: * OK [INPROGRESS ("A001" 175 1000)] Still at work
#pragma once

#include "server/imap/session.hpp"

namespace mailscope::imap {

class Progress {
 public:
  /// Says how far the command has come, when it is time to say something again.
  void tell(Session& session, std::uint64_t done, std::uint64_t total);

 private:
  std::optional<net::Time> last_;  // told, or when the command began
};

}  // namespace mailscope::imap
