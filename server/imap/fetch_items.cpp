// Reads FETCH's data items.
#include "server/imap/fetch_items.hpp"

#include "server/imap/limits.hpp"
#include "server/imap/response_writer.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

using Kind = FetchItem::Kind;

struct ItemName {
  std::string_view name;
  Kind kind;
  bool octets;  // the message itself is needed
  bool seen;    // sets \Seen
};
// BODY[...] and BODY.PEEK[...] are read by parse_body_section().
constexpr ItemName kItems[] = {
    {"FLAGS", Kind::flags, false, false},
    {"UID", Kind::uid, false, false},
    {"INTERNALDATE", Kind::internal_date, false, false},
    {"RFC822.SIZE", Kind::size, false, false},
    {"ENVELOPE", Kind::envelope, true, false},
    {"BODYSTRUCTURE", Kind::body_structure, true, false},
    {"BODY", Kind::body, true, false},
    {"RFC822", Kind::rfc822, true, true},
    {"RFC822.HEADER", Kind::rfc822_header, true, false},
    {"RFC822.TEXT", Kind::rfc822_text, true, true},
};

struct Macro {
  std::string_view name;
  std::vector<Kind> kinds;
};
const Macro kMacros[] = {
    {"FAST", {Kind::flags, Kind::internal_date, Kind::size}},
    {"ALL", {Kind::flags, Kind::internal_date, Kind::size, Kind::envelope}},
    {"FULL", {Kind::flags, Kind::internal_date, Kind::size, Kind::envelope, Kind::body}},
};

struct SectionWord {
  std::string_view word;
  Section::What what;
};
constexpr SectionWord kSectionWords[] = {
    {"HEADER.FIELDS.NOT", Section::What::header_fields_not},
    {"HEADER.FIELDS", Section::What::header_fields},
    {"HEADER", Section::What::header},
    {"TEXT", Section::What::text},
    {"MIME", Section::What::mime},
};

bool parse_header_names(Cursor& cursor, Section& out, std::string& label) {
  if (!cursor.space() || !cursor.character('(')) return false;
  label += " (";
  do {
    std::string name;
    if (!cursor.astring(name)) return cursor.expected("a header field name");
    const std::string shown = atom_or_quoted(name);
    if (shown.empty() || name.empty()) return cursor.expected("a header field name before this,");
    if (!out.fields.empty()) label += ' ';
    label += shown;
    out.fields.push_back(std::move(name));
  } while (cursor.peek() == ' ' && cursor.space());
  label += ')';
  return cursor.character(')');
}

bool parse_section_word(Cursor& cursor, Section& out, std::string& label) {
  for (const SectionWord& known : kSectionWords) {
    // MIME belongs to a part (RFC 3501 section 6.4.5).
    if (known.what == Section::What::mime && out.part.empty()) continue;
    Cursor c = cursor;
    // "]" is an atom character's neighbour here, so the word ends by the grammar of atoms.
    if (!c.word(known.word)) continue;
    cursor = c;
    out.what = known.what;
    label += known.word;
    const bool names = known.what == Section::What::header_fields ||
                       known.what == Section::What::header_fields_not;
    return !names || parse_header_names(cursor, out, label);
  }
  return cursor.expected(
      "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT, MIME (of a part) or a part number");
}

bool parse_partial(Cursor& cursor, FetchItem& item) {
  if (cursor.peek() != '<') return true;
  Partial partial;
  cursor.character('<');
  if (!cursor.number(partial.offset) || !cursor.character('.') ||
      !cursor.nz_number(partial.count) || !cursor.character('>')) {
    return cursor.expected("a range of octets such as <0.1024>");
  }
  item.partial = partial;
  item.label += '<' + std::to_string(partial.offset) + '>';
  return true;
}

// BODY[...] or BODY.PEEK[...]; false without a move when there is no bracket.
bool parse_body_section(Cursor& cursor, FetchRequest& out) {
  FetchItem item;
  item.kind = Kind::section;
  item.label = "BODY[";
  if (!cursor.character('[') || !parse_section(cursor, item.section, item.label) ||
      !cursor.character(']'))
    return false;
  item.label += ']';
  if (!parse_partial(cursor, item)) return false;
  out.items.push_back(std::move(item));
  out.needs_octets = true;
  return true;
}

bool parse_item(Cursor& cursor, FetchRequest& out) {
  if (out.items.size() >= kMaxFetchItems) return cursor.expected("fewer data items before this,");
  const std::string_view rest = cursor.rest();
  for (const std::string_view name : {std::string_view("BODY["), std::string_view("BODY.PEEK[")}) {
    if (!equal_ci(rest.substr(0, name.size()), name)) continue;
    cursor.skip(name.size() - 1);
    if (name == "BODY[") out.sets_seen = true;
    return parse_body_section(cursor, out);
  }
  for (const ItemName& known : kItems) {
    Cursor c = cursor;
    if (!c.word(known.name)) continue;
    cursor = c;
    FetchItem item;
    item.kind = known.kind;
    out.items.push_back(std::move(item));
    out.needs_octets |= known.octets;
    out.sets_seen |= known.seen;
    return true;
  }
  return cursor.expected("a FETCH data item such as FLAGS or BODY[]");
}

}  // namespace

bool parse_section(Cursor& cursor, Section& out, std::string& label) {
  while (cursor.peek() >= '0' && cursor.peek() <= '9') {
    std::uint32_t number = 0;
    if (out.part.size() >= kMaxSectionDepth || !cursor.nz_number(number))
      return cursor.expected("a part number");
    if (!out.part.empty()) label += '.';
    label += std::to_string(number);
    out.part.push_back(number);
    if (cursor.peek() == ']') return true;
    if (!cursor.character('.')) return cursor.expected("\".\" or \"]\"");
    if (cursor.peek() < '0' || cursor.peek() > '9') {
      label += '.';
      return parse_section_word(cursor, out, label);
    }
  }
  return cursor.peek() == ']' || parse_section_word(cursor, out, label);
}

bool parse_fetch_items(Cursor& cursor, FetchRequest& out) {
  for (const Macro& macro : kMacros) {
    Cursor c = cursor;
    if (!c.word(macro.name)) continue;
    cursor = c;
    for (const Kind kind : macro.kinds) {
      FetchItem item;
      item.kind = kind;
      out.items.push_back(std::move(item));
      out.needs_octets |= kind == Kind::envelope || kind == Kind::body;
    }
    return true;
  }
  if (cursor.peek() != '(') return parse_item(cursor, out);
  cursor.character('(');
  do {
    if (!parse_item(cursor, out)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

}  // namespace mailscope::imap
