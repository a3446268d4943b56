// One pass over the store's facts about a view's messages.
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {

void ViewScan::run(const store::MailStore& store, const MailboxView& view,
                   const std::function<bool(std::uint32_t, const store::MessageInfo&)>& visit) {
  const std::uint32_t last = ranges_[range_].last;
  bool stopped = false;
  store.scan(view.id(), {view.uid_at(position_), view.uid_at(last)},
             [&](const store::MessageInfo& info) {
               while (position_ < last && view.uid_at(position_) < info.uid) {
                 ++position_;
                 ++missing_;
               }
               if (view.uid_at(position_) != info.uid) return true;
               stopped = !visit(position_, info);
               ++position_;
               return !stopped;
             });
  if (stopped && position_ <= last) return;
  missing_ += last + 1 - position_;
  if (++range_ < ranges_.size()) position_ = ranges_[range_].first;
}

}  // namespace mailscope::imap
