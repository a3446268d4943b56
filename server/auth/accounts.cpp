// Passwords are kept as SCRAM keys only, unless an old mechanism is wanted; how logins stay cheap
// is said at verify().
#include "server/auth/accounts.hpp"

#include <algorithm>

#include "server/auth/hmac_md5.hpp"
#include "server/auth/prepare.hpp"
#include "server/auth/token.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

/// Rounds of PBKDF2. About a millisecond each time: the least that RFC 7677 section 4 asks of a
/// server, and little enough for a simulation with hundreds of accounts. A site that keeps real
/// people's passwords on a disk wants a hundred times as many; these never leave memory.
constexpr int kIterations = 4'096;
constexpr std::size_t kSecretOctets = 32;    // as strong as SHA-256 takes it
constexpr std::size_t kSaltOctets = 16;      // RFC 8018 section 4.1 asks for 8 at least
constexpr std::size_t kNonceOctets = 18;     // 144 bits, 24 characters of base64 without padding
constexpr std::size_t kMaxUser = 320;        // octets: local part of 64, '@', domain of 255
constexpr std::size_t kMaxPassword = 1'024;  // octets; keeps the work for a hostile login small

std::string draw(net::Entropy& entropy, std::size_t octets) {
  std::string out(octets, '\0');
  entropy.fill(out.data(), out.size());
  return out;
}

}  // namespace

AccountTable::AccountTable(std::string default_domain, const net::Entropy* entropy)
    : default_domain_(mail::lower(default_domain)),
      salts_(entropy ? entropy->fork("salts") : nullptr),
      nonces_(entropy ? entropy->fork("sasl nonces") : nullptr),
      secret_(salts_ ? draw(*salts_, kSecretOctets)
                     : hmac(Hash::sha256, "mailscope accounts", default_domain_)) {
  nobody_.keys = {.salt = make_salt({}),
                  .iterations = kIterations,
                  .stored_key = std::string(digest_octets(Hash::sha256), '\0'),
                  .server_key = {}};
  nobody_.proof = std::string(digest_octets(Hash::sha256), '\0');
}

std::string AccountTable::make_salt(std::string_view address) {
  if (salts_) return draw(*salts_, kSaltOctets);
  return hmac(Hash::sha256, "mailscope salt", address).substr(0, kSaltOctets);
}

std::string AccountTable::proof_of(const std::string& address, std::string_view password) const {
  return hmac(Hash::sha256, secret_, "proof" + address + '\0' + std::string(password));
}

void AccountTable::add(std::string_view address, std::string_view password) {
  Entry entry;
  entry.address = address_of(address);
  // A password that cannot be prepared fits no login (RFC 4616 section 2), but the account is.
  const std::string prepared =
      sasl_prepare(password.substr(0, kMaxPassword)).value_or(std::string(password));
  entry.keys = make_scram_keys(Hash::sha256, prepared, make_salt(entry.address), kIterations);
  if (keeps(Material::scram_sha1)) {
    entry.sha1_keys = make_scram_keys(Hash::sha1, prepared, entry.keys.salt, kIterations);
  }
  if (keeps(Material::cram_md5)) entry.cram_md5 = hmac_md5_state(prepared);
  if (keeps(Material::apop)) entry.password = prepared;
  entry.proof = proof_of(entry.address, prepared);
  const auto place = std::ranges::lower_bound(entries_, entry.address, {}, &Entry::address);
  if (place != entries_.end() && place->address == entry.address) {
    *place = std::move(entry);
  } else {
    entries_.insert(place, std::move(entry));
  }
}

const AccountTable::Entry* AccountTable::find(std::string_view address) const {
  const auto place = std::ranges::lower_bound(
      entries_, address, {}, [](const Entry& e) { return std::string_view(e.address); });
  return place != entries_.end() && place->address == address ? &*place : nullptr;
}

std::string AccountTable::address_of(std::string_view user) const {
  std::string address = mail::lower(sasl_prepare(user).value_or(std::string(user)));
  if (address.find('@') == std::string::npos && !default_domain_.empty()) {
    address += '@' + default_domain_;
  }
  return address;
}

