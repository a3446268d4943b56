// Keeps sequence numbers right while others change the mailbox.
#include "server/imap/mailbox_view.hpp"

#include <algorithm>

#include "server/imap/flags.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {

MailboxView::MailboxView(store::MailStore& store, const store::MailboxInfo& info, bool read_only)
    : store_(store), id_(info.id), uid_validity_(info.uid_validity), read_only_(read_only) {
  load(info);
}

void MailboxView::load(const store::MailboxInfo& info) {
  known_ = info.highest_modseq;
  store::Outline outline = store_.outline(id_);
  uids_ = std::move(outline.uids);
  keywords_ = std::move(outline.keywords);
  if (outline.first_unseen != 0) first_unseen_ = position_of(outline.first_unseen).value_or(0) + 1;
  if (!uids_.empty() && info.first_recent <= uids_.back()) {
    recent_.push_back({info.first_recent, uids_.back()});
    if (!read_only_) store_.clear_recent(id_);
  }
}

std::optional<std::uint32_t> MailboxView::position_of(store::Uid uid) const {
  const auto at = std::lower_bound(uids_.begin(), uids_.end(), uid);
  if (at == uids_.end() || *at != uid) return std::nullopt;
  return static_cast<std::uint32_t>(at - uids_.begin());
}

bool MailboxView::learn_keywords(const store::Flags& flags) {
  bool news = false;
  for (const std::string& keyword : flags.keywords) {
    const auto at = std::lower_bound(keywords_.begin(), keywords_.end(), keyword, less_ci);
    if (at != keywords_.end() && equal_ci(*at, keyword)) continue;
    keywords_.insert(at, keyword);
    news = true;
  }
  return news;
}

bool MailboxView::is_recent(store::Uid uid) const {
  return !recent_.empty() && contains(recent_, uid);
}

std::uint32_t MailboxView::recent() const {
  std::uint32_t count = 0;
  for (const NumberRange& range : recent_) {
    const auto first = std::lower_bound(uids_.begin(), uids_.end(), range.first);
    const auto last = std::upper_bound(first, uids_.end(), range.last);
    count += static_cast<std::uint32_t>(last - first);
  }
  return count;
}

std::optional<std::vector<PositionRange>> MailboxView::by_number(const SequenceSet& set) const {
  const std::uint32_t largest = exists();
  std::vector<PositionRange> positions;
  for (const NumberRange& range : resolve(set, largest)) {
    if (range.first == 0 || range.last > largest) return std::nullopt;
    positions.push_back({range.first - 1, range.last - 1});
  }
  return positions;
}

std::vector<PositionRange> MailboxView::by_uid(const SequenceSet& set) const {
  std::vector<PositionRange> positions;
  if (uids_.empty()) return positions;
  for (const NumberRange& range : resolve(set, uids_.back())) {
    const auto first = std::lower_bound(uids_.begin(), uids_.end(), range.first);
    const auto last = std::upper_bound(first, uids_.end(), range.last);
    if (first == last) continue;
    positions.push_back({static_cast<std::uint32_t>(first - uids_.begin()),
                         static_cast<std::uint32_t>(last - uids_.begin()) - 1});
  }
  return positions;
}

std::vector<store::Uid> MailboxView::uids_of(std::span<const PositionRange> ranges) const {
  std::vector<store::Uid> out;
  for (const PositionRange& range : ranges) {
    out.insert(out.end(), uids_.begin() + range.first, uids_.begin() + range.last + 1);
  }
  return out;
}

ViewUpdate MailboxView::update(bool may_expunge) {
  ViewUpdate update;
  if (touched_) {
    touched_ = false;
    if (!store_.mailbox(id_)) {
      update.mailbox_gone = true;
      return update;
    }
    take_changes(update);
  }
  if (may_expunge && !gone_.empty()) remove_gone(update);
  // Numbers of flag changes are those after the expunges, which are sent before them.
  std::erase_if(update.flags, [this](ViewUpdate::FlagsOf& item) {
    const auto position = position_of(item.info.uid);
    item.number = position ? *position + 1 : 0;
    return !position;
  });
  return update;
}

