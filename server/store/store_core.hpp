// What every mailbox store does alike: the rules. Which changes are allowed, which numbers they
// get, what they count for quotas, who hears of them. A store derives from StoreCore and says only
// how the rows are kept: the private functions under "Rows" below, each of which does one thing
// without asking whether it may.
//
// Accounts and mailboxes that were used are kept here, in memory, and written through; messages
// stay with the store.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/store/body_identities.hpp"
#include "server/store/mail_store.hpp"
#include "server/store/mailbox_names.hpp"
#include "server/store/outline_cache.hpp"
#include "server/store/watchers.hpp"

namespace mailscope::store {

class StoreCore : public MailStore {
 public:
  using MailStore::append;

  void create_account(std::string_view account) final;
  bool has_account(std::string_view account) const final;
  std::vector<std::string> accounts() const final { return account_names(); }
  void set_quota(std::string_view account, std::uint64_t octets) final;
  std::uint64_t quota(std::string_view account) const final;
  std::uint64_t used(std::string_view account) const final;
  void set_message_quota(std::string_view account, std::uint64_t messages) final;
  std::uint64_t message_quota(std::string_view account) const final;
  std::uint64_t used_messages(std::string_view account) const final;

  std::vector<MailboxInfo> mailboxes(std::string_view account) const final;
  std::optional<MailboxInfo> mailbox(std::string_view account, std::string_view name) const final;
  std::optional<MailboxInfo> mailbox(MailboxId id) const final;
  std::string owner(MailboxId id) const final;
  StoreResult<MailboxId> create_mailbox(std::string_view account, std::string_view name,
                                        std::string_view special_use) final;
  StoreError set_special_use(MailboxId mailbox, std::string_view special_use) final;
  StoreError remove_mailbox(std::string_view account, std::string_view name) final;
  StoreError rename_mailbox(std::string_view account, std::string_view from,
                            std::string_view to) final;
  void subscribe(std::string_view account, std::string_view name, bool on) final;
  std::vector<std::string> subscriptions(std::string_view account) const final;

  StoreResult<std::vector<Uid>> append(MailboxId mailbox,
                                       std::span<const NewMessage> messages) final;
  Outline outline(MailboxId mailbox) const final;
  std::optional<MessageInfo> message(MailboxId mailbox, Uid uid) const final;
  Body body(MailboxId mailbox, Uid uid) const final;
  std::vector<MessageInfo> change_flags(MailboxId mailbox, const std::vector<Uid>& uids,
                                        FlagChange change, const Flags& flags) final;
  std::vector<Uid> expunge(MailboxId mailbox, const std::vector<Uid>& uids) final;
  StoreResult<std::vector<Copied>> copy(MailboxId from, const std::vector<Uid>& uids, MailboxId to,
                                        bool move, net::Time now) final;
  void clear_recent(MailboxId mailbox) final;

  StoreError annotate(std::string_view user, MailboxId mailbox, std::string_view entry,
                      std::optional<std::string_view> value) final;
  std::vector<Annotation> annotations(std::string_view user, MailboxId mailbox) const final;
  StoreError grant(MailboxId mailbox, std::string_view identifier,
                   std::optional<std::string_view> rights) final;
  std::vector<Grant> grants(MailboxId mailbox) const final;
  std::vector<SharedMailbox> granted_to(std::string_view identifier) const final;
  StoreError put_script(std::string_view account, std::string_view name,
                        std::string_view octets) final;
  std::optional<std::string> script(std::string_view account, std::string_view name) const final;
  std::vector<ScriptInfo> scripts(std::string_view account) const final;
  StoreError remove_script(std::string_view account, std::string_view name) final;
  StoreError rename_script(std::string_view account, std::string_view from,
                           std::string_view to) final;
  StoreError activate_script(std::string_view account, std::string_view name) final;
  std::string active_script(std::string_view account) const final;
  bool remember(std::string_view account, std::string_view key, net::Time now,
                net::Time until) final;
  bool remembers(std::string_view account, std::string_view key, net::Time now) const final;
  void forget(std::string_view account, std::string_view key) final;
  std::uint32_t count_up(std::string_view key, net::Time now, net::Time until) final;
  std::uint32_t counted(std::string_view key, net::Time now) const final;

  std::unique_ptr<Watch> watch(MailboxId mailbox, std::function<void()> changed) final;
  std::unique_ptr<Watch> watch_account(std::string_view account,
                                       std::function<void()> changed) final;
  bool lock_maildrop(std::string_view account) final;
  void unlock_maildrop(std::string_view account) final;

 protected:
  /// Small things that belong to an account, a mailbox or the server: a key and a value each. The
  /// numbers are stored.
  enum class Property : std::uint8_t {
    annotation = 0,     // key "/shared/...", or "<user>\n/private/..."
    grant = 1,          // identifier -> rights
    script = 2,         // name -> octets
    active_script = 3,  // "" -> name
    remembered = 4,     // key -> until, nanoseconds since 1970
    counted = 5,        // key -> "<until> <count>"; of the server
  };
  static constexpr std::size_t kProperties = 6;
  using PropertyMap = std::map<std::string, std::string, std::less<>>;
  using Properties = std::array<PropertyMap, kProperties>;

