// The mailbox store in memory. The messages of a mailbox are MemoryMailbox.
#include "server/store/memory_store.hpp"

#include "server/store/header_part.hpp"

namespace mailscope::store {

std::vector<std::string> MemoryStore::account_names() const {
  std::vector<std::string> names;
  for (const auto& [name, account] : known_accounts()) names.push_back(name);
  return names;
}

std::vector<MailboxId> MemoryStore::granted_mailboxes(std::string_view identifier) const {
  std::vector<MailboxId> result;
  for (const auto& [id, box] : known_boxes()) {
    if (box.properties[static_cast<std::size_t>(Property::grant)].contains(identifier)) {
      result.push_back(id);
    }
  }
  return result;
}

void MemoryStore::insert_mailbox(const Account&, MailboxInfo& info) {
  info.id = ++last_mailbox_;
  info.uid_validity = info.id;
  mailboxes_[info.id];
}

const MemoryMailbox* MemoryStore::find_messages(MailboxId mailbox) const {
  const auto found = mailboxes_.find(mailbox);
  return found == mailboxes_.end() ? nullptr : &found->second;
}

void MemoryStore::scan(MailboxId mailbox, UidRange range,
                       const std::function<bool(const MessageInfo&)>& visit) const {
  if (const MemoryMailbox* found = find_messages(mailbox)) {
    found->scan(range, [&](const MemoryMessage& message) { return visit(message.info); });
  }
}

void MemoryStore::headers(
    MailboxId mailbox, UidRange range,
    const std::function<bool(const MessageInfo&, std::string_view header)>& visit) const {
  if (const MemoryMailbox* found = find_messages(mailbox)) {
    found->scan(range, [&](const MemoryMessage& message) {
      const std::string_view octets = *message.body;
      return visit(message.info, octets.substr(0, header_size(octets)));
    });
  }
}

Changes MemoryStore::changes(MailboxId mailbox, ModSeq since) const {
  const Box* box = find_box(mailbox);
  if (!box) return {};
  Changes result = find_messages(mailbox)->changes(since);
  result.highest_modseq = box->info.highest_modseq;
  return result;
}

std::vector<StoreCore::Row> MemoryStore::find_rows(MailboxId mailbox,
                                                   const std::vector<Uid>& uids) const {
  std::vector<Row> rows;
  const MemoryMailbox* found = find_messages(mailbox);
  if (!found) return rows;
  for (const Uid uid : uids) {
    if (const MemoryMessage* message = found->find(uid)) {
      rows.push_back({message->info, 0, message->body});
    }
  }
  return rows;
}

void MemoryStore::insert_message(MailboxId mailbox, const Row& row) {
  mailboxes_[mailbox].append(row.info, row.octets);
}

void MemoryStore::write_flags(MailboxId mailbox, UidRange uids, const MessageInfo& info) {
  mailboxes_[mailbox].set_flags(uids, info);
}

void MemoryStore::delete_messages(MailboxId mailbox, const std::vector<Row>& rows, ModSeq modseq) {
  MemoryMailbox& messages = mailboxes_[mailbox];
  for (const Row& row : rows) messages.remove(row.info.uid, modseq);
}

}  // namespace mailscope::store
