// The database file: opening, migrations, statements, the turn's transaction.
#include "server/store/sqlite_database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "server/store/sqlite_schema.hpp"

namespace mailscope::store {

namespace {

/// Milliseconds to wait for a lock that a reader of the file (a backup, the sqlite3 shell) holds.
constexpr int kBusyTimeoutMs = 2'000;

constexpr std::string_view kInMemory = ":memory:";

}  // namespace

/// Keeps a second server off the file: what one remembers of it, the other would change.
class SqliteDatabase::FileLock {
 public:
  explicit FileLock(const std::string& path) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
      throw StoreFailure("cannot open " + path + ": " + std::strerror(errno));
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      ::close(descriptor_);
      throw StoreFailure(error == EWOULDBLOCK
                             ? path + " is locked: another server uses it"
                             : "cannot lock " + path + ": " + std::strerror(error));
    }
  }
  ~FileLock() { ::close(descriptor_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

// ---- SqlCursor ----

SqlCursor::SqlCursor(SqlCursor&& other) noexcept
    : database_(other.database_),
      sql_(other.sql_),
      statement_(std::exchange(other.statement_, nullptr)) {}

SqlCursor::~SqlCursor() {
  if (statement_) database_->give_back(*sql_, statement_);
}

bool SqlCursor::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  database_->fail(*sql_, code);
}

std::int64_t SqlCursor::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqlCursor::text(int column) const {
  // The pointer first, then its size: the order that SQLite asks for.
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

// ---- Opening ----

SqliteDatabase::SqliteDatabase(Options options)
    : before_statement_(std::move(options.before_statement)) {
  try {
    open(options.path);
    migrate(options.first_uid_validity);
  } catch (...) {
    close();
    throw;
  }
}

SqliteDatabase::~SqliteDatabase() {
  close();
}

void SqliteDatabase::close() {
  for (auto& [sql, cached] : statements_) {
    for (sqlite3_stmt* statement : cached.idle) sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);  // undoes an open transaction
}

void SqliteDatabase::open(const std::string& path) {
  if (path != kInMemory) {
    lock_ = std::make_unique<FileLock>(path + ".lock");
    // Mail is private: make the file so before SQLite does; its journals take the same mode.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      throw StoreFailure("cannot open " + path + ": " + std::strerror(errno));
    }
    ::close(descriptor);
  }
  const int code =
      sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) fail("open " + path, code);
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  {
    SqlCursor mode = query("PRAGMA journal_mode = WAL");
    if (mode.next() && mode.text(0) != "wal" && path != kInMemory) {
      throw StoreFailure("the file system of " + path +
                         " does not allow write-ahead logging (shared memory is needed)");
    }
  }
  // FULL: with WAL, NORMAL would lose the last transactions when the power fails.
  execute("set up", "PRAGMA synchronous = FULL");
  execute("set up", "PRAGMA foreign_keys = ON");
  execute("set up", "PRAGMA temp_store = MEMORY");
}

void SqliteDatabase::migrate(std::uint32_t first_uid_validity) {
  const auto pragma = [this](std::string_view sql) {
    SqlCursor cursor = query(sql);
    return cursor.next() ? cursor.integer(0) : 0;
  };
  const auto version = static_cast<std::size_t>(pragma("PRAGMA user_version"));
  const std::int64_t application = pragma("PRAGMA application_id");
  const bool is_empty = pragma("SELECT count(*) FROM sqlite_schema") == 0;
  if (!is_empty && application != kApplicationId) {
    throw StoreFailure("the file is an SQLite database, but not one of Mailscope");
  }
  if (version > kMigrations.size()) {
    throw StoreFailure("the database has schema version " + std::to_string(version) +
                       "; this program knows versions up to " + std::to_string(kMigrations.size()));
  }
  for (std::size_t step = version; step < kMigrations.size(); ++step) {
    begin();
    execute("migrate the schema", kMigrations[step]);
    execute("migrate the schema", "PRAGMA user_version = " + std::to_string(step + 1));
    if (step == 0) {
      execute("migrate the schema", "PRAGMA application_id = " + std::to_string(kApplicationId));
      const std::uint32_t last = first_uid_validity > 0 ? first_uid_validity - 1 : 0;
      KeyValues(*this).put(kUidValidityKey, std::to_string(last));
    }
    commit();
  }
}

// ---- Statements ----

void SqliteDatabase::before(std::string_view sql) {
  if (!before_statement_) return;
  try {
    before_statement_(sql);
  } catch (const StoreFailure& failure) {
    roll_back(failure.what());
    throw;
  }
}

void SqliteDatabase::execute(std::string_view doing, const std::string& sql) {
  before(sql);
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(doing, code);
}

