// The mailbox store: accounts, mailboxes, messages, flags, UIDs, modification sequences, and what
// belongs to them: annotations, access lists, quotas, Sieve scripts. One interface; memory for
// simulations, SQLite for the live side, one conformance test for both. What they have in common is
// in store_core.hpp: a further store begins there.
//
// Synchronous on purpose: a call returns when the change is part of the current turn's transaction;
// commit() makes it durable before any reply of the turn leaves (see net/turn.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/time.hpp"

namespace mailscope::store {

using Uid = std::uint32_t;        // RFC 3501 section 2.3.1.1: 1.., rising, never used again
using ModSeq = std::uint64_t;     // RFC 7162 section 3.1: rises with every change of a mailbox
using MailboxId = std::uint32_t;  // never used again, survives renaming: RFC 8474's MAILBOXID
using EmailId = std::uint64_t;  // of the octets: copies have the same; never used again (RFC 8474)

/// System flags of RFC 3501 section 2.3.2 but \Recent, which belongs to a session.
enum Flag : std::uint8_t { kSeen = 1, kAnswered = 2, kFlagged = 4, kDeleted = 8, kDraft = 16 };

struct Flags {
  std::uint8_t system = 0;
  std::vector<std::string> keywords;  // sorted without regard to case, no doubles
  bool operator==(const Flags&) const = default;
};

struct MessageInfo {
  Uid uid = 0;
  ModSeq modseq = 0;
  std::uint64_t size = 0;       // octets
  std::uint64_t wire_size = 0;  // octets with every line ended by CRLF, as POP3 sends it
  net::Time internal_date;
  net::Time saved;  // when it came into this mailbox (RFC 8514)
  EmailId email = 0;
  Flags flags;
  /// There may be UTF-8 in its headers (RFC 6532): older clients get another message in its place
  /// (mail::downgrade_message). False is certain.
  bool utf8_headers = false;
};

struct MailboxInfo {
  MailboxId id = 0;
  std::string name;  // UTF-8, hierarchy separator '/'; "INBOX" in capitals
  std::uint32_t uid_validity = 0;
  Uid uid_next = 1;
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint64_t octets = 0;
  std::uint32_t deleted = 0;         // messages with \Deleted (RFC 9051 section 6.3.11)
  std::uint64_t deleted_octets = 0;  // what expunging them sets free (RFC 9208 section 4.1.3)
  ModSeq highest_modseq = 1;
  Uid first_recent = 1;  // UIDs from here on have been in no session yet (\Recent)
  bool subscribed = false;
  std::string special_use;  // "\\Sent" (RFC 6154), or several with spaces between, or empty
};

/// Why the store said no. The text is fit for a client.
enum class StoreError : std::uint8_t {
  none,
  no_such_account,
  no_such_mailbox,
  already_exists,
  bad_name,
  over_quota,
  has_children,
  not_permitted,
  no_such_message,
  no_such_script,
  too_many,
  too_large,
};
std::string_view to_string(StoreError error);

template <typename T>
struct [[nodiscard]] StoreResult {
  T value{};
  StoreError error = StoreError::none;
  StoreResult(T v) : value(std::move(v)) {}  // NOLINT
  StoreResult(StoreError e) : error(e) {}    // NOLINT
  explicit operator bool() const { return error == StoreError::none; }
};

enum class FlagChange : std::uint8_t { set, add, remove };

/// What happened to a mailbox after a modification sequence: what an IMAP session must tell.
struct Changes {
  std::vector<MessageInfo> changed;  // new or with changed flags, by UID
  std::vector<Uid> vanished;         // expunged, rising
  ModSeq highest_modseq = 0;
};

/// Message octets, shared and immutable. Every store keeps one copy for all messages that are
/// appended with the same pointer, or with one that body() gave.
using Body = std::shared_ptr<const std::string>;

/// A message to append.
struct NewMessage {
  Body body;
  Flags flags;
  net::Time internal_date;
  net::Time saved;  // now
};

/// What a session needs when it opens a mailbox.
struct Outline {
  std::vector<Uid> uids;              // rising
  Uid first_unseen = 0;               // 0: none
  std::vector<std::string> keywords;  // at least those in use, sorted without regard to case
};

/// Where text is looked for (RFC 3501 section 6.4.4).
enum class SearchPart : std::uint8_t { header, body, anywhere };

/// An entry of METADATA (RFC 5464): "/private/comment" or "/shared/comment", in lower case.
struct Annotation {
  std::string entry;
  std::string value;
  bool operator==(const Annotation&) const = default;
};

/// An entry of an access list (RFC 4314). What identifiers and letters mean is the caller's matter.
struct Grant {
  std::string identifier;
  std::string rights;
  bool operator==(const Grant&) const = default;
};

/// A mailbox whose access list names an identifier.
struct SharedMailbox {
  std::string owner;
  MailboxId id = 0;
  std::string name;  // the owner's name for it
  std::string rights;
};

/// A Sieve script as it is listed (RFC 5804 section 2.7).
struct ScriptInfo {
  std::string name;
  std::uint64_t size = 0;  // octets
  bool active = false;
  bool operator==(const ScriptInfo&) const = default;
};

/// UID set as closed ranges, rising, not touching.
struct UidRange {
  Uid first = 1;
  Uid last = 0xffffffff;
};

/// Ends a subscription to changes when destroyed.
class Watch {
 public:
  virtual ~Watch() = default;
};

class MailStore {
 public:
  virtual ~MailStore() = default;

