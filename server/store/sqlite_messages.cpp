// The mailbox store on SQLite: messages. Copies of a message share the row of its body, which
// counts its uses and goes with the last one.
#include <algorithm>
#include <utility>

#include "server/store/header_part.hpp"
#include "server/store/sqlite_store.hpp"

namespace mailscope::store {

namespace {

/// Columns that read_row() expects, in this order.
#define MESSAGE_COLUMNS                                                                 \
  "uid, modseq, size, internal_date, system_flags, keywords, saved, email, wire_size, " \
  "utf8_headers, body"

constexpr int kBodyColumn = 10;

/// Columns that read_flags() expects. Each column costs, in a walk over a large mailbox.
#define FLAG_COLUMNS "uid, modseq, system_flags, keywords"

/// Messages from which on reading a whole range pays, and how many it may have for each wanted.
constexpr std::size_t kRangeFrom = 8;
constexpr std::size_t kRangeSpread = 4;

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
  info.saved = net::Time(net::Duration(row.integer(6)));
  info.email = static_cast<EmailId>(row.integer(7));
  info.wire_size = static_cast<std::uint64_t>(row.integer(8));
  info.utf8_headers = row.integer(9) != 0;
  return info;
}

MessageInfo read_flags(const SqlCursor& row) {
  MessageInfo info;
  info.uid = static_cast<Uid>(row.integer(0));
  info.modseq = static_cast<ModSeq>(row.integer(1));
  info.flags.system = static_cast<std::uint8_t>(row.integer(2));
  info.flags.keywords = split(row.text(3));
  return info;
}

}  // namespace

// ---- Reading ----

std::vector<StoreCore::Row> SqliteStore::find_rows(MailboxId mailbox,
                                                   const std::vector<Uid>& uids) const {
  std::vector<Row> rows;
  // Most of a range: one pass over it is cheaper than finding each message.
  if (uids.size() >= kRangeFrom && (uids.back() - uids.front()) / kRangeSpread < uids.size()) {
    SqlCursor row = database_.query("SELECT " MESSAGE_COLUMNS
                                    " FROM message WHERE mailbox = ? AND uid BETWEEN ? AND ?"
                                    " ORDER BY uid",
                                    {mailbox, uids.front(), uids.back()});
    auto wanted = uids.begin();
    while (row.next()) {
      const auto uid = static_cast<Uid>(row.integer(0));
      while (*wanted < uid) ++wanted;  // the last one is not below any row
      if (*wanted == uid) rows.push_back({read_message(row), row.integer(kBodyColumn), nullptr});
    }
    return rows;
  }
  for (const Uid uid : uids) {
    SqlCursor row = database_.query(
        "SELECT " MESSAGE_COLUMNS " FROM message WHERE mailbox = ? AND uid = ?", {mailbox, uid});
    if (row.next()) rows.push_back({read_message(row), row.integer(kBodyColumn), nullptr});
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

void SqliteStore::scan_flags(MailboxId mailbox, UidRange range,
                             const std::function<bool(const MessageInfo&)>& visit) const {
  SqlCursor row = database_.query("SELECT " FLAG_COLUMNS
                                  " FROM message WHERE mailbox = ? AND uid BETWEEN ? AND ?"
                                  " ORDER BY uid",
                                  {mailbox, range.first, range.last});
  while (row.next() && visit(read_flags(row))) {
  }
}

void SqliteStore::headers(
    MailboxId mailbox, UidRange range,
    const std::function<bool(const MessageInfo&, std::string_view header)>& visit) const {
  SqlCursor row = database_.query("SELECT " MESSAGE_COLUMNS
                                  ", header FROM message JOIN body ON body.id = message.body"
                                  " WHERE mailbox = ? AND uid BETWEEN ? AND ? ORDER BY uid",
                                  {mailbox, range.first, range.last});
  while (row.next() && visit(read_message(row), row.text(kBodyColumn + 1))) {
  }
}

std::optional<std::vector<Uid>> SqliteStore::candidates(MailboxId mailbox, SearchPart part,
                                                        std::string_view text) const {
  const Box* box = find_box(mailbox);
  if (!box) return std::nullopt;
  return text_index_.candidates(mailbox, part, text, box->info.messages);
}

Body SqliteStore::read_body(const Row& row) const {
  if (Body cached = bodies_.find(row.body)) return cached;
  SqlCursor cursor = database_.query("SELECT header, rest FROM body WHERE id = ?", {row.body});
  if (!cursor.next()) return nullptr;
  const std::string_view header = cursor.text(0);
  const std::string_view rest = cursor.text(1);
  auto octets = std::make_shared<std::string>();
  octets->reserve(header.size() + rest.size());
  octets->append(header).append(rest);
  bodies_.put(row.body, octets);
  return octets;
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

/// Numbers rise, and are not used again once the text index has seen them.
std::int64_t SqliteStore::next_body() {
  if (last_body_ == 0) {
    SqlCursor row = database_.query("SELECT coalesce(max(id), 0) FROM body");
    if (row.next()) last_body_ = std::max(row.integer(0), text_index_.mark());
  }
  return ++last_body_;
}

std::int64_t SqliteStore::insert_body(const Body& octets) {
  const std::string_view text = *octets;
  const std::size_t header = header_size(text);
  const std::int64_t id = next_body();
  database_.run("INSERT INTO body (id, uses, header, rest) VALUES (?, 1, ?, ?)",
                {id, SqlValue::blob(text.substr(0, header)), SqlValue::blob(text.substr(header))});
  return id;
}

bool SqliteStore::share_body(std::int64_t body) {
  SqlCursor row = database_.run_returning(
      "UPDATE body SET uses = uses + 1 WHERE id = ? RETURNING uses", {body});
  bool found = false;
  while (row.next()) found = true;
  return found;
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
  text_index_.body_removed(body);
}

void SqliteStore::insert_message(MailboxId mailbox, const Row& row) {
  const MessageInfo& info = row.info;
  database_.run(
      "INSERT INTO message (mailbox, uid, modseq, size, internal_date, system_flags, keywords,"
      " saved, email, body, wire_size, utf8_headers)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {mailbox, info.uid, info.modseq, info.size, nanoseconds(info.internal_date),
       info.flags.system, join(info.flags.keywords), nanoseconds(info.saved), info.email, row.body,
       info.wire_size, info.utf8_headers ? 1 : 0});
}

void SqliteStore::write_flags(MailboxId mailbox, UidRange uids, const MessageInfo& info) {
  database_.run(
      "UPDATE message SET modseq = ?, system_flags = ?, keywords = ?"
      " WHERE mailbox = ? AND uid BETWEEN ? AND ?",
      {info.modseq, info.flags.system, join(info.flags.keywords), mailbox, uids.first, uids.last});
}

void SqliteStore::delete_messages(MailboxId mailbox, const std::vector<Row>& rows, ModSeq modseq) {
  for (const Row& row : rows) {
    database_.run("DELETE FROM message WHERE mailbox = ? AND uid = ?", {mailbox, row.info.uid});
    database_.run("INSERT INTO vanished (mailbox, modseq, uid) VALUES (?, ?, ?)",
                  {mailbox, modseq, row.info.uid});
  }
}

}  // namespace mailscope::store
