// Header sections (RFC 5322 section 2.2): fields, folding, the empty line.
//
//   Subject: one value          <- name ':' value
//    on two lines               <- folded: begins with a space
//                               <- the empty line: the body follows
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

/// ftext of RFC 5322 section 3.6.8; white space before the colon is its obsolete form
/// (section 4.5).
std::string_view field_name(std::string_view before_colon) {
  while (!before_colon.empty() && is_wsp(before_colon.back())) before_colon.remove_suffix(1);
  const bool sound =
      std::ranges::all_of(before_colon, [](char c) { return c > ' ' && is_ascii(c) && c != 0x7f; });
  return sound ? before_colon : std::string_view();
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

const Field* Header::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (iequals(field.name, name)) return &field;
  }
  return nullptr;
}

std::vector<const Field*> Header::all(std::string_view name) const {
  std::vector<const Field*> found;
  for (const Field& field : fields) {
    if (iequals(field.name, name)) found.push_back(&field);
  }
  return found;
}

std::string Header::text(std::string_view name) const {
  const Field* field = find(name);
  return field ? std::string(trim(unfold(field->value))) : std::string();
}

Header parse_header(std::string_view text, const MimeLimits& limits) {
  Header header;
  text = text.substr(0, limits.header_octets);
  for (std::size_t at = 0; at < text.size() && header.fields.size() < limits.fields;) {
    const std::size_t begin = at;
    // One field: its first line and all that begin with white space. A line of white space alone
    // belongs to it as well (obs-FWS); only the truly empty line ends the header.
    do {
      at = std::min(text.find('\n', at), text.size() - 1) + 1;
    } while (at < text.size() && is_wsp(text[at]));
    const std::string_view whole = text.substr(begin, at - begin);
    const std::string_view content = without_line_end(whole);
    if (content.empty()) break;
    const std::size_t colon = content.find(':');
    if (colon == std::string_view::npos)
      continue;  // no field ("From " of mbox, rubbish): passed over
    const std::string_view name = field_name(content.substr(0, colon));
    if (!name.empty()) header.fields.push_back({name, content.substr(colon + 1), whole});
  }
  return header;
}

}  // namespace mailscope::mail
