// Access control lists (RFC 4314).
//
//   C: a SETACL Projects bob +lrsi
//   S: a OK Access control list changed
//   C: b GETACL Projects
//   S: * ACL Projects alice@acme.example lrswipkxteacd bob@acme.example lrsi
//   S: b OK Access control list shown
#include <algorithm>

#include "server/auth/prepare.hpp"
#include "server/imap/access.hpp"
#include "server/imap/commands/commands.hpp"

namespace mailscope::imap {
namespace {

// RFC 4314 section 3: identifiers are prepared with SASLprep; false: that cannot be done.
bool prepare(std::string& identifier) {
  const bool negative = identifier.starts_with('-');
  auto who = auth::sasl_prepare(std::string_view(identifier).substr(negative ? 1 : 0));
  if (!who || who->empty() || who->size() >= store::kMaxIdentifier) return false;
  identifier = (negative ? "-" : "") + *who;
  return true;
}

Reply bad_identifier() {
  return bad("Identifiers are names of users, \"anyone\", or these behind a \"-\"");
}

// The mailbox that the command names, when the user may administer it.
std::variant<store::MailboxInfo, Reply> administered(Session& session, const std::string& name) {
  auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  if (auto reply = session.access().lacks(info->id, Right::administer)) return std::move(*reply);
  return std::move(*info);
}

Reply change(Session& session, const store::MailboxInfo& info, std::string_view identifier,
             std::optional<std::string> rights) {
  const auto error = session.store().grant(info.id, identifier, rights);
  if (error != store::StoreError::none) return refused(error);
  session.tracer().record(trace::Kind::store_mailbox,
                          {session.account(), info.name,
                           rights ? "access of " + std::string(identifier) + ": " + *rights
                                  : "access of " + std::string(identifier) + " removed"});
  return ok("Access control list changed");
}

}  // namespace

Outcome run_setacl(Session& session, Cursor& arguments, Numbering) {
  std::string name, identifier, letters;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space() ||
      !arguments.astring(identifier) || !arguments.space() || !arguments.astring(letters) ||
      !arguments.end()) {
    return syntax_error(arguments);
  }
  RightsChange wanted;
  if (const auto problem = parse_rights_change(letters, wanted)) return bad(*problem);
  if (!prepare(identifier)) return bad_identifier();
  auto found = administered(session, name);
  if (auto* reply = std::get_if<Reply>(&found)) return std::move(*reply);
  const auto& info = std::get<store::MailboxInfo>(found);
  const std::string who = session.access().canonical(identifier);
  // An owner without an entry has every right; adding and removing begins there.
  Rights before = who == session.store().owner(info.id) ? Rights::all() : Rights();
  for (const store::Grant& grant : session.store().grants(info.id)) {
    if (grant.identifier == who) before = Rights::parse(grant.rights).value_or(Rights());
  }
  return change(session, info, who, wanted.apply(before).letters());
}

Outcome run_deleteacl(Session& session, Cursor& arguments, Numbering) {
  std::string name, identifier;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space() ||
      !arguments.astring(identifier) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (!prepare(identifier)) return bad_identifier();
  auto found = administered(session, name);
  if (auto* reply = std::get_if<Reply>(&found)) return std::move(*reply);
  return change(session, std::get<store::MailboxInfo>(found),
                session.access().canonical(identifier), std::nullopt);
}

Outcome run_getacl(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.end())
    return syntax_error(arguments);
  auto found = administered(session, name);
  if (auto* reply = std::get_if<Reply>(&found)) return std::move(*reply);
  const auto& info = std::get<store::MailboxInfo>(found);
  const std::vector<store::Grant> grants = session.store().grants(info.id);
  const std::string owner = session.store().owner(info.id);
  ResponseWriter& out = session.out();
  out.begin("*").text("ACL ").mailbox(info.name);
  const auto entry = [&out](std::string_view who, Rights rights) {
    const std::string letters = rights.shown();
    out.text(" ").astring(who).text(" ").astring(letters);
  };
  const bool listed = std::any_of(grants.begin(), grants.end(), [&](const store::Grant& grant) {
    return grant.identifier == owner;
  });
  if (!listed) entry(owner, Rights::all());
  for (const store::Grant& grant : grants)
    entry(grant.identifier, Rights::parse(grant.rights).value_or(Rights()));
  out.end();
  return ok("Access control list shown");
}

Outcome run_listrights(Session& session, Cursor& arguments, Numbering) {
  std::string name, identifier;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space() ||
      !arguments.astring(identifier) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (!prepare(identifier)) return bad_identifier();
  auto found = administered(session, name);
  if (auto* reply = std::get_if<Reply>(&found)) return std::move(*reply);
  const auto& info = std::get<store::MailboxInfo>(found);
  const bool owner = session.access().canonical(identifier) == session.store().owner(info.id);
  const std::string_view always = owner ? "la" : "";
  ResponseWriter& out = session.out();
  out.begin("*").text("LISTRIGHTS ").mailbox(info.name).text(" ").astring(identifier);
  out.text(" ").astring(always);
  // No rights are tied together; "c" and "d" are told for older clients (section 2.1.1).
  for (const char letter : std::string(kRightLetters) + "cd") {
    if (always.find(letter) == std::string_view::npos)
      out.text(" ").text(std::string_view(&letter, 1));
  }
  out.end();
  return ok("Rights listed");
}

void write_myrights(Session& session, const store::MailboxInfo& info) {
  session.out()
      .begin("*")
      .text("MYRIGHTS ")
      .mailbox(info.name)
      .text(" ")
      .astring(session.access().rights(info.id).shown())
      .end();
}

Outcome run_myrights(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.end())
    return syntax_error(arguments);
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  write_myrights(session, *info);
  return ok("Rights shown");
}

}  // namespace mailscope::imap
