// Finds the sections of a message.
#include "server/imap/message_view.hpp"

#include <algorithm>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

// A place in the MIME tree. RFC 3501 section 6.4.5: "1" of a message that is not multipart is its
// body, so a message and the only part in it are one node seen in two ways.
struct Place {
  const mail::Part* node;
  bool as_message;
};

bool descend(Place& place, std::uint32_t number) {
  if (!place.as_message && place.node->is_message()) {
    place = {&place.node->parts.front(), true};
  }
  if (place.node->is_multipart()) {
    if (number > place.node->parts.size()) return false;
    place = {&place.node->parts[number - 1], false};
    return true;
  }
  if (!place.as_message || number != 1) return false;
  place.as_message = false;
  return true;
}

void select_fields(const mail::Header& header, const Section& section, std::string& out) {
  const bool wanted = section.what == Section::What::header_fields;
  for (const mail::Field& field : header.fields) {
    const bool named =
        std::any_of(section.fields.begin(), section.fields.end(),
                    [&](const std::string& name) { return equal_ci(name, field.name); });
    if (named == wanted) out += field.whole;
  }
  // The empty line is part of every header subset.
  out += "\r\n";
}

std::size_t find_header_size(std::string_view octets) {
  for (std::size_t line = 0; line < octets.size();) {
    if (octets[line] == '\n') return line + 1;
    if (octets[line] == '\r' && line + 1 < octets.size() && octets[line + 1] == '\n')
      return line + 2;
    const std::size_t end = octets.find('\n', line);
    if (end == std::string_view::npos) break;
    line = end + 1;
  }
  return octets.size();
}

}  // namespace

const mail::Header& MessageView::header() {
  if (structure_) return structure_->header;
  if (!header_) header_ = mail::parse_header(header_text());
  return *header_;
}

const mail::Part& MessageView::structure() {
  if (!structure_) structure_ = mail::parse_message(octets());
  return *structure_;
}

std::string_view MessageView::header_text() const {
  if (!header_size_) header_size_ = find_header_size(octets());
  return octets().substr(0, *header_size_);
}

std::string_view MessageView::body_text() const {
  return octets().substr(header_text().size());
}

std::optional<std::string_view> section_octets(MessageView& message, const Section& section,
                                               std::string& scratch) {
  using What = Section::What;
  const bool fields =
      section.what == What::header_fields || section.what == What::header_fields_not;
  if (section.part.empty()) {  // needs no MIME structure
    if (section.what == What::whole) return message.octets();
    if (section.what == What::header) return message.header_text();
    if (section.what == What::text) return message.body_text();
    scratch.clear();
    select_fields(message.header(), section, scratch);
    return scratch;
  }
  Place place{&message.structure(), true};
  for (const std::uint32_t number : section.part) {
    if (!descend(place, number)) return std::nullopt;
  }
  const std::string_view octets = message.octets();
  if (section.what == What::whole) return place.node->body(octets);
  if (section.what == What::mime) return place.node->header_text(octets);
  // HEADER and TEXT of a part speak of the message inside it.
  if (!place.node->is_message()) return std::nullopt;
  const mail::Part& inner = place.node->parts.front();
  if (section.what == What::header) return inner.header_text(octets);
  if (section.what == What::text) return inner.body(octets);
  if (!fields) return std::nullopt;
  scratch.clear();
  select_fields(inner.header, section, scratch);
  return scratch;
}

const mail::Part* find_part(MessageView& message, std::span<const std::uint32_t> numbers) {
  Place place{&message.structure(), true};
  for (const std::uint32_t number : numbers) {
    if (!descend(place, number)) return nullptr;
  }
  return place.node;
}

std::string_view partial_octets(std::string_view octets, const Partial& partial) {
  if (partial.offset >= octets.size()) return {};
  return octets.substr(partial.offset, partial.count);
}

}  // namespace mailscope::imap
