// The mailbox store on SQLite: messages. Copies of a message share the row of its body, which
// counts its uses and goes with the last one.
#include <utility>

#include "server/store/flags.hpp"
#include "server/store/sqlite_store.hpp"

namespace mailscope::store {

namespace {

/// Columns that read_row() expects, in this order.
#define MESSAGE_COLUMNS "uid, modseq, size, internal_date, system_flags, keywords, body"

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::int64_t nanoseconds(net::Time time) {
  return time.time_since_epoch().count();
}

MessageInfo read_message(const SqlCursor& row) {
  MessageInfo info;
  info.uid = static_cast<Uid>(row.integer(0));
  info.modseq = static_cast<ModSeq>(row.integer(1));
  info.size = static_cast<std::uint64_t>(row.integer(2));
  info.internal_date = net::Time(net::Duration(row.integer(3)));
  info.flags.system = static_cast<std::uint8_t>(row.integer(4));
  info.flags.keywords = split(row.text(5));
  return info;
}

bool is_seen(const Flags& flags) {
  return flags.system & kSeen;
}

}  // namespace

// ---- Reading ----

std::optional<SqliteStore::Row> SqliteStore::find_row(MailboxId mailbox, Uid uid) const {
  SqlCursor row = database_.query(
      "SELECT " MESSAGE_COLUMNS " FROM message WHERE mailbox = ? AND uid = ?", {mailbox, uid});
  if (!row.next()) return std::nullopt;
  return Row{read_message(row), row.integer(6)};
}

/// Those of `uids` that exist, rising.
std::vector<SqliteStore::Row> SqliteStore::find_rows(MailboxId mailbox,
                                                     const std::vector<Uid>& uids) const {
  std::vector<Row> rows;
  for (const Uid uid : sorted_unique(uids)) {
    if (auto row = find_row(mailbox, uid)) rows.push_back(std::move(*row));
  }
  return rows;
}

void SqliteStore::scan(MailboxId mailbox, UidRange range,
                       const std::function<bool(const MessageInfo&)>& visit) const {
  SqlCursor row = database_.query("SELECT " MESSAGE_COLUMNS
                                  " FROM message WHERE mailbox = ? AND uid BETWEEN ? AND ?"
                                  " ORDER BY uid",
                                  {mailbox, range.first, range.last});
  while (row.next() && visit(read_message(row))) {
  }
}

std::optional<MessageInfo> SqliteStore::message(MailboxId mailbox, Uid uid) const {
  auto row = find_row(mailbox, uid);
  if (!row) return std::nullopt;
  return std::move(row->info);
}

Body SqliteStore::body(MailboxId mailbox, Uid uid) const {
  const auto found = find_row(mailbox, uid);
  if (!found) return nullptr;
  if (Body cached = bodies_.find(found->body)) return cached;
  SqlCursor row = database_.query("SELECT octets FROM body WHERE id = ?", {found->body});
  if (!row.next()) return nullptr;
  auto body = std::make_shared<const std::string>(row.text(0));
  bodies_.put(found->body, body);
  return body;
}

Changes SqliteStore::changes(MailboxId mailbox, ModSeq since) const {
  Changes result;
  const Box* box = find_box(mailbox);
  if (!box) return result;
  result.highest_modseq = box->info.highest_modseq;
  if (since >= result.highest_modseq) return result;
  {
    // Without the hint SQLite would read the whole mailbox because that is in UID order already.
    SqlCursor row = database_.query("SELECT " MESSAGE_COLUMNS
                                    " FROM message INDEXED BY message_by_modseq"
                                    " WHERE mailbox = ? AND modseq > ? ORDER BY uid",
                                    {mailbox, since});
    while (row.next()) result.changed.push_back(read_message(row));
  }
  SqlCursor row = database_.query(
      "SELECT uid FROM vanished WHERE mailbox = ? AND modseq > ? ORDER BY uid", {mailbox, since});
  while (row.next()) result.vanished.push_back(static_cast<Uid>(row.integer(0)));
  return result;
}

// ---- Changing ----

/// Stores `message` under the next UID; its body's uses must count it already.
Uid SqliteStore::insert(Box& box, const Row& message, ModSeq modseq) {
  MailboxInfo& into = box.info;
  const MessageInfo& info = message.info;
  const Uid uid = into.uid_next;
  database_.run(
      "INSERT INTO message (mailbox, uid, modseq, size, internal_date, system_flags, keywords,"
      " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {into.id, uid, modseq, info.size, nanoseconds(info.internal_date), info.flags.system,
       join(info.flags.keywords), message.body});
  ++into.uid_next;
  ++into.messages;
  into.octets += info.size;
  if (!is_seen(info.flags)) ++into.unseen;
  return uid;
}

