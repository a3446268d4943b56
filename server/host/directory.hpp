// Who gets the mail for an address of this domain: users, sub-addresses, aliases, forwarding, the
// catch-all, mailing lists. Pure data; what happens to the mail is others' business.
//
//   bob@a.example         -> mailbox of bob
//   bob+work@a.example    -> mailbox of bob, detail "work" (RFC 5233 section 1)
//   sales@a.example       -> mailbox of bob, forward to eve@b.example     (alias)
//   team@a.example        -> mailing list
//   team-bounces+eve=b.example@a.example -> the list's bounces, of eve@b.example (VERP)
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"
#include "server/mail/text.hpp"
#include "server/net/time.hpp"

namespace mailscope::host {

/// Aliases of aliases: deeper is a mistake, and would be endless where they are mutual.
inline constexpr std::size_t kMaxAliasDepth = 10;
/// Destinations of one address after all expansion.
inline constexpr std::size_t kMaxDestinations = 1'000;
/// Reports of failure after which a list sends a member nothing more...
inline constexpr unsigned kMaxBounces = 3;
/// ... until so long after the last of them: an address may be good again.
inline constexpr net::Duration kBouncesKept = std::chrono::hours(24 * 30);

struct MailingList {
  std::string name;  // local part, lower case
  std::string title;
  std::vector<mail::Mailbox> members;
  bool members_only = false;  // only members may post
};

/// Local parts are compared without regard to case, as everywhere here.
bool is_member(const MailingList& list, const mail::Mailbox& who);

/// One place to which mail for an address goes.
struct Destination {
  enum class Kind : std::uint8_t {
    mailbox,      // `account`
    forward,      // `address`, which is of another domain
    list,         // `list`: to be sent to its members
    list_bounce,  // `list`: a report about what was sent to `address`, a member
    list_owner,   // `list`: for people, delivered to the owner's `account`
  };
  Kind kind = Kind::mailbox;
  std::string account;
  std::string detail;  // sub-address, as written
  mail::Mailbox address;
  const MailingList* list = nullptr;
  bool operator==(const Destination&) const = default;
};

class Directory {
 public:
  explicit Directory(std::string domain) : domain_(std::move(domain)) {}

  /// The first user also gets the mail for postmaster (RFC 5321 section 4.5.1) and abuse
  /// (RFC 2142 section 2), and owns the lists.
  void add_user(std::string_view local);
  /// Replaces an alias of that name. Targets are of any domain. A user of that name keeps the own
  /// mailbox only if it is among the targets: that is forwarding.
  void add_alias(std::string_view local, std::vector<mail::Mailbox> targets);
  void add_list(MailingList list);
  /// Who gets the mail for all unknown addresses: a user or an alias; empty: nobody.
  void set_catch_all(std::string_view local) { catch_all_ = mail::lower(local); }
  /// Between a user's name and the detail; 0: there are no sub-addresses.
  void set_separator(char separator) { separator_ = separator; }

  /// No two of them are the same place; empty: there is nobody of that name.
  std::vector<Destination> resolve(const mail::Mailbox& address) const;
  /// The one account whose mail this address is, sub-addresses and aliases followed; nullopt when
  /// there is none or more than one.
  std::optional<std::string> account_of(const mail::Mailbox& address) const;

 private:
  using Found = std::vector<Destination>;
  void follow(const mail::Mailbox& address, std::size_t depth, std::vector<std::string>& path,
              Found& found) const;
  bool add_known(const std::string& local, std::string_view detail, std::size_t depth,
                 std::vector<std::string>& path, Found& found) const;
  bool add_list_address(const std::string& local, Found& found) const;
  void add_mailbox(const std::string& user, std::string_view detail, Found& found) const;

  std::string domain_;
  std::string first_user_;
  std::map<std::string, std::string, std::less<>> users_;  // local part -> account
  std::map<std::string, std::vector<mail::Mailbox>, std::less<>> aliases_;
  std::map<std::string, MailingList, std::less<>> lists_;
  std::string catch_all_;
  char separator_ = '+';
};

}  // namespace mailscope::host
