// Keeps the results of searches and tells what has changed in them.
#include "server/imap/search_context.hpp"

#include <algorithm>
#include <iterator>

#include "server/imap/limits.hpp"
#include "server/imap/session.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

// What has been added to or removed from one context, written as one ESEARCH.
struct Update {
  struct Pair {
    std::size_t position;  // 0: wherever it belongs (RFC 5267 section 4.3.3)
    std::vector<std::uint32_t> numbers;
  };
  std::vector<Pair> added, removed;

  static void note(std::vector<Pair>& list, std::size_t position, std::uint32_t number) {
    if (position == 0 && !list.empty()) {
      list.front().numbers.push_back(number);
    } else {
      list.push_back({position, {number}});
    }
  }
};

void write_pairs(ResponseWriter& out, std::string_view name, std::vector<Update::Pair>& pairs) {
  if (pairs.empty()) return;
  out.text(" ").text(name).text(" (");
  for (Update::Pair& pair : pairs) {
    std::sort(pair.numbers.begin(), pair.numbers.end());
    if (&pair != &pairs.front()) out.text(" ");
    out.number(pair.position).text(" ").text(format_set(pair.numbers));
  }
  out.text(")");
}

void write_update(Session& session, const SearchContext& context, Update& update) {
  if (update.added.empty() && update.removed.empty()) return;
  ResponseWriter& out = session.out();
  out.begin("*").text("ESEARCH (TAG ").string(context.tag).text(")");
  if (context.numbering == Numbering::uid) out.text(" UID");
  write_pairs(out, "REMOVEFROM", update.removed);
  write_pairs(out, "ADDTO", update.added);
  out.end();
}

// Numbers of messages mean those that had them when the command came (RFC 5267 section 4.3), so
// they become UIDs, which do not change their meaning.
void freeze(SearchKey& key, const MailboxView& view) {
  for (SearchKey& inner : key.keys) freeze(inner, view);
  if (key.kind != SearchKey::Kind::sequence) return;
  SequenceSet uids;
  for (const NumberRange& range : resolve(key.set, view.exists())) {
    if (range.first > view.exists() || range.last == 0) continue;
    uids.ranges.push_back({view.uid_at(std::max(range.first, 1u) - 1),
                           view.uid_at(std::min(range.last, view.exists()) - 1)});
  }
  key.kind = SearchKey::Kind::uid;
  if (uids.ranges.empty()) {  // none of them: not everything
    key.kind = SearchKey::Kind::negation;
    key.keys.assign(1, SearchKey());
  }
  key.set = std::move(uids);
}

// Whether the message fits now; `opened` holds what had to be read for that.
bool matches(Session& session, const SearchMatcher& matcher, const store::MessageInfo& info,
             std::optional<MessageView>& opened) {
  const MailboxView& view = *session.view();
  SearchedMessage message{*view.position_of(info.uid) + 1, &info, view.is_recent(info.uid), {}};
  if (const auto decided = matcher.decide(message)) return *decided;
  message.open = [&]() -> MessageView* {
    if (opened) return &*opened;
    auto body = session.store().body(view.id(), info.uid);
    if (!body) return nullptr;
    return &opened.emplace(std::move(body));
  };
  return matcher.matches(message);
}

}  // namespace

struct SearchContexts::Entry {
  SearchContext context;
  std::vector<store::Uid> uids;  // of the results, rising
  std::vector<SortRow> rows;     // the results of a sorted one, in its order

  bool sorted() const { return !context.order.empty(); }
  std::uint32_t number(const MailboxView& view, store::Uid uid) const {
    return context.numbering == Numbering::uid ? uid : *view.position_of(uid) + 1;
  }
  // Both return the place in the order from 1 on, or 0 where it does not matter.
  std::size_t insert(SortRow row);
  std::size_t erase(store::Uid uid);
};

std::size_t SearchContexts::Entry::insert(SortRow row) {
  if (!sorted()) return 0;
  const auto at = std::lower_bound(
      rows.begin(), rows.end(), row,
      [this](const SortRow& a, const SortRow& b) { return sorts_before(context.order, a, b); });
  const auto place = static_cast<std::size_t>(at - rows.begin()) + 1;
  rows.insert(at, std::move(row));
  return place;
}

std::size_t SearchContexts::Entry::erase(store::Uid uid) {
  if (!sorted()) return 0;
  const auto at =
      std::find_if(rows.begin(), rows.end(), [uid](const SortRow& row) { return row.uid == uid; });
  const auto place = static_cast<std::size_t>(at - rows.begin()) + 1;
  rows.erase(at);
  return place;
}

SearchContexts::SearchContexts() = default;
SearchContexts::~SearchContexts() = default;

