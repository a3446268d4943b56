// Who may log in. Engines ask this interface; the host holds the table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::auth {

class Accounts {
 public:
  virtual ~Accounts() = default;
  /// The account's address (lower case) when user name and password fit, else nullopt. The user name
  /// is the full address or, where the host serves one domain, its local part. Takes the same
  /// time for an unknown user as for a wrong password.
  virtual std::optional<std::string> verify(std::string_view user, std::string_view password) const = 0;
};

/// Accounts in memory, passwords as salted PBKDF2 keys.
class AccountTable final : public Accounts {
 public:
  /// `default_domain`: completes user names without '@'; may be empty.
  explicit AccountTable(std::string default_domain);
  /// Replaces an account of the same address.
  void add(std::string_view address, std::string_view password);
  std::optional<std::string> verify(std::string_view user, std::string_view password) const override;

 private:
  struct Entry { std::string address, salt, key; };
  std::string default_domain_;
  std::vector<Entry> entries_;  // by address
};

}  // namespace mailscope::auth
