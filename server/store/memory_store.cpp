// The mailbox store in memory: accounts, names, quota. The mailboxes themselves are MemoryMailbox.
#include "server/store/memory_store.hpp"

#include <algorithm>
#include <utility>

#include "server/store/flags.hpp"

namespace mailscope::store {

// ---- Accounts ----

void MemoryStore::create_account(std::string_view account) {
  const auto [it, is_new] = accounts_.try_emplace(std::string(account));
  if (!is_new) return;
  make_mailbox(it->second, std::string(kInbox), {});
  it->second.subscriptions.emplace(kInbox);
  for (const auto& [name, special_use] : kDefaultMailboxes) {
    make_mailbox(it->second, std::string(name), special_use);
    it->second.subscriptions.emplace(name);
  }
}

const MemoryStore::Account* MemoryStore::find_account(std::string_view account) const {
  const auto it = accounts_.find(account);
  return it == accounts_.end() ? nullptr : &it->second;
}

MemoryStore::Account* MemoryStore::find_account(std::string_view account) {
  return const_cast<Account*>(std::as_const(*this).find_account(account));
}

bool MemoryStore::has_account(std::string_view account) const {
  return find_account(account) != nullptr;
}

std::vector<std::string> MemoryStore::accounts() const {
  std::vector<std::string> names;
  names.reserve(accounts_.size());
  for (const auto& [name, account] : accounts_) names.push_back(name);
  return names;
}

void MemoryStore::set_quota(std::string_view account, std::uint64_t octets) {
  if (Account* found = find_account(account)) found->quota = octets;
}

std::uint64_t MemoryStore::quota(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->quota : 0;
}

std::uint64_t MemoryStore::used(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->used : 0;
}

// ---- Mailboxes ----

MemoryStore::Box* MemoryStore::find_box(MailboxId id) const {
  return id == 0 || id > boxes_.size() ? nullptr : boxes_[id - 1].get();
}

MailboxInfo MemoryStore::describe(const Box& box) const {
  MailboxInfo info = box.mailbox.info;
  info.subscribed = box.account->subscriptions.contains(info.name);
  return info;
}

MailboxId MemoryStore::make_mailbox(Account& account, const std::string& name,
                                    std::string_view special_use) {
  auto box = std::make_unique<Box>();
  box->account = &account;
  MailboxInfo& info = box->mailbox.info;
  info.id = static_cast<MailboxId>(boxes_.size() + 1);
  info.name = name;
  info.uid_validity = ++last_uid_validity_;
  info.special_use = special_use;
  account.names.emplace(name, info.id);
  boxes_.push_back(std::move(box));
  return static_cast<MailboxId>(boxes_.size());
}

std::vector<MailboxInfo> MemoryStore::mailboxes(std::string_view account) const {
  std::vector<MailboxInfo> result;
  if (const Account* found = find_account(account)) {
    result.reserve(found->names.size());
    for (const auto& [name, id] : found->names) result.push_back(describe(*find_box(id)));
  }
  return result;
}

std::optional<MailboxInfo> MemoryStore::mailbox(std::string_view account,
                                                std::string_view name) const {
  const Account* found = find_account(account);
  const auto canonical = canonical_name(name);
  if (!found || !canonical) return std::nullopt;
  const auto it = found->names.find(*canonical);
  if (it == found->names.end()) return std::nullopt;
  return describe(*find_box(it->second));
}

std::optional<MailboxInfo> MemoryStore::mailbox(MailboxId id) const {
  const Box* box = find_box(id);
  if (!box) return std::nullopt;
  return describe(*box);
}

StoreResult<MailboxId> MemoryStore::create_mailbox(std::string_view account, std::string_view name,
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

StoreError MemoryStore::remove_mailbox(std::string_view account, std::string_view name) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto plan = plan_remove(found->names, name);
  if (!plan) return plan.error;
  const auto it = found->names.find(plan.value);
  const MailboxId id = it->second;
  found->used -= find_box(id)->mailbox.info.octets;
  found->names.erase(it);
  boxes_[id - 1].reset();
  watchers_.notify(id);
  return StoreError::none;
}

StoreError MemoryStore::rename_mailbox(std::string_view account, std::string_view from,
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
    auto node = found->names.extract(old_name);
    node.key() = new_name;
    renamed.push_back(node.mapped());
    find_box(node.mapped())->mailbox.info.name = new_name;
    found->names.insert(std::move(node));
  }
  for (const MailboxId id : renamed) watchers_.notify(id);
  return StoreError::none;
}

void MemoryStore::move_inbox(Account& account, const RenamePlan& plan) {
  const MailboxId target = make_mailbox(account, plan.to, {});
  const MailboxId inbox = account.names.find(kInbox)->second;
  std::vector<Uid> all;
  find_box(inbox)->mailbox.scan({}, [&](const MessageInfo& m) {
    all.push_back(m.uid);
    return true;
  });
  // Within one account a move never asks for more quota, so this cannot fail.
  static_cast<void>(copy(inbox, all, target, true));
}

void MemoryStore::subscribe(std::string_view account, std::string_view name, bool on) {
  Account* found = find_account(account);
  auto canonical = canonical_name(name);
  if (!found || !canonical) return;
  if (on) {
    found->subscriptions.insert(std::move(*canonical));
  } else {
    found->subscriptions.erase(*canonical);
  }
}

std::vector<std::string> MemoryStore::subscriptions(std::string_view account) const {
  const Account* found = find_account(account);
  if (!found) return {};
  return {found->subscriptions.begin(), found->subscriptions.end()};
}

