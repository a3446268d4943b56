// What the hosts of one mail domain share: who its users are, their logins, their mailboxes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/auth/accounts.hpp"
#include "server/host/directory.hpp"
#include "server/host/srs.hpp"
#include "server/mail/address.hpp"
#include "server/mail/idna.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::host {

class Organisation {
 public:
  /// `entropy`: for salts, nonces and the key of tokens; see auth::AccountTable.
  Organisation(std::string domain, store::MailStore& store, const net::Entropy* entropy = nullptr)
      : domain_(std::move(domain)),
        store_(store),
        accounts_(domain_, entropy),
        directory_(domain_),
        sender_rewriting_(domain_, domain_) {}

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
  /// The mechanisms that need this are not offered.
  void leave_out(auth::Material material) { accounts_.leave_out(material); }

  /// The domain may be written with U-labels or with A-labels.
  bool is_local(const mail::Mailbox& mailbox) const {
    return mail::same_domain(mailbox.domain, domain_);
  }
  /// The one account that gets the mail for this mailbox; nullopt: there is none, or more becomes
  /// of it (see Directory).
  std::optional<std::string> account_of(const mail::Mailbox& mailbox) const {
    return directory_.account_of(mailbox);
  }
  /// Who gets mail besides the users: aliases, lists, the catch-all.
  Directory& directory() { return directory_; }
  const Directory& directory() const { return directory_; }
  /// A message of the list to the member came back for good. Gives how often lately; 0: the list
  /// has no such member. Kept in the store, so that it outlives a restart.
  std::uint32_t note_bounce(const MailingList& list, const mail::Mailbox& member, net::Time now);
  /// So often that the list sends the member nothing for a while.
  bool suspended(const MailingList& list, const mail::Mailbox& member, net::Time now) const;
  /// Return paths of forwarded mail. Their key must be the same at all hosts of the domain, and
  /// stay for as long as reports may come back.
  void set_rewriting_key(std::string key) {
    sender_rewriting_ = SenderRewriting(domain_, std::move(key));
  }
  const SenderRewriting& sender_rewriting() const { return sender_rewriting_; }
  /// True when `octets` more fit into the account.
  bool has_room(std::string_view account, std::uint64_t octets) const;

 private:
  std::string domain_;
  store::MailStore& store_;
  auth::AccountTable accounts_;
  Directory directory_;
  SenderRewriting sender_rewriting_;
};

}  // namespace mailscope::host
