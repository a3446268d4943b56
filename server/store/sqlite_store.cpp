// The mailbox store on SQLite: accounts and mailboxes. Messages are in sqlite_messages.cpp, the
// integrity check is in sqlite_check.cpp.
#include "server/store/sqlite_store.hpp"

#include <algorithm>
#include <utility>

#include "server/store/sqlite_schema.hpp"

namespace mailscope::store {

SqliteStore::SqliteStore(SqliteDatabase& database) : database_(database) {
  database_.on_rollback([this] { forget(); });
}

void SqliteStore::forget() const {
  accounts_.clear();
  boxes_.clear();
  bodies_.clear();
}

// ---- What is kept in memory ----

SqliteStore::Account* SqliteStore::find_account(std::string_view account) const {
  if (const auto known = accounts_.find(account); known != accounts_.end()) return &known->second;
  Account loaded;
  {
    SqlCursor row =
        database_.query("SELECT id, quota, used FROM account WHERE name = ?", {account});
    if (!row.next()) return nullptr;
    loaded.id = row.integer(0);
    loaded.quota = static_cast<std::uint64_t>(row.integer(1));
    loaded.used = static_cast<std::uint64_t>(row.integer(2));
  }
  SqlCursor row = database_.query("SELECT name FROM subscription WHERE account = ?", {loaded.id});
  while (row.next()) loaded.subscriptions.emplace(row.text(0));
  Account& kept = accounts_.emplace(std::string(account), std::move(loaded)).first->second;
  load_mailboxes(kept);
  return &kept;
}

void SqliteStore::load_mailboxes(Account& account) const {
  SqlCursor row = database_.query(
      "SELECT id, name, uid_validity, uid_next, messages, unseen, octets, highest_modseq,"
      " first_recent, special_use FROM mailbox WHERE account = ?",
      {account.id});
  while (row.next()) {
    MailboxInfo info;
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
    account.names.emplace(info.name, info.id);
    boxes_[info.id] = Box{std::move(info), &account};
  }
}

SqliteStore::Box* SqliteStore::find_box(MailboxId id) const {
  if (const auto known = boxes_.find(id); known != boxes_.end()) return &known->second;
  std::string account;
  {
    SqlCursor row = database_.query(
        "SELECT account.name FROM mailbox JOIN account ON account.id = mailbox.account"
        " WHERE mailbox.id = ?",
        {id});
    if (!row.next()) return nullptr;
    account = row.text(0);
  }
  find_account(account);  // brings its mailboxes along
  const auto loaded = boxes_.find(id);
  return loaded == boxes_.end() ? nullptr : &loaded->second;
}

MailboxInfo SqliteStore::describe(const Box& box) const {
  MailboxInfo info = box.info;
  info.subscribed = box.account->subscriptions.contains(info.name);
  return info;
}

void SqliteStore::save(const Box& box) {
  const MailboxInfo& info = box.info;
  database_.run(
      "UPDATE mailbox SET uid_next = ?, messages = ?, unseen = ?, octets = ?, highest_modseq = ?,"
      " first_recent = ? WHERE id = ?",
      {info.uid_next, info.messages, info.unseen, info.octets, info.highest_modseq,
       info.first_recent, info.id});
}

void SqliteStore::save_used(const Account& account) {
  database_.run("UPDATE account SET used = ? WHERE id = ?", {account.used, account.id});
}

// ---- Accounts ----

void SqliteStore::create_account(std::string_view account) {
  if (find_account(account)) return;
  database_.run("INSERT INTO account (name) VALUES (?)", {account});
  Account& made = accounts_[std::string(account)];
  made.id = database_.last_insert_id();
  make_mailbox(made, std::string(kInbox), {});
  subscribe(account, kInbox, true);
  for (const auto& [name, special_use] : kDefaultMailboxes) {
    make_mailbox(made, std::string(name), special_use);
    subscribe(account, name, true);
  }
}

bool SqliteStore::has_account(std::string_view account) const {
  return find_account(account) != nullptr;
}

std::vector<std::string> SqliteStore::accounts() const {
  std::vector<std::string> names;
  SqlCursor row = database_.query("SELECT name FROM account ORDER BY name");
  while (row.next()) names.emplace_back(row.text(0));
  return names;
}

void SqliteStore::set_quota(std::string_view account, std::uint64_t octets) {
  Account* found = find_account(account);
  if (!found) return;
  database_.run("UPDATE account SET quota = ? WHERE id = ?", {octets, found->id});
  found->quota = octets;
}

std::uint64_t SqliteStore::quota(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->quota : 0;
}

std::uint64_t SqliteStore::used(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->used : 0;
}

// ---- Mailboxes ----

MailboxId SqliteStore::make_mailbox(Account& account, const std::string& name,
                                    std::string_view special_use) {
  MailboxInfo info;
  info.name = name;
  info.uid_validity = static_cast<std::uint32_t>(KeyValues(database_).count_up(kUidValidityKey));
  info.special_use = special_use;
  database_.run(
      "INSERT INTO mailbox (account, name, uid_validity, special_use) VALUES (?, ?, ?, ?)",
      {account.id, info.name, info.uid_validity, special_use});
  const auto id = static_cast<MailboxId>(database_.last_insert_id());
  info.id = id;
  account.names.emplace(name, id);
  boxes_[id] = Box{std::move(info), &account};
  return id;
}

std::vector<MailboxInfo> SqliteStore::mailboxes(std::string_view account) const {
  std::vector<MailboxInfo> result;
  if (const Account* found = find_account(account)) {
    result.reserve(found->names.size());
    for (const auto& [name, id] : found->names) result.push_back(describe(*find_box(id)));
  }
  return result;
}

std::optional<MailboxInfo> SqliteStore::mailbox(std::string_view account,
                                                std::string_view name) const {
  const Account* found = find_account(account);
  const auto canonical = canonical_name(name);
  if (!found || !canonical) return std::nullopt;
  const auto it = found->names.find(*canonical);
  if (it == found->names.end()) return std::nullopt;
  return describe(*find_box(it->second));
}

std::optional<MailboxInfo> SqliteStore::mailbox(MailboxId id) const {
  const Box* box = find_box(id);
  if (!box) return std::nullopt;
  return describe(*box);
}

StoreResult<MailboxId> SqliteStore::create_mailbox(std::string_view account, std::string_view name,
                                                   std::string_view special_use) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto plan = plan_create(found->names, name);
  if (!plan) return plan.error;
  MailboxId id = 0;
  for (const auto& part : plan.value) {
    const bool is_last = &part == &plan.value.back();
    id = make_mailbox(*found, part, is_last ? special_use : std::string_view{});
  }
  return id;
}

