// URLs that let others read one message (URLAUTH, RFC 4467; URL-PARTIAL, RFC 5550 section 4.2),
// also without its transfer encoding (URLAUTH=BINARY, RFC 5524).
//
//   C: a GENURLAUTH "imap://joe@example.com/INBOX/;uid=20;urlauth=user+fred" INTERNAL
//   S: * GENURLAUTH "imap://joe@example.com/INBOX/;uid=20;urlauth=user+fred:internal:01..."
//   S: a OK URLs authorized
//   C: b URLFETCH "imap://joe@example.com/INBOX/;uid=20;urlauth=user+fred:internal:01..."
//   S: * URLFETCH "imap://joe@example.com/..." {28}
//   S: Si vis pacem, para bellum.
//   S:
//   S: b OK URLs fetched
#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/extensions/extensions.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/structure_writer.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/url_authority.hpp"
#include "server/imap/url_octets.hpp"

namespace mailscope::imap {
namespace {

struct Rump {
  std::string text;
  std::string mechanism;
};

bool parse_rumps(Cursor& cursor, std::vector<Rump>& out) {
  do {
    if (out.size() >= kMaxUrls) return cursor.expected("fewer URLs before this,");
    Rump& rump = out.emplace_back();
    if (!cursor.space() || !cursor.astring(rump.text) || !cursor.space() ||
        !cursor.astring(rump.mechanism)) {
      return false;
    }
  } while (!cursor.at_end());
  return true;
}

// RFC 4467 section 7: the server checks each URL before it vouches for it; the mailbox of one that
// it will vouch for.
std::variant<store::MailboxId, Reply> checked(const Session& session, const Rump& rump) {
  const auto url = parse_imap_url(rump.text);
  if (!url || !url->has_server || url->uid == 0)
    return bad("The URL is no imap:// URL of a message or a part of one");
  if (url->user.empty()) return bad("The URL does not say whose mailbox it speaks of");
  if (url->access.empty()) return bad("The URL does not end in ;URLAUTH= and who may use it");
  if (!url->mechanism.empty()) return bad("The URL has its token already");
  if (!is_on_this_server(session, *url)) return bad("The URL speaks of another server");
  if (account_of_url(session, *url) != session.account())
    return bad("The URL speaks of somebody else's mailboxes");
  if (!equal_ci(rump.mechanism, kUrlMechanism)) return bad("The only mechanism is INTERNAL");
  const auto info = session.find_mailbox(url->mailbox);
  if (!info || session.access().lacks(info->id, Right::read))
    return bad("The URL leads to nothing that you may read");
  return info->id;
}

// ---- URLFETCH ----

/// RFC 5524 section 3.1.
struct UrlQuery {
  std::string url;
  bool structure = false, binary = false, body = false;
  bool extended() const { return structure || binary || body; }
};

struct UrlParameter {
  std::string_view name;
  bool UrlQuery::*wanted;
};
constexpr UrlParameter kParameters[] = {{"BODYPARTSTRUCTURE", &UrlQuery::structure},
                                        {"BINARY", &UrlQuery::binary},
                                        {"BODY", &UrlQuery::body}};

bool parse_parameter(Cursor& cursor, UrlQuery& out) {
  for (const UrlParameter& known : kParameters) {
    if (!cursor.word(known.name)) continue;
    if (out.*known.wanted) return cursor.expected("each parameter once before this,");
    out.*known.wanted = true;
    return !(out.binary && out.body) || cursor.expected("BINARY or BODY, not both, before this,");
  }
  return cursor.expected("BODYPARTSTRUCTURE, BINARY or BODY");
}

// url-full, or "(" url-full *(SP parameter) ")".
bool parse_url_query(Cursor& cursor, UrlQuery& out, Uses& uses) {
  if (cursor.peek() != '(') return cursor.astring(out.url);
  uses.add("URLAUTH=BINARY");
  cursor.skip(1);
  if (!cursor.astring(out.url)) return false;
  while (cursor.peek() == ' ') {
    if (!cursor.space() || !parse_parameter(cursor, out)) return false;
  }
  return cursor.character(')');
}

/// What of the target is sent, and how it is described.
struct UrlPart {
  std::optional<std::string> octets;
  const mail::Part* part = nullptr;  // null: fields of a header
  bool is_there = true;
};

// The part whose body the section is; null: it is a header or some fields of one.
const mail::Part* described_part(UrlTarget& target) {
  using What = Section::What;
  if (target.section.what == What::whole) return find_part(target.message, target.section.part);
  if (target.section.what != What::text) return nullptr;
  const mail::Part* part = find_part(target.message, target.section.part);
  const bool inside = part != nullptr && !target.section.part.empty() && part->is_message();
  return inside ? &part->parts.front() : part;
}

UrlPart part_of(UrlTarget& target, bool decoded) {
  UrlPart out;
  const bool whole = target.section.what == Section::What::whole;
  out.part = described_part(target);
  if (!decoded || out.part == nullptr || !whole) {
    out.octets = target.octets();
    out.is_there = out.octets.has_value();
    return out;
  }
  std::string scratch;
  const auto plain = target.section.part.empty()
                         ? std::optional(target.message.octets())
                         : without_encoding(*out.part, target.message.octets(), scratch);
  if (plain) out.octets = std::string(target.cut(*plain));
  return out;
}

// RFC 5524 section 3.2: the structure is that of what is sent, without its encoding if that is
// gone.
void write_part_structure(ResponseWriter& out, const UrlPart& found, bool decoded) {
  out.text(" (BODYPARTSTRUCTURE ");
  mail::Part shown;
  if (found.part != nullptr) {
    shown = *found.part;
  } else {  // RFC 6522 section 4
    shown.type = "text";
    shown.subtype = "rfc822-headers";
  }
  const bool as_sent =
      found.part == nullptr || (decoded && !shown.is_multipart() && !shown.is_message());
  if (as_sent && found.octets) {
    if (decoded) shown.encoding = "binary";
    shown.body_begin = 0;
    shown.body_end = found.octets->size();
    shown.body_lines =
        static_cast<std::size_t>(std::count(found.octets->begin(), found.octets->end(), '\n'));
  }
  write_body_structure(out, shown, true);
  out.text(")");
}

void write_query(Session& session, const UrlQuery& query) {
  ResponseWriter& out = session.out().begin("*").text("URLFETCH ").string(query.url);
  const auto url = authorized_url(session, query.url);
  auto target = url ? find_url_target(session, account_of_url(session, *url), *url) : std::nullopt;
  if (!target) {
    out.text(" NIL").end();
    return;
  }
  const UrlPart found = part_of(*target, query.binary);
  // RFC 5524 section 4: of a part that is not there nothing is told.
  if (query.extended() && !found.is_there) {
    out.text(" NIL").end();
    return;
  }
  if (query.structure) write_part_structure(out, found, query.binary);
  if (query.binary) {
    out.text(" (BINARY ");
    if (!found.octets)
      out.text("NIL");
    else if (found.octets->find('\0') != std::string::npos)
      out.literal8(*found.octets);
    else
      out.string(*found.octets);
    out.text(")");
  } else if (query.body || !query.extended()) {
    // RFC 4467 section 8: of a part that is not there the empty string, not NIL.
    out.text(query.body ? " (BODY " : " ").string(found.octets.value_or(std::string()));
    if (query.body) out.text(")");
  }
  out.end();
}

}  // namespace

Outcome run_genurlauth(Session& session, Cursor& arguments, Numbering) {
  std::vector<Rump> rumps;
  if (!parse_rumps(arguments, rumps)) return syntax_error(arguments);
  std::vector<std::string> authorized;
  for (const Rump& rump : rumps) {
    const auto mailbox = checked(session, rump);
    if (const auto* problem = std::get_if<Reply>(&mailbox)) return *problem;
    const std::string key = find_or_make_url_key(session, std::get<store::MailboxId>(mailbox));
    if (key.empty()) return no("There are no keys for URLs here", "CANNOT");
    authorized.push_back(rump.text + ":internal:" + url_token(key, rump.text));
  }
  ResponseWriter& out = session.out().begin("*").text("GENURLAUTH");
  for (const std::string& url : authorized) out.text(" ").string(url);
  out.end();
  return ok("URLs authorized");
}

Outcome run_resetkey(Session& session, Cursor& arguments, Numbering) {
  if (arguments.at_end()) {
    for (const store::MailboxInfo& info : session.access().visible()) {
      const auto error = remove_url_key(session, info.id);
      if (error != store::StoreError::none) return refused(error);
    }
    session.note_key();
    return ok("URLs of before no longer hold");
  }
  std::string name, mechanism;
  if (!arguments.space() || !arguments.mailbox(name)) return syntax_error(arguments);
  for (std::size_t mechanisms = 0; !arguments.at_end();) {
    if (++mechanisms > kMaxUrls || !arguments.space() || !arguments.astring(mechanism))
      return syntax_error(arguments);
    if (!equal_ci(mechanism, kUrlMechanism)) return bad("The only mechanism is INTERNAL");
  }
  const auto info = session.find_mailbox(name);
  if (!info) return no("No such mailbox", "NONEXISTENT");
  const auto error = reset_url_key(session, info->id);
  if (error != store::StoreError::none) return refused(error);
  session.note_key();  // the answer says it
  return ok("URLs of before no longer hold", "URLMECH INTERNAL");
}

Outcome run_urlfetch(Session& session, Cursor& arguments, Numbering) {
  std::vector<UrlQuery> queries;
  Uses uses;
  do {
    if (queries.size() >= kMaxUrls) {
      arguments.expected("fewer URLs before this,");
      return syntax_error(arguments);
    }
    if (!arguments.space() || !parse_url_query(arguments, queries.emplace_back(), uses))
      return syntax_error(arguments);
  } while (!arguments.at_end());
  if (auto reply = session.unusable(uses)) return std::move(*reply);
  for (const UrlQuery& query : queries) write_query(session, query);
  return ok("URLs fetched");
}

}  // namespace mailscope::imap
