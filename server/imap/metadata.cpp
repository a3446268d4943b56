// Names of annotations, and answers with them.
#include "server/imap/metadata.hpp"

#include <algorithm>

#include "server/imap/access.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/special_use.hpp"
#include "server/mail/text.hpp"

namespace mailscope::imap {
namespace {

constexpr std::string_view kAdmin = "/shared/admin";

// RFC 5464 section 3.2.
bool is_entry(std::string_view name) {
  const bool shared = name.starts_with("/shared/");
  if (!shared && !name.starts_with("/private/")) return false;
  if (name.size() > store::kMaxAnnotationName || name.ends_with('/') ||
      name.find("//") != std::string_view::npos) {
    return false;
  }
  if (!std::all_of(name.begin(), name.end(), [](char c) {
        return mail::is_ascii(c) && !mail::is_control(c) && c != '*' && c != '%';
      })) {
    return false;
  }
  return true;
}

bool wanted(const MetadataQuery& query, std::string_view entry, std::string_view name) {
  if (name == entry) return true;
  if (query.depth == MetadataQuery::Depth::only || !name.starts_with(entry) ||
      name[entry.size()] != '/') {
    return false;
  }
  return query.depth == MetadataQuery::Depth::all ||
         name.find('/', entry.size() + 1) == std::string_view::npos;
}

// What is kept, and what is computed (RFC 5464 section 6.2.2).
std::vector<store::Annotation> annotations_of(const Session& session, store::MailboxId mailbox) {
  auto all = session.store().annotations(session.account(), mailbox);
  if (is_special_use(session, mailbox, kSpecialUseEntry)) {
    // RFC 6154 section 4. What a mailbox is used for, its owner says.
    const auto info = session.store().mailbox(mailbox);
    std::erase_if(all, [](const store::Annotation& a) { return a.entry == kSpecialUseEntry; });
    if (info && !info->special_use.empty() && session.store().owner(mailbox) == session.account())
      all.push_back({std::string(kSpecialUseEntry), info->special_use});
  }
  if (mailbox != 0) return all;
  const std::string& account = session.account();
  std::erase_if(all, [](const store::Annotation& a) { return a.entry == kAdmin; });
  all.push_back({std::string(kAdmin), "mailto:postmaster" + account.substr(account.rfind('@'))});
  return all;
}

// What is looked for may also be the top of a tree: DEPTH asks for all below it.
bool parse_wanted_entry(Cursor& cursor, std::string& out) {
  Cursor top = cursor;
  std::string name;
  if (top.astring(name)) {
    out = mail::lower(name);
    if (out == "/private" || out == "/shared") {
      cursor = top;
      return true;
    }
  }
  return parse_metadata_entry(cursor, out);
}

}  // namespace

bool parse_metadata_entry(Cursor& cursor, std::string& out) {
  std::string name;
  if (!cursor.astring(name)) return cursor.expected("the name of an entry");
  out = mail::lower(name);
  if (is_entry(out)) return true;
  return cursor.expected("an entry such as /private/comment or /shared/vendor/x/y before");
}

bool parse_metadata_entries(Cursor& cursor, std::vector<std::string>& out) {
  if (cursor.peek() != '(') return parse_wanted_entry(cursor, out.emplace_back());
  cursor.skip(1);
  do {
    if (out.size() >= kMaxMetadataEntries) return cursor.expected("fewer entries before this,");
    if (!parse_wanted_entry(cursor, out.emplace_back())) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

std::size_t write_metadata(Session& session, store::MailboxId mailbox, std::string_view name,
                           const MetadataQuery& query) {
  const std::vector<store::Annotation> all = annotations_of(session, mailbox);
  ResponseWriter& out = session.out();
  std::size_t longest = 0;
  bool first = true;
  const auto begin = [&](std::string_view entry) {
    if (first) {
      out.begin("*").text("METADATA ");
      if (name.empty()) {
        out.text("\"\"");
      } else {
        out.mailbox(name);
      }
      out.text(" (");
    } else {
      out.text(" ");
    }
    first = false;
    out.astring(entry).text(" ");
  };
  for (const std::string& entry : query.entries) {
    bool found = false;
    for (const store::Annotation& annotation : all) {
      if (!wanted(query, entry, annotation.entry)) continue;
      found = true;
      if (query.max_size && annotation.value.size() > *query.max_size) {
        longest = std::max(longest, annotation.value.size());
        continue;
      }
      begin(annotation.entry);
      if (annotation.value.find('\0') == std::string::npos) {
        out.string(annotation.value);
      } else {
        out.literal8(annotation.value);
      }
    }
    // What was asked for by its own name is answered for, there or not.
    if (!found && query.depth == MetadataQuery::Depth::only) {
      begin(entry);
      out.text("NIL");
    }
  }
  if (!first) out.text(")").end();
  return longest;
}

std::optional<Reply> lacks_metadata(const Session& session, store::MailboxId mailbox) {
  const Rights rights = session.access().rights(mailbox);
  if (!rights.has(Right::lookup)) return no("No such mailbox", "NONEXISTENT");
  if (rights.any_of(*Rights::parse("rswip"))) return std::nullopt;
  return no("No right to the annotations of the mailbox", "NOPERM");
}

}  // namespace mailscope::imap
