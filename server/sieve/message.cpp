#include "server/sieve/message.hpp"

#include <algorithm>
#include <array>

#include "server/mail/encoding.hpp"
#include "server/mail/html_text.hpp"
#include "server/mail/parameters.hpp"
#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

/// Behind the line end at or after `at`; the size of `text` when there is none.
std::size_t next_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

/// Without one line end at the end: it belongs to the delimiter that follows (RFC 2046).
std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// What stands before the first delimiter of a multipart.
std::string_view prologue(const mail::Part& part, std::string_view message) {
  const std::size_t first = part.parts.front().header_begin;
  std::string_view text = message.substr(part.body_begin, first - part.body_begin);
  // The delimiter is the last line of it.
  const std::string_view line = without_line_end(text);
  const std::size_t begin = line.rfind('\n');
  return without_line_end(text.substr(0, begin == std::string_view::npos ? 0 : begin + 1));
}

/// What stands behind the last delimiter of a multipart.
std::string_view epilogue(const mail::Part& part, std::string_view message) {
  std::size_t at = part.parts.back().body_end;
  const std::string_view all = message.substr(0, part.body_end);
  const std::string delimiter =
      "--" + std::string(mail::parameter(part.parameters, "boundary")) + "--";
  while (at < all.size()) {
    const bool found = all.substr(at).starts_with(delimiter);
    at = next_line(all, at);
    if (found) return all.substr(at);
  }
  return {};
}

/// RFC 5173 section 5.2: "type", "type/subtype" or "" for all.
bool type_fits(const mail::Part& part, std::string_view wanted) {
  if (wanted.empty()) return true;
  const std::size_t slash = wanted.find('/');
  if (slash == std::string_view::npos) return mail::iequals(wanted, part.type);
  return slash > 0 && slash + 1 < wanted.size() &&
         mail::iequals(wanted, part.type + "/" + part.subtype);
}

std::string leaf_text(const mail::Part& part, std::string_view message) {
  std::string decoded = mail::decode_body(part, message);
  if (part.type != "text") return decoded;
  const std::string_view charset = mail::parameter(part.parameters, "charset");
  auto text = mail::to_utf8(decoded, charset.empty() ? "us-ascii" : charset);
  return text ? std::move(*text) : decoded;
}

}  // namespace

Message::Message(std::string_view octets) : octets_(octets), header_(mail::parse_header(octets)) {}

std::optional<std::string_view> Message::raw_body() const {
  for (std::size_t at = 0; at < octets_.size();) {
    const std::size_t next = next_line(octets_, at);
    const std::string_view line = octets_.substr(at, next - at);
    if (line == "\r\n" || line == "\n") return octets_.substr(next);
    at = next;
  }
  return std::nullopt;
}

namespace {

/// Where the empty line behind the header begins; the end when there is none.
std::size_t header_end(std::string_view message) {
  for (std::size_t at = 0; at < message.size(); at = next_line(message, at)) {
    if (message[at] == '\n' || message.substr(at, 2) == "\r\n") return at;
  }
  return message.size();
}

}  // namespace

std::string_view Message::header_text() const {
  return changed_ ? std::string_view(*changed_) : octets_.substr(0, header_end(octets_));
}

void Message::change(std::string text) {
  changed_ = std::make_shared<const std::string>(std::move(text));
  header_ = mail::parse_header(*changed_);
}

std::size_t Message::size() const {
  return octets_.size() + (changed_ ? changed_->size() - header_end(octets_) : 0);
}

void Message::add_field(std::string_view field, bool last) {
  std::string text(header_text());
  if (!text.empty() && !text.ends_with('\n')) text += "\r\n";
  change(last ? text + std::string(field) : std::string(field) + text);
}

void Message::remove_fields(const std::vector<const mail::Field*>& gone) {
  if (gone.empty()) return;
  const std::string_view before = header_text();
  std::string text;
  std::size_t at = 0;
  for (const mail::Field* field : gone) {
    const auto begin = static_cast<std::size_t>(field->whole.data() - before.data());
    text += before.substr(at, begin - at);
    at = begin + field->whole.size();
  }
  text += before.substr(at);
  change(std::move(text));
}

std::string with_header(std::string_view message, std::string_view header) {
  return std::string(header) + std::string(message.substr(header_end(message)));
}

