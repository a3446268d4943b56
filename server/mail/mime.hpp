// MIME structure of a message (RFC 2045, 2046): a tree of parts that are offsets into the octets.
// Survives anything; what is broken becomes plain text, never an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailscope::mail {

/// One header field; views into the message.
struct Field {
  std::string_view name;   // as written
  std::string_view value;  // raw: after the colon, folding kept, without the final CRLF
  std::string_view whole;  // the whole field with its final line end
};

/// Header section of a message or part, fields in order.
struct Header {
  std::vector<Field> fields;
  /// First field of that name (no regard to case), or nullptr.
  const Field* find(std::string_view name) const;
  std::vector<const Field*> all(std::string_view name) const;
  /// Value of the first such field unfolded and trimmed; empty when there is none.
  std::string text(std::string_view name) const;
};

using Parameters =
    std::vector<std::pair<std::string, std::string>>;  // name in lower case, decoded value

struct Part {
  // Offsets in octets into the message that parse_message() was given.
  std::size_t header_begin = 0;
  std::size_t body_begin = 0;  // after the empty line
  std::size_t body_end = 0;
  std::size_t body_lines = 0;  // line ends in the body
  Header header;
  std::string type = "text";      // lower case
  std::string subtype = "plain";  // lower case
  Parameters
      parameters;  // of Content-Type, RFC 2231 decoded; {"charset","us-ascii"} by default for text
  std::string encoding = "7bit";  // Content-Transfer-Encoding, lower case
  std::string disposition;        // lower case, or empty
  Parameters disposition_parameters;
  // multipart: its parts, at least one; message/rfc822: exactly one, the message inside. A
  // multipart that has none is text/plain, a composite part beyond the limits
  // application/octet-stream.
  std::vector<Part> parts;
  bool is_multipart() const { return type == "multipart"; }
  bool is_message() const {
    return type == "message" && (subtype == "rfc822" || subtype == "global");
  }
  std::string_view header_text(std::string_view message) const {
    return message.substr(header_begin, body_begin - header_begin);
  }
  std::string_view body(std::string_view message) const {
    return message.substr(body_begin, body_end - body_begin);
  }
};

struct MimeLimits {
  std::size_t depth = 32;               // nesting; deeper parts are leaves
  std::size_t parts = 1'000;            // in all; the rest of a multipart is part of its last one
  std::size_t header_octets = 262'144;  // of one header section; the rest is skipped
  std::size_t fields = 2'000;           // of one header section
};

/// Structure of a whole message. Line ends may be CRLF or bare LF. The views in the result point
/// into `message`.
Part parse_message(std::string_view message, const MimeLimits& limits = {});
/// Header section alone: from the start to the empty line or the end.
Header parse_header(std::string_view text, const MimeLimits& limits = {});
/// Body with its transfer encoding (base64, quoted-printable) undone; broken input is kept as far
/// as it makes sense.
std::string decode_body(const Part& part, std::string_view message);

}  // namespace mailscope::mail
