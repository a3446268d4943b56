// The part of SEARCH that reads messages: headers and bodies as a person would read them.
#include <algorithm>

#include "server/imap/search_match.hpp"
#include "server/imap/text_search.hpp"
#include "server/imap/unicode.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

// A field's value without its folds, encoded words decoded.
std::string readable(std::string_view raw) {
  std::string value;
  value.reserve(raw.size());
  for (const char c : raw) {
    if (c != '\r' && c != '\n') value += c;
  }
  return value.find("=?") == std::string::npos ? value : mail::decode_words(value);
}

bool headers_contain(const mail::Header& header, const TextSearch& wanted) {
  return std::any_of(header.fields.begin(), header.fields.end(), [&](const mail::Field& field) {
    std::string line(field.name);
    line += ": ";
    // Raw values begin with the space behind the colon.
    const std::string value = readable(field.value);
    line.append(value, std::min(value.find_first_not_of(' '), value.size()));
    return wanted.found_in(line);
  });
}

bool is_ascii_or_utf8(std::string_view charset) {
  return charset.empty() || equal_ci(charset, "us-ascii") || equal_ci(charset, "utf-8");
}

bool text_contains(const mail::Part& part, std::string_view message, const TextSearch& wanted) {
  std::string_view charset;
  for (const auto& [name, value] : part.parameters) {
    if (name == "charset") charset = value;
  }
  const bool encoded = part.encoding == "base64" || part.encoding == "quoted-printable";
  if (!encoded && is_ascii_or_utf8(charset)) return wanted.found_in(part.body(message));
  const std::string decoded = mail::decode_body(part, message);
  if (is_ascii_or_utf8(charset)) return wanted.found_in(decoded);
  const auto text = mail::to_utf8(decoded, charset);
  return wanted.found_in(text ? *text : decoded);
}

bool part_contains(const mail::Part& part, std::string_view message, const TextSearch& wanted,
                   bool with_header) {
  if (with_header && headers_contain(part.header, wanted)) return true;
  if (part.is_multipart() || part.is_message()) {
    // The header of a message inside a message is part of the body of the one outside.
    return std::any_of(part.parts.begin(), part.parts.end(), [&](const mail::Part& inner) {
      return part_contains(inner, message, wanted, true);
    });
  }
  return part.type == "text" && text_contains(part, message, wanted);
}

}  // namespace

bool header_field_contains(MessageView& message, std::string_view field, const TextSearch& wanted) {
  const auto fields = message.header().all(field);
  return std::any_of(fields.begin(), fields.end(), [&](const mail::Field* found) {
    return wanted.found_in(readable(found->value));
  });
}

bool header_contains(MessageView& message, const TextSearch& wanted) {
  return headers_contain(message.header(), wanted);
}

bool body_contains(MessageView& message, const TextSearch& wanted) {
  return part_contains(message.structure(), message.octets(), wanted, false);
}

}  // namespace mailscope::imap