  // Accounts. Names are addresses in lower case: "bob@globex.example".
  /// Makes the account with INBOX and the special-use mailboxes Drafts, Sent, Junk, Trash and
  /// Archive, all subscribed; nothing when it exists.
  virtual void create_account(std::string_view account) = 0;
  virtual bool has_account(std::string_view account) const = 0;
  virtual std::vector<std::string> accounts() const = 0;
  /// Octets; 0: no limit.
  virtual void set_quota(std::string_view account, std::uint64_t octets) = 0;
  virtual std::uint64_t quota(std::string_view account) const = 0;
  virtual std::uint64_t used(std::string_view account) const = 0;
  /// Messages; 0: no limit.
  virtual void set_message_quota(std::string_view account, std::uint64_t messages) = 0;
  virtual std::uint64_t message_quota(std::string_view account) const = 0;
  virtual std::uint64_t used_messages(std::string_view account) const = 0;

  // Mailboxes. Names are UTF-8; at most kMaxMailboxName octets; no control characters, no empty
  // component, no "." or ".." component. Missing parents are created by create and rename.
  virtual std::vector<MailboxInfo> mailboxes(std::string_view account) const = 0;  // by name
  virtual std::optional<MailboxInfo> mailbox(std::string_view account,
                                             std::string_view name) const = 0;
  virtual std::optional<MailboxInfo> mailbox(MailboxId id) const = 0;
  /// The account that the mailbox belongs to; empty: no such mailbox.
  virtual std::string owner(MailboxId id) const = 0;
  virtual StoreResult<MailboxId> create_mailbox(std::string_view account, std::string_view name,
                                                std::string_view special_use = {}) = 0;
  /// As MailboxInfo has it.
  virtual StoreError set_special_use(MailboxId mailbox, std::string_view special_use) = 0;
  virtual StoreError remove_mailbox(std::string_view account, std::string_view name) = 0;
  /// RFC 3501 section 6.3.5: children move along; INBOX: its messages move into a new mailbox.
  virtual StoreError rename_mailbox(std::string_view account, std::string_view from,
                                    std::string_view to) = 0;
  /// Subscriptions are names and outlive their mailboxes (RFC 3501 section 6.3.6).
  virtual void subscribe(std::string_view account, std::string_view name, bool on) = 0;
  virtual std::vector<std::string> subscriptions(std::string_view account) const = 0;  // by name

