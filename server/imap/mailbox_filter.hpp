// Which mailboxes NOTIFY and ESEARCH speak of (RFC 5465 section 6, RFC 7377 section 2.2):
//
//   selected        inboxes        subtree (Lists Projects)        mailboxes INBOX
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/imap/cursor.hpp"

namespace mailscope::imap {

struct MailboxFilter {
  enum class Kind : std::uint8_t {
    selected,
    selected_delayed,
    inboxes,
    personal,
    subscribed,
    subtree,
    subtree_one,
    mailboxes
  } kind = Kind::selected;
  std::vector<std::string> names;  // of the last three, UTF-8
  bool is_selected() const { return kind == Kind::selected || kind == Kind::selected_delayed; }
  /// Whether the filter names mailboxes itself, so that access to them need not be listable.
  bool names_mailboxes() const { return kind >= Kind::subtree; }
};

/// The filters that a command knows.
enum class FilterUse : std::uint8_t { notify, esearch };
/// `most`: of the names in one filter.
bool parse_mailbox_filter(Cursor& cursor, FilterUse use, std::size_t most, MailboxFilter& out);
/// Whether a mailbox is meant; `personal`: it is the user's own. Never true for the selected kinds.
bool filter_matches(const MailboxFilter& filter, std::string_view name, bool personal,
                    bool subscribed);

}  // namespace mailscope::imap