bool SearchContexts::knows(std::string_view tag) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [tag](const auto& entry) { return entry->context.tag == tag; });
}

bool SearchContexts::has_room_for(const SearchContext& context, std::size_t results) const {
  return entries_.size() < kMaxSearchContexts &&
         (context.order.empty() || results <= kMaxSortedContext);
}

void SearchContexts::add(Session& session, SearchContext context, std::vector<SortRow> results) {
  if (entries_.empty()) known_ = session.view()->known_modseq();
  auto entry = std::make_unique<Entry>();
  entry->context = std::move(context);
  freeze(entry->context.program.root, *session.view());
  entry->uids.reserve(results.size());
  for (const SortRow& row : results) entry->uids.push_back(row.uid);
  std::sort(entry->uids.begin(), entry->uids.end());
  if (entry->sorted()) entry->rows = std::move(results);
  entries_.push_back(std::move(entry));
}

void SearchContexts::offer(Session& session, SearchContext context, std::vector<SortRow> results) {
  if (has_room_for(context, results.size()))
    return add(session, std::move(context), std::move(results));
  session.out()
      .begin("*")
      .text("NO [NOUPDATE ")
      .string(context.tag)
      .text("] Too much to keep up to date")
      .end();
}

bool SearchContexts::cancel(std::string_view tag) {
  return std::erase_if(entries_, [tag](const auto& entry) { return entry->context.tag == tag; }) >
         0;
}

void SearchContexts::clear() {
  entries_.clear();
}

void SearchContexts::expunging(Session& session, const std::vector<store::Uid>& uids,
                               const std::vector<std::uint32_t>& numbers) {
  for (const auto& entry : entries_) {
    Update update;
    std::vector<store::Uid> left;
    for (std::size_t i = 0; i < uids.size(); ++i) {
      if (!std::binary_search(entry->uids.begin(), entry->uids.end(), uids[i])) continue;
      const bool by_uid = entry->context.numbering == Numbering::uid;
      Update::note(update.removed, entry->erase(uids[i]), by_uid ? uids[i] : numbers[i]);
    }
    std::set_difference(entry->uids.begin(), entry->uids.end(), uids.begin(), uids.end(),
                        std::back_inserter(left));
    entry->uids = std::move(left);
    write_update(session, entry->context, update);
  }
}

void SearchContexts::refresh(Session& session) {
  if (entries_.empty()) return;
  const MailboxView& view = *session.view();
  const store::Changes changes = session.store().changes(view.id(), known_);
  known_ = std::max(known_, changes.highest_modseq);
  for (const auto& entry : entries_) look_at(session, *entry, changes.changed);
}

void SearchContexts::look_at(Session& session, Entry& entry,
                             const std::vector<store::MessageInfo>& changed) {
  const MailboxView& view = *session.view();
  const SearchMatcher matcher(entry.context.program.root, view, entry.context.collation);
  Update update;
  std::vector<store::Uid> come, gone;
  std::vector<SortRow> rows;  // of those that come
  for (const store::MessageInfo& info : changed) {
    if (!view.position_of(info.uid)) continue;
    std::optional<MessageView> message;
    const bool is_in = matches(session, matcher, info, message);
    const bool was_in = std::binary_search(entry.uids.begin(), entry.uids.end(), info.uid);
    if (is_in == was_in) continue;
    if (was_in) {
      gone.push_back(info.uid);
      Update::note(update.removed, entry.erase(info.uid), entry.number(view, info.uid));
      continue;
    }
    SortRow row{0, info.uid, {}};
    if (entry.sorted()) {
      if (!message) {
        auto body = session.store().body(view.id(), info.uid);
        if (!body) continue;
        message.emplace(std::move(body));
      }
      row = sort_row(entry.context.order, entry.context.collation, 0, info, &*message);
    }
    come.push_back(info.uid);
    rows.push_back(std::move(row));
  }
  // REMOVEFROM stands in front of ADDTO, whose places are those behind it.
  for (SortRow& row : rows) {
    const store::Uid uid = row.uid;
    Update::note(update.added, entry.insert(std::move(row)), entry.number(view, uid));
  }
  std::vector<store::Uid> left, now;
  std::set_difference(entry.uids.begin(), entry.uids.end(), gone.begin(), gone.end(),
                      std::back_inserter(left));
  std::merge(left.begin(), left.end(), come.begin(), come.end(), std::back_inserter(now));
  entry.uids = std::move(now);
  write_update(session, entry.context, update);
}

const FetchRequest* SearchContexts::attributes() const {
  for (const auto& entry : entries_) {
    if (!entry->context.attributes.items.empty()) return &entry->context.attributes;
  }
  return nullptr;
}

}  // namespace mailscope::imap
