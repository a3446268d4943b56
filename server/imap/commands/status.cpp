// STATUS (RFC 3501 section 6.3.10), with APPENDLIMIT (RFC 7889 section 3.1).
//
//   C: a STATUS Drafts (MESSAGES UNSEEN)
//   S: * STATUS Drafts (MESSAGES 4 UNSEEN 0)
//   S: a OK Status
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {
namespace {

struct StatusItem {
  std::string_view name;
  std::uint64_t (*value)(const Session& session, const store::MailboxInfo& info);
};

std::uint64_t count_recent(const Session& session, const store::MailboxInfo& info) {
  std::uint64_t count = 0;
  session.store().scan(info.id, {info.first_recent, 0xffffffff},
                       [&count](const store::MessageInfo&) {
                         ++count;
                         return true;
                       });
  return count;
}

constexpr StatusItem kItems[] = {
    {"MESSAGES",
     [](const Session&, const store::MailboxInfo& i) -> std::uint64_t { return i.messages; }},
    {"RECENT", count_recent},
    {"UIDNEXT",
     [](const Session&, const store::MailboxInfo& i) -> std::uint64_t { return i.uid_next; }},
    {"UIDVALIDITY",
     [](const Session&, const store::MailboxInfo& i) -> std::uint64_t { return i.uid_validity; }},
    {"UNSEEN",
     [](const Session&, const store::MailboxInfo& i) -> std::uint64_t { return i.unseen; }},
    {"APPENDLIMIT",
     [](const Session& s, const store::MailboxInfo&) -> std::uint64_t {
       return s.options().append_limit;
     }},
};

bool parse_items(Cursor& cursor, std::vector<const StatusItem*>& out) {
  if (!cursor.character('(')) return false;
  do {
    const StatusItem* found = nullptr;
    for (const StatusItem& item : kItems) {
      if (cursor.word(item.name)) {
        found = &item;
        break;
      }
    }
    if (found == nullptr || out.size() >= std::size(kItems)) {
      return cursor.expected("MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN");
    }
    out.push_back(found);
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

}  // namespace

Outcome run_status(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  std::vector<const StatusItem*> items;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space() ||
      !parse_items(arguments, items) || !arguments.end()) {
    return syntax_error(arguments);
  }
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  auto& out = session.out().begin("*").text("STATUS ").mailbox(info->name).text(" (");
  for (const StatusItem* item : items) {
    if (item != items.front()) out.text(" ");
    out.text(item->name).text(" ").number(item->value(session, *info));
  }
  out.text(")").end();
  return ok("Status");
}

}  // namespace mailscope::imap
