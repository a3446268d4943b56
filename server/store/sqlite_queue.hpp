// The outbound queue of a host on the live side, in the database of the mailboxes: a message that
// is delivered here and queued for elsewhere is both in one transaction, or neither.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/queue/queue_store.hpp"
#include "server/store/sqlite_database.hpp"

namespace mailscope::store {

/// Throws StoreFailure like everything on the database; commit() is the mail store's.
class SqliteQueue final : public queue::QueueStore {
 public:
  /// Several hosts may keep their queues in one database: `host` is the name of this one.
  SqliteQueue(SqliteDatabase& database, std::string host)
      : database_(database), host_(std::move(host)) {}
  void put(const queue::QueueEntry& entry) override;
  void remove(std::string_view id) override;
  std::vector<queue::QueueEntry> load_all() override;

 private:
  std::int64_t find(std::string_view id);
  std::int64_t insert(const queue::QueueEntry& entry);
  std::vector<queue::QueueRecipient> load_recipients(std::int64_t number);

  SqliteDatabase& database_;
  std::string host_;
};

}  // namespace mailscope::store
