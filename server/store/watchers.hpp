// Who wants to hear of changes of a mailbox: the part of watch() that every store shares.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

class Watchers {
 public:
  Watchers();
  /// A watch may outlive the store.
  std::unique_ptr<Watch> add(MailboxId mailbox, std::function<void()> changed);
  /// Calls the watchers of `mailbox` in the order in which they came. A watcher may begin and end
  /// watches, its own too, and may change the store.
  void notify(MailboxId mailbox) const;

 private:
  struct Entry {
    std::function<void()> changed;
    bool active = true;
  };
  using Table = std::unordered_map<MailboxId, std::vector<std::shared_ptr<Entry>>>;
  class Subscription;
  std::shared_ptr<Table> table_;
};

}  // namespace mailscope::store
