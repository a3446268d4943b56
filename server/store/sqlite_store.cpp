// The mailbox store on SQLite: accounts, mailboxes and what belongs to them. Messages are in
// sqlite_messages.cpp, the integrity check is in sqlite_check.cpp.
#include "server/store/sqlite_store.hpp"

#include <utility>

#include "server/store/sqlite_schema.hpp"

namespace mailscope::store {

SqliteStore::SqliteStore(SqliteDatabase& database) : database_(database), text_index_(database) {
  database_.on_rollback([this] {
    forget();
    bodies_.clear();
    text_index_.forget();
    last_body_ = 0;
  });
}

// ---- Accounts ----

std::optional<StoreCore::Loaded> SqliteStore::load_account(std::string_view name) const {
  Loaded loaded;
  Account& account = loaded.account;
  {
    SqlCursor row = database_.query(
        "SELECT id, quota, used, message_quota, used_messages FROM account WHERE name = ?", {name});
    if (!row.next()) return std::nullopt;
    account.id = row.integer(0);
    account.name = name;
    account.quota = static_cast<std::uint64_t>(row.integer(1));
    account.used = static_cast<std::uint64_t>(row.integer(2));
    account.message_quota = static_cast<std::uint64_t>(row.integer(3));
    account.used_messages = static_cast<std::uint64_t>(row.integer(4));
  }
  {
    SqlCursor row =
        database_.query("SELECT name FROM subscription WHERE account = ?", {account.id});
    while (row.next()) account.subscriptions.emplace(row.text(0));
  }
  load_mailboxes(loaded);
  return loaded;
}

void SqliteStore::load_mailboxes(Loaded& loaded) const {
  std::map<MailboxId, std::size_t> places;
  {
    SqlCursor row = database_.query(
        "SELECT id, name, uid_validity, uid_next, messages, unseen, octets, highest_modseq,"
        " first_recent, special_use, deleted, deleted_octets FROM mailbox WHERE account = ?",
        {loaded.account.id});
    while (row.next()) {
      Box box;
      MailboxInfo& info = box.info;
      info.id = static_cast<MailboxId>(row.integer(0));
      info.name = row.text(1);
      info.uid_validity = static_cast<std::uint32_t>(row.integer(2));
      info.uid_next = static_cast<Uid>(row.integer(3));
      info.messages = static_cast<std::uint32_t>(row.integer(4));
      info.unseen = static_cast<std::uint32_t>(row.integer(5));
      info.octets = static_cast<std::uint64_t>(row.integer(6));
      info.highest_modseq = static_cast<ModSeq>(row.integer(7));
      info.first_recent = static_cast<Uid>(row.integer(8));
      info.special_use = row.text(9);
      info.deleted = static_cast<std::uint32_t>(row.integer(10));
      info.deleted_octets = static_cast<std::uint64_t>(row.integer(11));
      places.emplace(info.id, loaded.boxes.size());
      loaded.boxes.push_back(std::move(box));
    }
  }
  SqlCursor row = database_.query(
      "SELECT mailbox, kind, key, value FROM property WHERE account = ?", {loaded.account.id});
  while (row.next()) {
    const auto place = places.find(static_cast<MailboxId>(row.integer(0)));
    const auto kind = static_cast<std::size_t>(row.integer(1));
    if (kind >= kProperties) continue;
    Properties& properties =
        place == places.end() ? loaded.account.properties : loaded.boxes[place->second].properties;
    properties[kind].emplace(row.text(2), row.text(3));
  }
}

StoreCore::Properties SqliteStore::load_server_properties() const {
  Properties properties;
  SqlCursor row = database_.query("SELECT kind, key, value FROM property WHERE account = 0");
  while (row.next()) {
    const auto kind = static_cast<std::size_t>(row.integer(0));
    if (kind < kProperties) properties[kind].emplace(row.text(1), row.text(2));
  }
  return properties;
}

std::int64_t SqliteStore::insert_account(std::string_view name) {
  database_.run("INSERT INTO account (name) VALUES (?)", {name});
  return database_.last_insert_id();
}

std::vector<std::string> SqliteStore::account_names() const {
  std::vector<std::string> names;
  SqlCursor row = database_.query("SELECT name FROM account ORDER BY name");
  while (row.next()) names.emplace_back(row.text(0));
  return names;
}

void SqliteStore::update_account(const Account& account) {
  database_.run(
      "UPDATE account SET quota = ?, used = ?, message_quota = ?, used_messages = ? WHERE id = ?",
      {account.quota, account.used, account.message_quota, account.used_messages, account.id});
}

// ---- Mailboxes ----

void SqliteStore::insert_mailbox(const Account& account, MailboxInfo& info) {
  info.uid_validity = static_cast<std::uint32_t>(KeyValues(database_).count_up(kUidValidityKey));
  database_.run(
      "INSERT INTO mailbox (account, name, uid_validity, special_use) VALUES (?, ?, ?, ?)",
      {account.id, info.name, info.uid_validity, info.special_use});
  info.id = static_cast<MailboxId>(database_.last_insert_id());
}

void SqliteStore::update_mailbox(const MailboxInfo& info) {
  database_.run(
      "UPDATE mailbox SET uid_next = ?, messages = ?, unseen = ?, octets = ?, deleted = ?,"
      " deleted_octets = ?, highest_modseq = ?, first_recent = ? WHERE id = ?",
      {info.uid_next, info.messages, info.unseen, info.octets, info.deleted, info.deleted_octets,
       info.highest_modseq, info.first_recent, info.id});
}

void SqliteStore::write_name(MailboxId mailbox, const std::string& name) {
  database_.run("UPDATE mailbox SET name = ? WHERE id = ?", {name, mailbox});
}

void SqliteStore::write_special_use(MailboxId mailbox, std::string_view special_use) {
  database_.run("UPDATE mailbox SET special_use = ? WHERE id = ?", {special_use, mailbox});
}

void SqliteStore::delete_mailbox(const Box& box) {
  const MailboxId id = box.info.id;
  std::vector<std::int64_t> bodies;
  {
    SqlCursor row = database_.query("SELECT body FROM message WHERE mailbox = ?", {id});
    while (row.next()) bodies.push_back(row.integer(0));
  }
  database_.run("DELETE FROM message WHERE mailbox = ?", {id});
  for (const std::int64_t body : bodies) release_body(body);
  database_.run("DELETE FROM vanished WHERE mailbox = ?", {id});
  database_.run("DELETE FROM property WHERE account = ? AND mailbox = ?", {box.account->id, id});
  database_.run("DELETE FROM mailbox WHERE id = ?", {id});
}

std::string SqliteStore::account_of(MailboxId mailbox) const {
  SqlCursor row = database_.query(
      "SELECT account.name FROM mailbox JOIN account ON account.id = mailbox.account"
      " WHERE mailbox.id = ?",
      {mailbox});
  return row.next() ? std::string(row.text(0)) : std::string();
}

void SqliteStore::write_subscription(const Account& account, const std::string& name, bool on) {
  if (on) {
    database_.run("INSERT INTO subscription (account, name) VALUES (?, ?)", {account.id, name});
  } else {
    database_.run("DELETE FROM subscription WHERE account = ? AND name = ?", {account.id, name});
  }
}

// ---- Properties ----

void SqliteStore::write_property(std::int64_t account, MailboxId mailbox, Property kind,
                                 std::string_view key, std::optional<std::string_view> value) {
  const auto number = static_cast<std::int64_t>(kind);
  if (value) {
    database_.run(
        "INSERT INTO property (account, mailbox, kind, key, value) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        {account, mailbox, number, key, SqlValue::blob(*value)});
  } else {
    database_.run("DELETE FROM property WHERE account = ? AND mailbox = ? AND kind = ? AND key = ?",
                  {account, mailbox, number, key});
  }
}

std::vector<MailboxId> SqliteStore::granted_mailboxes(std::string_view identifier) const {
  std::vector<MailboxId> result;
  SqlCursor row =
      database_.query("SELECT mailbox FROM property WHERE kind = 1 AND key = ?", {identifier});
  while (row.next()) result.push_back(static_cast<MailboxId>(row.integer(0)));
  return result;
}

}  // namespace mailscope::store
