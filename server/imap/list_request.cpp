// Reads LIST's arguments; the tables of its options.
#include "server/imap/list_request.hpp"

#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"
#include "server/mail/normal_form.hpp"

namespace mailscope::imap {
namespace {

bool is_subscribed(const Session&, const ListEntry& mailbox) {
  return mailbox.subscribed;
}
bool has_special_use(const Session&, const ListEntry& mailbox) {
  return mailbox.info != nullptr && !mailbox.info->special_use.empty();
}

constexpr ListSelection kSelections[] = {
    {"SUBSCRIBED", "LIST-EXTENDED", is_subscribed},
    {"REMOTE", "LIST-EXTENDED"},
    {"RECURSIVEMATCH", "LIST-EXTENDED"},
    {"SPECIAL-USE", "SPECIAL-USE", has_special_use},
};

bool parse_status_return(Cursor& cursor, ListRequest& out) {
  if (!cursor.space() || !parse_status_items(cursor, out.status)) return false;
  out.uses.add(out.status.uses);
  return true;
}
void send_status(Session& session, const ListRequest& request, const ListEntry& mailbox) {
  // RFC 5819 section 2: only what STATUS would tell.
  if (!session.access().lacks(mailbox.info->id, Right::read))
    write_status(session, request.status, *mailbox.info);
}

// RFC 8440.
void send_rights(Session& session, const ListRequest&, const ListEntry& mailbox) {
  write_myrights(session, *mailbox.info);
}

// RFC 9590.
bool parse_metadata_return(Cursor& cursor, ListRequest& out) {
  return cursor.space() && cursor.peek() == '(' &&
         parse_metadata_entries(cursor, out.metadata.entries);
}
void send_metadata(Session& session, const ListRequest& request, const ListEntry& mailbox) {
  if (lacks_metadata(session, mailbox.info->id)) return;
  write_metadata(session, mailbox.info->id, mailbox.name, request.metadata);
}

constexpr ListReturn kReturns[] = {
    {"SUBSCRIBED", "LIST-EXTENDED"},
    {"CHILDREN", "LIST-EXTENDED"},
    {"SPECIAL-USE", "SPECIAL-USE"},
    {"STATUS", "LIST-STATUS", parse_status_return, send_status},
    {"MYRIGHTS", "LIST-MYRIGHTS", nullptr, send_rights},
    {"METADATA", "LIST-METADATA", parse_metadata_return, send_metadata},
};

template <typename Row, std::size_t size>
const Row* parse_row(Cursor& cursor, const Row (&rows)[size]) {
  for (const Row& row : rows) {
    if (cursor.word(row.name)) return &row;
  }
  return nullptr;
}

bool parse_selections(Cursor& cursor, ListRequest& out) {
  if (cursor.peek() != '(') return true;
  cursor.character('(');
  out.extended = true;
  out.uses.add("LIST-EXTENDED");
  std::size_t options = 0;
  while (cursor.peek() != ')') {
    if (options > 0 && !cursor.space()) return false;
    const ListSelection* row = parse_row(cursor, kSelections);
    if (row == nullptr) return cursor.expected("SUBSCRIBED, REMOTE, RECURSIVEMATCH or SPECIAL-USE");
    if (++options > kMaxListOptions) return cursor.expected("fewer options before this,");
    out.uses.add(row->capability);
    // RFC 5258 section 3: one that comes twice counts once.
    if (std::find(out.selections.begin(), out.selections.end(), row) == out.selections.end())
      out.selections.push_back(row);
  }
  // RFC 5258 section 3: RECURSIVEMATCH needs something that it can match.
  if (out.selects("RECURSIVEMATCH") &&
      std::none_of(out.selections.begin(), out.selections.end(),
                   [](const ListSelection* row) { return row->selects != nullptr; })) {
    return cursor.expected("SUBSCRIBED or another option with RECURSIVEMATCH before");
  }
  return cursor.character(')') && cursor.space();
}

bool add_pattern(Cursor& cursor, const std::string& reference, ListRequest& out) {
  std::string pattern;
  if (!cursor.list_mailbox(pattern)) return false;
  if (pattern.empty()) {
    out.asks_separator = true;
    return true;
  }
  auto decoded = cursor.decode_name(reference + pattern);
  // A pattern that is not coded as names are matches none.
  if (!decoded) decoded = std::string(kNoName);
  if (decoded->size() > kMaxListPattern || out.patterns.size() >= kMaxListPatterns)
    return cursor.expected("a shorter pattern, or fewer, before");
  out.patterns.emplace_back(mail::normal_form(*decoded));
  return true;
}

bool parse_patterns(Cursor& cursor, const std::string& reference, ListRequest& out) {
  if (cursor.peek() != '(') return add_pattern(cursor, reference, out);
  cursor.character('(');
  out.extended = true;
  out.uses.add("LIST-EXTENDED");
  do {
    if (!add_pattern(cursor, reference, out)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  // Among several patterns an empty one matches nothing.
  out.asks_separator = false;
  return cursor.character(')');
}

bool parse_returns(Cursor& cursor, ListRequest& out) {
  if (cursor.at_end()) return true;
  if (!cursor.space() || !cursor.word("RETURN") || !cursor.space() || !cursor.character('('))
    return false;
  out.extended = true;
  out.uses.add("LIST-EXTENDED");
  while (cursor.peek() != ')') {
    if (!out.returns.empty() && !cursor.space()) return false;
    const ListReturn* row = parse_row(cursor, kReturns);
    if (row == nullptr) return cursor.expected("SUBSCRIBED, CHILDREN, SPECIAL-USE or STATUS");
    if (out.returns.size() >= kMaxListOptions) return cursor.expected("fewer options before this,");
    out.uses.add(row->capability);
    if (row->parse != nullptr && !row->parse(cursor, out)) return false;
    if (std::find(out.returns.begin(), out.returns.end(), row) == out.returns.end())
      out.returns.push_back(row);
  }
  return cursor.character(')');
}

}  // namespace

bool ListRequest::selects(std::string_view name) const {
  return std::any_of(selections.begin(), selections.end(),
                     [name](const ListSelection* row) { return row->name == name; });
}

bool ListRequest::returns_option(std::string_view name) const {
  return std::any_of(returns.begin(), returns.end(),
                     [name](const ListReturn* row) { return row->name == name; });
}

bool parse_list(Cursor& cursor, ListRequest& out) {
  std::string reference;
  return parse_selections(cursor, out) && cursor.astring(reference) && cursor.space() &&
         parse_patterns(cursor, reference, out) && parse_returns(cursor, out);
}

bool parse_reference_and_pattern(Cursor& cursor, ListRequest& out) {
  std::string reference;
  return cursor.astring(reference) && cursor.space() && add_pattern(cursor, reference, out);
}

}  // namespace mailscope::imap
