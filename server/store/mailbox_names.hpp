// The rules of mailbox names, in one place for every store: which names are valid, which parents a
// new mailbox needs, what moves along when one is renamed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

inline constexpr char kSeparator = '/';
inline constexpr std::string_view kInbox = "INBOX";

/// The mailboxes of one account by canonical name. Every parent of a name is in it too.
using MailboxNames = std::map<std::string, MailboxId, std::less<>>;

/// The name as it is stored: in normalization form C (RFC 5198 section 2), a first component that
/// is INBOX in any case (RFC 3501 section 5.1) in capitals. nullopt: not a valid name.
std::optional<std::string> canonical_name(std::string_view name);

/// True when `name` lies below `ancestor` at any depth.
bool is_below(std::string_view name, std::string_view ancestor);

/// Mailboxes that are made with every account, besides INBOX: name and special use (RFC 6154).
struct DefaultMailbox {
  std::string_view name;
  std::string_view special_use;
};
extern const std::vector<DefaultMailbox> kDefaultMailboxes;

/// Whether "\\Sent" is among the special uses "\\Drafts \\Sent", in any case.
bool has_use(std::string_view special_uses, std::string_view use);

/// Names to make for `name`, parents first (RFC 3501 section 6.3.3); the last one is `name` itself.
StoreResult<std::vector<std::string>> plan_create(const MailboxNames& existing,
                                                  std::string_view name);

struct RenamePlan {
  std::string from, to;                                     // canonical
  std::vector<std::string> create;                          // parents that are missing, outer first
  std::vector<std::pair<std::string, std::string>> rename;  // old and new name; empty for INBOX
  bool is_inbox = false;  // its messages move into the new mailbox `to` instead
};
/// RFC 3501 section 6.3.5.
StoreResult<RenamePlan> plan_rename(const MailboxNames& existing, std::string_view from,
                                    std::string_view to);

/// The canonical name when the mailbox may be removed. INBOX may not (RFC 3501 section 6.3.4), nor
/// may one with children.
StoreResult<std::string> plan_remove(const MailboxNames& existing, std::string_view name);

}  // namespace mailscope::store
