// The messages of one mailbox in memory, in UID order, and an index of changes by modification
// sequence.
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
  /// `info.uid` must be above all that were there, `info.modseq` not below.
  void append(const MessageInfo& info, Body body);
  /// nullptr when there is no such message.
  const MemoryMessage* find(Uid uid) const;
  void scan(UidRange range, const std::function<bool(const MemoryMessage&)>& visit) const;
  /// Gives all messages of the range the flags and the modseq of `info`.
  void set_flags(UidRange uids, const MessageInfo& info);
  /// Makes the message, which must exist, a hole.
  void remove(Uid uid, ModSeq modseq);
  /// All but highest_modseq.
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
  std::size_t count_ = 0;                // messages that are no holes
};

}  // namespace mailscope::store
