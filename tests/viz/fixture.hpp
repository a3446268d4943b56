// Traces written by hand, close to what the engines record, so that the viewer can be tested
// without a simulation.
#pragma once

#include "server/trace/log.hpp"

namespace mailscope::fixture {

/// Alice of acme.example mails Bob of globex.example over STARTTLS; Bob reads it with IMAP.
trace::Log delivery();
/// Alice mails bbo@globex.example, which does not exist; a report comes back to her.
trace::Log unknown_user();
/// `domains` organisations (2..6) that each send one message to the next.
trace::Log ring(int domains);

}  // namespace mailscope::fixture
