#include "server/auth/scram.hpp"

#include <algorithm>

namespace mailscope::auth {
namespace {

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

}  // namespace

ScramKeys make_scram_keys(Hash hash, std::string_view password, std::string salt, int iterations) {
  // RFC 5802 section 3: SaltedPassword = Hi(password, salt, i), and Hi is PBKDF2.
  const std::string salted = pbkdf2(hash, password, salt, iterations);
  return {.salt = std::move(salt),
          .iterations = iterations,
          .stored_key = digest(hash, hmac(hash, salted, "Client Key")),
          .server_key = hmac(hash, salted, "Server Key")};
}

ScramAnswer scram_answer(Hash hash, std::string_view password, std::string_view salt,
                         int iterations, std::string_view auth_message) {
  const std::string salted = pbkdf2(hash, password, salt, iterations);
  const std::string client_key = hmac(hash, salted, "Client Key");
  const std::string signature = hmac(hash, digest(hash, client_key), auth_message);
  return {.proof = exclusive_or(client_key, signature),
          .server_signature = hmac(hash, hmac(hash, salted, "Server Key"), auth_message)};
}

bool scram_proof_fits(Hash hash, const ScramKeys& keys, std::string_view auth_message,
                      std::string_view proof) {
  if (proof.size() != digest_octets(hash)) return false;
  const std::string signature = hmac(hash, keys.stored_key, auth_message);
  return same_octets(digest(hash, exclusive_or(signature, proof)), keys.stored_key);
}

std::optional<std::string_view> ScramFields::take(char name) {
  if (ended_ || rest_.size() < 2 || rest_[0] != name || rest_[1] != '=') return std::nullopt;
  const std::size_t comma = rest_.find(',');
  const std::string_view value = rest_.substr(2, comma == rest_.npos ? comma : comma - 2);
  ended_ = comma == std::string_view::npos;
  rest_.remove_prefix(ended_ ? rest_.size() : comma + 1);
  return value;
}

std::string scram_escape(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',') {
      out += "=2C";
    } else if (c == '=') {
      out += "=3D";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> scram_unescape(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const std::size_t at = std::min(name.find('='), name.size());
    out += name.substr(0, at);
    name.remove_prefix(at);
    if (name.empty()) break;
    if (name.starts_with("=2C")) {
      out += ',';
    } else if (name.starts_with("=3D")) {
      out += '=';
    } else {
      return std::nullopt;
    }
    name.remove_prefix(3);
  }
  return out;
}

bool is_scram_nonce(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

}  // namespace mailscope::auth
