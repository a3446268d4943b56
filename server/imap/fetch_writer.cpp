// Writes one message's FETCH response.
#include "server/imap/fetch_writer.hpp"

#include <limits>

namespace mailscope::imap {
namespace {

// The items that are read from the message itself, as they would be told of `message`.
std::string told_of(MessageView* message, const FetchRequest& request,
                    const FetchedMessage& fetched) {
  constexpr std::uint8_t kRead = FetchItemKind::octets | FetchItemKind::header;
  trace::NullSink sink;
  net::Output told;
  ResponseWriter out(told, trace::Tracer(sink, {}));
  FetchedMessage other;
  other.session = fetched.session;
  other.number = fetched.number;
  other.info = fetched.info;
  other.message = message;
  other.stored = fetched.stored;
  for (const FetchItem& item : request.items) {
    if ((item.kind->traits & kRead) != 0) item.kind->write(out, item, other);
  }
  out.pump(std::numeric_limits<std::size_t>::max());
  return std::move(told.bytes);
}

}  // namespace

void begin_fetch(ResponseWriter& out, const ResponseStyle& style, std::uint32_t number,
                 store::Uid uid) {
  // RFC 9586 section 3.3: uniqueid SP "UIDFETCH" SP msg-att, where there are no numbers.
  if (style.uid_only())
    out.begin("*").number(uid).text(" UIDFETCH (");
  else
    out.begin("*").number(number).text(" FETCH (");
}

void write_fetch(ResponseWriter& out, const ResponseStyle& style, const FetchRequest& request,
                 FetchedMessage& fetched) {
  begin_fetch(out, style, fetched.number, fetched.info->uid);
  bool first = true;
  for (const FetchItem& item : request.items) {
    if (!first) out.text(" ");
    first = false;
    item.kind->write(out, item, fetched);
  }
  if (fetched.flags_too) {
    // RFC 7162 section 3.2.4: what sets \Seen is told with the UID, once mod-sequences are.
    if (style.modseq() && !style.uid_only() && !request.has("UID"))
      out.text(" UID ").number(fetched.info->uid);
    if (!request.has("FLAGS")) out.text(" FLAGS ").flags(fetched.info->flags, fetched.recent);
    if (style.modseq() && !request.has("MODSEQ"))
      out.text(" MODSEQ (").number(fetched.info->modseq).text(")");
  }
  out.text(")").end();
}

bool shows_surrogate(const FetchRequest& request, const FetchedMessage& fetched) {
  return fetched.stored != nullptr &&
         told_of(fetched.message, request, fetched) != told_of(fetched.stored, request, fetched);
}

}  // namespace mailscope::imap
