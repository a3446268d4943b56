// Composes messages (RFC 5322, RFC 2045 to 2047, 2231). Whatever the draft says, the result is
// 7-bit clean, its lines are short enough, and no value becomes a header field of its own.
#include "server/mail/builder.hpp"

#include <cstdint>

#include "server/mail/address.hpp"
#include "server/mail/date.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/parameters.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::size_t kFoldAt = 78;    // characters of a line, RFC 5322 section 2.1.1 (SHOULD)
constexpr std::size_t kMaxLine = 998;  // octets of a line, RFC 5322 section 2.1.1 (MUST)
constexpr std::size_t kMaxUnfoldable =
    900;  // octets of a word; with a field name it stays below kMaxLine
constexpr std::size_t kMaxFieldName = 76;  // characters; leaves room for the colon and a fold
constexpr std::size_t kMaxSection =
    60;  // characters of one RFC 2231 section, so that its line fits

/// One line of header text: control characters, line ends among them, are spaces.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, is_control, ' ');
  return std::string(trim(out));
}

/// A message identifier has no encoding (RFC 5322 section 3.6.4).
std::string identifier(std::string_view text) {
  std::string out = one_line(text);
  std::ranges::replace_if(
      out, [](char c) { return !is_ascii(c); }, '?');
  return out;
}

/// "Name: value", folded before white space where a line would pass kFoldAt. A line never consists
/// of white space alone (RFC 5322 section 3.2.2).
std::string field(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ':';
  std::size_t column = out.size();
  value = trim(value);
  std::string spaces = " ";
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(" \t"), value.size());
    std::string_view word = value.substr(0, end);
    value.remove_prefix(end);
    if (column + spaces.size() + word.size() > kFoldAt && column > name.size() + 1) {
      out += "\r\n";
      column = 0;
    }
    out += spaces;
    column += spaces.size();
    while (word.size() >
           kMaxUnfoldable) {  // no place to fold: cut, because longer lines are not mail
      out += word.substr(0, kMaxUnfoldable);
      out += "\r\n ";
      word.remove_prefix(kMaxUnfoldable);
      column = 1;
    }
    out += word;
    column += word.size();
    const std::size_t next = std::min(value.find_first_not_of(" \t"), value.size());
    spaces = std::string(value.substr(0, std::min(next, kMaxLine - kMaxUnfoldable - kFoldAt)));
    value.remove_prefix(next);
  }
  return out + "\r\n";
}

/// A display name as phrase (RFC 5322 section 3.2.5): atoms, a quoted string or encoded words.
std::string phrase(std::string_view name) {
  const bool atoms = std::ranges::all_of(name, [](char c) { return is_atext(c) || c == ' '; });
  if (!all_ascii(name) || name.find("=?") != std::string_view::npos ||
      name.size() > kMaxUnfoldable / 2) {
    return encode_words(name);
  }
  if (atoms) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// "Name <a@b>" or "a@b" as a header wants it. An address that is none is kept, without what could
/// make it more than one: lessons about broken mail need it.
std::string address(std::string_view text) {
  const std::string line = one_line(text);
  std::string_view name, spec = line;
  if (const std::size_t open = line.rfind('<'); open != std::string::npos) {
    name = trim(spec.substr(0, open));
    spec.remove_prefix(open + 1);
    spec = spec.substr(0, spec.find('>'));
  }
  std::string unquoted;
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (name[i] == '\\' && i + 1 < name.size()) ++i;
      unquoted += name[i];
    }
    name = unquoted;
  }
  std::string plain;
  if (const auto mailbox = Mailbox::parse(trim(spec), Utf8::yes)) {
    plain = mailbox->to_string();
  } else {
    for (const char c : trim(spec)) {
      if (is_ascii(c) && std::string_view(",;:<>() ").find(c) == std::string_view::npos) plain += c;
    }
  }
  if (name.empty()) return plain;
  return phrase(name) + " <" + plain + '>';
}

