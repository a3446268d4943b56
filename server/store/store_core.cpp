// The rules of every store: accounts and mailboxes. Messages are in store_core_messages.cpp, what
// belongs to accounts and mailboxes besides in store_core_properties.cpp.
#include "server/store/store_core.hpp"

#include <utility>

namespace mailscope::store {

// ---- What is kept in memory ----

void StoreCore::forget() const {
  accounts_.clear();
  boxes_.clear();
  server_properties_.reset();
  identities_.clear();
  outlines_.clear();
}

StoreCore::Account* StoreCore::find_account(std::string_view account) const {
  if (const auto known = accounts_.find(account); known != accounts_.end()) return &known->second;
  auto loaded = load_account(account);
  if (!loaded) return nullptr;
  Account& kept = accounts_.emplace(std::string(account), std::move(loaded->account)).first->second;
  for (Box& box : loaded->boxes) {
    box.account = &kept;
    // Names that were stored before all were brought into one form.
    const auto name = canonical_name(box.info.name);
    const auto has_it = [&](const Box& other) { return other.info.name == *name; };
    if (name && std::none_of(loaded->boxes.begin(), loaded->boxes.end(), has_it))
      box.info.name = *name;
    kept.names.emplace(box.info.name, box.info.id);
    boxes_.insert_or_assign(box.info.id, std::move(box));
  }
  return &kept;
}

StoreCore::Box* StoreCore::find_box(MailboxId id) const {
  if (const auto known = boxes_.find(id); known != boxes_.end()) return &known->second;
  const std::string account = account_of(id);
  if (account.empty() || find_account(account) == nullptr) return nullptr;  // brings its mailboxes
  const auto loaded = boxes_.find(id);
  return loaded == boxes_.end() ? nullptr : &loaded->second;
}

MailboxInfo StoreCore::describe(const Box& box) const {
  MailboxInfo info = box.info;
  info.subscribed = box.account->subscriptions.contains(info.name);
  return info;
}

void StoreCore::notify_account(const Account& account) const {
  account_watchers_.notify(static_cast<MailboxId>(account.id));
}

// ---- Accounts ----

void StoreCore::create_account(std::string_view account) {
  if (find_account(account)) return;
  const std::int64_t id = insert_account(account);
  Account& made = accounts_[std::string(account)];
  made.id = id;
  made.name = account;
  make_mailbox(made, std::string(kInbox), {});
  subscribe(account, kInbox, true);
  for (const auto& [name, special_use] : kDefaultMailboxes) {
    make_mailbox(made, std::string(name), special_use);
    subscribe(account, name, true);
  }
}

bool StoreCore::has_account(std::string_view account) const {
  return find_account(account) != nullptr;
}

void StoreCore::set_quota(std::string_view account, std::uint64_t octets) {
  Account* found = find_account(account);
  if (!found) return;
  found->quota = octets;
  update_account(*found);
}

std::uint64_t StoreCore::quota(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->quota : 0;
}

std::uint64_t StoreCore::used(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->used : 0;
}

void StoreCore::set_message_quota(std::string_view account, std::uint64_t messages) {
  Account* found = find_account(account);
  if (!found) return;
  found->message_quota = messages;
  update_account(*found);
}

std::uint64_t StoreCore::message_quota(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->message_quota : 0;
}

std::uint64_t StoreCore::used_messages(std::string_view account) const {
  const Account* found = find_account(account);
  return found ? found->used_messages : 0;
}

// ---- Mailboxes ----

MailboxId StoreCore::make_mailbox(Account& account, const std::string& name,
                                  std::string_view special_use) {
  MailboxInfo info;
  info.name = name;
  info.special_use = special_use;
  insert_mailbox(account, info);
  const MailboxId id = info.id;
  account.names.emplace(name, id);
  boxes_[id] = Box{std::move(info), &account, {}};
  return id;
}

std::vector<MailboxInfo> StoreCore::mailboxes(std::string_view account) const {
  std::vector<MailboxInfo> result;
  if (const Account* found = find_account(account)) {
    result.reserve(found->names.size());
    for (const auto& [name, id] : found->names) result.push_back(describe(*find_box(id)));
  }
  return result;
}

std::optional<MailboxInfo> StoreCore::mailbox(std::string_view account,
                                              std::string_view name) const {
  const Account* found = find_account(account);
  const auto canonical = canonical_name(name);
  if (!found || !canonical) return std::nullopt;
  const auto it = found->names.find(*canonical);
  if (it == found->names.end()) return std::nullopt;
  return describe(*find_box(it->second));
}

std::optional<MailboxInfo> StoreCore::mailbox(MailboxId id) const {
  const Box* box = find_box(id);
  if (!box) return std::nullopt;
  return describe(*box);
}

std::string StoreCore::owner(MailboxId id) const {
  const Box* box = find_box(id);
  return box ? box->account->name : std::string();
}

StoreResult<MailboxId> StoreCore::create_mailbox(std::string_view account, std::string_view name,
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
  notify_account(*found);
  return id;
}

StoreError StoreCore::set_special_use(MailboxId mailbox, std::string_view special_use) {
  Box* box = find_box(mailbox);
  if (!box) return StoreError::no_such_mailbox;
  write_special_use(mailbox, special_use);
  box->info.special_use = special_use;
  notify_account(*box->account);
  return StoreError::none;
}

StoreError StoreCore::remove_mailbox(std::string_view account, std::string_view name) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto plan = plan_remove(found->names, name);
  if (!plan) return plan.error;
  const auto it = found->names.find(plan.value);
  const MailboxId id = it->second;
  const Box& box = *find_box(id);
  delete_mailbox(box);
  if (box.info.messages > 0) {
    account_for(*found, -static_cast<std::int64_t>(box.info.octets),
                -static_cast<std::int64_t>(box.info.messages));
  }
  found->names.erase(it);
  boxes_.erase(id);
  outlines_.erase(id);
  watchers_.notify(id);
  notify_account(*found);
  return StoreError::none;
}