StoreResult<Uid> SqliteStore::append(MailboxId mailbox, std::string_view octets, const Flags& flags,
                                     net::Time internal_date) {
  Box* box = find_box(mailbox);
  if (!box) return StoreError::no_such_mailbox;
  Account& account = *box->account;
  if (account.quota != 0 && account.used + octets.size() > account.quota) {
    return StoreError::over_quota;
  }
  database_.run("INSERT INTO body (uses, octets) VALUES (1, ?)", {SqlValue::blob(octets)});
  Row message;
  message.body = database_.last_insert_id();
  message.info.size = octets.size();
  message.info.internal_date = internal_date;
  message.info.flags = normalised(flags);
  const Uid uid = insert(*box, message, ++box->info.highest_modseq);
  account.used += octets.size();
  save(*box);
  save_used(account);
  watchers_.notify(mailbox);
  return uid;
}

std::vector<MessageInfo> SqliteStore::change_flags(MailboxId mailbox, const std::vector<Uid>& uids,
                                                   FlagChange change, const Flags& flags) {
  Box* box = find_box(mailbox);
  if (!box) return {};
  const Flags given = normalised(flags);
  std::vector<MessageInfo> result;
  ModSeq modseq = 0;
  for (Row& row : find_rows(mailbox, uids)) {
    Flags after = changed_flags(row.info.flags, change, given);
    if (!same_flags(row.info.flags, after)) {
      if (modseq == 0) modseq = ++box->info.highest_modseq;
      database_.run(
          "UPDATE message SET modseq = ?, system_flags = ?, keywords = ?"
          " WHERE mailbox = ? AND uid = ?",
          {modseq, after.system, join(after.keywords), mailbox, row.info.uid});
      if (is_seen(row.info.flags) && !is_seen(after)) ++box->info.unseen;
      if (!is_seen(row.info.flags) && is_seen(after)) --box->info.unseen;
      row.info.flags = std::move(after);
      row.info.modseq = modseq;
    }
    result.push_back(std::move(row.info));
  }
  if (modseq != 0) {
    save(*box);
    watchers_.notify(mailbox);
  }
  return result;
}

void SqliteStore::release_body(std::int64_t body) {
  std::int64_t uses = 0;
  {
    SqlCursor row = database_.run_returning(
        "UPDATE body SET uses = uses - 1 WHERE id = ? RETURNING uses", {body});
    while (row.next()) uses = row.integer(0);
  }
  if (uses > 0) return;
  database_.run("DELETE FROM body WHERE id = ?", {body});
  bodies_.erase(body);
}

/// Removes the messages, but not what they count for the account or for their bodies.
void SqliteStore::remove_rows(Box& box, const std::vector<Row>& rows) {
  MailboxInfo& info = box.info;
  const ModSeq modseq = ++info.highest_modseq;
  for (const Row& row : rows) {
    database_.run("DELETE FROM message WHERE mailbox = ? AND uid = ?", {info.id, row.info.uid});
    database_.run("INSERT INTO vanished (mailbox, modseq, uid) VALUES (?, ?, ?)",
                  {info.id, modseq, row.info.uid});
    --info.messages;
    info.octets -= row.info.size;
    if (!is_seen(row.info.flags)) --info.unseen;
  }
  save(box);
}

std::vector<Uid> SqliteStore::expunge(MailboxId mailbox, const std::vector<Uid>& uids) {
  Box* box = find_box(mailbox);
  if (!box) return {};
  const std::vector<Row> rows = find_rows(mailbox, uids);
  if (rows.empty()) return {};
  remove_rows(*box, rows);
  std::vector<Uid> gone;
  for (const Row& row : rows) {
    release_body(row.body);
    box->account->used -= row.info.size;
    gone.push_back(row.info.uid);
  }
  save_used(*box->account);
  watchers_.notify(mailbox);
  return gone;
}

StoreResult<std::vector<MailStore::Copied>> SqliteStore::copy(MailboxId from,
                                                              const std::vector<Uid>& uids,
                                                              MailboxId to, bool move) {
  Box* source = find_box(from);
  Box* target = find_box(to);
  if (!source || !target) return StoreError::no_such_mailbox;
  const std::vector<Row> rows = find_rows(from, uids);
  if (rows.empty()) return std::vector<Copied>{};
  std::uint64_t octets = 0;
  for (const Row& row : rows) octets += row.info.size;
  Account& account = *target->account;
  const bool grows = !(move && source->account == target->account);
  if (grows && account.quota != 0 && account.used + octets > account.quota) {
    return StoreError::over_quota;
  }

  std::vector<Copied> copied;
  copied.reserve(rows.size());
  const ModSeq modseq = ++target->info.highest_modseq;
  for (const Row& row : rows) {
    copied.push_back({row.info.uid, insert(*target, row, modseq)});
    // A move hands the use over.
    if (!move) database_.run("UPDATE body SET uses = uses + 1 WHERE id = ?", {row.body});
  }
  save(*target);
  if (move) remove_rows(*source, rows);
  if (grows) {
    account.used += octets;
    save_used(account);
    if (move) {
      source->account->used -= octets;
      save_used(*source->account);
    }
  }
  if (move && from != to) watchers_.notify(from);
  watchers_.notify(to);
  return copied;
}

void SqliteStore::clear_recent(MailboxId mailbox) {
  Box* box = find_box(mailbox);
  if (!box || box->info.first_recent == box->info.uid_next) return;
  box->info.first_recent = box->info.uid_next;
  save(*box);
}

}  // namespace mailscope::store
