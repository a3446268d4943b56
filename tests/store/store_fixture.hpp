// The stores under test behind one handle, and a folder of its own for each test's database.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/store/memory_store.hpp"
#include "server/store/sqlite_store.hpp"

namespace mailscope::store {

class TempFolder {
 public:
  TempFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "mailscope-store-XXXXXX").string();
    if (!::mkdtemp(path.data())) throw std::runtime_error("no temporary folder");
    path_ = path;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A store and what it stands on.
struct StoreUnderTest {
  virtual ~StoreUnderTest() = default;
  virtual MailStore& store() = 0;
  /// Commits; then, where there is a disk, starts anew from what is on it.
  virtual void restart() = 0;
  /// What the store's own integrity check finds.
  virtual std::vector<std::string> check() { return {}; }
};

struct MemoryUnderTest final : StoreUnderTest {
  MailStore& store() override { return store_; }
  void restart() override { store_.commit(); }
  MemoryStore store_;
};

struct SqliteUnderTest final : StoreUnderTest {
  SqliteUnderTest() { open(); }
  void open() {
    database_ = std::make_unique<SqliteDatabase>(
        SqliteDatabase::Options{folder_.file("mail.db"), 1, before_statement_});
    store_ = std::make_unique<SqliteStore>(*database_);
  }
  MailStore& store() override { return *store_; }
  void restart() override {
    store_->commit();
    crash();
  }
  /// Starts anew without a commit.
  void crash() {
    store_.reset();
    database_.reset();
    open();
  }
  std::vector<std::string> check() override { return store_->check(); }

  TempFolder folder_;
  std::function<void(std::string_view)> before_statement_;
  std::unique_ptr<SqliteDatabase> database_;
  std::unique_ptr<SqliteStore> store_;
};

inline std::unique_ptr<StoreUnderTest> make_store(const std::string& kind) {
  if (kind == "memory") return std::make_unique<MemoryUnderTest>();
  return std::make_unique<SqliteUnderTest>();
}

inline const net::Time kMonday =
    net::Time(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + std::chrono::hours(9));

inline std::vector<MessageInfo> all_messages(const MailStore& store, MailboxId mailbox,
                                             UidRange range = {}) {
  std::vector<MessageInfo> result;
  store.scan(mailbox, range, [&](const MessageInfo& m) {
    result.push_back(m);
    return true;
  });
  return result;
}

inline std::vector<Uid> uids(const std::vector<MessageInfo>& messages) {
  std::vector<Uid> result;
  for (const auto& m : messages) result.push_back(m.uid);
  return result;
}

}  // namespace mailscope::store