  // Messages.
  /// All or nothing (RFC 3502); the UIDs are in the order of `messages`.
  virtual StoreResult<std::vector<Uid>> append(MailboxId mailbox,
                                               std::span<const NewMessage> messages) = 0;
  /// A single message that arrives at `internal_date`.
  StoreResult<Uid> append(MailboxId mailbox, std::string_view octets, const Flags& flags,
                          net::Time internal_date);
  virtual Outline outline(MailboxId mailbox) const = 0;
  /// Calls `visit` for each message with a UID in `range`, rising; stops when it returns false.
  virtual void scan(MailboxId mailbox, UidRange range,
                    const std::function<bool(const MessageInfo&)>& visit) const = 0;
  /// As scan() where UID, modseq and flags are enough: the rest of a MessageInfo may be zero.
  virtual void scan_flags(MailboxId mailbox, UidRange range,
                          const std::function<bool(const MessageInfo&)>& visit) const {
    scan(mailbox, range, visit);
  }
  virtual std::optional<MessageInfo> message(MailboxId mailbox, Uid uid) const = 0;
  /// Null when there is no such message.
  virtual Body body(MailboxId mailbox, Uid uid) const = 0;
  /// As scan(), with the octets up to and with the first empty line (all, when there is none).
  /// Does not read what is behind them.
  virtual void headers(
      MailboxId mailbox, UidRange range,
      const std::function<bool(const MessageInfo&, std::string_view header)>& visit) const = 0;
  /// Messages that may have `text` in this part of their decoded text, without regard to case: all
  /// that have it and perhaps more, rising. nullopt: the store cannot tell, look at all of them.
  virtual std::optional<std::vector<Uid>> candidates(MailboxId mailbox, SearchPart part,
                                                     std::string_view text) const = 0;
  /// Returns the messages as they are now; UIDs that do not exist are left out. A message whose
  /// flags do not change keeps its modseq.
  virtual std::vector<MessageInfo> change_flags(MailboxId mailbox, const std::vector<Uid>& uids,
                                                FlagChange change, const Flags& flags) = 0;
  /// Returns the UIDs that were there.
  virtual std::vector<Uid> expunge(MailboxId mailbox, const std::vector<Uid>& uids) = 0;
  struct Copied {
    Uid from;
    Uid to;
  };
  /// All or nothing (RFC 3501 section 6.4.7); keeps flags and internal date.
  virtual StoreResult<std::vector<Copied>> copy(MailboxId from, const std::vector<Uid>& uids,
                                                MailboxId to, bool move, net::Time now) = 0;
  /// Changes after `since`. Vanished UIDs are remembered for as long as the mailbox exists.
  virtual Changes changes(MailboxId mailbox, ModSeq since) const = 0;
  /// The messages up to now are no longer \Recent for later sessions.
  virtual void clear_recent(MailboxId mailbox) = 0;

  // Annotations (RFC 5464). Mailbox 0 is the server. Entries "/private/..." are `user`'s own, those
  // of "/shared/..." everybody's; names are compared without regard to case.
  /// No value: removes the entry.
  virtual StoreError annotate(std::string_view user, MailboxId mailbox, std::string_view entry,
                              std::optional<std::string_view> value) = 0;
  /// All that `user` sees, by entry.
  virtual std::vector<Annotation> annotations(std::string_view user, MailboxId mailbox) const = 0;

  // Access lists (RFC 4314). A new mailbox has an empty one.
  /// Replaces the identifier's entry. No rights: removes it.
  virtual StoreError grant(MailboxId mailbox, std::string_view identifier,
                           std::optional<std::string_view> rights) = 0;
  virtual std::vector<Grant> grants(MailboxId mailbox) const = 0;  // by identifier
  /// Mailboxes of any account whose list names the identifier, by owner and name.
  virtual std::vector<SharedMailbox> granted_to(std::string_view identifier) const = 0;

