// Reads headers run by run: neighbours in the view are one range of the store.
#include "server/imap/header_pass.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"

namespace mailscope::imap {

HeaderPass::HeaderPass(const store::MailStore& store, const MailboxView& view,
                       std::vector<std::uint32_t> positions, bool octets)
    : store_(store), view_(view), positions_(std::move(positions)), octets_(octets) {}

bool HeaderPass::step(const Visit& visit) {
  MessageView none{std::string_view()};
  const std::size_t slice_end =
      std::min(positions_.size(), next_ + (octets_ ? kHeaderSlice : kSearchSliceMessages));
  while (next_ < slice_end) {
    std::size_t end = next_ + 1;
    while (end < slice_end && positions_[end] == positions_[end - 1] + 1) ++end;
    std::uint32_t position = positions_[next_];
    const std::uint32_t last = positions_[end - 1];
    // Whether the message is one of the run: what has arrived since is not in the view.
    const auto known = [&](store::Uid uid) {
      while (position < last && view_.uid_at(position) < uid) ++position;
      return view_.uid_at(position) == uid;
    };
    const store::UidRange range{view_.uid_at(position), view_.uid_at(last)};
    if (octets_) {
      store_.headers(view_.id(), range,
                     [&](const store::MessageInfo& info, std::string_view header) {
                       if (!known(info.uid)) return true;
                       MessageView message(header);
                       visit(position, info, message);
                       return true;
                     });
    } else {
      store_.scan(view_.id(), range, [&](const store::MessageInfo& info) {
        if (known(info.uid)) visit(position, info, none);
        return true;
      });
    }
    next_ = end;
  }
  return next_ == positions_.size();
}

}  // namespace mailscope::imap
