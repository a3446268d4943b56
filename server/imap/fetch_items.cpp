// Reads FETCH's data items.
#include "server/imap/fetch_items.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"
#include "server/imap/response_writer.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

struct Macro {
  std::string_view name;
  std::vector<std::string_view> items;
};
const Macro kMacros[] = {
    {"FAST", {"FLAGS", "INTERNALDATE", "RFC822.SIZE"}},
    {"ALL", {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"}},
    {"FULL", {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"}},
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

const FetchItemKind* parse_name(Cursor& cursor) {
  const std::string_view rest = cursor.rest();
  for (const FetchItemKind& kind : fetch_item_kinds()) {
    if (kind.name.back() == '[') {
      if (!equal_ci(rest.substr(0, kind.name.size()), kind.name)) continue;
      cursor.skip(kind.name.size());
      return &kind;
    }
    if (cursor.word(kind.name)) return &kind;
  }
  cursor.expected("a FETCH data item such as FLAGS or BODY[]");
  return nullptr;
}

// BODY[HEADER] and its like, of the message itself.
bool is_of_header(const FetchItem& item) {
  using What = Section::What;
  return item.label.starts_with("BODY[") && item.section.part.empty() &&
         item.section.what != What::whole && item.section.what != What::text;
}

void append_item(FetchRequest& out, FetchItem item, bool in_front = false) {
  out.uses.add(item.kind->capability, item.kind->enables);
  const bool header = (item.kind->traits & FetchItemKind::header) != 0 || is_of_header(item);
  const bool octets = (item.kind->traits & FetchItemKind::octets) != 0;
  out.needs_facts |= (item.kind->traits & FetchItemKind::facts) != 0;
  out.needs_octets = out.needs_octets || octets || header;
  out.needs_body = out.needs_body || (octets && !header);
  out.sets_seen |= (item.kind->traits & FetchItemKind::seen) != 0;
  out.items.insert(in_front ? out.items.begin() : out.items.end(), std::move(item));
}

bool parse_item(Cursor& cursor, FetchRequest& out) {
  if (out.items.size() >= kMaxFetchItems) return cursor.expected("fewer data items before this,");
  FetchItem item;
  item.kind = parse_name(cursor);
  if (item.kind == nullptr) return false;
  if (item.kind->parse != nullptr && !item.kind->parse(cursor, item)) return false;
  append_item(out, std::move(item));
  return true;
}

}  // namespace

bool FetchRequest::has(std::string_view name) const {
  return std::any_of(items.begin(), items.end(),
                     [name](const FetchItem& item) { return item.kind->name == name; });
}

void FetchRequest::add(std::string_view name, bool in_front) {
  for (const FetchItemKind& kind : fetch_item_kinds()) {
    if (kind.name != name) continue;
    FetchItem item;
    item.kind = &kind;
    append_item(*this, std::move(item), in_front);
    return;
  }
}

void FetchRequest::add(const FetchRequest& other) {
  for (const FetchItem& item : other.items) {
    const bool here = std::any_of(items.begin(), items.end(), [&item](const FetchItem& mine) {
      return mine.kind == item.kind && mine.label == item.label;
    });
    if (!here) append_item(*this, item);
  }
}

bool parse_partial(Cursor& cursor, FetchItem& item) {
  if (cursor.peek() != '<') return true;
  Partial partial;
  cursor.character('<');
  if (!cursor.number64(partial.offset) || !cursor.character('.') || cursor.peek() == '0' ||
      !cursor.number64(partial.count) || !cursor.character('>')) {
    return cursor.expected("a range of octets such as <0.1024>");
  }
  item.partial = partial;
  item.label += '<' + std::to_string(partial.offset) + '>';
  return true;
}

bool parse_part_numbers(Cursor& cursor, Section& out, std::string& label) {
  if (cursor.peek() == ']') return true;
  do {
    std::uint32_t number = 0;
    if (out.part.size() >= kMaxSectionDepth || !cursor.nz_number(number))
      return cursor.expected("a part number");
    if (!out.part.empty()) label += '.';
    label += std::to_string(number);
    out.part.push_back(number);
  } while (cursor.peek() == '.' && cursor.character('.'));
  return true;
}

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
    for (const std::string_view name : macro.items) out.add(name);
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