// ---- Messages ----

StoreResult<Uid> MemoryStore::append(MailboxId mailbox, std::string_view octets, const Flags& flags,
                                     net::Time internal_date) {
  Box* box = find_box(mailbox);
  if (!box) return StoreError::no_such_mailbox;
  Account& account = *box->account;
  if (account.quota != 0 && account.used + octets.size() > account.quota) {
    return StoreError::over_quota;
  }
  account.used += octets.size();
  MemoryMailbox& into = box->mailbox;
  const Uid uid = into.append(std::make_shared<const std::string>(octets), normalised(flags),
                              internal_date, into.next_modseq());
  watchers_.notify(mailbox);
  return uid;
}

void MemoryStore::scan(MailboxId mailbox, UidRange range,
                       const std::function<bool(const MessageInfo&)>& visit) const {
  if (const Box* box = find_box(mailbox)) box->mailbox.scan(range, visit);
}

std::optional<MessageInfo> MemoryStore::message(MailboxId mailbox, Uid uid) const {
  const Box* box = find_box(mailbox);
  const MemoryMessage* found = box ? box->mailbox.find(uid) : nullptr;
  if (!found) return std::nullopt;
  return found->info;
}

Body MemoryStore::body(MailboxId mailbox, Uid uid) const {
  const Box* box = find_box(mailbox);
  const MemoryMessage* found = box ? box->mailbox.find(uid) : nullptr;
  return found ? found->body : nullptr;
}

/// Those of `uids` that exist, rising.
std::vector<Uid> MemoryStore::existing(const Box& box, const std::vector<Uid>& uids) const {
  std::vector<Uid> result = sorted_unique(uids);
  std::erase_if(result, [&](Uid uid) { return !box.mailbox.find(uid); });
  return result;
}

std::vector<MessageInfo> MemoryStore::change_flags(MailboxId mailbox, const std::vector<Uid>& uids,
                                                   FlagChange change, const Flags& flags) {
  Box* box = find_box(mailbox);
  if (!box) return {};
  const Flags given = normalised(flags);
  std::vector<MessageInfo> result;
  ModSeq modseq = 0;
  for (const Uid uid : existing(*box, uids)) {
    const MessageInfo& before = box->mailbox.find(uid)->info;
    Flags after = changed_flags(before.flags, change, given);
    if (!same_flags(before.flags, after)) {
      if (modseq == 0) modseq = box->mailbox.next_modseq();
      box->mailbox.set_flags(uid, std::move(after), modseq);
    }
    result.push_back(box->mailbox.find(uid)->info);
  }
  if (modseq != 0) watchers_.notify(mailbox);
  return result;
}

std::vector<Uid> MemoryStore::expunge(MailboxId mailbox, const std::vector<Uid>& uids) {
  Box* box = find_box(mailbox);
  if (!box) return {};
  std::vector<Uid> gone = existing(*box, uids);
  if (gone.empty()) return gone;
  const std::uint64_t before = box->mailbox.info.octets;
  box->mailbox.expunge(gone, box->mailbox.next_modseq());
  box->account->used -= before - box->mailbox.info.octets;
  watchers_.notify(mailbox);
  return gone;
}

StoreResult<std::vector<MailStore::Copied>> MemoryStore::copy(MailboxId from,
                                                              const std::vector<Uid>& uids,
                                                              MailboxId to, bool move) {
  Box* source = find_box(from);
  Box* target = find_box(to);
  if (!source || !target) return StoreError::no_such_mailbox;
  const std::vector<Uid> found = existing(*source, uids);
  if (found.empty()) return std::vector<Copied>{};
  std::uint64_t octets = 0;
  for (const Uid uid : found) octets += source->mailbox.find(uid)->info.size;
  Account& account = *target->account;
  const bool grows = !(move && source->account == target->account);
  if (grows && account.quota != 0 && account.used + octets > account.quota) {
    return StoreError::over_quota;
  }

  std::vector<Copied> copied;
  copied.reserve(found.size());
  const ModSeq modseq = target->mailbox.next_modseq();
  for (const Uid uid : found) {
    const MemoryMessage message = *source->mailbox.find(uid);  // `source` may be `target`
    copied.push_back({uid, target->mailbox.append(message.body, message.info.flags,
                                                  message.info.internal_date, modseq)});
  }
  account.used += octets;
  if (move) {
    source->mailbox.expunge(found, source->mailbox.next_modseq());
    source->account->used -= octets;
    if (from != to) watchers_.notify(from);
  }
  watchers_.notify(to);
  return copied;
}

Changes MemoryStore::changes(MailboxId mailbox, ModSeq since) const {
  const Box* box = find_box(mailbox);
  return box ? box->mailbox.changes(since) : Changes{};
}

void MemoryStore::clear_recent(MailboxId mailbox) {
  if (Box* box = find_box(mailbox)) box->mailbox.info.first_recent = box->mailbox.info.uid_next;
}

// ---- Watching and locking ----

std::unique_ptr<Watch> MemoryStore::watch(MailboxId mailbox, std::function<void()> changed) {
  return watchers_.add(mailbox, std::move(changed));
}

bool MemoryStore::lock_maildrop(std::string_view account) {
  Account* found = find_account(account);
  if (!found || found->locked) return false;
  found->locked = true;
  return true;
}

void MemoryStore::unlock_maildrop(std::string_view account) {
  if (Account* found = find_account(account)) found->locked = false;
}

}  // namespace mailscope::store
