// The mailbox store of simulations: everything in memory, numbers given out in order, so that two
// runs of a scenario see the same UIDs, UIDVALIDITY values and modification sequences.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/store/mail_store.hpp"
#include "server/store/mailbox_names.hpp"
#include "server/store/memory_mailbox.hpp"
#include "server/store/watchers.hpp"

namespace mailscope::store {

class MemoryStore final : public MailStore {
 public:
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
  /// Memory is as durable as it gets at once.
  void commit() override {}

 private:
  struct Account {
    MailboxNames names;
    std::set<std::string, std::less<>> subscriptions;
    std::uint64_t quota = 0;  // octets; 0: none
    std::uint64_t used = 0;   // octets, the sum over the account's mailboxes
    bool locked = false;
  };
  struct Box {
    MemoryMailbox mailbox;
    Account* account = nullptr;  // accounts are never removed, so this stays valid
  };

  Account* find_account(std::string_view account);
  const Account* find_account(std::string_view account) const;
  Box* find_box(MailboxId id) const;
  MailboxInfo describe(const Box& box) const;
  MailboxId make_mailbox(Account& account, const std::string& name, std::string_view special_use);
  std::vector<Uid> existing(const Box& box, const std::vector<Uid>& uids) const;
  void move_inbox(Account& account, const RenamePlan& plan);

  std::map<std::string, Account, std::less<>> accounts_;
  std::vector<std::unique_ptr<Box>> boxes_;  // by id - 1; null once removed
  std::uint32_t last_uid_validity_ = 0;
  Watchers watchers_;
};

}  // namespace mailscope::store
