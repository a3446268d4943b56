// Reads the arguments of SELECT; the table of its parameters.
#include "server/imap/select_request.hpp"

namespace mailscope::imap {
namespace {

// RFC 7162 section 7: a sequence set without "*".
bool parse_known_set(Cursor& cursor, SequenceSet& out) {
  if (!parse_sequence_set(cursor, out)) return false;
  if (out.saved) return cursor.expected("a set of numbers before");
  for (const NumberRange& range : out.ranges) {
    if (range.first == 0 || range.last == 0) return cursor.expected("a set without \"*\" before");
  }
  return true;
}

// "(" uidvalidity SP mod-sequence [SP known-uids] [SP "(" known-numbers SP known-uids ")"] ")". The
// pairs help servers that forget what was expunged; ours never does, so they are only read.
bool parse_resync(Cursor& cursor, SelectRequest& out) {
  if (!cursor.space() || !cursor.character('(') || !cursor.nz_number(out.known_validity) ||
      !cursor.space() || !cursor.number64(out.known_modseq) ||
      (out.known_modseq == 0 && !cursor.expected("a mod-sequence greater than 0 before")))
    return false;
  if (cursor.peek() == ' ' && cursor.rest().substr(0, 2) != " (") {
    SequenceSet known;
    if (!cursor.space() || !parse_known_set(cursor, known)) return false;
    out.known_uids = std::move(known);
  }
  if (cursor.peek() == ' ') {
    SequenceSet numbers, uids;
    if (!cursor.space() || !cursor.character('(') || !parse_known_set(cursor, numbers) ||
        !cursor.space() || !parse_known_set(cursor, uids) || !cursor.character(')'))
      return false;
    out.by_number = true;
  }
  out.resync = true;
  return cursor.character(')');
}

struct SelectParameter {
  std::string_view name;
  std::string_view capability;
  EnabledSet enables = 0;
  /// Reads what follows the name; null: nothing does.
  bool (*parse)(Cursor& cursor, SelectRequest& out) = nullptr;
};
constexpr SelectParameter kParameters[] = {
    {"CONDSTORE", "CONDSTORE", kCondstore},
    {"QRESYNC", "QRESYNC", 0, parse_resync},
};

bool parse_parameter(Cursor& cursor, SelectRequest& out) {
  for (const SelectParameter& parameter : kParameters) {
    if (!cursor.word(parameter.name)) continue;
    out.uses.add(parameter.capability, parameter.enables);
    return parameter.parse == nullptr || parameter.parse(cursor, out);
  }
  return cursor.expected("a parameter such as CONDSTORE");
}

}  // namespace

bool parse_select(Cursor& cursor, SelectRequest& out) {
  if (!cursor.mailbox(out.mailbox, &out.sent)) return false;
  if (cursor.at_end()) return true;
  if (!cursor.space() || !cursor.character('(')) return false;
  do {
    if (!parse_parameter(cursor, out)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

}  // namespace mailscope::imap
