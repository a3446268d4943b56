// Reads the arguments of APPEND, and appends.
#include "server/imap/append_request.hpp"

#include "server/imap/date_time.hpp"
#include "server/imap/flags.hpp"
#include "server/imap/list_line.hpp"
#include "server/imap/message_view.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"

namespace mailscope::imap {
namespace {

// RFC 6855 section 4: "UTF8" SP "(" literal8 ")", behind its word.
bool parse_utf8_literal(Cursor& cursor, std::string_view& out, Uses& uses) {
  uses.add("UTF8=ACCEPT");
  return cursor.space() && cursor.character('(') && cursor.literal8(out) && cursor.character(')');
}

bool parse_catenate(Cursor& cursor, AppendMessage& out, Uses& uses) {
  if (!cursor.space() || !cursor.character('(')) return false;
  do {
    if (out.parts.size() >= kMaxCatenateParts) return cursor.expected("fewer parts before this,");
    CatenatePart part;
    if (cursor.word("URL")) {
      part.is_url = true;
      if (!cursor.space() || !cursor.astring(part.url)) return false;
    } else if (cursor.word("UTF8")) {
      if (!parse_utf8_literal(cursor, part.text, uses)) return false;
    } else if (!cursor.word("TEXT") || !cursor.space() || !cursor.literal(part.text)) {
      return cursor.expected("TEXT or UTF8 with a literal, or URL");
    }
    out.parts.push_back(std::move(part));
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

bool parse_data(Cursor& cursor, AppendMessage& out, Uses& uses) {
  if (cursor.peek() == '{') return cursor.literal(out.octets);
  if (cursor.peek() == '~') {
    uses.add("BINARY");
    return cursor.literal8(out.octets);
  }
  if (cursor.word("UTF8")) return parse_utf8_literal(cursor, out.octets, uses);
  if (cursor.word("CATENATE")) {
    uses.add("CATENATE");
    return parse_catenate(cursor, out, uses);
  }
  return cursor.expected("a literal");
}

bool parse_message(Cursor& cursor, AppendRequest& out) {
  AppendMessage& message = out.messages.emplace_back();
  if (cursor.peek() == '(' &&
      (!parse_flag_list(cursor, message.flags, out.too_many_flags) || !cursor.space()))
    return false;
  if (cursor.peek() == '"') {
    net::Time date;
    if (!parse_date_time(cursor, date) || !cursor.space()) return false;
    message.date = date;
  }
  return parse_data(cursor, message, out.uses);
}

// The messages as the store wants them.
std::variant<std::vector<store::NewMessage>, Reply> put_together(Session& session,
                                                                 const AppendRequest& request) {
  if (request.too_many_flags) return too_many_keywords();
  std::vector<store::NewMessage> out;
  out.reserve(request.messages.size());
  for (const AppendMessage& message : request.messages) {
    std::string octets(message.octets);
    if (!message.parts.empty()) {
      auto made = catenated(session, message.parts);
      if (auto* problem = std::get_if<Reply>(&made)) return std::move(*problem);
      octets = std::get<std::string>(std::move(made));
    }
    if (octets.empty()) return no("A message cannot be empty");
    // RFC 6855 section 4.
    if (session.takes_ascii_headers_only() &&
        !mail::all_ascii(MessageView(std::string_view(octets)).header_text()))
      return no("ENABLE UTF8=ACCEPT comes before 8-bit characters in a header");
    if (octets.size() > session.options().append_limit) {
      const std::string most = std::to_string(session.options().append_limit);
      return no("A message may have at most " + most + " octets", "TOOBIG");
    }
    out.push_back({std::make_shared<const std::string>(std::move(octets)), message.flags,
                   message.date.value_or(session.now()), session.now()});
  }
  return out;
}

}  // namespace

bool parse_append(Cursor& cursor, AppendRequest& out) {
  if (!cursor.mailbox(out.mailbox, &out.sent)) return false;
  do {
    if (out.messages.size() >= kMaxAppendMessages) return cursor.expected("fewer messages before");
    if (out.messages.size() == 1) out.uses.add("MULTIAPPEND");
    if (!cursor.space() || !parse_message(cursor, out)) return false;
  } while (!cursor.at_end());
  return true;
}

Appended append_messages(Session& session, const store::MailboxInfo& target,
                         const AppendRequest& request) {
  auto made = put_together(session, request);
  if (auto* problem = std::get_if<Reply>(&made)) return std::move(*problem);
  const auto& messages = std::get<0>(made);
  const auto appended = session.store().append(target.id, messages);
  if (!appended) {
    session.tracer().record(trace::Kind::store_refused,
                            {session.account(), target.name, to_string(appended.error)});
    return refused(appended.error);
  }
  tell_name(session, request.mailbox, request.sent);
  session.note_put(target.id, appended.value);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string& octets = *messages[i].body;
    std::string shown;
    append_flags(shown, messages[i].flags);
    const std::string message_id = mail::parse_header(octets).text("Message-ID");
    session.tracer().record(
        trace::Kind::store_appended, session.tracer().sink().message(message_id),
        {session.account(), target.name, appended.value[i], octets.size(), shown});
  }
  return appended.value;
}

}  // namespace mailscope::imap