StoreError SqliteStore::remove_mailbox(std::string_view account, std::string_view name) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto plan = plan_remove(found->names, name);
  if (!plan) return plan.error;
  const auto it = found->names.find(plan.value);
  const MailboxId id = it->second;
  std::vector<std::int64_t> bodies;
  {
    SqlCursor row = database_.query("SELECT body FROM message WHERE mailbox = ?", {id});
    while (row.next()) bodies.push_back(row.integer(0));
  }
  database_.run("DELETE FROM message WHERE mailbox = ?", {id});
  for (const std::int64_t body : bodies) release_body(body);
  database_.run("DELETE FROM vanished WHERE mailbox = ?", {id});
  database_.run("DELETE FROM mailbox WHERE id = ?", {id});
  found->used -= find_box(id)->info.octets;
  save_used(*found);
  found->names.erase(it);
  boxes_.erase(id);
  watchers_.notify(id);
  return StoreError::none;
}

StoreError SqliteStore::rename_mailbox(std::string_view account, std::string_view from,
                                       std::string_view to) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto plan = plan_rename(found->names, from, to);
  if (!plan) return plan.error;
  for (const auto& parent : plan.value.create) make_mailbox(*found, parent, {});
  if (plan.value.is_inbox) {
    move_inbox(*found, plan.value);
    return StoreError::none;
  }
  std::vector<MailboxId> renamed;
  for (const auto& [old_name, new_name] : plan.value.rename) {
    const MailboxId id = found->names.find(old_name)->second;
    database_.run("UPDATE mailbox SET name = ? WHERE id = ?", {new_name, id});
    auto node = found->names.extract(old_name);
    node.key() = new_name;
    found->names.insert(std::move(node));
    find_box(id)->info.name = new_name;
    renamed.push_back(id);
  }
  for (const MailboxId id : renamed) watchers_.notify(id);
  return StoreError::none;
}

void SqliteStore::move_inbox(Account& account, const RenamePlan& plan) {
  const MailboxId target = make_mailbox(account, plan.to, {});
  const MailboxId inbox = account.names.find(kInbox)->second;
  std::vector<Uid> all;
  scan(inbox, {}, [&](const MessageInfo& m) {
    all.push_back(m.uid);
    return true;
  });
  // Within one account a move never asks for more quota, so this cannot be refused.
  static_cast<void>(copy(inbox, all, target, true));
}

void SqliteStore::subscribe(std::string_view account, std::string_view name, bool on) {
  Account* found = find_account(account);
  auto canonical = canonical_name(name);
  if (!found || !canonical || found->subscriptions.contains(*canonical) == on) return;
  if (on) {
    database_.run("INSERT INTO subscription (account, name) VALUES (?, ?)",
                  {found->id, *canonical});
    found->subscriptions.insert(std::move(*canonical));
  } else {
    database_.run("DELETE FROM subscription WHERE account = ? AND name = ?",
                  {found->id, *canonical});
    found->subscriptions.erase(*canonical);
  }
}

std::vector<std::string> SqliteStore::subscriptions(std::string_view account) const {
  const Account* found = find_account(account);
  if (!found) return {};
  return {found->subscriptions.begin(), found->subscriptions.end()};
}

// ---- Watching and locking ----

std::unique_ptr<Watch> SqliteStore::watch(MailboxId mailbox, std::function<void()> changed) {
  return watchers_.add(mailbox, std::move(changed));
}

bool SqliteStore::lock_maildrop(std::string_view account) {
  return find_account(account) && locked_.emplace(account).second;
}

void SqliteStore::unlock_maildrop(std::string_view account) {
  const auto found = locked_.find(account);
  if (found != locked_.end()) locked_.erase(found);
}

}  // namespace mailscope::store
