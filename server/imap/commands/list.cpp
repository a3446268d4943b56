// LIST and LSUB (RFC 3501 sections 6.3.8 and 6.3.9), with \HasChildren (RFC 3348) and special uses
// (RFC 6154).
//
//   C: a LIST "" %
//   S: * LIST (\HasNoChildren) "/" INBOX
//   S: * LIST (\HasNoChildren \Sent) "/" Sent
//   S: * LIST (\HasChildren) "/" Projects
//   S: a OK Listed
#include <algorithm>
#include <map>

#include "server/imap/commands/commands.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/utf7.hpp"

namespace mailscope::imap {
namespace {

// Reads both arguments and puts them together; nullopt: a syntax error. An empty pattern asks for
// the separator.
std::optional<std::string> parse_arguments(Cursor& arguments) {
  std::string reference, pattern;
  if (!arguments.space() || !arguments.astring(reference) || !arguments.space() ||
      !arguments.list_mailbox(pattern) || !arguments.end()) {
    return std::nullopt;
  }
  if (pattern.empty()) return pattern;
  auto decoded = utf7_decode(reference + pattern);
  if (!decoded || decoded->size() > kMaxListPattern) {
    arguments.expected("a shorter pattern in modified UTF-7 before");
    return std::nullopt;
  }
  return decoded;
}

void send(Session& session, std::string_view command, std::string_view attributes,
          std::string_view name) {
  session.out()
      .begin("*")
      .text(command)
      .text(" (")
      .text(attributes)
      .text(") \"/\" ")
      .mailbox(name)
      .end();
}

}  // namespace

Outcome run_list(Session& session, Cursor& arguments, Numbering) {
  const auto wanted = parse_arguments(arguments);
  if (!wanted) return syntax_error(arguments);
  if (wanted->empty()) {
    session.out().line("*", "LIST (\\Noselect) \"/\" \"\"");
    return ok("Listed");
  }
  const ListPattern pattern(*wanted);
  const std::vector<store::MailboxInfo> all = session.store().mailboxes(session.account());
  std::vector<std::string_view> parents;
  for (const store::MailboxInfo& info : all) {
    const std::size_t slash = info.name.rfind('/');
    if (slash != std::string::npos) parents.push_back(std::string_view(info.name).substr(0, slash));
  }
  std::sort(parents.begin(), parents.end());
  for (const store::MailboxInfo& info : all) {
    if (!pattern.matches(info.name)) continue;
    std::string attributes;
    if (session.offers("CHILDREN")) {
      const bool has =
          std::binary_search(parents.begin(), parents.end(), std::string_view(info.name));
      attributes = has ? "\\HasChildren" : "\\HasNoChildren";
    }
    if (!info.special_use.empty() && session.offers("SPECIAL-USE")) {
      if (!attributes.empty()) attributes += ' ';
      attributes += info.special_use;
    }
    send(session, "LIST", attributes, info.name);
  }
  return ok("Listed");
}

Outcome run_lsub(Session& session, Cursor& arguments, Numbering) {
  const auto wanted = parse_arguments(arguments);
  if (!wanted) return syntax_error(arguments);
  if (wanted->empty()) {
    session.out().line("*", "LSUB (\\Noselect) \"/\" \"\"");
    return ok("Listed");
  }
  const ListPattern pattern(*wanted);
  std::map<std::string, bool, std::less<>> found;  // name -> it is subscribed itself
  for (const std::string& name : session.store().subscriptions(session.account())) {
    if (pattern.matches(name)) {
      found[name] = true;
      continue;
    }
    // "%" stops at a level: a subscribed name below it shows as its parent, \Noselect (RFC 3501
    // section 6.3.9).
    if (!pattern.has_percent()) continue;
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string parent = name.substr(0, slash);
      if (pattern.matches(parent)) found.try_emplace(parent, false);
    }
  }
  for (const auto& [name, subscribed] : found) {
    send(session, "LSUB", subscribed && session.find_mailbox(name) ? "" : "\\Noselect", name);
  }
  return ok("Listed");
}

}  // namespace mailscope::imap
