// The part of SEARCH that reads messages: headers and bodies as a person would read them.
#include <algorithm>
#include <functional>

#include "server/imap/collation.hpp"
#include "server/imap/search_match.hpp"
#include "server/imap/searchable_text.hpp"
#include "server/imap/text_search.hpp"
#include "server/imap/unicode.hpp"
#include "server/mail/address.hpp"
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

// RFC 3501 section 6.4.4 looks for addresses in the envelope, where comments and spaces inside an
// address are not. Empty where the field itself has them in that form, as nearly all fields do.
std::string addresses_as_shown(std::string_view field, std::string_view value) {
  static constexpr std::string_view kFields[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
  const auto named = [field](std::string_view known) { return equal_ci(known, field); };
  if (std::none_of(std::begin(kFields), std::end(kFields), named)) return {};
  const bool odd = value.find_first_of("(\\") != std::string_view::npos ||
                   value.find(" @") != std::string_view::npos ||
                   value.find("@ ") != std::string_view::npos ||
                   value.find("\"@") != std::string_view::npos;
  if (!odd) return {};
  std::string out;
  for (const mail::HeaderAddress& each : mail::parse_address_list(value)) {
    if (each.kind != mail::HeaderAddress::Kind::mailbox) continue;
    if (!out.empty()) out += ", ";
    out += mail::decode_words(each.name) + " <" + each.local + '@' + each.domain + '>';
  }
  return out;
}

using Visit = std::function<bool(std::string_view text)>;

/// Calls `visit` for each field as "Name: value" until it says true; the last answer.
bool visit_header(const mail::Header& header, const Visit& visit) {
  return std::any_of(header.fields.begin(), header.fields.end(), [&](const mail::Field& field) {
    std::string line(field.name);
    line += ": ";
    // Raw values begin with the space behind the colon.
    const std::string value = readable(field.value);
    line.append(value, std::min(value.find_first_not_of(' '), value.size()));
    return visit(line);
  });
}

bool is_ascii_or_utf8(std::string_view charset) {
  return charset.empty() || equal_ci(charset, "us-ascii") || equal_ci(charset, "utf-8");
}

bool visit_text(const mail::Part& part, std::string_view message, const Visit& visit) {
  std::string_view charset;
  for (const auto& [name, value] : part.parameters) {
    if (name == "charset") charset = value;
  }
  const bool encoded = part.encoding == "base64" || part.encoding == "quoted-printable";
  if (!encoded && is_ascii_or_utf8(charset)) return visit(part.body(message));
  const std::string decoded = mail::decode_body(part, message);
  if (is_ascii_or_utf8(charset)) return visit(decoded);
  const auto text = mail::to_utf8(decoded, charset);
  return visit(text ? *text : decoded);
}

/// All text of a part that is searched.
bool visit_part(const mail::Part& part, std::string_view message, bool with_header,
                const Visit& visit) {
  if (with_header && visit_header(part.header, visit)) return true;
  if (part.is_multipart() || part.is_message()) {
    // The header of a message inside a message is part of the body of the one outside.
    return std::any_of(part.parts.begin(), part.parts.end(), [&](const mail::Part& inner) {
      return visit_part(inner, message, true, visit);
    });
  }
  return part.type == "text" && visit_text(part, message, visit);
}

}  // namespace

bool header_field_contains(MessageView& message, std::string_view field, const TextSearch& wanted) {
  const auto fields = message.header().all(field);
  return std::any_of(fields.begin(), fields.end(), [&](const mail::Field* found) {
    if (wanted.found_in(readable(found->value))) return true;
    const std::string addresses = addresses_as_shown(field, found->value);
    return !addresses.empty() && wanted.found_in(addresses);
  });
}

bool header_contains(MessageView& message, const TextSearch& wanted) {
  return visit_header(message.header(),
                      [&](std::string_view text) { return wanted.found_in(text); });
}

bool body_contains(MessageView& message, const TextSearch& wanted) {
  return visit_part(message.structure(), message.octets(), false,
                    [&](std::string_view text) { return wanted.found_in(text); });
}

store::TextReader::Text SearchableText::read(std::string_view message) const {
  const mail::Part structure = mail::parse_message(message);
  Text text;
  const auto gather = [](std::string& into) {
    return [&into](std::string_view found) {
      into += found;
      into += '\n';  // nothing is found across two texts
      return false;
    };
  };
  visit_header(structure.header, gather(text.header));
  for (const mail::Field& field : structure.header.fields) {
    // A single field is searched with the spaces that it begins with.
    if (field.value.starts_with("  ") || field.value.find('\t') != std::string_view::npos) {
      gather(text.header)(readable(field.value));
    }
    if (const std::string addresses = addresses_as_shown(field.name, field.value);
        !addresses.empty())
      gather(text.header)(addresses);
  }
  visit_part(structure, message, false, gather(text.body));
  text.header = collation_key(Collation::unicode_casemap, text.header);
  text.body = collation_key(Collation::unicode_casemap, text.body);
  return text;
}

std::string SearchableText::fold(std::string_view wanted) const {
  // What any other collation finds is found by this one too.
  return collation_key(Collation::unicode_casemap, wanted);
}

}  // namespace mailscope::imap
