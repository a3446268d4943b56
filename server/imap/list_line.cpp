// One mailbox as LIST tells it.
#include "server/imap/list_line.hpp"

#include <algorithm>

namespace mailscope::imap {

std::string list_attributes(const Session& session, std::string_view name) {
  const auto info = session.find_mailbox(name);
  const std::string below = std::string(name) + '/';
  const auto all = session.access().visible();
  const bool children = std::any_of(all.begin(), all.end(), [&](const store::MailboxInfo& other) {
    return other.name.starts_with(below);
  });
  std::string list = "(";
  if (!info) list += "\\NonExistent ";
  list += children ? "\\HasChildren" : "\\HasNoChildren";
  if (info && !info->special_use.empty() && session.offers("SPECIAL-USE"))
    list += ' ' + info->special_use;
  return list + ')';
}

void tell_name(Session& session, std::string_view name, std::string_view sent) {
  if (name != sent && session.style().rev2()) write_list_line(session, name, sent);
}

void write_list_line(Session& session, std::string_view name, std::string_view old_name) {
  ResponseWriter& out = session.out().begin("*").text("LIST ").text(list_attributes(session, name));
  out.text(" \"/\" ").mailbox(name);
  if (!old_name.empty()) out.text(" (\"OLDNAME\" (").mailbox(old_name).text("))");
  out.end();
}

}  // namespace mailscope::imap