// A session's own changes are nearly always the next ones: then nobody need ask the store for them.
void MailboxView::told_all(store::ModSeq before, store::ModSeq after) {
  if (before == known_)
    known_ = after;
  else if (!told_all_.empty() && told_all_.back().after == before)
    told_all_.back().after = after;
  else
    told_all_.push_back({before, after});
}

// `told_` must be sorted.
bool MailboxView::was_told(const store::MessageInfo& message) const {
  const auto covers = [&](const Span& span) {
    return span.before < message.modseq && message.modseq <= span.after;
  };
  if (std::any_of(told_all_.begin(), told_all_.end(), covers)) return true;
  const auto [first, last] =
      std::equal_range(told_.begin(), told_.end(), Told{message.uid, 0},
                       [](const Told& a, const Told& b) { return a.uid < b.uid; });
  return std::any_of(first, last, [&](const Told& t) { return t.modseq == message.modseq; });
}

void MailboxView::take_changes(ViewUpdate& update) {
  store::Changes changes = store_.changes(id_, known_);
  if (gone_.empty()) before_gone_ = known_;
  known_ = std::max(known_, changes.highest_modseq);
  std::stable_sort(told_.begin(), told_.end(),
                   [](const Told& a, const Told& b) { return a.uid < b.uid; });

  const std::size_t before = uids_.size();
  const store::Uid last_known = uids_.empty() ? 0 : uids_.back();
  for (store::MessageInfo& message : changes.changed) {
    if (message.uid > last_known) {
      uids_.push_back(message.uid);
      continue;
    }
    if (!was_told(message)) update.flags.push_back({0, std::move(message)});
  }
  told_.clear();
  told_all_.clear();

  const std::size_t known_gone = gone_.size();
  for (const store::Uid uid : changes.vanished) {
    if (std::binary_search(uids_.begin(), uids_.begin() + static_cast<std::ptrdiff_t>(before), uid))
      gone_.push_back(uid);
  }
  std::inplace_merge(gone_.begin(), gone_.begin() + static_cast<std::ptrdiff_t>(known_gone),
                     gone_.end());
  gone_.erase(std::unique(gone_.begin(), gone_.end()), gone_.end());
  if (uids_.size() > before) take_arrivals(update, before);
}

void MailboxView::take_arrivals(ViewUpdate& update, std::size_t before) {
  // The first session to be told of a message is the one that sees it as \Recent.
  const auto info = store_.mailbox(id_);
  const store::Uid first = std::max(uids_[before], info ? info->first_recent : store::Uid{1});
  if (first <= uids_.back()) {
    recent_.push_back({first, uids_.back()});
    if (!read_only_) store_.clear_recent(id_);
    touched_ = false;
  }
  update.exists = exists();
  update.recent = recent();
}

void MailboxView::remove_gone(ViewUpdate& update) {
  // Each number is as of the moment it is sent: those sent before have moved it down.
  std::uint32_t sent = 0;
  auto from = uids_.begin();
  for (const store::Uid uid : gone_) {
    from = std::lower_bound(from, uids_.end(), uid);
    update.expunged.push_back(static_cast<std::uint32_t>(from - uids_.begin()) + 1 - sent++);
  }
  auto next = gone_.begin();
  std::erase_if(uids_, [&](store::Uid uid) {
    if (next == gone_.end() || *next != uid) return false;
    ++next;
    return true;
  });
  update.expunged_uids = std::move(gone_);
  gone_.clear();
  // EXISTS is sent behind the EXPUNGEs and must count without them; EXPUNGE alone implies the
  // count.
  if (update.exists) {
    update.exists = exists();
    update.recent = recent();
  }
}

}  // namespace mailscope::imap
