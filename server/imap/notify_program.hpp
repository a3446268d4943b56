// What NOTIFY asks for (RFC 5465 section 8) as values:
//
//   SET STATUS (selected MessageNew (uid flags) MessageExpunge) (subtree Lists (MessageNew ...))
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/imap/fetch_items.hpp"
#include "server/imap/mailbox_filter.hpp"

namespace mailscope::imap {

/// Events; values are bits.
enum class NotifyEvent : std::uint8_t {
  message_new = 1,
  message_expunge = 2,
  flag_change = 4,
  mailbox_name = 8,
  subscription_change = 16,
  mailbox_metadata = 32,
  server_metadata = 64
};

class NotifyEvents {
 public:
  void add(NotifyEvent event) { bits_ |= static_cast<std::uint8_t>(event); }
  bool has(NotifyEvent event) const { return (bits_ & static_cast<std::uint8_t>(event)) != 0; }
  /// Something about messages.
  bool any_message() const { return (bits_ & 7) != 0; }
  bool all_messages() const { return (bits_ & 7) == 7; }
  bool any_other() const { return (bits_ & ~7) != 0; }
  bool any() const { return bits_ != 0; }
  NotifyEvents operator|(NotifyEvents other) const {
    NotifyEvents out;
    out.bits_ = bits_ | other.bits_;
    return out;
  }
  bool operator==(const NotifyEvents&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

struct NotifyGroup {
  MailboxFilter filter;
  NotifyEvents events;
  std::optional<FetchRequest> fetch;  // of MessageNew: what to send of the message
};

struct NotifyProgram {
  bool status = false;
  std::vector<NotifyGroup> groups;
};

/// What came of reading "SET ..." or "NONE".
enum class NotifyParse : std::uint8_t {
  none,          // NONE
  set,           // a program
  syntax,        // not the grammar
  bad_together,  // events that must or must not stand together
  bad_event      // an event that this server does not know (BADEVENT)
};
NotifyParse parse_notify(Cursor& cursor, NotifyProgram& out);
/// "(MessageNew MessageExpunge ...)": for BADEVENT.
std::string notify_event_names();

}  // namespace mailscope::imap
