// The data items of FETCH: how each is read and written. Those of extensions are in their own
// files.
#include <algorithm>

#include "server/imap/date_time.hpp"
#include "server/imap/extensions/extensions.hpp"
#include "server/imap/structure_writer.hpp"

namespace mailscope::imap {
namespace {

using Kind = FetchItemKind;

bool parse_body_section(Cursor& cursor, FetchItem& item) {
  item.label = "BODY[";
  if (!parse_section(cursor, item.section, item.label) || !cursor.character(']')) return false;
  item.label += ']';
  return parse_partial(cursor, item);
}

// A literal holds no NUL (RFC 3501 section 4.3). Messages that came as literal8 may hold some: who
// does not ask for BINARY gets another octet in their place.
void write_message_octets(ResponseWriter& out, std::string_view octets, FetchedMessage& f,
                          bool of_message = true) {
  const bool replaced = octets.find('\0') != std::string_view::npos;
  if ((replaced || !of_message) && !may_make(f, octets.size())) {
    out.text("NIL");
    return;
  }
  if (!replaced) {
    out.literal(octets, of_message ? f.message->shared() : nullptr);
    return;
  }
  std::string shown(octets);
  std::replace(shown.begin(), shown.end(), '\0', '\x80');
  out.literal(shown);
}

void write_section(ResponseWriter& out, const FetchItem& item, FetchedMessage& f) {
  out.text(item.label).text(" ");
  const auto octets = section_octets(*f.message, item.section, f.scratch);
  if (!octets) {
    out.text("NIL");
    return;
  }
  const bool shared = octets->data() != f.scratch.data();
  write_message_octets(out, item.partial ? partial_octets(*octets, *item.partial) : *octets, f,
                       shared);
}

void write_flags(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("FLAGS ").flags(f.info->flags, f.recent);
}
void write_uid(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("UID ").number(f.info->uid);
}
void write_size(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  const bool surrogate = f.stored != nullptr;
  out.text("RFC822.SIZE ").number(surrogate ? f.message->octets().size() : f.info->size);
}
void write_internal_date(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  f.scratch.clear();
  append_date_time(f.scratch, f.info->internal_date);
  out.text("INTERNALDATE ").text(f.scratch);
}
// RFC 7162 section 3.1.4.
void write_modseq(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("MODSEQ (").number(f.info->modseq).text(")");
}
void write_envelope_item(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("ENVELOPE ");
  write_envelope(out, f.message->header());
}
void write_body(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("BODY ");
  write_body_structure(out, f.message->structure(), false);
}
void write_structure(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("BODYSTRUCTURE ");
  write_body_structure(out, f.message->structure(), true);
}
void write_rfc822(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  write_message_octets(out.text("RFC822 "), f.message->octets(), f);
}
void write_rfc822_header(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  write_message_octets(out.text("RFC822.HEADER "), f.message->header_text(), f);
}
void write_rfc822_text(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  write_message_octets(out.text("RFC822.TEXT "), f.message->body_text(), f);
}

constexpr FetchItemKind kItems[] = {
    {"FLAGS", "", 0, write_flags},
    {"UID", "", 0, write_uid},
    {"MODSEQ", "CONDSTORE", 0, write_modseq, nullptr, kCondstore},
    {"INTERNALDATE", "", Kind::facts, write_internal_date},
    {"RFC822.SIZE", "", Kind::facts, write_size},
    {"ENVELOPE", "", Kind::header, write_envelope_item},
    {"BODYSTRUCTURE", "", Kind::octets, write_structure},
    {"BODY", "", Kind::octets, write_body},
    {"BODY[", "", Kind::octets | Kind::seen, write_section, parse_body_section},
    {"BODY.PEEK[", "", Kind::octets, write_section, parse_body_section},
    {"BINARY[", "BINARY", Kind::octets | Kind::seen, write_binary, parse_binary},
    {"BINARY.PEEK[", "BINARY", Kind::octets, write_binary, parse_binary},
    {"BINARY.SIZE[", "BINARY", Kind::octets, write_binary_size, parse_binary_size},
    {"EMAILID", "OBJECTID", Kind::facts, write_email_id},
    {"THREADID", "OBJECTID", Kind::header, write_thread_id},
    {"SAVEDATE", "SAVEDATE", Kind::facts, write_save_date},
    {"PREVIEW", "PREVIEW", Kind::octets, write_preview, parse_preview},
    {"RFC822", "", Kind::octets | Kind::seen, write_rfc822},
    {"RFC822.HEADER", "", Kind::header, write_rfc822_header},
    {"RFC822.TEXT", "", Kind::octets | Kind::seen, write_rfc822_text},
};

}  // namespace

std::span<const FetchItemKind> fetch_item_kinds() {
  return kItems;
}

}  // namespace mailscope::imap
