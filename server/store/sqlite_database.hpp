// The database file of the live side: opening, schema, prepared statements, and the one transaction
// of a turn that the mailbox store, the queue and the key-value table share.
//
// A transaction begins with the first change of a turn and ends with commit(). When anything goes
// wrong in between, all of it is undone, every further change of the turn fails, and so does its
// commit(): other parts of the turn may have made changes that were undone too, and nothing of the
// turn may be acknowledged. After the failed commit() the database is ready for the next turn.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/store/mail_store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mailscope::store {

class SqliteDatabase;

/// A parameter of a statement.
struct SqlValue {
  enum class Kind : std::uint8_t { integer, text, blob } kind;
  std::int64_t number = 0;
  std::string_view octets;
  template <typename T>
  requires std::is_integral_v<T> SqlValue(T n)
      : kind(Kind::integer), number(static_cast<std::int64_t>(n)) {}  // NOLINT
  SqlValue(std::string_view s) : kind(Kind::text), octets(s) {}       // NOLINT
  SqlValue(const std::string& s) : kind(Kind::text), octets(s) {}     // NOLINT
  static SqlValue blob(std::string_view octets) {
    SqlValue value(octets);
    value.kind = Kind::blob;
    return value;
  }
};

/// A running query. Columns count from 0; text is valid until the next call of next().
class SqlCursor {
 public:
  ~SqlCursor();
  SqlCursor(SqlCursor&& other) noexcept;
  SqlCursor(const SqlCursor&) = delete;
  SqlCursor& operator=(const SqlCursor&) = delete;
  SqlCursor& operator=(SqlCursor&&) = delete;
  /// Goes to the next row; false at the end.
  bool next();
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  // blobs too

 private:
  friend class SqliteDatabase;
  SqlCursor(SqliteDatabase& database, const std::string& sql, sqlite3_stmt* statement)
      : database_(&database), sql_(&sql), statement_(statement) {}
  SqliteDatabase* database_;
  const std::string* sql_;
  sqlite3_stmt* statement_;
};

class SqliteDatabase {
 public:
  struct Options {
    std::string path;  // made, readable for its owner alone, when it does not exist
    /// First UIDVALIDITY of a new database. A server that starts over with an empty database must
    /// not give out values again that clients remember (RFC 3501 section 2.3.1.1), so the live side
    /// gives the time in seconds here.
    std::uint32_t first_uid_validity = 1;
    /// Called with each statement's text before it runs, COMMIT included. What it throws as
    /// StoreFailure counts as that statement's failure: the way for tests to fail any of them.
    std::function<void(std::string_view sql)> before_statement;
  };

  /// Throws StoreFailure when the file cannot be opened, is in use by another process, was made by
  /// a newer version, or is not a database.
  explicit SqliteDatabase(Options options);
  /// What was not committed is undone.
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// Runs a statement that changes something. The text must be a constant: it is cached by value.
  void run(std::string_view sql, std::initializer_list<SqlValue> values = {});
  /// Runs a statement that changes something and gives rows (RETURNING). Read it to its end.
  SqlCursor run_returning(std::string_view sql, std::initializer_list<SqlValue> values);
  SqlCursor query(std::string_view sql, std::initializer_list<SqlValue> values = {});
  std::int64_t last_insert_id() const;

  void commit();
  bool in_transaction() const { return in_transaction_; }
  /// `forget` drops whatever was remembered from the database; called after each rollback.
  void on_rollback(std::function<void()> forget) { forget_.push_back(std::move(forget)); }

  /// Undoes the turn's changes, marks the turn as failed and throws StoreFailure with `doing` and
  /// SQLite's own words.
  [[noreturn]] void fail(std::string_view doing, int code);

  /// Problems that SQLite itself finds (PRAGMA integrity_check, foreign_key_check); none is good.
  std::vector<std::string> check();

 private:
  friend class SqlCursor;
  struct CachedStatement {
    std::vector<sqlite3_stmt*> idle;
  };
  class FileLock;

  void open(const std::string& path);
  void close();
  void migrate(std::uint32_t first_uid_validity);
  void execute(std::string_view doing, const std::string& sql);
  void begin();
  void before(std::string_view sql);
  void roll_back(std::string_view words);
  SqlCursor prepare(std::string_view sql, std::initializer_list<SqlValue> values,
                    bool values_outlive);
  void give_back(const std::string& sql, sqlite3_stmt* statement);

  std::function<void(std::string_view sql)> before_statement_;
  std::unique_ptr<FileLock> lock_;
  sqlite3* handle_ = nullptr;
  bool in_transaction_ = false;
  std::string failure_;  // why this turn failed; empty: it has not
  std::unordered_map<std::string, CachedStatement> statements_;
  std::vector<std::function<void()>> forget_;
};

/// Small values that belong to the server and not to a mailbox: keys, certificates, counters. They
/// take part in the turn's transaction.
class KeyValues {
 public:
  explicit KeyValues(SqliteDatabase& database) : database_(database) {}
  std::optional<std::string> get(std::string_view key) const;
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  /// Adds one to the counter and returns it; 1 the first time.
  std::uint64_t count_up(std::string_view key);

 private:
  SqliteDatabase& database_;
};

}  // namespace mailscope::store
