// Writes one message's FETCH response.
#include "server/imap/fetch_writer.hpp"

#include <algorithm>

#include "server/imap/date_time.hpp"
#include "server/imap/structure_writer.hpp"

namespace mailscope::imap {
namespace {

using Kind = FetchItem::Kind;

void write_octets(ResponseWriter& out, MessageView& message, std::string_view octets, bool shared) {
  out.literal(octets, shared ? message.shared() : nullptr);
}

void write_section(ResponseWriter& out, const FetchItem& item, MessageView& message) {
  out.text(item.label).text(" ");
  std::string scratch;
  const auto octets = section_octets(message, item.section, scratch);
  if (!octets) {
    out.text("NIL");
    return;
  }
  const bool shared = octets->data() != scratch.data();
  write_octets(out, message, item.partial ? partial_octets(*octets, *item.partial) : *octets,
               shared);
}

void write_item(ResponseWriter& out, const FetchItem& item, const FetchedMessage& f) {
  switch (item.kind) {
    case Kind::flags:
      out.text("FLAGS ").flags(f.info->flags, f.recent);
      break;
    case Kind::uid:
      out.text("UID ").number(f.info->uid);
      break;
    case Kind::size:
      out.text("RFC822.SIZE ").number(f.info->size);
      break;
    case Kind::internal_date: {
      std::string date;
      append_date_time(date, f.info->internal_date);
      out.text("INTERNALDATE ").text(date);
      break;
    }
    case Kind::envelope:
      out.text("ENVELOPE ");
      write_envelope(out, f.message->header());
      break;
    case Kind::body:
    case Kind::body_structure:
      out.text(item.kind == Kind::body ? "BODY " : "BODYSTRUCTURE ");
      write_body_structure(out, f.message->structure(), item.kind == Kind::body_structure);
      break;
    case Kind::section:
      write_section(out, item, *f.message);
      break;
    case Kind::rfc822:
      out.text("RFC822 ");
      write_octets(out, *f.message, f.message->octets(), true);
      break;
    case Kind::rfc822_header:
      out.text("RFC822.HEADER ");
      write_octets(out, *f.message, f.message->header_text(), true);
      break;
    case Kind::rfc822_text:
      out.text("RFC822.TEXT ");
      write_octets(out, *f.message, f.message->body_text(), true);
      break;
  }
}

}  // namespace

void write_fetch(ResponseWriter& out, const FetchRequest& request, const FetchedMessage& fetched) {
  out.begin("*").number(fetched.number).text(" FETCH (");
  bool first = true;
  for (const FetchItem& item : request.items) {
    if (!first) out.text(" ");
    first = false;
    write_item(out, item, fetched);
  }
  if (fetched.flags_too) out.text(" FLAGS ").flags(fetched.info->flags, fetched.recent);
  out.text(")").end();
}

}  // namespace mailscope::imap
