// The outbound queue in the database.
#include "server/store/sqlite_queue.hpp"

#include <utility>

namespace mailscope::store {

namespace {

std::int64_t nanoseconds(net::Time time) {
  return time.time_since_epoch().count();
}
net::Time time_of(std::int64_t nanoseconds) {
  return net::Time(net::Duration(nanoseconds));
}

/// Bits of queue_entry.asked. They stand in databases: never renumber them.
enum Asked : std::int64_t {
  kSmtpUtf8 = 1,
  kRequireTls = 2,
  kBy = 4,
  kByGivesUp = 8,
  kByTraces = 16,
  kHold = 32,
  kPriority = 64,
};

/// Bits of queue_entry.warned, of the same kind.
enum Told : std::int64_t { kWarned = 1, kToldLate = 2 };

std::int64_t told_bits(const queue::QueueEntry& entry) {
  std::int64_t bits = 0;
  if (entry.warned) bits |= kWarned;
  if (entry.told_late) bits |= kToldLate;
  return bits;
}

std::int64_t asked_bits(const smtp::MailParameters& asked) {
  std::int64_t bits = 0;
  if (asked.smtputf8) bits |= kSmtpUtf8;
  if (asked.require_tls) bits |= kRequireTls;
  if (asked.by) bits |= kBy;
  if (asked.by && asked.by->give_up) bits |= kByGivesUp;
  if (asked.by && asked.by->trace) bits |= kByTraces;
  if (asked.hold_until) bits |= kHold;
  if (asked.priority) bits |= kPriority;
  return bits;
}

/// Reads the columns asked, body, ret, envid, deliver_by, hold_until, priority, auth, hold_request
/// from `first` on.
smtp::MailParameters read_asked(const SqlCursor& row, int first) {
  smtp::MailParameters asked;
  const std::int64_t bits = row.integer(first);
  asked.smtputf8 = (bits & kSmtpUtf8) != 0;
  asked.require_tls = (bits & kRequireTls) != 0;
  asked.body = static_cast<smtp::Body>(row.integer(first + 1));
  asked.ret = static_cast<smtp::Return>(row.integer(first + 2));
  asked.envid = row.text(first + 3);
  if ((bits & kBy) != 0) {
    asked.by = {time_of(row.integer(first + 4)), (bits & kByGivesUp) != 0, (bits & kByTraces) != 0};
  }
  if ((bits & kHold) != 0) asked.hold_until = time_of(row.integer(first + 5));
  if ((bits & kPriority) != 0) asked.priority = static_cast<int>(row.integer(first + 6));
  asked.auth = row.text(first + 7);
  asked.hold_request = row.text(first + 8);
  return asked;
}

}  // namespace

/// Row number of the entry; 0 when there is none.
std::int64_t SqliteQueue::find(std::string_view id) {
  SqlCursor row =
      database_.query("SELECT number FROM queue_entry WHERE host = ? AND id = ?", {host_, id});
  return row.next() ? row.integer(0) : 0;
}

std::int64_t SqliteQueue::insert(const queue::QueueEntry& entry) {
  const smtp::MailParameters& asked = entry.asked;
  database_.run(
      "INSERT INTO queue_entry (host, id, reverse_local, reverse_domain, message_id, created,"
      " warned, content, asked, body, ret, envid, deliver_by, hold_until, priority, auth,"
      " hold_request) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {host_, entry.id, entry.reverse_path.local, entry.reverse_path.domain, entry.message_id,
       nanoseconds(entry.created), told_bits(entry), SqlValue::blob(*entry.content),
       asked_bits(asked), static_cast<int>(asked.body), static_cast<int>(asked.ret), asked.envid,
       asked.by ? nanoseconds(asked.by->deadline) : 0,
       asked.hold_until ? nanoseconds(*asked.hold_until) : 0, asked.priority.value_or(0),
       asked.auth, asked.hold_request});
  return database_.last_insert_id();
}

void SqliteQueue::put(const queue::QueueEntry& entry) {
  std::int64_t number = find(entry.id);
  if (number == 0) {
    number = insert(entry);
  } else {
    // Only what changes: writing the row anew would write its content anew.
    database_.run("UPDATE queue_entry SET warned = ? WHERE number = ? AND warned <> ?",
                  {told_bits(entry), number, told_bits(entry)});
  }
  std::int64_t position = 0;
  for (const queue::QueueRecipient& recipient : entry.recipients) {
    database_.run(
        "INSERT OR REPLACE INTO queue_recipient (entry, position, local, domain, state, attempts,"
        " next_try, reply_code, reply_status, reply_text, last_server, orcpt, notify)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {number, position++, recipient.mailbox.local, recipient.mailbox.domain,
         static_cast<int>(recipient.state), recipient.attempts, nanoseconds(recipient.next_try),
         recipient.last_reply.code, recipient.last_reply.status.to_string(),
         recipient.last_reply.text, recipient.last_server, recipient.orcpt,
         recipient.notify.bits()});
  }
}

void SqliteQueue::remove(std::string_view id) {
  // The recipients go with it (ON DELETE CASCADE).
  database_.run("DELETE FROM queue_entry WHERE host = ? AND id = ?", {host_, id});
}

std::vector<queue::QueueRecipient> SqliteQueue::load_recipients(std::int64_t number) {
  std::vector<queue::QueueRecipient> recipients;
  SqlCursor row = database_.query(
      "SELECT local, domain, state, attempts, next_try, reply_code, reply_status, reply_text,"
      " last_server, orcpt, notify FROM queue_recipient WHERE entry = ? ORDER BY position",
      {number});
  while (row.next()) {
    queue::QueueRecipient recipient;
    recipient.mailbox = {std::string(row.text(0)), std::string(row.text(1))};
    recipient.state = static_cast<queue::QueueRecipient::State>(row.integer(2));
    recipient.attempts = static_cast<std::uint32_t>(row.integer(3));
    recipient.next_try = time_of(row.integer(4));
    recipient.last_reply.code = static_cast<int>(row.integer(5));
    if (const auto status = smtp::EnhancedStatus::parse(row.text(6))) {
      recipient.last_reply.status = *status;
    }
    recipient.last_reply.text = row.text(7);
    recipient.last_server = row.text(8);
    recipient.orcpt = row.text(9);
    recipient.notify = smtp::NotifySet(static_cast<std::uint8_t>(row.integer(10)));
    recipients.push_back(std::move(recipient));
  }
  return recipients;
}

std::vector<queue::QueueEntry> SqliteQueue::load_all() {
  std::vector<queue::QueueEntry> entries;
  SqlCursor row = database_.query(
      "SELECT number, id, reverse_local, reverse_domain, message_id, created, warned, content,"
      " asked, body, ret, envid, deliver_by, hold_until, priority, auth, hold_request"
      " FROM queue_entry WHERE host = ? ORDER BY created, id",
      {host_});
  while (row.next()) {
    queue::QueueEntry entry;
    entry.id = row.text(1);
    entry.reverse_path = {std::string(row.text(2)), std::string(row.text(3))};
    entry.message_id = row.text(4);
    entry.created = time_of(row.integer(5));
    entry.warned = (row.integer(6) & kWarned) != 0;
    entry.told_late = (row.integer(6) & kToldLate) != 0;
    entry.content = std::make_shared<const std::string>(row.text(7));
    entry.asked = read_asked(row, 8);
    entry.recipients = load_recipients(row.integer(0));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace mailscope::store
