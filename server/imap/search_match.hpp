// Evaluates a search program on messages: the cheapest keys first, octets read only when nothing
// cheaper has decided.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/imap/mailbox_view.hpp"
#include "server/imap/message_view.hpp"
#include "server/imap/search_program.hpp"

namespace mailscope::imap {

class TextSearch;

/// What a search knows of one message.
struct SearchedMessage {
  std::uint32_t number = 0;  // sequence number
  const store::MessageInfo* info = nullptr;
  bool recent = false;
  /// Reads the octets; null when the message is gone.
  std::function<MessageView*()> open;
};

class SearchMatcher {
 public:
  /// Sets are resolved against `view` as it is now; both outlive the matcher.
  SearchMatcher(const SearchKey& root, const MailboxView& view,
                Collation collation = Collation::unicode_casemap);
  ~SearchMatcher();
  /// Positions outside of these cannot match.
  std::vector<PositionRange> candidates() const;
  /// Whether headers are needed, and nothing behind them.
  bool needs_header() const;
  /// Text that a message must have in some part of it, to narrow the search down.
  struct Wanted {
    store::SearchPart part;
    std::string_view text;
  };
  std::vector<Wanted> wanted() const;
  bool matches(const SearchedMessage& message) const;
  /// From facts alone: yes, no, or not without the octets.
  std::optional<bool> decide(const SearchedMessage& message) const;

 private:
  struct Node;
  const MailboxView& view_;
  std::unique_ptr<Node> root_;
};

/// Some text of the message contains it: headers with encoded words decoded, text parts with their
/// transfer encoding undone and in UTF-8.
bool header_field_contains(MessageView& message, std::string_view field, const TextSearch& wanted);
bool header_contains(MessageView& message, const TextSearch& wanted);
bool body_contains(MessageView& message, const TextSearch& wanted);

}  // namespace mailscope::imap
