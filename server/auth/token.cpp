#include "server/auth/token.hpp"

#include <algorithm>
#include <charconv>

#include "server/auth/crypto.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::auth {
namespace {

/// {"alg":"HS256","typ":"JWT"}: always the same, so that no other algorithm can be asked for
/// (RFC 8725 section 3.1).
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
constexpr std::size_t kMaxToken = 4'096;  // octets; ours have some 250

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string payload(const TokenClaims& claims) {
  return "{\"iss\":" + quoted(claims.issuer) + ",\"sub\":" + quoted(claims.subject) +
         ",\"scope\":" + quoted(kTokenScope) + ",\"iat\":" + std::to_string(claims.issued) +
         ",\"exp\":" + std::to_string(claims.expires) + "}";
}

std::string signature(std::string_view key, std::string_view signed_part) {
  return base64url(hmac(Hash::sha256, key, signed_part));
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<std::string> take_string(std::string_view& text) {
  if (!take(text, "\"")) return std::nullopt;
  std::string out;
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\') text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    out += text.front();
    text.remove_prefix(1);
  }
  if (!take(text, "\"")) return std::nullopt;
  return out;
}

bool take_number(std::string_view& text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string make_token(std::string_view key, const TokenClaims& claims) {
  const std::string signed_part = std::string(kHeader) + '.' + base64url(payload(claims));
  return signed_part + '.' + signature(key, signed_part);
}

std::optional<TokenClaims> read_token(std::string_view key, std::string_view token) {
  if (token.size() > kMaxToken) return std::nullopt;
  const std::size_t dot = token.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view signed_part = token.substr(0, dot);
  if (!same_octets(signature(key, signed_part), token.substr(dot + 1))) return std::nullopt;
  // What follows is our own writing.
  if (!signed_part.starts_with(kHeader)) return std::nullopt;
  std::string encoded(signed_part.substr(kHeader.size() + 1));
  std::ranges::replace(encoded, '-', '+');
  std::ranges::replace(encoded, '_', '/');
  encoded.append((4 - encoded.size() % 4) % 4, '=');
  const auto text = mail::base64_decode_strict(encoded);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  TokenClaims claims;
  if (!take(rest, "{\"iss\":")) return std::nullopt;
  auto issuer = take_string(rest);
  if (!issuer || !take(rest, ",\"sub\":")) return std::nullopt;
  auto subject = take_string(rest);
  if (!subject || !take(rest, ",\"scope\":" + quoted(kTokenScope) + ",\"iat\":") ||
      !take_number(rest, claims.issued) || !take(rest, ",\"exp\":") ||
      !take_number(rest, claims.expires) || rest != "}") {
    return std::nullopt;
  }
  claims.issuer = std::move(*issuer);
  claims.subject = std::move(*subject);
  return claims;
}

}  // namespace mailscope::auth
