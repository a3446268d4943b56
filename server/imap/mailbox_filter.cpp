// Reads mailbox filters and applies them.
#include "server/imap/mailbox_filter.hpp"

#include <algorithm>

namespace mailscope::imap {
namespace {

using Kind = MailboxFilter::Kind;

struct FilterName {
  std::string_view name;
  Kind kind;
  bool in_notify, in_esearch;
  bool has_names = false;
};
constexpr FilterName kFilters[] = {
    {"SELECTED", Kind::selected, true, true},
    {"SELECTED-DELAYED", Kind::selected_delayed, true, false},
    {"INBOXES", Kind::inboxes, true, true},
    {"PERSONAL", Kind::personal, true, true},
    {"SUBSCRIBED", Kind::subscribed, true, true},
    {"SUBTREE", Kind::subtree, true, true, true},
    {"SUBTREE-ONE", Kind::subtree_one, false, true, true},
    {"MAILBOXES", Kind::mailboxes, true, true, true},
};

// one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
bool parse_names(Cursor& cursor, std::size_t most, std::vector<std::string>& out) {
  if (cursor.peek() != '(') return cursor.mailbox(out.emplace_back());
  cursor.skip(1);
  do {
    if (out.size() >= most) return cursor.expected("fewer mailboxes before this,");
    if (!cursor.mailbox(out.emplace_back())) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

bool is_below(std::string_view name, std::string_view ancestor, bool one_level) {
  if (name == ancestor) return true;
  if (!name.starts_with(ancestor) || name.size() <= ancestor.size() ||
      name[ancestor.size()] != '/') {
    return false;
  }
  return !one_level || name.find('/', ancestor.size() + 1) == std::string_view::npos;
}

}  // namespace

bool parse_mailbox_filter(Cursor& cursor, FilterUse use, std::size_t most, MailboxFilter& out) {
  for (const FilterName& known : kFilters) {
    if (!(use == FilterUse::notify ? known.in_notify : known.in_esearch)) continue;
    if (!cursor.word(known.name)) continue;
    out.kind = known.kind;
    return !known.has_names || (cursor.space() && parse_names(cursor, most, out.names));
  }
  return cursor.expected("a mailbox filter");
}

bool filter_matches(const MailboxFilter& filter, std::string_view name, bool personal,
                    bool subscribed) {
  switch (filter.kind) {
    case Kind::selected:
    case Kind::selected_delayed:
      return false;
    case Kind::inboxes:  // RFC 5465 section 6.3: a rule may deliver into any of them
    case Kind::personal:
      return personal;
    case Kind::subscribed:
      return subscribed;
    default:
      break;
  }
  return std::any_of(filter.names.begin(), filter.names.end(), [&](const std::string& wanted) {
    return filter.kind == Kind::mailboxes
               ? name == wanted
               : is_below(name, wanted, filter.kind == Kind::subtree_one);
  });
}

}  // namespace mailscope::imap
