// Writes ENVELOPE and BODYSTRUCTURE.
#include "server/imap/structure_writer.hpp"

#include <algorithm>

#include "server/mail/address.hpp"
#include "server/mail/parameters.hpp"

namespace mailscope::imap {
namespace {

void write_nil(ResponseWriter& out) {
  out.text("NIL");
}

void write_string_or_nil(ResponseWriter& out, std::string_view value) {
  if (value.empty())
    write_nil(out);
  else
    out.string(value);
}

// A header field's text: NIL when there is none, "" when it is empty.
void write_field(ResponseWriter& out, const mail::Header& header, std::string_view name) {
  if (header.find(name) == nullptr)
    write_nil(out);
  else
    out.string(header.text(name));
}

void write_address(ResponseWriter& out, const mail::HeaderAddress& address) {
  using Kind = mail::HeaderAddress::Kind;
  out.text("(");
  if (address.kind == Kind::group_end) {
    out.text("NIL NIL NIL NIL)");
    return;
  }
  if (address.kind == Kind::group_start) {
    // The group's name stands in the place of the mailbox, and the host is NIL.
    out.text("NIL NIL ").string(address.name).text(" NIL)");
    return;
  }
  write_string_or_nil(out, address.name);
  out.text(" ");
  write_string_or_nil(out, address.route);
  out.text(" ").string(address.local).text(" ");
  // A NIL host would make it a group; an address without a domain gets an empty one.
  out.string(address.domain).text(")");
}

bool write_addresses(ResponseWriter& out, const mail::Header& header, std::string_view name) {
  std::vector<mail::HeaderAddress> all;
  for (const mail::Field* field : header.all(name)) {
    auto more = mail::parse_address_list(field->value, mail::Incomplete::keep);
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  if (all.empty()) return false;
  out.text("(");
  for (const mail::HeaderAddress& address : all) write_address(out, address);
  out.text(")");
  return true;
}

void write_addresses_or_nil(ResponseWriter& out, const mail::Header& header, std::string_view name,
                            std::string_view instead = {}) {
  if (write_addresses(out, header, name)) return;
  if (!instead.empty() && write_addresses(out, header, instead)) return;
  write_nil(out);
}

// The parameters of a field as it has them, only with continuations joined (RFC 2231 section 6):
// what "filename*" says of charset and language is for the client. `parsed`: what the MIME parser
// made of them, where the field is not there or not followed: a default, or a part that cannot be
// opened.
mail::Parameters shown_parameters(const mail::Part& part, std::string_view field,
                                  std::string_view value, const mail::Parameters& parsed) {
  const mail::Field* found = part.header.find(field);
  if (found == nullptr) return parsed;
  mail::ContentValue content = mail::parse_content_value(found->value, mail::ParameterForm::joined);
  return content.value == value ? std::move(content.parameters) : parsed;
}

mail::Parameters content_parameters(const mail::Part& part) {
  mail::Parameters out =
      shown_parameters(part, "Content-Type", part.type + '/' + part.subtype, part.parameters);
  // A text has a charset, said or not (RFC 2045 section 5.2).
  const auto is_charset = [](const auto& parameter) {
    return parameter.first == "charset" || parameter.first == "charset*";
  };
  if (part.type == "text" && std::none_of(out.begin(), out.end(), is_charset))
    out.emplace_back("charset", "us-ascii");
  return out;
}

void write_parameters(ResponseWriter& out, const mail::Parameters& parameters) {
  if (parameters.empty()) {
    write_nil(out);
    return;
  }
  out.text("(");
  bool first = true;
  for (const auto& [name, value] : parameters) {
    if (!first) out.text(" ");
    first = false;
    out.string(name).text(" ").string(value);
  }
  out.text(")");
}

void write_disposition(ResponseWriter& out, const mail::Part& part) {
  if (part.disposition.empty()) {
    write_nil(out);
    return;
  }
  out.text("(").string(part.disposition).text(" ");
  write_parameters(out, shown_parameters(part, "Content-Disposition", part.disposition,
                                         part.disposition_parameters));
  out.text(")");
}

// Content-Language: one tag as a string, several as a list.
void write_languages(ResponseWriter& out, const mail::Part& part) {
  const std::string value = part.header.text("Content-Language");
  std::vector<std::string_view> tags;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    std::string_view tag = rest.substr(0, comma);
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (!tag.empty()) tags.push_back(tag);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (tags.empty()) {
    write_nil(out);
  } else if (tags.size() == 1) {
    out.string(tags.front());
  } else {
    out.text("(");
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (i > 0) out.text(" ");
      out.string(tags[i]);
    }
    out.text(")");
  }
}

// disposition, language, location: the extension data that both kinds of body share.
void write_extension(ResponseWriter& out, const mail::Part& part) {
  out.text(" ");
  write_disposition(out, part);
  out.text(" ");
  write_languages(out, part);
  out.text(" ");
  write_string_or_nil(out, part.header.text("Content-Location"));
}

void write_multipart(ResponseWriter& out, const mail::Part& part, bool extended) {
  out.text("(");
  for (const mail::Part& child : part.parts) write_body_structure(out, child, extended);
  out.text(" ").string(part.subtype);
  if (extended) {
    out.text(" ");
    write_parameters(out, content_parameters(part));
    write_extension(out, part);
  }
  out.text(")");
}

}  // namespace

void write_envelope(ResponseWriter& out, const mail::Header& header) {
  out.text("(");
  write_field(out, header, "Date");
  out.text(" ");
  write_field(out, header, "Subject");
  out.text(" ");
  write_addresses_or_nil(out, header, "From");
  // Absent or empty Sender and Reply-To are answered with From (RFC 3501 section 7.4.2).
  out.text(" ");
  write_addresses_or_nil(out, header, "Sender", "From");
  out.text(" ");
  write_addresses_or_nil(out, header, "Reply-To", "From");
  for (const std::string_view name : {"To", "Cc", "Bcc"}) {
    out.text(" ");
    write_addresses_or_nil(out, header, name);
  }
  out.text(" ");
  write_field(out, header, "In-Reply-To");
  out.text(" ");
  write_field(out, header, "Message-ID");
  out.text(")");
}

void write_body_structure(ResponseWriter& out, const mail::Part& part, bool extended) {
  if (part.is_multipart()) {
    write_multipart(out, part, extended);
    return;
  }
  out.text("(").string(part.type).text(" ").string(part.subtype).text(" ");
  write_parameters(out, content_parameters(part));
  out.text(" ");
  write_string_or_nil(out, part.header.text("Content-ID"));
  out.text(" ");
  write_string_or_nil(out, part.header.text("Content-Description"));
  out.text(" ").string(part.encoding).text(" ").number(part.body_end - part.body_begin);
  if (part.is_message()) {
    out.text(" ");
    write_envelope(out, part.parts.front().header);
    out.text(" ");
    write_body_structure(out, part.parts.front(), extended);
    out.text(" ").number(part.body_lines);
  } else if (part.type == "text") {
    out.text(" ").number(part.body_lines);
  }
  if (extended) {
    out.text(" ");
    write_string_or_nil(out, part.header.text("Content-MD5"));
    write_extension(out, part);
  }
  out.text(")");
}

}  // namespace mailscope::imap