SqlCursor SqliteDatabase::prepare(std::string_view sql, std::initializer_list<SqlValue> values,
                                  bool values_outlive) {
  before(sql);
  const auto it = statements_.try_emplace(std::string(sql)).first;
  std::vector<sqlite3_stmt*>& idle = it->second.idle;
  sqlite3_stmt* statement = nullptr;
  if (idle.empty()) {
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(sql, code);
  } else {
    statement = idle.back();
    idle.pop_back();
  }
  SqlCursor cursor(*this, it->first, statement);
  const auto lifetime = values_outlive ? SQLITE_STATIC : SQLITE_TRANSIENT;
  int index = 0;
  for (const SqlValue& value : values) {
    ++index;
    // A null pointer would bind NULL instead of an empty string.
    const char* data = value.octets.data() ? value.octets.data() : "";
    int code = SQLITE_OK;
    switch (value.kind) {
      case SqlValue::Kind::integer:
        code = sqlite3_bind_int64(statement, index, value.number);
        break;
      case SqlValue::Kind::text:
        code =
            sqlite3_bind_text64(statement, index, data, value.octets.size(), lifetime, SQLITE_UTF8);
        break;
      case SqlValue::Kind::blob:
        code = sqlite3_bind_blob64(statement, index, data, value.octets.size(), lifetime);
        break;
    }
    if (code != SQLITE_OK) fail(sql, code);
  }
  return cursor;
}

void SqliteDatabase::give_back(const std::string& sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  statements_.find(sql)->second.idle.push_back(statement);
}

SqlCursor SqliteDatabase::query(std::string_view sql, std::initializer_list<SqlValue> values) {
  return prepare(sql, values, false);
}

void SqliteDatabase::run(std::string_view sql, std::initializer_list<SqlValue> values) {
  begin();
  SqlCursor cursor = prepare(sql, values, true);
  while (cursor.next()) {
  }
}

SqlCursor SqliteDatabase::run_returning(std::string_view sql,
                                        std::initializer_list<SqlValue> values) {
  begin();
  return prepare(sql, values, false);
}

std::int64_t SqliteDatabase::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

// ---- The transaction ----

void SqliteDatabase::begin() {
  if (!failure_.empty()) throw StoreFailure(failure_);
  if (in_transaction_) return;
  execute("begin a transaction", "BEGIN IMMEDIATE");
  in_transaction_ = true;
}

void SqliteDatabase::commit() {
  if (!failure_.empty()) throw StoreFailure(std::exchange(failure_, {}));
  if (!in_transaction_) return;
  try {
    execute("commit", "COMMIT");
  } catch (const StoreFailure&) {
    failure_.clear();  // this call reports it; the turn is over
    throw;
  }
  in_transaction_ = false;
}

void SqliteDatabase::roll_back(std::string_view words) {
  failure_ = words;
  in_transaction_ = false;
  // Some errors (disk full, I/O) end the transaction by themselves. A statement that a cursor still
  // reads does not hinder a rollback; its next step fails.
  if (handle_ && !sqlite3_get_autocommit(handle_)) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  for (const auto& forget : forget_) forget();
}

void SqliteDatabase::fail(std::string_view doing, int code) {
  const char* detail = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const std::string words = "database: " + std::string(sqlite3_errstr(code)) + " (" + detail +
                            ") in: " + std::string(doing);
  roll_back(words);
  throw StoreFailure(words);
}

std::vector<std::string> SqliteDatabase::check() {
  std::vector<std::string> problems;
  for (SqlCursor row = query("PRAGMA integrity_check"); row.next();) {
    if (row.text(0) != "ok") problems.emplace_back(row.text(0));
  }
  for (SqlCursor row = query("PRAGMA foreign_key_check"); row.next();) {
    problems.push_back("row " + std::to_string(row.integer(1)) + " of " + std::string(row.text(0)) +
                       " refers to a missing row of " + std::string(row.text(2)));
  }
  return problems;
}

// ---- KeyValues ----

std::optional<std::string> KeyValues::get(std::string_view key) const {
  SqlCursor row = database_.query("SELECT value FROM key_value WHERE key = ?", {key});
  if (!row.next()) return std::nullopt;
  return std::string(row.text(0));
}

void KeyValues::put(std::string_view key, std::string_view value) {
  database_.run(
      "INSERT INTO key_value (key, value) VALUES (?, ?)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {key, SqlValue::blob(value)});
}

void KeyValues::erase(std::string_view key) {
  database_.run("DELETE FROM key_value WHERE key = ?", {key});
}

std::uint64_t KeyValues::count_up(std::string_view key) {
  std::uint64_t number = 0;
  if (const auto text = get(key)) {
    std::from_chars(text->data(), text->data() + text->size(), number);
  }
  put(key, std::to_string(++number));
  return number;
}

}  // namespace mailscope::store
