// One mailbox in memory: messages in UID order and an index of changes by modification sequence.
//
// Both are vectors that only grow at the end. What is expunged leaves a hole, what is superseded in
// the index leaves a stale entry; when holes or stale entries outnumber the rest, the vector is
// packed. So every operation costs its own result plus a binary search, at any size.
#pragma once

#include <functional>
#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

struct MemoryMessage {
  MessageInfo info;
  Body body;  // null: a hole
};

class MemoryMailbox {
 public:
  MailboxInfo info;  // counts and next numbers are kept up to date by the calls below

  /// Gives the message the next UID and `modseq`, which must be next_modseq() of this change.
  Uid append(Body body, const Flags& flags, net::Time internal_date, ModSeq modseq);
  /// Begins a change: all messages touched by it share its number.
  ModSeq next_modseq() { return ++info.highest_modseq; }

  /// nullptr when there is no such message.
  const MemoryMessage* find(Uid uid) const;
  void scan(UidRange range, const std::function<bool(const MessageInfo&)>& visit) const;
  void set_flags(Uid uid, Flags flags, ModSeq modseq);
  /// Makes the messages holes. All must exist.
  void expunge(const std::vector<Uid>& uids, ModSeq modseq);
  Changes changes(ModSeq since) const;

 private:
  struct Change {
    ModSeq modseq;
    Uid uid;
  };
  std::size_t lower_bound(Uid uid) const;
  MemoryMessage* find_mutable(Uid uid);
  void note_change(ModSeq modseq, Uid uid);
  void pack_messages();

  std::vector<MemoryMessage> messages_;  // by UID, with holes
  std::vector<Change> changed_;          // by modseq; stale when the message has a later one
  std::vector<Change> vanished_;         // by modseq
};

}  // namespace mailscope::store
