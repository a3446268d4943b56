// Runs a search in slices.
#include "server/imap/search_run.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"

namespace mailscope::imap {

SearchRun::SearchRun(Session& session, SearchProgram program)
    : session_(session),
      program_(std::move(program)),
      view_(*session.view()),
      matcher_(program_.root, view_),
      candidates_(matcher_.candidates()),
      scan_(candidates_) {
  for (const PositionRange& range : candidates_) total_ += range.last - range.first + 1;
}

bool SearchRun::step() {
  slice_messages_ = slice_octets_ = 0;
  for (;;) {
    if (!look_at_octets()) return false;
    if (scan_.done()) break;
    if (slice_messages_ >= kSearchSliceMessages) return false;
    scan_.run(session_.store(), view_,
              [this](std::uint32_t position, const store::MessageInfo& info) {
                return look_at_facts(position, info);
              });
  }
  std::sort(hits_.begin(), hits_.end(),
            [](const SearchHit& a, const SearchHit& b) { return a.position < b.position; });
  return true;
}

SearchedMessage SearchRun::searched(std::uint32_t position, const store::MessageInfo& info) const {
  return {position + 1, &info, view_.is_recent(info.uid), {}};
}

bool SearchRun::look_at_facts(std::uint32_t position, const store::MessageInfo& info) {
  const auto decided = matcher_.decide(searched(position, info));
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

}  // namespace mailscope::imap
