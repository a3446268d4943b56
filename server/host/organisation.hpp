// What the hosts of one mail domain share: who its users are, their logins, their mailboxes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "server/auth/accounts.hpp"
#include "server/mail/address.hpp"
#include "server/mail/idna.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::host {

class Organisation {
 public:
  /// `entropy`: for salts, nonces and the key of tokens; see auth::AccountTable.
  Organisation(std::string domain, store::MailStore& store, const net::Entropy* entropy = nullptr)
      : domain_(std::move(domain)), store_(store), accounts_(domain_, entropy) {}

  /// Makes the user's account and mailboxes unless they exist; sets the password and quota. The
  /// first user also gets the mail for postmaster, who must exist (RFC 5321 section 4.5.1).
  void add_user(std::string_view local, std::string_view password, std::uint64_t quota_octets);

  /// Gives the user, who must exist, a filter script. Scripts that are there already, from before
  /// a restart, are the user's own business and stay as they are.
  void add_script(std::string_view local, std::string_view script);

  const std::string& domain() const { return domain_; }
  store::MailStore& store() const { return store_; }
  const auth::AccountTable& accounts() const { return accounts_; }
  /// A token that logs a user in until `expires`, instead of the password (RFC 7628).
  std::string issue_token(std::string_view local, net::Time now, net::Time expires) const {
    return accounts_.issue_token(local, now, expires);
  }
  /// Users that are added from now on can log in with the mechanisms that need this as well.
  void keep(auth::Material material) { accounts_.keep(material); }

  /// The domain may be written with U-labels or with A-labels.
  bool is_local(const mail::Mailbox& mailbox) const {
    return mail::same_domain(mailbox.domain, domain_);
  }
  /// The account that gets mail for this mailbox; nullopt: there is none. Local parts are compared
  /// without regard to case, as nearly all servers do.
  std::optional<std::string> account_of(const mail::Mailbox& mailbox) const;
  /// True when `octets` more fit into the account.
  bool has_room(std::string_view account, std::uint64_t octets) const;

 private:
  std::string domain_;
  store::MailStore& store_;
  auth::AccountTable accounts_;
  std::map<std::string, std::string, std::less<>> by_local_;  // local part -> account
};

}  // namespace mailscope::host
