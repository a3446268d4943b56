// CREATE (RFC 3501 section 6.3.3), with a special use (RFC 6154 section 3).
//
//   C: a CREATE Projects/2026
//   S: a OK Created
//   C: b CREATE Outbox (USE (\Sent))
//   S: b OK Created
#include "server/imap/commands/commands.hpp"
#include "server/imap/extensions/extensions.hpp"
#include "server/imap/list_line.hpp"
#include "server/imap/special_use.hpp"

namespace mailscope::imap {
namespace {

// RFC 6154 section 3: "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")". `known`: all are ours.
bool parse_use(Cursor& cursor, std::string& uses, bool& known) {
  if (!cursor.character('(') || !cursor.word("USE") || !cursor.space() || !cursor.character('('))
    return false;
  int count = 0;
  while (cursor.peek() != ')') {
    std::string_view name;
    if (count > 0 && !cursor.space()) return false;
    if (cursor.peek() != '\\' || (cursor.skip(1), !cursor.atom(name)))
      return cursor.expected("a use such as \\Sent");
    ++count;
    known = add_special_use(uses, '\\' + std::string(name)) && known;
  }
  return cursor.character(')') && cursor.character(')');
}

// RFC 4314 section 4: a new mailbox has the access control list of the one above it.
void inherit_rights(Session& session, const MailboxPlace& place, store::MailboxId made) {
  const std::size_t slash = place.name.rfind('/');
  if (slash == std::string::npos) return;
  const auto parent = session.store().mailbox(place.account, place.name.substr(0, slash));
  if (!parent) return;
  for (const store::Grant& grant : session.store().grants(parent->id))
    static_cast<void>(session.store().grant(made, grant.identifier, grant.rights));
}

}  // namespace

Outcome run_create(Session& session, Cursor& arguments, Numbering) {
  std::string name, sent, use;
  bool known = true;
  if (!arguments.space() || !arguments.mailbox(name, &sent)) return syntax_error(arguments);
  const bool used = !arguments.at_end();
  if (used && (!arguments.space() || !parse_use(arguments, use, known) || !arguments.end())) {
    return syntax_error(arguments);
  }
  if (used) {
    Uses uses;
    uses.add("CREATE-SPECIAL-USE");
    if (auto reply = session.unusable(uses)) return std::move(*reply);
  }
  if (!known) return no("This special use is not supported", "USEATTR");
  // A separator at the end says that names below will follow; the mailbox is made all the same.
  for (std::string* one : {&name, &sent}) {
    if (one->size() > 1 && one->back() == '/') one->pop_back();
  }
  if (name.empty()) return refused(store::StoreError::bad_name);
  if (auto reply = session.access().lacks_create(name)) return std::move(*reply);
  const MailboxPlace place = session.access().locate(name);
  if (!place.own && !use.empty()) return no("Special uses are for one's own mailboxes", "USEATTR");
  const auto made = session.store().create_mailbox(place.account, place.name, use);
  if (!made) return refused(made.error);
  inherit_rights(session, place, made.value);
  session.tracer().record(trace::Kind::store_mailbox, {session.account(), name, "created"});
  tell_name(session, name, sent);
  // RFC 8474 section 4.1.
  return ok("Created",
            session.offers("OBJECTID") ? "MAILBOXID (" + mailbox_object_id(made.value) + ")" : "");
}

}  // namespace mailscope::imap