std::optional<std::string> AccountTable::verify(std::string_view user,
                                                std::string_view password) const {
  if (user.empty() || user.size() > kMaxUser || password.size() > kMaxPassword) return std::nullopt;
  const auto prepared = sasl_prepare(password);
  if (!prepared) return std::nullopt;  // RFC 4616 section 2
  const std::string address = address_of(user);
  const Entry* entry = find(address);
  const Entry& checked = entry ? *entry : nobody_;

  // A mail client logs in every few minutes for years, and a simulation thousands of times a
  // second: the slow key is computed once per password that fits. The proof of that is a keyed
  // hash, held in the memory that has just held the password itself, so it gives nothing away that
  // was not there. Only a right password takes the short way: an unknown user and a wrong password
  // both take the long one, to the end.
  const std::string proof = proof_of(address, *prepared);
  if (same_octets(proof, checked.proof) && entry) return entry->address;
  const ScramKeys keys =
      make_scram_keys(Hash::sha256, *prepared, checked.keys.salt, checked.keys.iterations);
  const bool fits = same_octets(keys.stored_key, checked.keys.stored_key);
  if (!fits || !entry) return std::nullopt;
  entry->proof = proof;
  return entry->address;
}

Accounts::Scram AccountTable::scram(std::string_view user, Hash hash) const {
  const std::string address = address_of(user.substr(0, kMaxUser));
  if (const Entry* entry = find(address)) {
    return {entry->address, hash == Hash::sha1 ? entry->sha1_keys : entry->keys};
  }
  // An unknown name gets a salt too, the same each time, so that names cannot be tried out.
  return {{},
          {.salt = hmac(Hash::sha256, secret_, "no such user" + address).substr(0, kSaltOctets),
           .iterations = kIterations,
           .stored_key = std::string(digest_octets(hash), '\0'),
           .server_key = std::string(digest_octets(hash), '\0')}};
}

std::optional<std::string> AccountTable::verify_cram_md5(std::string_view user,
                                                         std::string_view challenge,
                                                         std::string_view response) const {
  const Entry* entry = find(address_of(user.substr(0, kMaxUser)));
  const bool known = entry && !entry->cram_md5.empty();
  static const std::string kNoState = hmac_md5_state({});
  const std::string expected = hex(hmac_md5(known ? entry->cram_md5 : kNoState, challenge));
  if (!same_octets(expected, response) || !known) return std::nullopt;
  return entry->address;
}

std::optional<std::string> AccountTable::verify_apop(std::string_view user,
                                                     std::string_view timestamp,
                                                     std::string_view response) const {
  const Entry* entry = find(address_of(user.substr(0, kMaxUser)));
  const bool known = entry && keeps(Material::apop);
  const std::string expected =
      hex(digest(Hash::md5, std::string(timestamp) + (known ? entry->password : std::string())));
  if (!same_octets(expected, response) || !known) return std::nullopt;
  return entry->address;
}

std::string AccountTable::issue_token(std::string_view address, net::Time now,
                                      net::Time expires) const {
  return make_token(hmac(Hash::sha256, secret_, "tokens"), {.issuer = default_domain_,
                                                            .subject = address_of(address),
                                                            .issued = net::unix_seconds(now),
                                                            .expires = net::unix_seconds(expires)});
}

Accounts::TokenCheck AccountTable::verify_token(std::string_view token, net::Time now) const {
  const auto claims = read_token(hmac(Hash::sha256, secret_, "tokens"), token);
  if (!claims) return {.account = {}, .problem = "the token is not ours"};
  if (claims->expires <= net::unix_seconds(now)) {
    return {.account = {}, .problem = "the token has expired"};
  }
  if (!find(claims->subject)) return {.account = {}, .problem = "the account is gone"};
  return {.account = claims->subject};
}

std::string AccountTable::nonce() const {
  if (nonces_) return mail::base64_encode(draw(*nonces_, kNonceOctets));
  const std::string number = std::to_string(++nonces_made_);
  return mail::base64_encode(hmac(Hash::sha256, secret_, "nonce" + number).substr(0, kNonceOctets));
}

}  // namespace mailscope::auth
