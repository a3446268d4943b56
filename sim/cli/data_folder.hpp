// The folder of --data: the database of a server's mail, queues and keys.
#pragma once

#include <memory>
#include <string>

#include "server/net/time.hpp"
#include "server/store/sqlite_store.hpp"

namespace mailscope::cli {

/// The database's file in the folder.
std::string database_path(const std::string& folder);

/// The open database. Makes the folder, for its owner alone, and the database when they are
/// missing.
struct DataFolder {
  /// `now`: a new database begins with its UIDVALIDITY. Throws std::runtime_error.
  DataFolder(const std::string& folder, net::Time now);

  std::unique_ptr<store::SqliteDatabase> database;
  std::unique_ptr<store::SqliteStore> mail;
  std::unique_ptr<store::KeyValues> values;
};

}  // namespace mailscope::cli
