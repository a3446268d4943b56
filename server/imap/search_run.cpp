// Runs a search in slices.
#include "server/imap/search_run.hpp"

#include <algorithm>
#include <iterator>

#include "server/imap/limits.hpp"

namespace mailscope::imap {

namespace {

void settle(const Session& session, SearchKey& key, bool selected) {
  if (key.set.saved) {
    key.kind = SearchKey::Kind::uid;
    key.set.saved = false;
    if (selected) key.set.ranges = ranges_of(session.saved_result());
  }
  // RFC 5032 section 3: seconds before now.
  key.instant = session.now() - std::chrono::seconds(key.seconds);
  for (SearchKey& child : key.keys) settle(session, child, selected);
}

}  // namespace

SearchProgram settled(const Session& session, SearchProgram program, bool selected) {
  settle(session, program.root, selected);
  program.collation = session.collation();
  return program;
}

SearchRun::SearchRun(Session& session, const MailboxView& view, SearchProgram program)
    : session_(session),
      program_(std::move(program)),
      view_(view),
      matcher_(program_.root, view_, program_.collation),
      candidates_(candidates()),
      scan_(candidates_) {
  for (const PositionRange& range : candidates_) total_ += range.last - range.first + 1;
}

bool SearchRun::step() {
  slice_messages_ = slice_octets_ = 0;
  for (;;) {
    if (!look_at_octets()) return false;
    if (scan_.done()) break;
    if (slice_messages_ >= kSearchSliceMessages || slice_octets_ >= kSearchSliceOctets)
      return false;
    if (matcher_.needs_header()) {
      look_at_headers();
      continue;
    }
    scan_.run(session_.store(), view_,
              [this](std::uint32_t position, const store::MessageInfo& info) {
                return look_at_facts(position, info);
              });
  }
  std::sort(hits_.begin(), hits_.end(),
            [](const SearchHit& a, const SearchHit& b) { return a.position < b.position; });
  return true;
}

// Where the matcher and the store's index say that a message can be. Small gaps are closed: walking
// over a few messages costs less than to begin anew behind them.
std::vector<PositionRange> SearchRun::candidates() {
  const std::vector<PositionRange> all = matcher_.candidates();
  for (const SearchMatcher::Wanted& wanted : matcher_.wanted()) {
    auto uids = session_.store().candidates(view_.id(), wanted.part, wanted.text);
    if (!uids) continue;
    if (listed_) {
      std::vector<store::Uid> both;
      std::set_intersection(uids->begin(), uids->end(), listed_->begin(), listed_->end(),
                            std::back_inserter(both));
      uids = std::move(both);
    }
    listed_ = std::move(uids);
  }
  if (!listed_) return all;
  std::vector<PositionRange> near;
  auto range = all.begin();
  for (const store::Uid uid : *listed_) {
    const auto position = view_.position_of(uid);
    if (!position) continue;
    while (range != all.end() && range->last < *position) ++range;
    if (range == all.end()) break;
    if (*position < range->first) continue;
    const bool close = !near.empty() && near.back().last >= range->first &&
                       *position - near.back().last <= kSearchGap;
    if (close)
      near.back().last = *position;
    else
      near.push_back({*position, *position});
  }
  return near;
}

bool SearchRun::may_match(store::Uid uid) const {
  return !listed_ || std::binary_search(listed_->begin(), listed_->end(), uid);
}

// Nothing is asked of what lies behind the headers.
void SearchRun::look_at_headers() {
  scan_.run_headers(
      session_.store(), view_,
      [this](std::uint32_t position, const store::MessageInfo& info, std::string_view header) {
        std::optional<MessageView> message;
        SearchedMessage one = searched(position, info);
        one.open = [&message, header] { return &message.emplace(header); };
        if (matcher_.matches(one)) hits_.push_back({position, info.modseq});
        ++looked_at_;
        slice_octets_ += header.size();
        return ++slice_messages_ < kSearchSliceMessages && slice_octets_ < kSearchSliceOctets;
      });
}

SearchedMessage SearchRun::searched(std::uint32_t position, const store::MessageInfo& info) const {
  return {position + 1, &info, view_.is_recent(info.uid), {}};
}

bool SearchRun::look_at_facts(std::uint32_t position, const store::MessageInfo& info) {
  const auto decided =
      may_match(info.uid) ? matcher_.decide(searched(position, info)) : std::optional(false);
  if (!decided)
    undecided_.push_back({position, info});
  else if (*decided)
    hits_.push_back({position, info.modseq});
  ++slice_messages_;
  if (decided) ++looked_at_;
  return undecided_.size() < kFetchBatch && slice_messages_ < kSearchSliceMessages;
}

// The store is not asked for octets while it is being scanned. False: enough for this turn.
bool SearchRun::look_at_octets() {
  for (; next_ < undecided_.size(); ++next_) {
    if (slice_octets_ >= kSearchSliceOctets) return false;
    const Row& row = undecided_[next_];
    std::optional<MessageView> message;
    SearchedMessage one = searched(row.position, row.info);
    one.open = [&]() -> MessageView* {
      if (!message) {
        auto body = session_.store().body(view_.id(), row.info.uid);
        if (!body) return nullptr;
        slice_octets_ += body->size();
        message.emplace(std::move(body));
      }
      return &*message;
    };
    if (matcher_.matches(one)) hits_.push_back({row.position, row.info.modseq});
    ++looked_at_;
  }
  undecided_.clear();
  next_ = 0;
  return true;
}

store::ModSeq modseq_of_result(const SearchReturn& wanted, std::span<const SearchHit> hits) {
  store::ModSeq highest = 0;
  for (const SearchHit& hit : saved_hits(wanted, hits)) highest = std::max(highest, hit.modseq);
  return highest;
}

std::vector<SearchHit> saved_hits(const SearchReturn& wanted, std::span<const SearchHit> hits) {
  std::vector<SearchHit> out;
  const bool ends = wanted.has(SearchReturn::min) || wanted.has(SearchReturn::max);
  const bool page = wanted.has(SearchReturn::partial);
  if (wanted.has(SearchReturn::all) || wanted.has(SearchReturn::count) || (!ends && !page)) {
    out.assign(hits.begin(), hits.end());
    return out;
  }
  if (hits.empty()) return out;
  // RFC 9394 section 3.2: what is told is what is kept.
  if (page) {
    const auto [first, count] = cut(wanted.range, hits.size());
    out.assign(hits.begin() + static_cast<std::ptrdiff_t>(first),
               hits.begin() + static_cast<std::ptrdiff_t>(first + count));
  }
  if (wanted.has(SearchReturn::min)) out.push_back(hits.front());
  if (wanted.has(SearchReturn::max)) out.push_back(hits.back());
  const auto before = [](const SearchHit& a, const SearchHit& b) {
    return a.position < b.position;
  };
  const auto same = [](const SearchHit& a, const SearchHit& b) { return a.position == b.position; };
  std::sort(out.begin(), out.end(), before);
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace mailscope::imap
