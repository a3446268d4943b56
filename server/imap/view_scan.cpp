// One pass over the store's facts about a view's messages.
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {

store::UidRange ViewScan::begin(const MailboxView& view) {
  stopped_ = false;
  return {view.uid_at(position_), view.uid_at(ranges_[range_].last)};
}

// A message of the store: shown to the visitor when the view knows it. False: no more.
template <typename Visit>
bool ViewScan::meet(const MailboxView& view, store::Uid uid, Visit visit) {
  const std::uint32_t last = ranges_[range_].last;
  while (position_ < last && view.uid_at(position_) < uid) {
    ++position_;
    ++missing_;
  }
  if (view.uid_at(position_) != uid) return true;
  stopped_ = !visit(position_);
  ++position_;
  return !stopped_;
}

void ViewScan::end() {
  const std::uint32_t last = ranges_[range_].last;
  if (stopped_ && position_ <= last) return;
  missing_ += last + 1 - position_;
  if (++range_ < ranges_.size()) position_ = ranges_[range_].first;
}

void ViewScan::run(const store::MailStore& store, const MailboxView& view,
                   const std::function<bool(std::uint32_t, const store::MessageInfo&)>& visit) {
  store.scan(view.id(), begin(view), [&](const store::MessageInfo& info) {
    return meet(view, info.uid, [&](std::uint32_t position) { return visit(position, info); });
  });
  end();
}

void ViewScan::run_flags(
    const store::MailStore& store, const MailboxView& view,
    const std::function<bool(std::uint32_t, const store::MessageInfo&)>& visit) {
  store.scan_flags(view.id(), begin(view), [&](const store::MessageInfo& info) {
    return meet(view, info.uid, [&](std::uint32_t position) { return visit(position, info); });
  });
  end();
}

void ViewScan::run_headers(
    const store::MailStore& store, const MailboxView& view,
    const std::function<bool(std::uint32_t, const store::MessageInfo&, std::string_view)>& visit) {
  store.headers(
      view.id(), begin(view), [&](const store::MessageInfo& info, std::string_view header) {
        return meet(view, info.uid,
                    [&](std::uint32_t position) { return visit(position, info, header); });
      });
  end();
}

}  // namespace mailscope::imap