std::string address_list(const std::vector<std::string>& addresses) {
  std::string out;
  for (const std::string& one : addresses) {
    if (!out.empty()) out += ", ";
    out += address(one);
  }
  return out;
}

}  // namespace

std::string crlf_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += text.substr(begin, end - begin);
    if (end < text.size()) out += end > 0 && text[end - 1] == '\r' ? "\n" : "\r\n";
    begin = end + 1;
  }
  if (!out.empty() && !out.ends_with("\r\n")) out += "\r\n";
  return out;
}

namespace {

/// May travel as "7bit" (RFC 2045 section 2.7), and holds no line that our boundaries could be.
bool is_seven_bit(std::string_view text) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_ascii(c) || c == '\0') return false;
    if (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) return false;
    if (c == '\n' && (i == 0 || text[i - 1] != '\r')) return false;
    if (c != '\r') line = c == '\n' ? 0 : line + 1;
    if (line > kMaxLine) return false;
  }
  return text.find("--=_") == std::string_view::npos;
}

}  // namespace

std::string text_part(std::string_view subtype, std::string_view text) {
  const std::string body = crlf_lines(repair_utf8(text));
  const bool plain = is_seven_bit(body);
  std::size_t beyond_ascii = 0;
  for (const char c : body) beyond_ascii += is_ascii(c) ? 0 : 1;
  // Quoted-printable stays readable as long as most of it is ASCII, and is shorter up to a sixth.
  const bool base64 = beyond_ascii > body.size() / 6;
  std::string out =
      field("Content-Type", "text/" + std::string(subtype) +
                                (all_ascii(body) ? "; charset=us-ascii" : "; charset=utf-8"));
  out += field("Content-Transfer-Encoding", plain    ? "7bit"
                                            : base64 ? "base64"
                                                     : "quoted-printable");
  out += "\r\n";
  out += plain ? body : base64 ? base64_encode_wrapped(body) : quoted_printable_encode(body);
  return out;
}

namespace {

/// RFC 2231: a quoted string where that is enough, else percent encoded, in sections where it is
/// long.
std::string file_name_parameter(std::string_view name) {
  const std::string clean = repair_utf8(one_line(name));
  if (all_ascii(clean) && clean.size() <= kMaxSection) {
    std::string out = "filename=\"";
    for (const char c : clean) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  }
  std::vector<std::string> sections(1, "utf-8''");
  for (const char c : clean) {
    const auto octet = static_cast<unsigned char>(c);
    std::string piece(1, c);
    if (!is_alpha(c) && !is_digit(c) && c != '.' && c != '-' && c != '_') {
      piece = {'%', kHexDigits[octet >> 4], kHexDigits[octet & 0xf]};
    }
    if (sections.back().size() + piece.size() > kMaxSection) sections.emplace_back();
    sections.back() += piece;
  }
  if (sections.size() == 1) return "filename*=" + sections.front();
  std::string out;
  for (std::size_t i = 0; i < sections.size() && i < kMaxParameters; ++i) {
    out += (i > 0 ? "; " : "") + ("filename*" + std::to_string(i)) + "*=" + sections[i];
  }
  return out;
}

std::string attachment_part(const Attachment& attachment) {
  const std::size_t slash = attachment.type.find('/');
  const std::string type = attachment.type.substr(0, slash);
  const std::string subtype = slash == std::string::npos ? "" : attachment.type.substr(slash + 1);
  std::string full = lower(type + '/' + subtype);
  if (!is_mime_token(type) || !is_mime_token(subtype) || iequals(type, "multipart") ||
      full.size() > kMaxSection) {
    full = "application/octet-stream";
  }
  // RFC 2046 section 5.2.1: a message must not be base64; one that needs it travels as octets.
  const bool message = full.starts_with("message/");
  const bool plain = message && is_seven_bit(attachment.content);
  if (message && !plain) full = "application/octet-stream";
  std::string out = field("Content-Type", full);
  out += field("Content-Transfer-Encoding", plain ? "7bit" : "base64");
  const std::string name =
      attachment.name.empty() ? "" : "; " + file_name_parameter(attachment.name);
  out += field("Content-Disposition", "attachment" + name);
  out += "\r\n";
  out += plain ? attachment.content : base64_encode_wrapped(attachment.content);
  return out;
}

/// "=_" never appears in base64 or quoted-printable, and is_seven_bit() keeps it out of the rest.
std::string boundary(std::string_view seed, char level) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a: any seed becomes a harmless token
  for (const char c : seed) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::string out = "=_";
  for (int shift = 60; shift >= 0; shift -= 4) out += kHexDigits[hash >> shift & 0xf];
  return out + '_' + level;
}

