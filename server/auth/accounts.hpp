// Who may log in. Engines and mechanisms ask this interface; the host holds the table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/scram.hpp"
#include "server/net/network.hpp"

namespace mailscope::auth {

/// What a server must keep of a password for a mechanism to work.
enum class Material : std::uint8_t {
  check,  // enough to check a password that is shown: always there
  scram_sha256,
  scram_sha1,
  cram_md5,  // equivalent to the password for whoever steals it (RFC 2195 section 4)
  apop,      // the password itself (RFC 1939 section 7)
  token,     // the key that tokens are signed with
  binding,   // nothing is kept: mechanisms that bind the TLS channel are offered
};

class Accounts {
 public:
  virtual ~Accounts() = default;
  /// The account's address (lower case) when user name and password fit, else nullopt. The user
  /// name is the full address or, where the host serves one domain, its local part. Takes the same
  /// time for an unknown user as for a wrong password.
  virtual std::optional<std::string> verify(std::string_view user,
                                            std::string_view password) const = 0;

  /// Mechanisms that need more than verify() are offered where this is true.
  virtual bool keeps(Material material) const { return material == Material::check; }
  /// The address that a user name stands for, whether there is such an account or not.
  virtual std::string address_of(std::string_view user) const { return std::string(user); }

  struct Scram {
    std::string account;  // empty: nobody; the keys are made up then, always the same for a name
    ScramKeys keys;
  };
  virtual Scram scram(std::string_view /*user*/, Hash) const { return {}; }
  /// `response`: HMAC-MD5 of the challenge in hexadecimal digits.
  virtual std::optional<std::string> verify_cram_md5(std::string_view /*user*/,
                                                     std::string_view /*challenge*/,
                                                     std::string_view /*response*/) const {
    return std::nullopt;
  }
  /// `response`: MD5 of the greeting's timestamp and the password in hexadecimal digits.
  virtual std::optional<std::string> verify_apop(std::string_view /*user*/,
                                                 std::string_view /*timestamp*/,
                                                 std::string_view /*response*/) const {
    return std::nullopt;
  }
  struct TokenCheck {
    std::string account;            // whom the token is for; empty unless it is good
    std::string_view problem = {};  // why it is not
  };
  virtual TokenCheck verify_token(std::string_view /*token*/, net::Time /*now*/) const {
    return {.account = {}, .problem = "no tokens here"};
  }
  /// Characters that nobody has seen before (RFC 5802 section 5.1), printable and without commas.
  virtual std::string nonce() const { return {}; }
};

/// Accounts in memory, passwords as SCRAM keys (RFC 5802 section 3).
class AccountTable final : public Accounts {
 public:
  /// `default_domain`: completes user names without '@'; may be empty. `entropy`: where salts, keys
  /// and nonces come from; without it they are made from the names and counted, so that a table
  /// needs no randomness and two runs hold the same one.
  explicit AccountTable(std::string default_domain, const net::Entropy* entropy = nullptr);
  /// Accounts that are added from now on keep this as well: for the old mechanisms.
  void keep(Material material) { kept_.insert(material); }
  /// The mechanisms that need this are not offered.
  void leave_out(Material material) { kept_.erase(material); }
  /// Replaces an account of the same address.
  void add(std::string_view address, std::string_view password);

  /// A token for an account, good until `expires` (see token.hpp).
  std::string issue_token(std::string_view address, net::Time now, net::Time expires) const;

  std::optional<std::string> verify(std::string_view user,
                                    std::string_view password) const override;
  bool keeps(Material material) const override { return kept_.contains(material); }
  std::string address_of(std::string_view user) const override;
  Scram scram(std::string_view user, Hash hash) const override;
  std::optional<std::string> verify_cram_md5(std::string_view user, std::string_view challenge,
                                             std::string_view response) const override;
  std::optional<std::string> verify_apop(std::string_view user, std::string_view timestamp,
                                         std::string_view response) const override;
  TokenCheck verify_token(std::string_view token, net::Time now) const override;
  std::string nonce() const override;

 private:
  struct Entry {
    std::string address;
    ScramKeys keys, sha1_keys;  // the second with Material::scram_sha1
    std::string cram_md5;       // with Material::cram_md5: see hmac_md5.hpp
    std::string password;       // with Material::apop: the password itself
    // Keyed hash of the password that last fitted; see verify().
    mutable std::string proof;
  };
  const Entry* find(std::string_view address) const;
  std::string make_salt(std::string_view address);
  std::string proof_of(const std::string& address, std::string_view password) const;

  std::string default_domain_;
  std::unique_ptr<net::Entropy> salts_;   // null without entropy
  std::unique_ptr<net::Entropy> nonces_;  // null without entropy
  mutable std::uint64_t nonces_made_ = 0;
  std::string secret_;  // keys of proofs, tokens and made-up salts are derived from it
  std::set<Material> kept_ = {Material::check, Material::scram_sha256, Material::token,
                              Material::binding};
  Entry nobody_;                // checked instead of an account that does not exist
  std::vector<Entry> entries_;  // by address
};

}  // namespace mailscope::auth
