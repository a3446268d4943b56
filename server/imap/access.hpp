// Whose mailboxes a user reaches, under which names and with which rights (RFC 4314, RFC 2342):
//
//   Work/Plans                     the user's own
//   Other users/bob/INBOX          bob's, as far as its access control list lets the user
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/imap/reply.hpp"
#include "server/imap/rights.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

/// What the names of other users' mailboxes begin with.
inline constexpr std::string_view kOtherUsers = "Other users/";

/// A name as the store has it.
struct MailboxPlace {
  std::string account;
  std::string name;  // in that account; empty: a level of the hierarchy above mailboxes
  bool own = true;
};

class Access {
 public:
  Access(const store::MailStore& store, const std::string& account)
      : store_(store), account_(account) {}

  /// Where a name leads, whether or not there is anything.
  MailboxPlace locate(std::string_view name) const;
  /// How the user calls a mailbox of an account.
  std::string shown_name(std::string_view account, std::string_view name) const;
  /// A mailbox that the user has some right on, under the name that the user has for it.
  std::optional<store::MailboxInfo> find(std::string_view name) const;
  Rights rights(store::MailboxId mailbox) const;
  /// Those that the user may list, own ones first, each kind by name.
  std::vector<store::MailboxInfo> visible() const;
  /// nullopt: the right is there. Else the answer to a command that needs it; it says nothing of a
  /// mailbox that the user may not even list (RFC 4314 section 6).
  std::optional<Reply> lacks(store::MailboxId mailbox, Right right) const;
  /// The same for making or renaming a mailbox at `name`: "k" on the nearest existing parent.
  std::optional<Reply> lacks_create(std::string_view name) const;
  /// Of these flags those that the user may set there (RFC 4314 section 4, APPEND and COPY).
  store::Flags permitted(store::MailboxId mailbox, const store::Flags& flags) const;
  /// The identifier of an access control list as it is kept: names of users become addresses.
  std::string canonical(std::string_view identifier) const;

 private:
  std::string account_of(std::string_view user) const;

  const store::MailStore& store_;
  const std::string& account_;
};

/// Rights that allow to change something: SELECT says READ-WRITE (RFC 4314 section 5.2).
Rights writing_rights();
/// Rights one of which must be there for MYRIGHTS.
Rights any_right();

}  // namespace mailscope::imap
