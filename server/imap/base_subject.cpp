// Extracts the base subject, exactly as RFC 5256 section 2.1 tells and in linear time.
#include "server/imap/base_subject.hpp"

#include "server/imap/unicode.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

constexpr std::string_view kForwardHeader = "[fwd:";
constexpr std::string_view kForwardTrailer = "(fwd)";

bool starts_with_ci(std::string_view text, std::string_view wanted) {
  return equal_ci(text.substr(0, wanted.size()), wanted);
}
bool ends_with_ci(std::string_view text, std::string_view wanted) {
  return text.size() >= wanted.size() && equal_ci(text.substr(text.size() - wanted.size()), wanted);
}

// Step 1: encoded words decoded; tabs and folds are spaces, and runs of spaces one.
std::string one_line(std::string_view value) {
  const std::string decoded = mail::decode_words(value);
  std::string out;
  out.reserve(decoded.size());
  for (const char c : decoded) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!space) {
      out += c;
    } else if (out.empty() || out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::string_view skip_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP: moves `text` behind it.
bool skip_blob(std::string_view& text) {
  if (!text.starts_with('[')) return false;
  const std::size_t end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos || text[end] == '[') return false;
  text = skip_spaces(text.substr(end + 1));
  return true;
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
bool skip_reply(std::string_view& text) {
  std::string_view rest = text;
  if (!starts_with_ci(rest, "re") && !starts_with_ci(rest, "fw")) return false;
  const bool forward = starts_with_ci(rest, "fw");
  rest.remove_prefix(2);
  if (forward && starts_with_ci(rest, "d")) rest.remove_prefix(1);
  rest = skip_spaces(rest);
  skip_blob(rest);
  if (!rest.starts_with(':')) return false;
  text = rest.substr(1);
  return true;
}

// Step 2.
void remove_trailers(std::string_view& text, bool& reply_or_forward) {
  for (;;) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (!ends_with_ci(text, kForwardTrailer)) return;
    text.remove_suffix(kForwardTrailer.size());
    reply_or_forward = true;
  }
}

// Steps 3 to 5. A run of blobs is looked at once: either "re:" follows and all of it goes, or the
// blobs go one by one, the last only where something is left behind it.
void remove_leaders(std::string_view& text, bool& reply_or_forward) {
  for (;;) {
    text = skip_spaces(text);
    std::string_view behind = text, last_blob = text;
    for (std::string_view next = behind; skip_blob(next); behind = next) last_blob = behind;
    if (skip_reply(behind)) {
      text = behind;
      reply_or_forward = true;
      continue;
    }
    text = behind.empty() ? last_blob : behind;
    return;
  }
}

}  // namespace

BaseSubject base_subject(std::string_view value) {
  BaseSubject subject;
  const std::string line = one_line(value);
  std::string_view text = line;
  for (;;) {
    remove_trailers(text, subject.reply_or_forward);
    remove_leaders(text, subject.reply_or_forward);
    // Step 6.
    if (!starts_with_ci(text, kForwardHeader) || !text.ends_with(']')) break;
    text.remove_prefix(kForwardHeader.size());
    text.remove_suffix(1);
    subject.reply_or_forward = true;
  }
  subject.text = text;
  return subject;
}

}  // namespace mailscope::imap
