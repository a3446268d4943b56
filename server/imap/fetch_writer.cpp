// Writes one message's FETCH response.
#include "server/imap/fetch_writer.hpp"

namespace mailscope::imap {

void begin_fetch(ResponseWriter& out, const ResponseStyle& style, std::uint32_t number,
                 store::Uid uid) {
  // RFC 9586 section 3.3: without numbers, UIDFETCH names the message by its UID.
  const bool by_uid = style.uid_only();
  out.begin("*").number(by_uid ? uid : number).text(by_uid ? " UIDFETCH (" : " FETCH (");
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
    if (!request.has("FLAGS")) out.text(" FLAGS ").flags(fetched.info->flags, fetched.recent);
    if (style.modseq() && !request.has("MODSEQ"))
      out.text(" MODSEQ (").number(fetched.info->modseq).text(")");
  }
  out.text(")").end();
}

}  // namespace mailscope::imap
