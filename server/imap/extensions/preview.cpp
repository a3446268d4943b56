// PREVIEW (RFC 8970): the first words of a message, for the list of messages.
//
//   C: a FETCH 1 (PREVIEW)
//   S: * 1 FETCH (PREVIEW "Shall we have lunch on Tuesday?")
//   S: a OK Fetched
#include <algorithm>

#include "server/imap/extensions/extensions.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/html_text.hpp"

namespace mailscope::imap {
namespace {

// The first part that is text to read: plain before HTML among alternatives.
const mail::Part* find_text(const mail::Part& part, std::string_view subtype) {
  if (part.is_multipart() || part.is_message()) {
    for (const mail::Part& inner : part.parts) {
      if (const mail::Part* found = find_text(inner, subtype)) return found;
    }
    return nullptr;
  }
  const bool attached = part.disposition == "attachment";
  return part.type == "text" && part.subtype == subtype && !attached ? &part : nullptr;
}

std::string text_of(const mail::Part& part, std::string_view message) {
  std::string_view charset;
  for (const auto& [name, value] : part.parameters) {
    if (name == "charset") charset = value;
  }
  const std::string octets = mail::decode_body(part, message);
  if (!charset.empty() && !equal_ci(charset, "us-ascii") && !equal_ci(charset, "utf-8")) {
    if (auto text = mail::to_utf8(octets, charset)) return *text;
  }
  return mail::repair_utf8(octets);
}

// Runs of white space made one, and cut to the length that section 3.3 allows. `own`: without the
// quoted lines, which somebody else wrote before.
std::string shortened(std::string_view text, bool own) {
  std::string out;
  std::size_t characters = 0;
  bool space = false;
  bool line_start = true;
  for (std::size_t at = 0; at < text.size() && characters < kPreviewCharacters;) {
    if (own && line_start && text[at] == '>') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    const std::size_t before = at;
    const char32_t c = next_code_point(text, at);
    line_start = c == '\n';
    if (c <= ' ' || c == 0x7f || c == 0xa0) {
      space = true;
      continue;
    }
    if (space && !out.empty()) {
      out += ' ';
      ++characters;
    }
    space = false;
    out.append(text.substr(before, at - before));
    ++characters;
  }
  return out;
}

std::string preview_of(std::string_view text) {
  std::string own = shortened(text, true);
  return own.empty() ? shortened(text, false) : own;
}

}  // namespace

bool parse_preview(Cursor& cursor, FetchItem&) {
  // RFC 8970 section 4.1: LAZY allows a server to say NIL; to this one no preview is too slow.
  if (!cursor.rest().starts_with(" (")) return true;
  cursor.skip(2);
  do {
    if (!cursor.word("LAZY")) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

void write_preview(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  const mail::Part& root = f.message->structure();
  const std::string_view octets = f.message->octets();
  std::string text;
  if (const mail::Part* plain = find_text(root, "plain")) {
    text = preview_of(text_of(*plain, octets));
  }
  // Among alternatives some mailers leave the plain one empty.
  if (const mail::Part* html = text.empty() ? find_text(root, "html") : nullptr) {
    text = text_of(*html, octets);
    text = preview_of(mail::html_text(std::string_view(text).substr(0, kPreviewOctets)));
  }
  out.text("PREVIEW ").string(text);
}

}  // namespace mailscope::imap
