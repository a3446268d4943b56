// The mailbox store of simulations: everything in memory, numbers given out in order, so that two
// runs of a scenario see the same UIDs, UIDVALIDITY values and modification sequences.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/store/memory_mailbox.hpp"
#include "server/store/store_core.hpp"

namespace mailscope::store {

class MemoryStore final : public StoreCore {
 public:
  void scan(MailboxId mailbox, UidRange range,
            const std::function<bool(const MessageInfo&)>& visit) const override;
  void headers(
      MailboxId mailbox, UidRange range,
      const std::function<bool(const MessageInfo&, std::string_view header)>& visit) const override;
  /// There is no index: all is at hand.
  std::optional<std::vector<Uid>> candidates(MailboxId, SearchPart,
                                             std::string_view) const override {
    return std::nullopt;
  }
  Changes changes(MailboxId mailbox, ModSeq since) const override;
  /// Memory is as durable as it gets at once.
  void commit() override {}

 private:
  // What StoreCore keeps is all there is of accounts, mailboxes and properties.
  std::optional<Loaded> load_account(std::string_view) const override { return std::nullopt; }
  Properties load_server_properties() const override { return {}; }
  std::vector<std::string> account_names() const override;
  std::string account_of(MailboxId) const override { return {}; }
  std::vector<MailboxId> granted_mailboxes(std::string_view identifier) const override;
  std::int64_t insert_account(std::string_view) override { return ++last_account_; }
  void update_account(const Account&) override {}
  void insert_mailbox(const Account& account, MailboxInfo& info) override;
  void update_mailbox(const MailboxInfo&) override {}
  void write_name(MailboxId, const std::string&) override {}
  void write_special_use(MailboxId, std::string_view) override {}
  void delete_mailbox(const Box& box) override { mailboxes_.erase(box.info.id); }
  void write_subscription(const Account&, const std::string&, bool) override {}
  void write_property(std::int64_t, MailboxId, Property, std::string_view,
                      std::optional<std::string_view>) override {}

  std::vector<Row> find_rows(MailboxId mailbox, const std::vector<Uid>& uids) const override;
  Body read_body(const Row& row) const override { return row.octets; }
  // The pointers in the messages count the uses.
  std::int64_t insert_body(const Body&) override { return 0; }
  bool share_body(std::int64_t) override { return true; }
  void release_body(std::int64_t) override {}
  void insert_message(MailboxId mailbox, const Row& row) override;
  void write_flags(MailboxId mailbox, UidRange uids, const MessageInfo& info) override;
  void delete_messages(MailboxId mailbox, const std::vector<Row>& rows, ModSeq modseq) override;

  const MemoryMailbox* find_messages(MailboxId mailbox) const;

  std::map<MailboxId, MemoryMailbox> mailboxes_;
  std::int64_t last_account_ = 0;
  MailboxId last_mailbox_ = 0;
};

}  // namespace mailscope::store
