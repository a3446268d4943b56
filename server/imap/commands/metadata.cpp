// GETMETADATA and SETMETADATA (RFC 5464).
//
//   C: a SETMETADATA INBOX (/private/comment "My own comment")
//   S: a OK Annotations set
//   C: b GETMETADATA (MAXSIZE 1024 DEPTH 1) INBOX (/private /shared/comment)
//   S: * METADATA INBOX (/private/comment "My own comment")
//   S: b OK [METADATA LONGENTRIES 2199] Annotations shown
#include <algorithm>

#include "server/imap/access.hpp"
#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/metadata.hpp"
#include "server/imap/special_use.hpp"
#include "server/mail/text.hpp"

namespace mailscope::imap {
namespace {

bool parse_option(Cursor& cursor, MetadataQuery& out) {
  if (cursor.word("MAXSIZE")) return cursor.space() && cursor.number(out.max_size.emplace());
  if (!cursor.word("DEPTH")) return cursor.expected("MAXSIZE or DEPTH");
  if (!cursor.space()) return false;
  struct Depth {
    std::string_view word;
    MetadataQuery::Depth depth;
  };
  static constexpr Depth kDepths[] = {{"0", MetadataQuery::Depth::only},
                                      {"1", MetadataQuery::Depth::children},
                                      {"infinity", MetadataQuery::Depth::all}};
  for (const Depth& known : kDepths) {
    if (!cursor.word(known.word)) continue;
    out.depth = known.depth;
    return true;
  }
  return cursor.expected("0, 1 or infinity");
}

bool parse_options(Cursor& cursor, MetadataQuery& out) {
  if (!cursor.character('(')) return false;
  std::size_t count = 0;
  do {
    if (++count > kMaxMetadataOptions) return cursor.expected("fewer options before this,");
    if (!parse_option(cursor, out)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

// The grammar of RFC 5464 has the options in front of the mailbox, its examples behind it.
bool parse_query(Cursor& cursor, std::string& mailbox, MetadataQuery& out) {
  if (!cursor.space()) return false;
  if (cursor.peek() == '(' && (!parse_options(cursor, out) || !cursor.space())) return false;
  if (!cursor.mailbox(mailbox) || !cursor.space()) return false;
  Cursor options = cursor;
  MetadataQuery with_options = out;
  if (cursor.peek() == '(' && parse_options(options, with_options)) {
    cursor = options;
    out = std::move(with_options);
    if (!cursor.space()) return false;
  }
  do {
    // Several entries without parentheses are in the examples of section 4.4.1.
    if (!parse_metadata_entries(cursor, out.entries)) return false;
    if (out.entries.size() > kMaxMetadataEntries)
      return cursor.expected("fewer entries before this,");
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.end();
}

struct NewValue {
  std::string entry;
  std::optional<std::string> value;
};

bool parse_value(Cursor& cursor, std::optional<std::string>& out) {
  std::string_view octets;
  if (cursor.peek() == '~') {
    if (!cursor.literal8(octets)) return false;
    out = octets;
    return true;
  }
  if (cursor.peek() == '"' || cursor.peek() == '{') return cursor.string(out.emplace());
  return cursor.word("NIL") || cursor.expected("a string or NIL");
}

bool parse_values(Cursor& cursor, std::vector<NewValue>& out) {
  if (!cursor.character('(')) return false;
  do {
    if (out.size() >= kMaxMetadataEntries) return cursor.expected("fewer entries before this,");
    NewValue& value = out.emplace_back();
    if (!parse_metadata_entry(cursor, value.entry) || !cursor.space() ||
        !parse_value(cursor, value.value)) {
      return false;
    }
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')') && cursor.end();
}

// All or nothing (RFC 5464 section 4.3): what could be refused is looked for before anything is
// changed.
std::optional<Reply> refusal(const Session& session, store::MailboxId mailbox,
                             const std::vector<NewValue>& values) {
  const auto there = session.store().annotations(session.account(), mailbox);
  std::size_t entries = there.size();
  for (const NewValue& one : values) {
    if (mailbox == 0 && one.entry == "/shared/admin")
      return no("That entry cannot be changed", "NOPERM");
    if (mailbox == 0 && one.entry.starts_with("/shared/") && !session.is_administrator())
      return no("Only administrators annotate the server for everybody", "NOPERM");
    if (is_special_use(session, mailbox, one.entry)) {
      if (session.store().owner(mailbox) != session.account())
        return no("Special uses are for one's own mailboxes", "USEATTR");
      if (one.value && !parse_special_uses(*one.value))
        return no("This special use is not supported", "USEATTR");
      continue;
    }
    if (!one.value) continue;
    if (one.value->size() > store::kMaxAnnotationOctets) {
      return no("The value is too long",
                "METADATA MAXSIZE " + std::to_string(store::kMaxAnnotationOctets));
    }
    const bool known = std::any_of(there.begin(), there.end(), [&](const store::Annotation& a) {
      return mail::iequals(a.entry, one.entry);
    });
    if (!known) ++entries;
  }
  if (entries > there.size() && entries > store::kMaxAnnotations)
    return no("There are too many annotations", "METADATA TOOMANY");
  return std::nullopt;
}

/// The mailbox that a command names, "" for the server (0), or why it may not. `name` becomes the
/// mailbox's own.
std::optional<Reply> annotated(Session& session, std::string& name, store::MailboxId& mailbox) {
  if (name.empty()) return std::nullopt;
  if (!session.offers("METADATA")) return no("There are annotations of the server only");
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  if (auto reply = lacks_metadata(session, info->id)) return reply;
  mailbox = info->id;
  name = info->name;
  return std::nullopt;
}

}  // namespace

Outcome run_getmetadata(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  MetadataQuery query;
  if (!parse_query(arguments, name, query)) return syntax_error(arguments);
  store::MailboxId mailbox = 0;
  if (auto reply = annotated(session, name, mailbox)) return std::move(*reply);
  const std::size_t longest = write_metadata(session, mailbox, name, query);
  if (longest == 0) return ok("Annotations shown");
  return ok("Annotations shown", "METADATA LONGENTRIES " + std::to_string(longest));
}

Outcome run_setmetadata(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  std::vector<NewValue> values;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.space() ||
      !parse_values(arguments, values)) {
    return syntax_error(arguments);
  }
  store::MailboxId mailbox = 0;
  if (auto reply = annotated(session, name, mailbox)) return std::move(*reply);
  if (auto reply = refusal(session, mailbox, values)) return std::move(*reply);
  std::string changed;
  for (const NewValue& one : values) {
    const auto error =
        is_special_use(session, mailbox, one.entry)
            ? set_special_uses(session, mailbox, *parse_special_uses(one.value.value_or("")))
            : session.store().annotate(session.account(), mailbox, one.entry, one.value);
    if (error == store::StoreError::too_many)
      return no("There are too many annotations", "METADATA TOOMANY");
    if (error != store::StoreError::none) return refused(error);
    changed += ' ' + one.entry;
  }
  session.tracer().record(trace::Kind::store_mailbox,
                          {session.account(), name, "annotated:" + changed});
  return ok("Annotations set");
}

}  // namespace mailscope::imap
