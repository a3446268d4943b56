// The few cryptographic functions that logins need, on octets in strings. OpenSSL behind them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailscope::auth {

enum class Hash : std::uint8_t { md5, sha1, sha256 };
/// Octets of a digest.
constexpr std::size_t digest_octets(Hash hash) {
  return hash == Hash::md5 ? 16 : hash == Hash::sha1 ? 20 : 32;
}

std::string digest(Hash hash, std::string_view text);
std::string hmac(Hash hash, std::string_view key, std::string_view text);
/// PBKDF2 (RFC 8018 section 5.2) with HMAC, as many octets as a digest has.
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, int iterations);
/// Equal; takes the same time whatever the octets are.
bool same_octets(std::string_view a, std::string_view b);
/// Lower-case hexadecimal digits.
std::string hex(std::string_view octets);
/// base64url without padding (RFC 4648 section 5), for tokens.
std::string base64url(std::string_view octets);

}  // namespace mailscope::auth
