// ID (RFC 2971): who are you?
//
//   C: a ID ("name" "Thunderbird" "version" "115.0")
//   S: * ID ("name" "Mailscope")
//   S: a OK ID noted
#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"

namespace mailscope::imap {
namespace {

// RFC 2971 section 4: id-params-list = "(" *(string SP nstring) ")" / nil
bool parse_parameters(Cursor& cursor) {
  if (cursor.peek() != '(') return cursor.word("NIL");
  cursor.character('(');
  std::size_t fields = 0;
  while (cursor.peek() != ')') {
    std::string name, value;
    if (fields > 0 && !cursor.space()) return false;
    if (++fields > kMaxIdFields) return cursor.expected("fewer fields before this,");
    if (!cursor.string(name) || !cursor.space()) return false;
    if (cursor.peek() == '"' || cursor.peek() == '{') {
      if (!cursor.string(value)) return false;
    } else if (!cursor.word("NIL")) {
      return false;
    }
  }
  return cursor.character(')');
}

}  // namespace

Outcome run_id(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.space() || !parse_parameters(arguments) || !arguments.end())
    return syntax_error(arguments);
  auto& out = session.out().begin("*").text("ID (\"name\" ").string(session.options().software);
  if (!session.options().version.empty())
    out.text(" \"version\" ").string(session.options().version);
  out.text(")").end();
  return ok("ID noted");
}

}  // namespace mailscope::imap
