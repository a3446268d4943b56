// The tokens of a world: what OAUTHBEARER and XOAUTH2 show instead of a password. JSON Web Tokens
// (RFC 7519) signed with HMAC-SHA256, whose claims are these and no others:
//
//   {"iss":"b.example","sub":"bob@b.example","scope":"mail","iat":1000000,"exp":1003600}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::auth {

inline constexpr std::string_view kTokenScope = "mail";

struct TokenClaims {
  std::string issuer;                    // the domain
  std::string subject;                   // the account
  std::int64_t issued = 0, expires = 0;  // seconds since 1970
};

std::string make_token(std::string_view key, const TokenClaims& claims);
/// Nullopt unless make_token() made it with the same key.
std::optional<TokenClaims> read_token(std::string_view key, std::string_view token);

}  // namespace mailscope::auth
