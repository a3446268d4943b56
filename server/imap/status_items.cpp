// The table of STATUS items.
#include "server/imap/status_items.hpp"

#include <algorithm>

#include "server/imap/extensions/extensions.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {
namespace {

using Info = store::MailboxInfo;

void write_recent(ResponseWriter& out, const Session& session, const Info& info) {
  std::uint64_t count = 0;
  session.store().scan_flags(info.id, {info.first_recent, 0xffffffff},
                             [&count](const store::MessageInfo&) {
                               ++count;
                               return true;
                             });
  out.number(count);
}
void write_messages(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.messages);
}
void write_uid_next(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.uid_next);
}
void write_uid_validity(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.uid_validity);
}
void write_unseen(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.unseen);
}
// RFC 8438.
void write_octets(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.octets);
}
void write_deleted(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.deleted);
}
void write_mailbox_id(ResponseWriter& out, const Session&, const Info& info) {
  out.text("(").text(mailbox_object_id(info.id)).text(")");
}
// RFC 9208 section 4.1.4.
void write_deleted_octets(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.deleted_octets);
}
void write_highest_modseq(ResponseWriter& out, const Session&, const Info& info) {
  out.number(info.highest_modseq);
}
// RFC 7889 section 3.1: one limit for all mailboxes.
void write_append_limit(ResponseWriter& out, const Session& session, const Info&) {
  out.number(session.options().append_limit);
}

constexpr StatusItem kItems[] = {
    {"MESSAGES", "", write_messages},
    {"RECENT", "", write_recent},
    {"UIDNEXT", "", write_uid_next},
    {"UIDVALIDITY", "", write_uid_validity},
    {"UNSEEN", "", write_unseen},
    {"SIZE", "STATUS=SIZE", write_octets},
    {"DELETED", "IMAP4rev2", write_deleted},
    {"DELETED-STORAGE", "QUOTA=RES-STORAGE", write_deleted_octets},
    {"HIGHESTMODSEQ", "CONDSTORE", write_highest_modseq, kCondstore},
    {"MAILBOXID", "OBJECTID", write_mailbox_id},
    {"APPENDLIMIT", "APPENDLIMIT", write_append_limit},
};

const StatusItem* parse_item(Cursor& cursor) {
  for (const StatusItem& item : kItems) {
    if (cursor.word(item.name)) return &item;
  }
  cursor.expected("a STATUS item such as MESSAGES or UNSEEN");
  return nullptr;
}

}  // namespace

bool parse_status_items(Cursor& cursor, StatusRequest& out) {
  if (!cursor.character('(')) return false;
  do {
    const StatusItem* item = parse_item(cursor);
    if (item == nullptr) return false;
    out.uses.add(item->capability, item->enables);
    // Asked for twice it is still told once.
    if (std::find(out.items.begin(), out.items.end(), item) == out.items.end())
      out.items.push_back(item);
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

void write_status(Session& session, const StatusRequest& request, const Info& info) {
  ResponseWriter& out = session.out();
  out.begin("*").text("STATUS ").mailbox(info.name).text(" (");
  for (const StatusItem* item : request.items) {
    if (item != request.items.front()) out.text(" ");
    out.text(item->name).text(" ");
    item->write(out, session, info);
  }
  out.text(")").end();
}

}  // namespace mailscope::imap