StoreError StoreCore::rename_mailbox(std::string_view account, std::string_view from,
                                     std::string_view to) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto plan = plan_rename(found->names, from, to);
  if (!plan) return plan.error;
  for (const auto& parent : plan.value.create) make_mailbox(*found, parent, {});
  if (plan.value.is_inbox) {
    move_inbox(*found, plan.value);
    notify_account(*found);
    return StoreError::none;
  }
  std::vector<MailboxId> renamed;
  for (const auto& [old_name, new_name] : plan.value.rename) {
    const MailboxId id = found->names.find(old_name)->second;
    write_name(id, new_name);
    auto node = found->names.extract(old_name);
    node.key() = new_name;
    found->names.insert(std::move(node));
    find_box(id)->info.name = new_name;
    renamed.push_back(id);
  }
  for (const MailboxId id : renamed) watchers_.notify(id);
  notify_account(*found);
  return StoreError::none;
}

void StoreCore::move_inbox(Account& account, const RenamePlan& plan) {
  const MailboxId target = make_mailbox(account, plan.to, {});
  const MailboxId inbox = account.names.find(kInbox)->second;
  // RFC 5464 section 4.1: both have the annotations then.
  constexpr auto kAnnotations = static_cast<std::size_t>(Property::annotation);
  const PropertyMap annotations = find_box(inbox)->properties[kAnnotations];
  for (const auto& [key, value] : annotations)
    write_property(account.id, target, Property::annotation, key, value);
  find_box(target)->properties[kAnnotations] = annotations;
  std::vector<Uid> all;
  scan(inbox, {}, [&](const MessageInfo& m) {
    all.push_back(m.uid);
    return true;
  });
  // Within one account a move never asks for more quota, so this cannot be refused.
  static_cast<void>(transfer(inbox, all, target, true, std::nullopt));
}

void StoreCore::subscribe(std::string_view account, std::string_view name, bool on) {
  Account* found = find_account(account);
  auto canonical = canonical_name(name);
  if (!found || !canonical || found->subscriptions.contains(*canonical) == on) return;
  write_subscription(*found, *canonical, on);
  if (on) {
    found->subscriptions.insert(std::move(*canonical));
  } else {
    found->subscriptions.erase(*canonical);
  }
  notify_account(*found);
}

std::vector<std::string> StoreCore::subscriptions(std::string_view account) const {
  const Account* found = find_account(account);
  if (!found) return {};
  return {found->subscriptions.begin(), found->subscriptions.end()};
}

// ---- Watching and locking ----

std::unique_ptr<Watch> StoreCore::watch(MailboxId mailbox, std::function<void()> changed) {
  return watchers_.add(mailbox, std::move(changed));
}

std::unique_ptr<Watch> StoreCore::watch_account(std::string_view account,
                                                std::function<void()> changed) {
  const Account* found = find_account(account);
  // Number 0 is no account's: nothing is ever told of it.
  return account_watchers_.add(found ? static_cast<MailboxId>(found->id) : 0, std::move(changed));
}

bool StoreCore::lock_maildrop(std::string_view account) {
  return find_account(account) && locked_.emplace(account).second;
}

void StoreCore::unlock_maildrop(std::string_view account) {
  const auto found = locked_.find(account);
  if (found != locked_.end()) locked_.erase(found);
}

}  // namespace mailscope::store
