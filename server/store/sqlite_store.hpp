// The mailbox store of the live side, on SQLite. Accounts and mailboxes that were used are kept in
// memory and written through; messages stay in the database. A failure throws StoreFailure and
// fails the whole turn (see sqlite_database.hpp).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/store/body_cache.hpp"
#include "server/store/mail_store.hpp"
#include "server/store/mailbox_names.hpp"
#include "server/store/sqlite_database.hpp"
#include "server/store/watchers.hpp"

namespace mailscope::store {

class SqliteStore final : public MailStore {
 public:
  explicit SqliteStore(SqliteDatabase& database);

  void create_account(std::string_view account) override;
  bool has_account(std::string_view account) const override;
  std::vector<std::string> accounts() const override;
  void set_quota(std::string_view account, std::uint64_t octets) override;
  std::uint64_t quota(std::string_view account) const override;
  std::uint64_t used(std::string_view account) const override;

  std::vector<MailboxInfo> mailboxes(std::string_view account) const override;
  std::optional<MailboxInfo> mailbox(std::string_view account,
                                     std::string_view name) const override;
  std::optional<MailboxInfo> mailbox(MailboxId id) const override;
  StoreResult<MailboxId> create_mailbox(std::string_view account, std::string_view name,
                                        std::string_view special_use) override;
  StoreError remove_mailbox(std::string_view account, std::string_view name) override;
  StoreError rename_mailbox(std::string_view account, std::string_view from,
                            std::string_view to) override;
  void subscribe(std::string_view account, std::string_view name, bool on) override;
  std::vector<std::string> subscriptions(std::string_view account) const override;

  StoreResult<Uid> append(MailboxId mailbox, std::string_view octets, const Flags& flags,
                          net::Time internal_date) override;
  /// `visit` must not change the mailbox.
  void scan(MailboxId mailbox, UidRange range,
            const std::function<bool(const MessageInfo&)>& visit) const override;
  std::optional<MessageInfo> message(MailboxId mailbox, Uid uid) const override;
  Body body(MailboxId mailbox, Uid uid) const override;
  std::vector<MessageInfo> change_flags(MailboxId mailbox, const std::vector<Uid>& uids,
                                        FlagChange change, const Flags& flags) override;
  std::vector<Uid> expunge(MailboxId mailbox, const std::vector<Uid>& uids) override;
  StoreResult<std::vector<Copied>> copy(MailboxId from, const std::vector<Uid>& uids, MailboxId to,
                                        bool move) override;
  Changes changes(MailboxId mailbox, ModSeq since) const override;
  void clear_recent(MailboxId mailbox) override;

  std::unique_ptr<Watch> watch(MailboxId mailbox, std::function<void()> changed) override;
  bool lock_maildrop(std::string_view account) override;
  void unlock_maildrop(std::string_view account) override;
  void commit() override { database_.commit(); }

  /// Everything in the database that does not agree with the rest, in words; none is good. Reads
  /// all of it: for `mailscope check` and for tests.
  std::vector<std::string> check();

 private:
  struct Account {
    std::int64_t id = 0;
    MailboxNames names;
    std::set<std::string, std::less<>> subscriptions;
    std::uint64_t quota = 0;
    std::uint64_t used = 0;
  };
  struct Box {
    MailboxInfo info;
    Account* account = nullptr;
  };
  /// A message with the row of its body.
  struct Row {
    MessageInfo info;
    std::int64_t body = 0;
  };

  Account* find_account(std::string_view account) const;
  Box* find_box(MailboxId id) const;
  void load_mailboxes(Account& account) const;
  void forget() const;

  MailboxInfo describe(const Box& box) const;
  MailboxId make_mailbox(Account& account, const std::string& name, std::string_view special_use);
  void move_inbox(Account& account, const RenamePlan& plan);
  void save(const Box& box);
  void save_used(const Account& account);

  std::optional<Row> find_row(MailboxId mailbox, Uid uid) const;
  std::vector<Row> find_rows(MailboxId mailbox, const std::vector<Uid>& uids) const;
  Uid insert(Box& box, const Row& message, ModSeq modseq);
  void remove_rows(Box& box, const std::vector<Row>& rows);
  void release_body(std::int64_t body);

  SqliteDatabase& database_;
  // What is known of the database; emptied by every rollback. Reading fills it.
  mutable std::map<std::string, Account, std::less<>> accounts_;
  mutable std::map<MailboxId, Box> boxes_;
  mutable BodyCache bodies_;
  std::set<std::string, std::less<>> locked_;
  Watchers watchers_;
};

}  // namespace mailscope::store
