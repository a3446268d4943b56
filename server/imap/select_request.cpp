// Reads the arguments of SELECT; the table of its parameters.
#include "server/imap/select_request.hpp"

namespace mailscope::imap {
namespace {

struct SelectParameter {
  std::string_view name;
  std::string_view capability;
  EnabledSet enables = 0;
  /// Reads what follows the name; null: nothing does.
  bool (*parse)(Cursor& cursor, SelectRequest& out) = nullptr;
};
constexpr SelectParameter kParameters[] = {
    {"CONDSTORE", "CONDSTORE", kCondstore},
};

bool parse_parameter(Cursor& cursor, SelectRequest& out) {
  for (const SelectParameter& parameter : kParameters) {
    if (!cursor.word(parameter.name)) continue;
    out.uses.add(parameter.capability);
    out.enables = static_cast<EnabledSet>(out.enables | parameter.enables);
    return parameter.parse == nullptr || parameter.parse(cursor, out);
  }
  return cursor.expected("a parameter such as CONDSTORE");
}

}  // namespace

bool parse_select(Cursor& cursor, SelectRequest& out) {
  if (!cursor.mailbox(out.mailbox)) return false;
  if (cursor.at_end()) return true;
  if (!cursor.space() || !cursor.character('(')) return false;
  do {
    if (!parse_parameter(cursor, out)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

}  // namespace mailscope::imap
