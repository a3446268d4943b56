// Makes messages: what a mail client composes and what a server writes in a notification.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/net/time.hpp"

namespace mailscope::mail {

struct Attachment {
  std::string name;  // file name, UTF-8
  std::string type = "application/octet-stream";
  std::string content;  // octets
};

/// A message as a person thinks of it. Addresses are "Name <a@b>" or "a@b"; all text is UTF-8.
struct Draft {
  std::string from;
  std::vector<std::string> more_from;  // further authors
  std::vector<std::string> to, cc;     // Bcc is envelope only
  std::string subject;
  std::string text;                     // plain text; lines ended by LF or CRLF
  std::string html;                     // optional: multipart/alternative with the text
  std::vector<Attachment> attachments;  // optional: multipart/mixed
  std::string message_id;               // with angle brackets
  std::string in_reply_to;              // with angle brackets, or empty
  net::Time date;
  std::vector<std::pair<std::string, std::string>> extra;  // further header fields
};
/// A header field with its line end: folded, encoded words where they are needed. `name` is sound;
/// control characters of the value become spaces.
std::string header_field(std::string_view name, std::string_view value);
/// `text` with CRLF where a line ends, at its own end too.
std::string crlf_lines(std::string_view text);
/// A part of text: its MIME fields, an empty line, its body, encoded where it is not 7-bit lines of
/// at most 998 octets.
std::string text_part(std::string_view subtype, std::string_view text);
/// The message with CRLF line ends, lines of at most 998 octets, 7-bit clean.
std::string build_message(const Draft& draft, std::string_view boundary_seed);

}  // namespace mailscope::mail
