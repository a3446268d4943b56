// The data items of FETCH: how each is read and written. Those of extensions are in their own
// files.
#include "server/imap/date_time.hpp"
#include "server/imap/fetch_writer.hpp"
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

void write_section(ResponseWriter& out, const FetchItem& item, FetchedMessage& f) {
  out.text(item.label).text(" ");
  const auto octets = section_octets(*f.message, item.section, f.scratch);
  if (!octets) {
    out.text("NIL");
    return;
  }
  const bool shared = octets->data() != f.scratch.data();
  out.literal(item.partial ? partial_octets(*octets, *item.partial) : *octets,
              shared ? f.message->shared() : nullptr);
}

void write_flags(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("FLAGS ").flags(f.info->flags, f.recent);
}
void write_uid(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("UID ").number(f.info->uid);
}
void write_size(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("RFC822.SIZE ").number(f.info->size);
}
void write_internal_date(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  f.scratch.clear();
  append_date_time(f.scratch, f.info->internal_date);
  out.text("INTERNALDATE ").text(f.scratch);
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
  out.text("RFC822 ").literal(f.message->octets(), f.message->shared());
}
void write_rfc822_header(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("RFC822.HEADER ").literal(f.message->header_text(), f.message->shared());
}
void write_rfc822_text(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("RFC822.TEXT ").literal(f.message->body_text(), f.message->shared());
}

constexpr FetchItemKind kItems[] = {
    {"FLAGS", "", 0, write_flags},
    {"UID", "", 0, write_uid},
    {"INTERNALDATE", "", 0, write_internal_date},
    {"RFC822.SIZE", "", 0, write_size},
    {"ENVELOPE", "", Kind::octets, write_envelope_item},
    {"BODYSTRUCTURE", "", Kind::octets, write_structure},
    {"BODY", "", Kind::octets, write_body},
    {"BODY[", "", Kind::octets | Kind::seen, write_section, parse_body_section},
    {"BODY.PEEK[", "", Kind::octets, write_section, parse_body_section},
    {"RFC822", "", Kind::octets | Kind::seen, write_rfc822},
    {"RFC822.HEADER", "", Kind::octets, write_rfc822_header},
    {"RFC822.TEXT", "", Kind::octets | Kind::seen, write_rfc822_text},
};

}  // namespace

std::span<const FetchItemKind> fetch_item_kinds() {
  return kItems;
}

}  // namespace mailscope::imap
