// The rules of every store: messages. What they count, which UIDs and modification sequences they
// get, and that copies share their octets.
#include <utility>

#include "server/mail/downgrade.hpp"
#include "server/store/flags.hpp"
#include "server/store/store_core.hpp"
#include "server/store/wire_size.hpp"

namespace mailscope::store {

namespace {

/// What one message counts in its mailbox, times `sign`.
void count(MailboxInfo& box, const MessageInfo& message, int sign) {
  const auto one = static_cast<std::uint32_t>(sign);  // wraps around for -1, and so do the sums
  const auto octets = static_cast<std::uint64_t>(static_cast<std::int64_t>(message.size) * sign);
  box.messages += one;
  box.octets += octets;
  if (!(message.flags.system & kSeen)) box.unseen += one;
  if (message.flags.system & kDeleted) {
    box.deleted += one;
    box.deleted_octets += octets;
  }
}

}  // namespace

StoreResult<Uid> MailStore::append(MailboxId mailbox, std::string_view octets, const Flags& flags,
                                   net::Time internal_date) {
  const NewMessage message{std::make_shared<const std::string>(octets), flags, internal_date,
                           internal_date};
  const auto uids = append(mailbox, std::span(&message, 1));
  if (!uids) return uids.error;
  return uids.value.front();
}

// ---- Reading ----

std::optional<StoreCore::Row> StoreCore::find_row(MailboxId mailbox, Uid uid) const {
  std::vector<Row> rows = find_rows(mailbox, {uid});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::optional<MessageInfo> StoreCore::message(MailboxId mailbox, Uid uid) const {
  auto row = find_row(mailbox, uid);
  if (!row) return std::nullopt;
  return std::move(row->info);
}

Body StoreCore::body(MailboxId mailbox, Uid uid) const {
  const auto row = find_row(mailbox, uid);
  if (!row) return nullptr;
  Body octets = read_body(*row);
  if (octets) identities_.put(octets, {row->body, row->info.email});
  return octets;
}

Outline StoreCore::outline(MailboxId mailbox) const {
  if (const Outline* known = outlines_.find(mailbox)) return *known;
  if (!find_box(mailbox)) return {};
  OutlineCache::Maker maker;
  scan_flags(mailbox, {}, [&](const MessageInfo& message) {
    maker.add(message);
    return true;
  });
  return outlines_.put(mailbox, std::move(maker));
}

// ---- Changing ----

bool StoreCore::has_room(const Account& account, std::uint64_t octets,
                         std::uint64_t messages) const {
  return (account.quota == 0 || account.used + octets <= account.quota) &&
         (account.message_quota == 0 || account.used_messages + messages <= account.message_quota);
}

void StoreCore::account_for(Account& account, std::int64_t octets, std::int64_t messages) {
  account.used += static_cast<std::uint64_t>(octets);
  account.used_messages += static_cast<std::uint64_t>(messages);
  update_account(account);
}

/// Stores `row` under the next UID; its body's uses must count it already.
void StoreCore::insert(Box& box, Row row, ModSeq modseq) {
  row.info.uid = box.info.uid_next;
  row.info.modseq = modseq;
  insert_message(box.info.id, row);
  outlines_.appended(box.info.id, row.info);
  ++box.info.uid_next;
  count(box.info, row.info, 1);
}

/// Finds or makes the stored body of a message that becomes `row`, whose UID is set.
void StoreCore::place_body(const NewMessage& message, Row& row) {
  row.octets = message.body;
  if (const auto known = identities_.find(message.body)) {
    row.info.email = known->email;
    if (share_body(known->body)) {
      row.body = known->body;
      return;
    }
  }
  row.body = insert_body(message.body);
  identities_.put(message.body, {row.body, row.info.email});
}

StoreResult<std::vector<Uid>> StoreCore::append(MailboxId mailbox,
                                                std::span<const NewMessage> messages) {
  Box* box = find_box(mailbox);
  if (!box) return StoreError::no_such_mailbox;
  std::vector<Uid> uids;
  if (messages.empty()) return uids;
  std::uint64_t octets = 0;
  for (const NewMessage& message : messages) octets += message.body->size();
  if (!has_room(*box->account, octets, messages.size())) return StoreError::over_quota;

  const ModSeq modseq = ++box->info.highest_modseq;
  for (const NewMessage& message : messages) {
    Row row;
    row.info.size = message.body->size();
    row.info.wire_size = wire_size(*message.body);
    row.info.utf8_headers = mail::has_utf8_headers(*message.body);
    row.info.internal_date = message.internal_date;
    row.info.saved = message.saved;
    row.info.flags = normalised(message.flags);
    // The place where octets are first stored is never used again, and so names them for ever.
    row.info.email = EmailId{box->info.uid_validity} << 32 | box->info.uid_next;
    place_body(message, row);
    uids.push_back(box->info.uid_next);
    insert(*box, std::move(row), modseq);
  }
  update_mailbox(box->info);
  account_for(*box->account, static_cast<std::int64_t>(octets),
              static_cast<std::int64_t>(messages.size()));
  watchers_.notify(mailbox);
  return uids;
}

/// Collects messages whose flags have changed. Those in a row that have become alike are written at
/// once: a client marks a thousand messages as read more often than one in each of two ways.
class StoreCore::FlagRuns {
 public:
  FlagRuns(StoreCore& store, MailboxId mailbox) : store_(store), mailbox_(mailbox) {}

  /// UIDs must rise, and there must be no other message between neighbours.
  void add(const MessageInfo& message) {
    if (uids_.last == 0 || uids_.last + 1 != message.uid || like_.flags != message.flags) {
      write();
      uids_.first = message.uid;
      like_ = message;
    }
    uids_.last = message.uid;
  }
  void write() {
    if (uids_.last != 0) store_.write_flags(mailbox_, uids_, like_);
    uids_.last = 0;
  }

 private:
  StoreCore& store_;
  MailboxId mailbox_;
  UidRange uids_{0, 0};  // none
  MessageInfo like_;
};

std::vector<MessageInfo> StoreCore::change_flags(MailboxId mailbox, const std::vector<Uid>& uids,
                                                 FlagChange change, const Flags& flags) {
  Box* box = find_box(mailbox);
  if (!box) return {};
  const Flags given = normalised(flags);
  std::vector<MessageInfo> result;
  FlagRuns changed(*this, mailbox);
  ModSeq modseq = 0;
  for (Row& row : find_rows(mailbox, sorted_unique(uids))) {
    Flags after = changed_flags(row.info.flags, change, given);
    if (!same_flags(row.info.flags, after)) {
      if (modseq == 0) modseq = ++box->info.highest_modseq;
      count(box->info, row.info, -1);
      row.info.flags = std::move(after);
      row.info.modseq = modseq;
      changed.add(row.info);
      outlines_.flags_changed(mailbox, row.info);
      count(box->info, row.info, 1);
    }
    result.push_back(std::move(row.info));
  }
  if (modseq != 0) {
    changed.write();
    update_mailbox(box->info);
    watchers_.notify(mailbox);
  }
  return result;
}

/// Removes the messages, but neither what they count for the account nor uses of their bodies.
void StoreCore::remove(Box& box, const std::vector<Row>& rows) {
  delete_messages(box.info.id, rows, ++box.info.highest_modseq);
  std::vector<Uid> gone;
  gone.reserve(rows.size());
  for (const Row& row : rows) {
    count(box.info, row.info, -1);
    gone.push_back(row.info.uid);
  }
  outlines_.removed(box.info.id, gone);
  update_mailbox(box.info);
}

std::vector<Uid> StoreCore::expunge(MailboxId mailbox, const std::vector<Uid>& uids) {
  Box* box = find_box(mailbox);
  if (!box) return {};
  const std::vector<Row> rows = find_rows(mailbox, sorted_unique(uids));
  if (rows.empty()) return {};
  remove(*box, rows);
  std::vector<Uid> gone;
  gone.reserve(rows.size());
  std::int64_t octets = 0;
  for (const Row& row : rows) {
    release_body(row.body);
    octets += static_cast<std::int64_t>(row.info.size);
    gone.push_back(row.info.uid);
  }
  account_for(*box->account, -octets, -static_cast<std::int64_t>(rows.size()));
  watchers_.notify(mailbox);
  return gone;
}

StoreResult<std::vector<MailStore::Copied>> StoreCore::copy(MailboxId from,
                                                            const std::vector<Uid>& uids,
                                                            MailboxId to, bool move,
                                                            net::Time now) {
  return transfer(from, uids, to, move, now);
}

/// Without `saved` the messages keep theirs.
StoreResult<std::vector<MailStore::Copied>> StoreCore::transfer(MailboxId from,
                                                                const std::vector<Uid>& uids,
                                                                MailboxId to, bool move,
                                                                std::optional<net::Time> saved) {
  Box* source = find_box(from);
  Box* target = find_box(to);
  if (!source || !target) return StoreError::no_such_mailbox;
  const std::vector<Row> rows = find_rows(from, sorted_unique(uids));
  if (rows.empty()) return std::vector<Copied>{};
  std::uint64_t octets = 0;
  for (const Row& row : rows) octets += row.info.size;
  const bool grows = !(move && source->account == target->account);
  if (grows && !has_room(*target->account, octets, rows.size())) return StoreError::over_quota;

  std::vector<Copied> copied;
  copied.reserve(rows.size());
  const ModSeq modseq = ++target->info.highest_modseq;
  for (const Row& row : rows) {
    copied.push_back({row.info.uid, target->info.uid_next});
    if (!move) share_body(row.body);  // a move hands the use over
    Row made = row;
    if (saved) made.info.saved = *saved;
    insert(*target, std::move(made), modseq);
  }
  update_mailbox(target->info);
  if (move) remove(*source, rows);
  if (grows) {
    const auto sum = static_cast<std::int64_t>(octets);
    const auto number = static_cast<std::int64_t>(rows.size());
    account_for(*target->account, sum, number);
    if (move) account_for(*source->account, -sum, -number);
  }
  if (move && from != to) watchers_.notify(from);
  watchers_.notify(to);
  return copied;
}

void StoreCore::clear_recent(MailboxId mailbox) {
  Box* box = find_box(mailbox);
  if (!box || box->info.first_recent == box->info.uid_next) return;
  box->info.first_recent = box->info.uid_next;
  update_mailbox(box->info);
}

}  // namespace mailscope::store
