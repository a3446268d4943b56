// Which messages mailboxes have, which of them are unseen and which keywords they use, in memory:
// opening a mailbox of a million messages is then copying four megabytes.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

/// Messages of all outlines together: 5 octets each, 40 MB.
inline constexpr std::size_t kOutlineMessages = 8'000'000;

/// Least recently opened goes first. Of a mailbox that is not here, changes are ignored.
class OutlineCache {
 public:
  /// The outline as it is now; null: not known, make it with put().
  const Outline* find(MailboxId mailbox);
  /// Begins to keep the outline of a mailbox.
  class Maker {
   public:
    void add(const MessageInfo& message);

   private:
    friend class OutlineCache;
    std::vector<Uid> uids_;
    std::vector<char> seen_;
    Flags words_;
  };
  Outline put(MailboxId mailbox, Maker maker);

  void appended(MailboxId mailbox, const MessageInfo& message);
  void flags_changed(MailboxId mailbox, const MessageInfo& message);
  /// `uids` rising.
  void removed(MailboxId mailbox, const std::vector<Uid>& uids);
  void erase(MailboxId mailbox);
  void clear();

 private:
  struct Entry {
    Outline outline;         // first_unseen is set when it is asked for
    std::vector<char> seen;  // by position
    Flags words;             // the keywords, as flags.hpp joins them
    std::uint64_t used = 0;  // when it was opened last: a count of openings
  };
  Entry* find_entry(MailboxId mailbox);
  void add_words(Entry& entry, const Flags& flags);

  std::map<MailboxId, Entry> entries_;
  std::size_t messages_ = 0;
  std::uint64_t openings_ = 0;
};

}  // namespace mailscope::store
