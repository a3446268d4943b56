#include "server/sieve/mailto.hpp"

#include <algorithm>
#include <array>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/message.hpp"

namespace mailscope::sieve {
namespace {

constexpr std::string_view kScheme = "mailto:";
constexpr std::size_t kMaxUri = 8'192;     // octets: a body may be there, but not a book
constexpr std::size_t kMaxFields = 32;     // of one URI
constexpr std::size_t kMaxAddresses = 32;  // of "to", and of "cc"

/// RFC 5436 section 2.7 names the first ones; the others say who sent a message, where it goes
/// besides, and how it is to be read.
constexpr auto kUnsafe = std::to_array<std::string_view>(
    {"from", "auto-submitted", "received", "message-id", "date", "bcc", "sender", "return-path",
     "reply-to", "mime-version", "precedence", "x-sieve-redirected-from"});

bool is_unsafe(std::string_view name) {
  const std::string lower = mail::lower(name);
  return lower.starts_with("content-") || lower.starts_with("resent-") ||
         lower.starts_with("list-") || std::ranges::find(kUnsafe, lower) != kUnsafe.end();
}

/// qchar of RFC 6068 section 2, with "/" and "?", which RFC 3986 allows in queries; decoded.
/// Nullopt for any other character, for what is no escape, and for what is not UTF-8.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = mail::hex_value(text[i + 1]), low = mail::hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (mail::is_alpha(c) || mail::is_digit(c) ||
               std::string_view("-._~!$'()*+,;:@/?").find(c) != std::string_view::npos) {
      out += c;
    } else {
      return std::nullopt;
    }
  }
  if (!mail::is_valid_utf8(out) || out.find('\0') != std::string::npos) return std::nullopt;
  return out;
}

/// Where the address ends that `list` begins with: at a comma that is not quoted.
std::size_t address_end(std::string_view list) {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\')
      ++i;
    else if (list[i] == '"')
      quoted = !quoted;
    else if (list[i] == ',' && !quoted)
      return i;
  }
  return list.size();
}

/// addr-spec *("," addr-spec); false when something is no address. Older URIs have the commas
/// escaped, and RFC 6068 section 2 has not.
bool take_addresses(std::string_view text, std::vector<mail::Mailbox>& out) {
  const auto plain = decoded(text);
  if (!plain) return false;
  for (std::string_view rest = *plain; !rest.empty();) {
    const std::size_t end = address_end(rest);
    const auto mailbox = mail::Mailbox::parse(mail::trim(rest.substr(0, end)), mail::Utf8::yes);
    if (!mailbox) return false;
    if (std::ranges::find(out, *mailbox) == out.end()) {
      if (out.size() == kMaxAddresses) return false;
      out.push_back(*mailbox);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

/// hfname "=" hfvalue.
bool take_field(std::string_view text, Mailto& out) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const auto name = decoded(text.substr(0, equals));
  const std::string_view value = text.substr(equals + 1);
  if (!name || !is_field_name(*name)) return false;
  if (mail::iequals(*name, "to")) return take_addresses(value, out.to);
  if (mail::iequals(*name, "cc")) return take_addresses(value, out.cc);
  auto plain = decoded(value);
  if (!plain) return false;
  if (mail::iequals(*name, "body")) {
    out.body = std::move(*plain);
  } else if (mail::iequals(*name, "subject")) {
    out.subject = std::move(*plain);
  } else if (!is_unsafe(*name)) {
    out.fields.emplace_back(*name, std::move(*plain));
  }
  return true;
}

}  // namespace

std::optional<Mailto> parse_mailto(std::string_view uri) {
  if (uri.size() > kMaxUri || !mail::iequals(uri.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  uri.remove_prefix(kScheme.size());
  Mailto out;
  const std::size_t question = std::min(uri.find('?'), uri.size());
  if (!take_addresses(uri.substr(0, question), out.to)) return std::nullopt;
  std::string_view rest = uri.substr(question);
  for (std::size_t fields = 0; !rest.empty(); ++fields) {
    rest.remove_prefix(1);  // '?' or '&'
    const std::size_t end = std::min(rest.find('&'), rest.size());
    if (fields == kMaxFields || !take_field(rest.substr(0, end), out)) return std::nullopt;
    rest.remove_prefix(end);
  }
  return out;
}

}  // namespace mailscope::sieve