  struct Account {
    std::int64_t id = 0;  // 1..
    std::string name;
    MailboxNames names;
    std::set<std::string, std::less<>> subscriptions;
    std::uint64_t quota = 0;  // octets; 0: none
    std::uint64_t used = 0;   // octets, the sum over the account's mailboxes
    std::uint64_t message_quota = 0;
    std::uint64_t used_messages = 0;
    Properties properties;
  };
  struct Box {
    MailboxInfo info;
    Account* account = nullptr;
    Properties properties;
  };
  /// A message and where its octets are.
  struct Row {
    MessageInfo info;
    std::int64_t body = 0;  // for stores that number bodies
    Body octets;            // for stores that have them at hand
  };
  struct Loaded {
    Account account;
    std::vector<Box> boxes;
  };

  /// After a rollback: drops everything that is remembered.
  void forget() const;
  const std::map<std::string, Account, std::less<>>& known_accounts() const { return accounts_; }
  const std::map<MailboxId, Box>& known_boxes() const { return boxes_; }
  Box* find_box(MailboxId id) const;

 private:
  // ---- Rows: what a store says of itself ----

  /// nullopt: there is no such account, or it is known already because all are.
  virtual std::optional<Loaded> load_account(std::string_view name) const = 0;
  virtual Properties load_server_properties() const = 0;
  virtual std::vector<std::string> account_names() const = 0;
  /// Name of the mailbox's account; empty: no such mailbox, or known already.
  virtual std::string account_of(MailboxId mailbox) const = 0;
  /// Mailboxes with a grant for `identifier`.
  virtual std::vector<MailboxId> granted_mailboxes(std::string_view identifier) const = 0;

  /// Gives the account's number.
  virtual std::int64_t insert_account(std::string_view name) = 0;
  /// Writes quotas and what is used.
  virtual void update_account(const Account& account) = 0;
  /// Sets id and uid_validity, both never used before.
  virtual void insert_mailbox(const Account& account, MailboxInfo& info) = 0;
  /// Writes the counts and next numbers.
  virtual void update_mailbox(const MailboxInfo& info) = 0;
  virtual void write_name(MailboxId mailbox, const std::string& name) = 0;
  virtual void write_special_use(MailboxId mailbox, std::string_view special_use) = 0;
  /// Removes the mailbox with its messages, properties and what it remembers of vanished ones.
  virtual void delete_mailbox(const Box& box) = 0;
  virtual void write_subscription(const Account& account, const std::string& name, bool on) = 0;
  /// No value: removes it. Account 0: the server; mailbox 0: the account.
  virtual void write_property(std::int64_t account, MailboxId mailbox, Property kind,
                              std::string_view key, std::optional<std::string_view> value) = 0;

  /// Those of `uids` (rising, each once) that exist, rising.
  virtual std::vector<Row> find_rows(MailboxId mailbox, const std::vector<Uid>& uids) const = 0;
  virtual Body read_body(const Row& row) const = 0;
  /// Stores the octets, used once; gives their number.
  virtual std::int64_t insert_body(const Body& octets) = 0;
  /// One more use; false when there is no such body any more.
  virtual bool share_body(std::int64_t body) = 0;
  /// One use less; the last one removes the octets.
  virtual void release_body(std::int64_t body) = 0;
  virtual void insert_message(MailboxId mailbox, const Row& row) = 0;
  /// Gives all messages of `uids` the flags and the modseq of `info`.
  virtual void write_flags(MailboxId mailbox, UidRange uids, const MessageInfo& info) = 0;
  /// Removes the messages, but no use of their bodies; remembers that they vanished at `modseq`.
  virtual void delete_messages(MailboxId mailbox, const std::vector<Row>& rows, ModSeq modseq) = 0;

  // ---- Rules ----

  /// Where an annotation is kept; `map` is null when the place does not exist.
  struct Place {
    std::int64_t account = 0;
    MailboxId mailbox = 0;
    PropertyMap* map = nullptr;
  };

  Account* find_account(std::string_view account) const;
  std::optional<Row> find_row(MailboxId mailbox, Uid uid) const;
  MailboxInfo describe(const Box& box) const;
  MailboxId make_mailbox(Account& account, const std::string& name, std::string_view special_use);
  void move_inbox(Account& account, const RenamePlan& plan);
  void notify_account(const Account& account) const;

  bool has_room(const Account& account, std::uint64_t octets, std::uint64_t messages) const;
  void account_for(Account& account, std::int64_t octets, std::int64_t messages);
  void insert(Box& box, Row row, ModSeq modseq);
  void place_body(const NewMessage& message, Row& row);
  class FlagRuns;
  void remove(Box& box, const std::vector<Row>& rows);
  StoreResult<std::vector<Copied>> transfer(MailboxId from, const std::vector<Uid>& uids,
                                            MailboxId to, bool move,
                                            std::optional<net::Time> saved);

  PropertyMap& server_properties(Property kind) const;
  Place annotation_place(std::string_view user, MailboxId mailbox, bool is_private) const;
  void count_change(MailboxId mailbox);
  void set_property(Account& account, Property kind, std::string_view key,
                    std::optional<std::string_view> value);

  // Emptied by every rollback; reading fills them.
  mutable std::map<std::string, Account, std::less<>> accounts_;
  mutable std::map<MailboxId, Box> boxes_;
  mutable std::optional<Properties> server_properties_;
  mutable BodyIdentities identities_;
  mutable OutlineCache outlines_;
  std::set<std::string, std::less<>> locked_;
  Watchers watchers_;
  Watchers account_watchers_;  // by number of the account
};

}  // namespace mailscope::store
