// Writes one message's FETCH response.
#include "server/imap/fetch_writer.hpp"

#include <algorithm>

namespace mailscope::imap {
namespace {

// Octets of an item that are compared at a time, and of a message in all: beyond that it counts as
// different, so that nobody keeps the server busy with a list of items.
constexpr std::size_t kCompared = 65'536;
constexpr std::size_t kMaxCompared = 33'554'432;

// Octets that are made for one message's response, by decoding or replacing, and so take room until
// they have left: more than twice the largest message. Whoever asks for parts once needs less.
constexpr std::uint64_t kMaxMade = 67'108'864;

// One item as it would be told of `message`, piece by piece: it may be large, and there are two.
class Telling {
 public:
  Telling(MessageView* message, const FetchItem& item, const FetchedMessage& fetched)
      : out_(told_, trace::Tracer(sink_, {})) {
    message_.session = fetched.session;
    message_.number = fetched.number;
    message_.info = fetched.info;
    message_.message = message;
    message_.stored = fetched.stored;
    item.kind->write(out_, item, message_);
  }
  // Empty behind the end.
  std::string_view next() {
    if (begun_) told_.bytes.clear();
    begun_ = true;
    out_.pump(kCompared);
    return told_.bytes;
  }

 private:
  bool begun_ = false;
  trace::NullSink sink_;
  net::Output told_;
  FetchedMessage message_;
  ResponseWriter out_;
};

bool tells_otherwise(const FetchItem& item, const FetchedMessage& fetched, std::size_t& compared) {
  Telling shown(fetched.message, item, fetched);
  Telling stored(fetched.stored, item, fetched);
  for (;;) {
    const std::string_view one = shown.next();
    if (one != stored.next()) return true;
    if (one.empty()) return false;
    compared += one.size();
    if (compared > kMaxCompared) return true;
  }
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

bool may_make(FetchedMessage& fetched, std::size_t octets) {
  fetched.made += octets;
  if (fetched.made <= kMaxMade) return true;
  fetched.problem = no("Too much is asked of one message at once", "LIMIT");
  return false;
}

void write_fetch(ResponseWriter& out, const ResponseStyle& style, const FetchRequest& request,
                 FetchedMessage& fetched) {
  begin_fetch(out, style, fetched.number, fetched.info->uid);
  fetched.made = 0;
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
  constexpr std::uint8_t kRead = FetchItemKind::octets | FetchItemKind::header;
  if (fetched.stored == nullptr) return false;
  std::size_t compared = 0;
  return std::any_of(request.items.begin(), request.items.end(), [&](const FetchItem& item) {
    return (item.kind->traits & kRead) != 0 && tells_otherwise(item, fetched, compared);
  });
}

}  // namespace mailscope::imap
