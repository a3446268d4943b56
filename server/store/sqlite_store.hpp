// The mailbox store of the live side, on SQLite: how the rows of StoreCore are kept in the
// database. A failure throws StoreFailure and fails the whole turn (see sqlite_database.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/store/body_cache.hpp"
#include "server/store/sqlite_database.hpp"
#include "server/store/sqlite_text_index.hpp"
#include "server/store/store_core.hpp"

namespace mailscope::store {

class SqliteStore final : public StoreCore {
 public:
  explicit SqliteStore(SqliteDatabase& database);

  /// `visit` must not change the mailbox.
  void scan(MailboxId mailbox, UidRange range,
            const std::function<bool(const MessageInfo&)>& visit) const override;
  void scan_flags(MailboxId mailbox, UidRange range,
                  const std::function<bool(const MessageInfo&)>& visit) const override;
  void headers(
      MailboxId mailbox, UidRange range,
      const std::function<bool(const MessageInfo&, std::string_view header)>& visit) const override;
  std::optional<std::vector<Uid>> candidates(MailboxId mailbox, SearchPart part,
                                             std::string_view text) const override;
  Changes changes(MailboxId mailbox, ModSeq since) const override;
  /// Keeps an index of text for candidates(). `reader` must outlive this.
  void index_text(const TextReader* reader) { text_index_.use(reader); }
  /// Indexes messages of about that many octets that are not in the index yet, as part of this
  /// turn; true: there are more. For turns in which there is nothing else to do.
  bool catch_up(std::size_t octets) { return text_index_.catch_up(octets); }
  void commit() override { database_.commit(); }

  /// Everything in the database that does not agree with the rest, in words; none is good. Reads
  /// all of it: for `mailscope store check` and for tests.
  std::vector<std::string> check();

 private:
  std::optional<Loaded> load_account(std::string_view name) const override;
  Properties load_server_properties() const override;
  std::vector<std::string> account_names() const override;
  std::string account_of(MailboxId mailbox) const override;
  std::vector<MailboxId> granted_mailboxes(std::string_view identifier) const override;
  std::int64_t insert_account(std::string_view name) override;
  void update_account(const Account& account) override;
  void insert_mailbox(const Account& account, MailboxInfo& info) override;
  void update_mailbox(const MailboxInfo& info) override;
  void write_name(MailboxId mailbox, const std::string& name) override;
  void write_special_use(MailboxId mailbox, std::string_view special_use) override;
  void delete_mailbox(const Box& box) override;
  void write_subscription(const Account& account, const std::string& name, bool on) override;
  void write_property(std::int64_t account, MailboxId mailbox, Property kind, std::string_view key,
                      std::optional<std::string_view> value) override;

  std::vector<Row> find_rows(MailboxId mailbox, const std::vector<Uid>& uids) const override;
  Body read_body(const Row& row) const override;
  std::int64_t insert_body(const Body& octets) override;
  bool share_body(std::int64_t body) override;
  void release_body(std::int64_t body) override;
  void insert_message(MailboxId mailbox, const Row& row) override;
  void write_flags(MailboxId mailbox, UidRange uids, const MessageInfo& info) override;
  void delete_messages(MailboxId mailbox, const std::vector<Row>& rows, ModSeq modseq) override;

  void load_mailboxes(Loaded& loaded) const;

  SqliteDatabase& database_;
  std::int64_t next_body();

  mutable BodyCache bodies_;
  mutable SqliteTextIndex text_index_;
  std::int64_t last_body_ = 0;  // number given out last; 0: not known
};

}  // namespace mailscope::store
