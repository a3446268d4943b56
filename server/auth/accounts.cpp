// Passwords are kept as PBKDF2 keys only; how logins stay cheap is said at verify().
#include "server/auth/accounts.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

/// Rounds of PBKDF2. About a millisecond each time: the least that RFC 7677 section 4 asks of a
/// server, and little enough for a simulation with hundreds of accounts. A site that keeps real
/// people's passwords on a disk wants a hundred times as many; these never leave memory.
constexpr int kIterations = 4'096;
constexpr std::size_t kKeyOctets = 32;       // SHA-256
constexpr std::size_t kSaltOctets = 16;      // RFC 8018 section 4.1 asks for 8 at least
constexpr std::size_t kMaxUser = 320;        // octets: local part of 64, '@', domain of 255
constexpr std::size_t kMaxPassword = 1'024;  // octets; keeps the work for a hostile login small

std::string derive(std::string_view password, std::string_view salt) {
  std::string key(kKeyOctets, '\0');
  const int ok =
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()),
                        static_cast<int>(salt.size()), kIterations, EVP_sha256(),
                        static_cast<int>(key.size()), reinterpret_cast<unsigned char*>(key.data()));
  if (ok != 1) throw std::runtime_error("PBKDF2 is not available in this OpenSSL");
  return key;
}

std::string keyed_hash(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, text.size(), out.data(),
            &size)) {
    throw std::runtime_error("HMAC-SHA256 is not available in this OpenSSL");
  }
  return {reinterpret_cast<const char*>(out.data()), size};
}

/// Takes the same time whatever the octets are.
bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string draw(net::Entropy& entropy, std::size_t octets) {
  std::string out(octets, '\0');
  entropy.fill(out.data(), out.size());
  return out;
}

}  // namespace

AccountTable::AccountTable(std::string default_domain, net::Entropy* salts)
    : default_domain_(mail::lower(default_domain)),
      salts_(salts),
      proof_key_(salts ? draw(*salts, kKeyOctets) : keyed_hash("mailscope proof", default_domain_)),
      nobody_{.address = {},
              .salt = make_salt({}),
              .key = std::string(kKeyOctets, '\0'),
              .proof = std::string(kKeyOctets, '\0')} {}

std::string AccountTable::make_salt(std::string_view address) {
  if (salts_) return draw(*salts_, kSaltOctets);
  return keyed_hash("mailscope salt", address).substr(0, kSaltOctets);
}

std::string AccountTable::proof_of(const std::string& address, std::string_view password) const {
  return keyed_hash(proof_key_, address + '\0' + std::string(password));
}

void AccountTable::add(std::string_view address, std::string_view password) {
  Entry entry;
  entry.address = mail::lower(address);
  entry.salt = make_salt(entry.address);
  password = password.substr(0, kMaxPassword);
  entry.key = derive(password, entry.salt);
  entry.proof = proof_of(entry.address, password);
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

std::optional<std::string> AccountTable::verify(std::string_view user,
                                                std::string_view password) const {
  if (user.empty() || user.size() > kMaxUser || password.size() > kMaxPassword) return std::nullopt;
  std::string address = mail::lower(user);
  if (address.find('@') == std::string::npos) address += '@' + default_domain_;
  const Entry* entry = find(address);
  const Entry& checked = entry ? *entry : nobody_;

  // A mail client logs in every few minutes for years, and a simulation thousands of times a
  // second: the slow key is computed once per password that fits. The proof of that is a keyed
  // hash, held in the memory that has just held the password itself, so it gives nothing away that
  // was not there. Only a right password takes the short way: an unknown user and a wrong password
  // both take the long one, to the end.
  const std::string proof = proof_of(address, password);
  if (same(proof, checked.proof) && entry) return entry->address;
  const bool fits = same(derive(password, checked.salt), checked.key);
  if (!fits || !entry) return std::nullopt;
  entry->proof = proof;
  return entry->address;
}

}  // namespace mailscope::auth
