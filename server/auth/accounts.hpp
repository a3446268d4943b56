// Who may log in. Engines ask this interface; the host holds the table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/network.hpp"

namespace mailscope::auth {

class Accounts {
 public:
  virtual ~Accounts() = default;
  /// The account's address (lower case) when user name and password fit, else nullopt. The user
  /// name is the full address or, where the host serves one domain, its local part. Takes the same
  /// time for an unknown user as for a wrong password.
  virtual std::optional<std::string> verify(std::string_view user,
                                            std::string_view password) const = 0;
};

/// Accounts in memory, passwords as salted PBKDF2 keys (RFC 8018 section 5.2).
class AccountTable final : public Accounts {
 public:
  /// `default_domain`: completes user names without '@'; may be empty. `salts`: where salts come
  /// from, drawn from only in add() and here; without it they are made from the addresses, so that
  /// a simulation needs no randomness and two runs hold the same table.
  explicit AccountTable(std::string default_domain, net::Entropy* salts = nullptr);
  /// Replaces an account of the same address.
  void add(std::string_view address, std::string_view password);
  std::optional<std::string> verify(std::string_view user,
                                    std::string_view password) const override;

 private:
  struct Entry {
    std::string address, salt, key;
    // Keyed hash of the password that last fitted; see verify().
    mutable std::string proof;
  };
  const Entry* find(std::string_view address) const;
  std::string make_salt(std::string_view address);
  std::string proof_of(const std::string& address, std::string_view password) const;

  std::string default_domain_;
  net::Entropy* salts_;
  std::string proof_key_;
  Entry nobody_;                // checked instead of an account that does not exist
  std::vector<Entry> entries_;  // by address
};

}  // namespace mailscope::auth
