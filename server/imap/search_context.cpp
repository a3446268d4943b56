// Keeps the results of searches and tells what has changed in them.
#include "server/imap/search_context.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

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

  // Neighbours make one pair (RFC 5267 sections 4.3.3 and 4.3.4): what is added stands one behind
  // the other, what is removed leaves its place to the next.
  void add(std::size_t position, std::uint32_t number) {
    const bool next =
        !added.empty() &&
        position == (position == 0 ? added.back().position
                                   : added.back().position + added.back().numbers.size());
    note(added, next, position, number);
  }
  void remove(std::size_t position, std::uint32_t number) {
    note(removed, !removed.empty() && position == removed.back().position, position, number);
  }

 private:
  static void note(std::vector<Pair>& list, bool to_last, std::size_t position,
                   std::uint32_t number) {
    if (!to_last) list.push_back({position, {}});
    list.back().numbers.push_back(number);
  }
};

void write_pairs(ResponseWriter& out, std::string_view name, std::vector<Update::Pair>& pairs) {
  if (pairs.empty()) return;
  out.text(" ").text(name).text(" (");
  for (Update::Pair& pair : pairs) {
    // Without a place they are in the order of the mailbox, else in the order asked for.
    if (pair.position == 0) std::sort(pair.numbers.begin(), pair.numbers.end());
    if (&pair != &pairs.front()) out.text(" ");
    out.number(pair.position).text(" ").text(format_set(pair.numbers));
  }
  out.text(")");
}

void write_update(Session& session, const SearchContext& context, Update& update) {
  if (update.added.empty() && update.removed.empty()) return;
  ResponseWriter& out = session.out();
  out.begin("*").text("ESEARCH (TAG ").string(context.tag);
  if (context.by_esearch) {
    out.text(" MAILBOX ").mailbox(session.mailbox_name());
    out.text(" UIDVALIDITY ").number(session.view()->uid_validity());
  }
  out.text(")");
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
  Update update;                 // found by the last look, not told yet
  std::vector<store::Uid> come;  // the messages that it adds

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
  refuse(session, context.tag);
}

void SearchContexts::refuse(Session& session, const std::string& tag) {
  std::string code = "NOUPDATE ";
  append_quoted(code, tag);
  session.say("NO", code, "No updates of this search");
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
      update.remove(entry->erase(uids[i]), by_uid ? uids[i] : numbers[i]);
    }
    std::set_difference(entry->uids.begin(), entry->uids.end(), uids.begin(), uids.end(),
                        std::back_inserter(left));
    entry->uids = std::move(left);
    write_update(session, entry->context, update);
  }
}

void SearchContexts::look(Session& session) {
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
  Update& update = entry.update = {};
  std::vector<store::Uid>& come = entry.come;
  come.clear();
  std::vector<store::Uid> gone;
  std::vector<SortRow> rows;  // of those that come
  for (const store::MessageInfo& info : changed) {
    if (!view.position_of(info.uid)) continue;
    std::optional<MessageView> message;
    const bool is_in = matches(session, matcher, info, message);
    const bool was_in = std::binary_search(entry.uids.begin(), entry.uids.end(), info.uid);
    if (is_in == was_in) continue;
    if (was_in) {
      gone.push_back(info.uid);
      update.remove(entry.erase(info.uid), entry.number(view, info.uid));
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
    update.add(entry.insert(std::move(row)), entry.number(view, uid));
  }
  std::vector<store::Uid> left, now;
  std::set_difference(entry.uids.begin(), entry.uids.end(), gone.begin(), gone.end(),
                      std::back_inserter(left));
  std::merge(left.begin(), left.end(), come.begin(), come.end(), std::back_inserter(now));
  entry.uids = std::move(now);
}

void SearchContexts::add_attributes(store::Uid uid, FetchRequest& request) const {
  for (const auto& entry : entries_) {
    if (std::binary_search(entry->come.begin(), entry->come.end(), uid))
      request.add(entry->context.attributes);
  }
}

void SearchContexts::tell(Session& session) {
  for (const auto& entry : entries_) {
    Update update = std::exchange(entry->update, {});
    entry->come.clear();
    write_update(session, entry->context, update);
  }
}

}  // namespace mailscope::imap
