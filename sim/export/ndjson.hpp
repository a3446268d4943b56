// The trace as text for everyone else's tools (jq, pandas, grep): one JSON object a line.
//
//   {"id":7,"t_ns":1772442000012000000,"kind":"smtp.command","layer":"smtp","host":"mx.globex.example",
//    "peer":"mail.acme.example","connection":3,"message":1,"cause":6,"fields":{"verb":"MAIL",...}}
//
// (one line in the file). peer, connection, message and cause are left out when there is none.
// Text is a string; octets, and text that is not UTF-8, are an object that says which form they
// have: {"text":"..."} or {"base64":"..."}. docs/trace.md has the details.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "server/trace/log.hpp"

namespace mailscope::exporting {

/// Appends the event as a line, with its line feed.
void append_ndjson(std::string& out, const trace::Log& log, trace::EventId id);

/// Writes the whole log in pieces of some hundred kilooctets.
void write_ndjson(const trace::Log& log, const std::function<void(std::string_view)>& output);

struct NdjsonResult {
  /// Empty, or "line 3: field \"id\" is missing".
  std::string error;
  /// Kinds that this version does not know and left out, and how many events of each.
  std::map<std::string, std::uint64_t> unknown_kinds;
};
/// Reads lines into `log`, which must be empty. Lines may be missing (a filtered file), members may
/// come in any order, empty lines are skipped. After an error the log holds what came before it.
NdjsonResult read_ndjson(std::string_view text, trace::Log& log);

}  // namespace mailscope::exporting
