// LIST (RFC 3501 section 6.3.8, extended by RFC 5258), with \HasChildren (RFC 3348) and special
// uses (RFC 6154).
//
//   C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (STATUS (UNSEEN))
//   S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
//   S: * STATUS INBOX (UNSEEN 3)
//   S: * LIST (\HasChildren) "/" Projects ("CHILDINFO" ("SUBSCRIBED"))
//   S: a OK Listed
#include <algorithm>
#include <map>

#include "server/imap/commands/commands.hpp"
#include "server/imap/list_request.hpp"

namespace mailscope::imap {
namespace {

class Lister {
 public:
  Lister(Session& session, const ListRequest& request)
      : session_(session),
        request_(request),
        all_(session.access().visible()),
        recursive_(request.selects("RECURSIVEMATCH")) {
    gather();
  }

  void run() {
    if (recursive_) find_selected_children();
    for (const auto& [name, mailbox] : names_) {
      if (!matches(name)) continue;
      const bool chosen = selected(mailbox);
      const auto children = children_.find(name);
      // RFC 5258 section 3.5: a name that is not meant itself shows for the sake of a child that
      // does not show.
      const bool for_child = children != children_.end() && (chosen || children->second);
      // Levels above other users' mailboxes are no mailboxes, and show where "%" stops at them
      // (RFC 3501 section 6.3.8).
      const bool level =
          mailbox.info == nullptr && mailbox.has_children && !has_selections() && stops_at(name);
      if (chosen || for_child || level) send(mailbox, for_child);
      if (chosen && mailbox.info != nullptr) send_returns(mailbox);
    }
  }

 private:
  void gather() {
    for (const store::MailboxInfo& info : all_) {
      ListEntry& mailbox = at(info.name, true);
      mailbox.info = &info;
    }
    // Names that are subscribed to but not there count only when subscriptions are asked for.
    for (const std::string& name : session_.store().subscriptions(session_.account())) {
      if (names_.find(name) != names_.end() || request_.selects("SUBSCRIBED"))
        at(name, false).subscribed = true;
    }
  }

  // The name and, above it, the levels that lead to it. A child is one that is there (RFC 5258
  // section 5, example 10).
  ListEntry& at(const std::string& name, bool exists) {
    for (std::size_t slash = name.rfind('/'); slash != std::string::npos && slash > 0;
         slash = name.rfind('/', slash - 1)) {
      ListEntry& parent = names_[name.substr(0, slash)];
      parent.name = name.substr(0, slash);
      parent.has_children = parent.has_children || exists;
    }
    ListEntry& mailbox = names_[name];
    mailbox.name = name;
    return mailbox;
  }

  bool matches(const std::string& name) const {
    return std::any_of(request_.patterns.begin(), request_.patterns.end(),
                       [&](const ListPattern& pattern) { return pattern.matches(name); });
  }

  bool stops_at(const std::string& name) const {
    return std::any_of(
        request_.patterns.begin(), request_.patterns.end(),
        [&](const ListPattern& pattern) { return pattern.has_percent() && pattern.matches(name); });
  }
  bool has_selections() const {
    return std::any_of(request_.selections.begin(), request_.selections.end(),
                       [](const ListSelection* row) { return row->selects != nullptr; });
  }

  bool selected(const ListEntry& mailbox) const {
    bool wanted = mailbox.info != nullptr;
    for (const ListSelection* row : request_.selections) {
      if (row->selects == nullptr) continue;
      if (!row->selects(session_, mailbox)) return false;
      wanted = true;
    }
    return wanted;
  }

  // Above each name that is meant: whether one of those below will not be shown itself.
  void find_selected_children() {
    for (const auto& [name, mailbox] : names_) {
      if (!selected(mailbox)) continue;
      const bool hidden = !matches(name);
      for (std::size_t slash = name.rfind('/'); slash != std::string::npos && slash > 0;
           slash = name.rfind('/', slash - 1)) {
        bool& any_hidden = children_[name.substr(0, slash)];
        any_hidden = any_hidden || hidden;
      }
    }
  }

  std::string attributes(const ListEntry& mailbox) const {
    std::string list;
    const auto add = [&list](std::string_view name) {
      if (!list.empty()) list += ' ';
      list += name;
    };
    if (mailbox.info == nullptr) add(request_.extended ? "\\NonExistent" : "\\Noselect");
    if (session_.offers("CHILDREN") || request_.returns_option("CHILDREN"))
      add(mailbox.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (mailbox.subscribed &&
        (request_.selects("SUBSCRIBED") || request_.returns_option("SUBSCRIBED")))
      add("\\Subscribed");
    if (mailbox.info != nullptr && !mailbox.info->special_use.empty() &&
        session_.offers("SPECIAL-USE"))
      add(mailbox.info->special_use);
    return list;
  }

  void send(const ListEntry& mailbox, bool for_child) {
    ResponseWriter& out = session_.out();
    out.begin("*").text("LIST (").text(attributes(mailbox)).text(") \"/\" ").mailbox(mailbox.name);
    if (for_child) {
      out.text(" (\"CHILDINFO\" (");
      bool first = true;
      for (const ListSelection* row : request_.selections) {
        if (row->selects == nullptr) continue;
        out.text(first ? "\"" : " \"").text(row->name).text("\"");
        first = false;
      }
      out.text("))");
    }
    out.end();
  }

  // Of what was selected itself, not of what shows for the sake of a child (RFC 5819 section 2).
  void send_returns(const ListEntry& mailbox) {
    for (const ListReturn* row : request_.returns) {
      if (row->after != nullptr) row->after(session_, request_, mailbox);
    }
  }

  Session& session_;
  const ListRequest& request_;
  std::vector<store::MailboxInfo> all_;
  std::map<std::string, ListEntry> names_;
  std::map<std::string, bool> children_;  // parent -> some of what it has below is not shown
  bool recursive_;
};

}  // namespace

Outcome run_list(Session& session, Cursor& arguments, Numbering) {
  ListRequest request;
  if (!arguments.space() || !parse_list(arguments, request) || !arguments.end())
    return syntax_error(arguments);
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);
  session.enable(request.uses.enables());
  if (request.asks_separator) session.out().line("*", "LIST (\\Noselect) \"/\" \"\"");
  if (!request.patterns.empty()) Lister(session, request).run();
  return ok("Listed");
}

}  // namespace mailscope::imap
