// Watch lists: entries are shared so that a watcher may end itself while it is being called.
#include "server/store/watchers.hpp"

#include <utility>

namespace mailscope::store {

class Watchers::Subscription final : public Watch {
 public:
  Subscription(std::weak_ptr<Table> table, MailboxId mailbox, std::shared_ptr<Entry> entry)
      : table_(std::move(table)), mailbox_(mailbox), entry_(std::move(entry)) {}
  ~Subscription() override {
    entry_->active = false;
    const auto table = table_.lock();
    if (!table) return;
    const auto found = table->find(mailbox_);
    std::erase(found->second, entry_);
    if (found->second.empty()) table->erase(found);
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  std::weak_ptr<Table> table_;
  MailboxId mailbox_;
  std::shared_ptr<Entry> entry_;
};

Watchers::Watchers() : table_(std::make_shared<Table>()) {}

std::unique_ptr<Watch> Watchers::add(MailboxId mailbox, std::function<void()> changed) {
  auto entry = std::make_shared<Entry>(Entry{std::move(changed), true});
  (*table_)[mailbox].push_back(entry);
  return std::make_unique<Subscription>(table_, mailbox, std::move(entry));
}

void Watchers::notify(MailboxId mailbox) const {
  const auto found = table_->find(mailbox);
  if (found == table_->end()) return;
  const auto entries = found->second;  // a copy: the list may change under our feet
  for (const auto& entry : entries) {
    if (entry->active) entry->changed();
  }
}

}  // namespace mailscope::store
