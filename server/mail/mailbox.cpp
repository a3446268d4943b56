// The mailbox of an SMTP envelope (RFC 5321 section 4.1.2), strict:
//
//   MAIL FROM:<bob@b.example>   <"bob smith"@b.example>   <bob@[192.0.2.1]>
//   <bob@[IPv6:2001:db8::1]>
#include "server/mail/address.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/net/address.hpp"

namespace mailscope::mail {
namespace {

bool is_atom_char(char c, Utf8 utf8) {
  return is_atext(c) || (utf8 == Utf8::yes && !is_ascii(c));
}

/// Dot-string: atoms joined by single dots.
bool is_dot_string(std::string_view text, Utf8 utf8) {
  bool after_atom = false;
  for (const char c : text) {
    if (c == '.' ? !after_atom : !is_atom_char(c, utf8)) return false;
    after_atom = c != '.';
  }
  return after_atom;
}

/// Octets of the Quoted-string at the start of `text`, its meaning in `out`; 0 when it is none.
std::size_t read_quoted(std::string_view text, Utf8 utf8, std::string& out) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') return i + 1;
    if (c == '\\') {
      if (++i == text.size()) return 0;
      c = text[i];
      if (!is_ascii(c)) return 0;  // quoted-pairSMTP is ASCII even under RFC 6531
    }
    if (is_control(c) || (!is_ascii(c) && utf8 == Utf8::no)) return 0;
    out += c;
  }
  return 0;
}

/// "[192.0.2.1]" or "[IPv6:...]" in its one normal spelling; empty when it is neither. No other tag
/// was ever registered (RFC 5321 section 4.1.3).
std::string read_literal(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return {};
  text = text.substr(1, text.size() - 2);
  const bool v6 = text.size() > 5 && iequals(text.substr(0, 5), "IPv6:");
  const auto address = net::Address::parse(v6 ? text.substr(5) : text);
  return address && address->is_v6() == v6 ? address->literal() : std::string();
}

}  // namespace

bool is_domain(std::string_view text, Utf8 utf8) {
  if (text.empty() || text.size() > kMaxDomain) return false;
  const auto let_dig = [&](char c) {
    return is_alpha(c) || is_digit(c) || (utf8 == Utf8::yes && !is_ascii(c));
  };
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > kMaxLabel) return false;
    if (!let_dig(label.front()) || !let_dig(label.back())) return false;
    if (!std::ranges::all_of(label, [&](char c) { return c == '-' || let_dig(c); })) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::optional<Mailbox> Mailbox::parse(std::string_view text, Utf8 utf8) {
  if (text.size() > kMaxMailbox) return std::nullopt;
  if (utf8 == Utf8::yes && !is_valid_utf8(text)) return std::nullopt;
  Mailbox mailbox;
  std::size_t at = 0;
  if (text.starts_with('"')) {
    at = read_quoted(text, utf8, mailbox.local);
    if (at == 0 || at >= text.size() || text[at] != '@') return std::nullopt;
  } else {
    at = text.find('@');
    if (at == std::string_view::npos || !is_dot_string(text.substr(0, at), utf8))
      return std::nullopt;
    mailbox.local = std::string(text.substr(0, at));
  }
  if (at > kMaxLocalPart) return std::nullopt;
  const std::string_view domain = text.substr(at + 1);
  if (domain.starts_with('[')) {
    mailbox.domain = read_literal(domain);
    if (mailbox.domain.empty()) return std::nullopt;
  } else {
    if (!is_domain(domain, utf8)) return std::nullopt;
    mailbox.domain = lower(domain);
  }
  return mailbox;
}

std::string quote_local(std::string_view local) {
  if (is_dot_string(local, Utf8::yes)) return std::string(local);
  std::string out = "\"";
  for (const char c : local) {
    if (c == '"' || c == '\\') out += '\\';
    out += is_control(c) ? '?' : c;  // no spelling exists for these; parse() never lets them in
  }
  return out + '"';
}

std::string Mailbox::to_string() const {
  if (null()) return {};
  return quote_local(local) + '@' + domain;
}

}  // namespace mailscope::mail
