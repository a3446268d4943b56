// Shortens literals and hides passwords for the trace.
#include "server/imap/shown_command.hpp"

#include <algorithm>

#include "server/imap/cursor.hpp"
#include "server/imap/receiver.hpp"

namespace mailscope::imap {
namespace {

std::string shorten_literals(std::string_view command) {
  std::string out;
  while (!command.empty()) {
    const std::size_t end = std::min(command.find('\n'), command.size());
    std::string_view line = command.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    out += line;
    command.remove_prefix(std::min(end + 1, command.size()));
    LiteralMark mark;
    if (find_literal_mark(line, mark)) command.remove_prefix(std::min(mark.size, command.size()));
  }
  return out;
}

}  // namespace

std::string shown_command(std::string_view command, bool show_secrets) {
  if (show_secrets) return shorten_literals(command);
  Cursor cursor(command);
  std::string_view tag;
  if (!cursor.tag(tag) || !cursor.space()) return shorten_literals(command);
  std::string user;
  std::string_view mechanism;
  const bool login = cursor.word("LOGIN");
  if (!login && !cursor.word("AUTHENTICATE")) return shorten_literals(command);
  // What cannot be read is hidden from where it cannot be read.
  std::size_t open_until = cursor.offset();
  if (cursor.space() && (login ? cursor.astring(user) : cursor.atom(mechanism)))
    open_until = cursor.offset();
  std::string out = shorten_literals(command.substr(0, open_until));
  if (open_until < command.size()) (out += ' ') += kRedacted;
  return out;
}

}  // namespace mailscope::imap