  // Sieve scripts (RFC 5804). At most one is active.
  virtual StoreError put_script(std::string_view account, std::string_view name,
                                std::string_view octets) = 0;
  virtual std::optional<std::string> script(std::string_view account,
                                            std::string_view name) const = 0;
  virtual std::vector<ScriptInfo> scripts(std::string_view account) const = 0;  // by name
  /// not_permitted: it is active (RFC 5804 section 2.10).
  virtual StoreError remove_script(std::string_view account, std::string_view name) = 0;
  virtual StoreError rename_script(std::string_view account, std::string_view from,
                                   std::string_view to) = 0;
  /// An empty name: none is active.
  virtual StoreError activate_script(std::string_view account, std::string_view name) = 0;
  virtual std::string active_script(std::string_view account) const = 0;  // name; empty: none

  /// True when `key` was not remembered for the account; now it is, until `until`. For who was sent
  /// a vacation notice (RFC 5230 section 4.2) and which messages were seen before.
  virtual bool remember(std::string_view account, std::string_view key, net::Time now,
                        net::Time until) = 0;
  /// Whether `key` is remembered; changes nothing.
  virtual bool remembers(std::string_view account, std::string_view key, net::Time now) const = 0;
  /// Nothing when it was not remembered.
  virtual void forget(std::string_view account, std::string_view key) = 0;
  /// Counts one more of `key`, a thing of the server, and gives how many there are by now; the
  /// count is kept until `until` unless there are more. For the reports about members of lists.
  virtual std::uint32_t count_up(std::string_view key, net::Time now, net::Time until) = 0;
  /// The count so far; changes nothing.
  virtual std::uint32_t counted(std::string_view key, net::Time now) const = 0;

  /// Calls `changed` after every change of the mailbox, in the turn of the change; not from inside
  /// the changing call of the watcher itself only if it ignores it: calls may nest, keep them
  /// short.
  virtual std::unique_ptr<Watch> watch(MailboxId mailbox, std::function<void()> changed) = 0;

  /// As watch(), for what is not the contents of a mailbox: mailboxes made, removed and renamed,
  /// subscriptions, annotations, access lists.
  virtual std::unique_ptr<Watch> watch_account(std::string_view account,
                                               std::function<void()> changed) = 0;

  /// POP3's exclusive access (RFC 1939 section 4). False when somebody holds it. Not persistent.
  virtual bool lock_maildrop(std::string_view account) = 0;
  virtual void unlock_maildrop(std::string_view account) = 0;

  /// Makes everything since the last commit durable. Throws StoreFailure when that is not possible.
  virtual void commit() = 0;
};

/// The disk or the database failed; nothing of the current turn may be acknowledged.
class StoreFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kMaxMailboxName = 255;  // octets of UTF-8; Maildir file names fit
inline constexpr std::size_t kMaxMailboxDepth = 16;
inline constexpr std::size_t kMaxMailboxesPerAccount = 10'000;

inline constexpr std::size_t kMaxAnnotationName = 255;         // octets
inline constexpr std::size_t kMaxAnnotationOctets = 64 << 10;  // a value; it is kept in memory
inline constexpr std::size_t kMaxAnnotations =
    100;                                            // of a mailbox, each user's and the shared ones
inline constexpr std::size_t kMaxGrants = 500;      // of a mailbox
inline constexpr std::size_t kMaxIdentifier = 255;  // octets: as long as an address gets
inline constexpr std::size_t kMaxRights = 64;       // letters: more than there are
inline constexpr std::size_t kMaxScripts = 64;      // of an account
inline constexpr std::size_t kMaxScriptName = 512;  // octets: RFC 5804 asks for 128 characters
inline constexpr std::size_t kMaxScriptOctets = 256 << 10;
inline constexpr std::size_t kMaxScriptsOctets = 1 << 20;  // of an account: they are kept in memory
inline constexpr std::size_t kMaxRememberedKey = 512;      // octets; a longer key is not remembered
/// Keys of an account whose first words are the same; of them the first to end goes first.
inline constexpr std::size_t kMaxRemembered = 1'000;
inline constexpr std::size_t kMaxCounted = 10'000;  // of the server; the first to end goes first

}  // namespace mailscope::store
