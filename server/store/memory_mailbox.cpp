// The messages of one mailbox in memory.
#include "server/store/memory_mailbox.hpp"

#include <algorithm>
#include <utility>

namespace mailscope::store {

namespace {
/// Entries below which packing a vector is not worth the while.
constexpr std::size_t kPackFrom = 64;
}  // namespace

std::size_t MemoryMailbox::lower_bound(Uid uid) const {
  const auto it =
      std::lower_bound(messages_.begin(), messages_.end(), uid,
                       [](const MemoryMessage& m, Uid wanted) { return m.info.uid < wanted; });
  return static_cast<std::size_t>(it - messages_.begin());
}

const MemoryMessage* MemoryMailbox::find(Uid uid) const {
  const std::size_t at = lower_bound(uid);
  if (at == messages_.size() || messages_[at].info.uid != uid || !messages_[at].body) {
    return nullptr;
  }
  return &messages_[at];
}

MemoryMessage* MemoryMailbox::find_mutable(Uid uid) {
  return const_cast<MemoryMessage*>(std::as_const(*this).find(uid));
}

void MemoryMailbox::append(const MessageInfo& info, Body body) {
  messages_.push_back({info, std::move(body)});
  ++count_;
  note_change(info.modseq, info.uid);
}

void MemoryMailbox::scan(UidRange range,
                         const std::function<bool(const MemoryMessage&)>& visit) const {
  for (std::size_t i = lower_bound(range.first);
       i < messages_.size() && messages_[i].info.uid <= range.last; ++i) {
    if (messages_[i].body && !visit(messages_[i])) return;
  }
}

void MemoryMailbox::set_flags(UidRange uids, const MessageInfo& info) {
  for (std::size_t i = lower_bound(uids.first);
       i < messages_.size() && messages_[i].info.uid <= uids.last; ++i) {
    if (!messages_[i].body) continue;
    messages_[i].info.flags = info.flags;
    messages_[i].info.modseq = info.modseq;
    note_change(info.modseq, messages_[i].info.uid);
  }
}

void MemoryMailbox::remove(Uid uid, ModSeq modseq) {
  MemoryMessage& message = *find_mutable(uid);
  message.body.reset();
  message.info.flags = {};
  vanished_.push_back({modseq, uid});
  --count_;
  pack_messages();
}

void MemoryMailbox::pack_messages() {
  if (messages_.size() < kPackFrom || messages_.size() < 2 * count_) return;
  std::erase_if(messages_, [](const MemoryMessage& m) { return !m.body; });
}

void MemoryMailbox::note_change(ModSeq modseq, Uid uid) {
  changed_.push_back({modseq, uid});
  if (changed_.size() < kPackFrom || changed_.size() < 2 * count_) return;
  std::erase_if(changed_, [this](const Change& change) {
    const MemoryMessage* message = find(change.uid);
    return !message || message->info.modseq != change.modseq;
  });
}

Changes MemoryMailbox::changes(ModSeq since) const {
  const auto after = [since](const std::vector<Change>& list) {
    return std::upper_bound(list.begin(), list.end(), since,
                            [](ModSeq wanted, const Change& c) { return wanted < c.modseq; });
  };
  Changes result;
  for (auto it = after(changed_); it != changed_.end(); ++it) {
    const MemoryMessage* message = find(it->uid);
    if (message && message->info.modseq == it->modseq) result.changed.push_back(message->info);
  }
  for (auto it = after(vanished_); it != vanished_.end(); ++it) result.vanished.push_back(it->uid);
  std::sort(result.changed.begin(), result.changed.end(),
            [](const MessageInfo& a, const MessageInfo& b) { return a.uid < b.uid; });
  std::sort(result.vanished.begin(), result.vanished.end());
  return result;
}

}  // namespace mailscope::store
