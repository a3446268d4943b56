// Who talks to whom in an event, which command a reply answers, and a reply's text as it was on the
// wire: the small questions that captions, labels and the viewer share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/trace/log.hpp"

namespace mailscope::story {

/// The hosts between which an event moves something; `to` is 0 for what happens inside a host.
struct Ends {
  trace::HostId from = 0;
  trace::HostId to = 0;
};
Ends ends(const trace::Log& log, trace::EventId id);

/// The client of the connection that a wire or TLS event belongs to; 0 when the trace does not say.
trace::HostId client_of(const trace::Log& log, trace::EventId id);

/// The content on the wire that a mail_accepted event is about; 0 for a message that was born in
/// this host, such as a report.
trace::EventId content_of(const trace::Log& log, trace::EventId accepted);

/// Commands and data go to the server, replies come from it.
bool is_command(trace::Kind kind);
bool is_reply(trace::Kind kind);

/// The command, data or connection that this reply answers, 0 when there is none. Follows the cause
/// when the engine gave it, else looks back along the connection.
trace::EventId answered(const trace::Log& log, trace::EventId reply);

/// "MAIL", "DATA", or "DOT" for the content, "CONNECT" for the greeting, "" for none.
std::string_view verb_answered(const trace::Log& log, trace::EventId reply);

/// The lines of a reply or response as the client reads them: "250-PIPELINING".
std::vector<std::string> wire_lines(const trace::Log& log, trace::EventId id);

/// Views of the lines of `text`; no empty last line.
std::vector<std::string_view> split_lines(std::string_view text);

}  // namespace mailscope::story
