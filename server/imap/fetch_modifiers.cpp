// The table of FETCH's modifiers.
#include "server/imap/fetch_modifiers.hpp"

namespace mailscope::imap {
namespace {

bool parse_changed_since(Cursor& cursor, FetchModifiers& out) {
  std::uint64_t since = 0;
  if (!cursor.space() || !cursor.number64(since)) return false;
  out.changed_since = since;
  return true;
}
bool parse_vanished(Cursor&, FetchModifiers& out) {
  out.vanished = true;
  return true;
}
bool parse_partial_modifier(Cursor& cursor, FetchModifiers& out) {
  ResultRange range;
  if (!cursor.space() || !parse_result_range(cursor, range)) return false;
  out.partial = range;
  return true;
}

struct Modifier {
  std::string_view name;
  std::string_view capability;
  bool (*parse)(Cursor& cursor, FetchModifiers& out);
  EnabledSet enables = 0;
};
constexpr Modifier kModifiers[] = {
    {"CHANGEDSINCE", "CONDSTORE", parse_changed_since, kCondstore},
    {"VANISHED", "QRESYNC", parse_vanished},
    {"PARTIAL", "PARTIAL", parse_partial_modifier},
};

bool parse_modifier(Cursor& cursor, FetchModifiers& out) {
  for (const Modifier& modifier : kModifiers) {
    if (!cursor.word(modifier.name)) continue;
    out.uses.add(modifier.capability, modifier.enables);
    return modifier.parse(cursor, out);
  }
  return cursor.expected("CHANGEDSINCE, VANISHED or PARTIAL");
}

}  // namespace

bool parse_fetch_modifiers(Cursor& cursor, FetchModifiers& out) {
  if (cursor.at_end()) return true;
  if (!cursor.space() || !cursor.character('(')) return false;
  do {
    if (!parse_modifier(cursor, out)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

}  // namespace mailscope::imap
