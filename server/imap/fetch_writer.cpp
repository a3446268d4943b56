// Writes one message's FETCH response.
#include "server/imap/fetch_writer.hpp"

namespace mailscope::imap {

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

}  // namespace mailscope::imap
