// Goes over the headers of some messages of a view, a slice at a time: what SORT and THREAD do
// between searching and answering.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/imap/mailbox_view.hpp"
#include "server/imap/message_view.hpp"

namespace mailscope::imap {

class HeaderPass {
 public:
  /// `positions`: rising. Without `octets` the messages' facts are enough, and `visit` gets an
  /// empty message.
  HeaderPass(const store::MailStore& store, const MailboxView& view,
             std::vector<std::uint32_t> positions, bool octets);
  using Visit = std::function<void(std::uint32_t position, const store::MessageInfo& info,
                                   MessageView& header)>;
  /// Looks at some; true when all are done. Messages that are gone are left out. The view must not
  /// change between the calls; `visit` must not use the store.
  bool step(const Visit& visit);

 private:
  const store::MailStore& store_;
  const MailboxView& view_;
  std::vector<std::uint32_t> positions_;
  bool octets_;
  std::size_t next_ = 0;
};

}  // namespace mailscope::imap