bool is_field_name(std::string_view name) {
  constexpr std::size_t kLongest = 76;  // characters; leaves room for the colon and a fold
  return !name.empty() && name.size() <= kLongest &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

bool is_field_value(std::string_view value) {
  return value.size() <= kMaxFieldValue && value.find('\0') == std::string_view::npos &&
         mail::is_valid_utf8(value);
}

std::vector<std::string> Message::content(std::string_view type) const {
  std::vector<std::string> out;
  if (!raw_body()) return out;
  if (!structure_) structure_ = mail::parse_message(octets_);
  collect(*structure_, type, out);
  return out;
}

std::vector<std::string> Message::text() const {
  std::vector<std::string> out;
  if (!raw_body()) return out;
  if (!structure_) structure_ = mail::parse_message(octets_);
  collect_text(*structure_, out);
  return out;
}

void Message::collect_text(const mail::Part& part, std::vector<std::string>& out) const {
  for (const mail::Part& inner : part.parts) collect_text(inner, out);
  const bool html = part.subtype == "html" || part.subtype == "xhtml+xml";
  if (!part.parts.empty() || (part.type != "text" && !(part.type == "application" && html))) return;
  std::string text = leaf_text(part, octets_);
  out.push_back(html ? mail::html_text(text) : std::move(text));
}

void Message::collect(const mail::Part& part, std::string_view type,
                      std::vector<std::string>& out) const {
  const bool wanted = type_fits(part, type);
  if (part.parts.empty()) {
    if (wanted) out.push_back(leaf_text(part, octets_));
    return;
  }
  if (wanted && part.is_multipart()) {
    out.emplace_back(prologue(part, octets_));
  } else if (wanted) {
    // The header without the empty line that ends it.
    std::string_view header = part.parts.front().header_text(octets_);
    if (header.ends_with("\r\n\r\n") || header == "\r\n") header.remove_suffix(2);
    out.emplace_back(header);
  }
  for (const mail::Part& inner : part.parts) collect(inner, type, out);
  if (wanted && part.is_multipart()) out.emplace_back(epilogue(part, octets_));
}

std::string field_text(const mail::Field& field) {
  return std::string(mail::trim(mail::decode_words(mail::unfold(field.value))));
}

std::vector<TestAddress> field_addresses(const mail::Field& field) {
  std::vector<TestAddress> out;
  for (const mail::HeaderAddress& each : mail::parse_address_list(field.value)) {
    if (each.kind != mail::HeaderAddress::Kind::mailbox) continue;
    // All of an address is what may stand in a header: a local part with its quotes.
    out.push_back(
        {each.local, each.domain, mail::quote_local(each.local) + "@" + each.domain, true});
  }
  if (out.empty()) out.push_back({"", "", field_text(field), false});
  return out;
}

std::optional<std::string> address_part(const TestAddress& address, std::string_view part) {
  if (part == "all") return address.whole;
  if (!address.sound) return std::nullopt;
  if (part == "domain") return address.domain;
  if (part == "localpart") return address.local;
  // RFC 5233 section 4: detail behind the first '+'.
  const std::size_t plus = address.local.find('+');
  if (part == "user") return address.local.substr(0, plus);
  if (plus == std::string::npos) return std::nullopt;
  return address.local.substr(plus + 1);
}

bool is_address_header(std::string_view name) {
  static constexpr auto kHeaders =
      std::to_array<std::string_view>({"from",
                                       "to",
                                       "cc",
                                       "bcc",
                                       "sender",
                                       "reply-to",
                                       "resent-from",
                                       "resent-to",
                                       "resent-cc",
                                       "resent-bcc",
                                       "resent-sender",
                                       "resent-reply-to",
                                       "return-path",
                                       "delivered-to",
                                       "envelope-to",
                                       "x-envelope-to",
                                       "x-original-to",
                                       "x-original-from",
                                       "apparently-to",
                                       "errors-to",
                                       "mail-followup-to",
                                       "mail-reply-to",
                                       "for-approval",
                                       "for-handling",
                                       "for-comment",
                                       "disposition-notification-to",
                                       "return-receipt-to",
                                       "return-receipt-requested",
                                       "registered-mail-reply-requested-by",
                                       "read-receipt-to",
                                       "x-confirm-reading-to",
                                       "original-recipient",
                                       "final-recipient",
                                       "abuse-reports-to",
                                       "x-complaints-to",
                                       "x-report-abuse-to",
                                       "x-admin",
                                       "x-beenthere",
                                       "x-forwarded-to",
                                       "x-forwarded-for"});
  return std::ranges::any_of(kHeaders, [&](auto each) { return mail::iequals(each, name); });
}

}  // namespace mailscope::sieve
