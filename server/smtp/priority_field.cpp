#include "server/smtp/priority_field.hpp"

#include <algorithm>

#include "server/mail/mime.hpp"
#include "server/mail/parameters.hpp"
#include "server/smtp/grammar.hpp"

namespace mailscope::smtp {

bool has_priority_field(std::string_view content) {
  // Every message that goes to a server without the extension pays for this: no list of fields.
  while (!content.empty() && !content.starts_with("\r\n")) {
    const std::string_view line = content.substr(0, content.find('\n'));
    if (line.size() > kPriorityField.size() &&
        equal_nocase(line.substr(0, kPriorityField.size()), kPriorityField)) {
      const std::size_t colon = line.find_first_not_of(" \t", kPriorityField.size());
      if (colon != std::string_view::npos && line[colon] == ':') return true;
    }
    content.remove_prefix(std::min(line.size() + 1, content.size()));
  }
  return false;
}

std::optional<int> header_priority(std::string_view content) {
  const mail::Header header = mail::parse_header(content);
  const auto fields = header.all(kPriorityField);
  if (fields.size() != 1) return std::nullopt;
  // [CFWS] priority-value [CFWS] (RFC 6758 section 4).
  const mail::ContentValue said = mail::parse_content_value(fields[0]->value);
  return said.parameters.empty() ? parse_priority(said.value) : std::nullopt;
}

std::string with_priority_field(std::string_view content, int priority) {
  std::string out(kPriorityField);
  out += ": " + std::to_string(priority) + "\r\n";
  out.reserve(content.size() + out.size());
  const mail::Header header = mail::parse_header(content);
  std::size_t end = 0;
  for (const mail::Field* field : header.all(kPriorityField)) {
    const auto at = static_cast<std::size_t>(field->whole.data() - content.data());
    out += content.substr(end, at - end);
    end = at + field->whole.size();
  }
  out += content.substr(end);
  return out;
}

}  // namespace mailscope::smtp