std::string multipart(std::string_view subtype, const std::string& boundary_text,
                      const std::vector<std::string>& parts) {
  std::string out = field(
      "Content-Type", "multipart/" + std::string(subtype) + "; boundary=\"" + boundary_text + '"');
  out += "\r\n";
  for (const std::string& part : parts) {
    out += "--" + boundary_text + "\r\n" + part;
    out += "\r\n";  // belongs to the delimiter (RFC 2046 section 5.1.1)
  }
  return out + "--" + boundary_text + "--\r\n";
}

std::string build_body(const Draft& draft, std::string_view seed) {
  std::string body;
  if (draft.html.empty()) {
    body = text_part("plain", draft.text);
  } else if (draft.text.empty()) {
    body = text_part("html", draft.html);
  } else {
    body = multipart("alternative", boundary(seed, 'a'),
                     {text_part("plain", draft.text), text_part("html", draft.html)});
  }
  if (draft.attachments.empty()) return body;
  std::vector<std::string> parts{std::move(body)};
  for (const Attachment& attachment : draft.attachments)
    parts.push_back(attachment_part(attachment));
  return multipart("mixed", boundary(seed, 'm'), parts);
}

/// What may be a field's name of what was asked for; MIME fields are the builder's own.
std::string extra_name(std::string_view wanted) {
  std::string name;
  for (const char c : wanted) {
    if (c > ' ' && c < 0x7f && c != ':' && name.size() < kMaxFieldName) name += c;
  }
  const bool ours = iequals(name, "MIME-Version") || lower(name).starts_with("content-");
  return ours ? std::string() : name;
}

}  // namespace

std::string header_field(std::string_view name, std::string_view value) {
  return field(name, encode_words(one_line(value)));
}

std::string build_message(const Draft& draft, std::string_view boundary_seed) {
  std::string out = field("Date", format_date(draft.date));
  std::vector<std::string> authors = {draft.from};
  authors.insert(authors.end(), draft.more_from.begin(), draft.more_from.end());
  out += field("From", address_list(authors));
  if (!draft.to.empty()) out += field("To", address_list(draft.to));
  if (!draft.cc.empty()) out += field("Cc", address_list(draft.cc));
  out += field("Subject", encode_words(draft.subject));
  if (!draft.message_id.empty()) out += field("Message-ID", identifier(draft.message_id));
  bool references = false;
  for (const auto& [wanted, value] : draft.extra)
    references = references || iequals(wanted, "References");
  if (!draft.in_reply_to.empty()) {
    out += field("In-Reply-To", identifier(draft.in_reply_to));
    // RFC 5322 section 3.6.4: a reply refers to what it answers.
    if (!references) out += field("References", identifier(draft.in_reply_to));
  }
  for (const auto& [wanted, value] : draft.extra) {
    const std::string name = extra_name(wanted);
    if (!name.empty()) out += field(name, encode_words(value));
  }
  out += "MIME-Version: 1.0\r\n";
  out += build_body(draft, boundary_seed);
  return out;
}

}  // namespace mailscope::mail
