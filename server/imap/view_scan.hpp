// Walks over the store's facts about some messages of a view, in order, and can stop and go on. One
// pass over the store, however many messages there are.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/imap/mailbox_view.hpp"

namespace mailscope::imap {

class ViewScan {
 public:
  explicit ViewScan(std::vector<PositionRange> ranges) : ranges_(std::move(ranges)) {
    if (!ranges_.empty()) position_ = ranges_.front().first;
  }
  bool done() const { return range_ == ranges_.size(); }
  /// Messages of the view so far that the store no longer has.
  std::uint32_t missing() const { return missing_; }
  /// Goes on until `visit` says false or to the end of one range. The view must be the same, and
  /// not have changed, each time; `visit` must not change the store.
  void run(
      const store::MailStore& store, const MailboxView& view,
      const std::function<bool(std::uint32_t position, const store::MessageInfo& info)>& visit);
  /// The same where UID, modseq and flags are enough.
  void run_flags(
      const store::MailStore& store, const MailboxView& view,
      const std::function<bool(std::uint32_t position, const store::MessageInfo& info)>& visit);
  /// As run(), with each message's header section.
  void run_headers(const store::MailStore& store, const MailboxView& view,
                   const std::function<bool(std::uint32_t position, const store::MessageInfo& info,
                                            std::string_view header)>& visit);

 private:
  template <typename Visit>
  bool meet(const MailboxView& view, store::Uid uid, Visit visit);
  store::UidRange begin(const MailboxView& view);
  void end();

  std::vector<PositionRange> ranges_;
  std::size_t range_ = 0;
  std::uint32_t position_ = 0;  // next to visit
  std::uint32_t missing_ = 0;
  bool stopped_ = false;  // the visitor wants no more for now
};

}  // namespace mailscope::imap
