// Outlines of the mailboxes that were opened lately, kept up to date.
#include "server/store/outline_cache.hpp"

#include <algorithm>
#include <utility>

#include "server/store/flags.hpp"

namespace mailscope::store {

namespace {

void join_words(Flags& words, const Flags& flags) {
  if (!flags.keywords.empty()) words = changed_flags(words, FlagChange::add, {0, flags.keywords});
}

char is_seen(const Flags& flags) {
  return (flags.system & kSeen) ? 1 : 0;
}

}  // namespace

void OutlineCache::Maker::add(const MessageInfo& message) {
  uids_.push_back(message.uid);
  seen_.push_back(is_seen(message.flags));
  join_words(words_, message.flags);
}

OutlineCache::Entry* OutlineCache::find_entry(MailboxId mailbox) {
  const auto found = entries_.find(mailbox);
  return found == entries_.end() ? nullptr : &found->second;
}

const Outline* OutlineCache::find(MailboxId mailbox) {
  Entry* entry = find_entry(mailbox);
  if (!entry) return nullptr;
  entry->used = ++openings_;
  const auto unseen = std::find(entry->seen.begin(), entry->seen.end(), 0);
  Outline& outline = entry->outline;
  outline.first_unseen = unseen == entry->seen.end()
                             ? 0
                             : outline.uids[static_cast<std::size_t>(unseen - entry->seen.begin())];
  return &outline;
}

Outline OutlineCache::put(MailboxId mailbox, Maker maker) {
  erase(mailbox);
  Entry& made = entries_[mailbox];
  made.outline.uids = std::move(maker.uids_);
  made.outline.keywords = maker.words_.keywords;
  made.words = std::move(maker.words_);
  made.seen = std::move(maker.seen_);
  messages_ += made.seen.size();
  Outline result = *find(mailbox);
  while (messages_ > kOutlineMessages) {
    const auto oldest = std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    erase(oldest->first);
  }
  return result;
}

void OutlineCache::add_words(Entry& entry, const Flags& flags) {
  const std::size_t before = entry.words.keywords.size();
  join_words(entry.words, flags);
  if (entry.words.keywords.size() != before) entry.outline.keywords = entry.words.keywords;
}

void OutlineCache::appended(MailboxId mailbox, const MessageInfo& message) {
  Entry* entry = find_entry(mailbox);
  if (!entry) return;
  entry->outline.uids.push_back(message.uid);
  entry->seen.push_back(is_seen(message.flags));
  ++messages_;
  add_words(*entry, message.flags);
}

void OutlineCache::flags_changed(MailboxId mailbox, const MessageInfo& message) {
  Entry* entry = find_entry(mailbox);
  if (!entry) return;
  const auto& uids = entry->outline.uids;
  const auto at = std::lower_bound(uids.begin(), uids.end(), message.uid) - uids.begin();
  entry->seen[static_cast<std::size_t>(at)] = is_seen(message.flags);
  add_words(*entry, message.flags);
}

void OutlineCache::removed(MailboxId mailbox, const std::vector<Uid>& gone) {
  Entry* entry = find_entry(mailbox);
  if (!entry || gone.empty()) return;
  auto& uids = entry->outline.uids;
  auto from = static_cast<std::size_t>(std::lower_bound(uids.begin(), uids.end(), gone.front()) -
                                       uids.begin());
  std::size_t to = from;
  auto next = gone.begin();
  for (; from < uids.size(); ++from) {
    if (next != gone.end() && *next == uids[from]) {
      ++next;
      continue;
    }
    uids[to] = uids[from];
    entry->seen[to++] = entry->seen[from];
  }
  messages_ -= uids.size() - to;
  uids.resize(to);
  entry->seen.resize(to);
}

void OutlineCache::erase(MailboxId mailbox) {
  const auto found = entries_.find(mailbox);
  if (found == entries_.end()) return;
  messages_ -= found->second.seen.size();
  entries_.erase(found);
}

void OutlineCache::clear() {
  entries_.clear();
  messages_ = 0;
}

}  // namespace mailscope::store
