#include "server/auth/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "server/mail/encoding.hpp"

namespace mailscope::auth {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

const EVP_MD* function_of(Hash hash) {
  switch (hash) {
    case Hash::md5:
      return EVP_md5();
    case Hash::sha1:
      return EVP_sha1();
    case Hash::sha256:
      break;
  }
  return EVP_sha256();
}

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_string(const Digest& digest, unsigned size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + " is not available in this OpenSSL");
}

}  // namespace

std::string digest(Hash hash, std::string_view text) {
  Digest out;
  unsigned size = 0;
  require(EVP_Digest(text.data(), text.size(), out.data(), &size, function_of(hash), nullptr) == 1,
          "a hash function");
  return to_string(out, size);
}

std::string hmac(Hash hash, std::string_view key, std::string_view text) {
  Digest out;
  unsigned size = 0;
  // An empty key is a key; a null pointer would mean the key of the call before.
  const char* octets = key.empty() ? "" : key.data();
  require(HMAC(function_of(hash), octets, static_cast<int>(key.size()), octets_of(text),
               text.size(), out.data(), &size) != nullptr,
          "HMAC");
  return to_string(out, size);
}

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, int iterations) {
  std::string key(digest_octets(hash), '\0');
  require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets_of(salt),
                            static_cast<int>(salt.size()), iterations, function_of(hash),
                            static_cast<int>(key.size()),
                            reinterpret_cast<unsigned char*>(key.data())) == 1,
          "PBKDF2");
  return key;
}

bool same_octets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

std::string base64url(std::string_view octets) {
  std::string out = mail::base64_encode(octets);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  while (out.ends_with('=')) out.pop_back();
  return out;
}

}  // namespace mailscope::auth
