// The order that SORT asks for (RFC 5256 section 3, RFC 5957):
//
//   (SUBJECT REVERSE DATE)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/imap/collation.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/message_view.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

enum class SortKey : std::uint8_t {
  arrival,
  cc,
  date,
  from,
  size,
  subject,
  to,
  display_from,
  display_to
};

struct SortCriterion {
  SortKey key = SortKey::arrival;
  bool reverse = false;
  bool operator==(const SortCriterion&) const = default;
};
using SortProgram = std::vector<SortCriterion>;

/// "(SUBJECT REVERSE DATE)". `display`: SORT=DISPLAY's keys are known (RFC 5957).
bool parse_sort_program(Cursor& cursor, bool display, SortProgram& out);
/// Whether the octets of messages are needed to sort by it.
bool needs_header(const SortProgram& program);

/// What one message is sorted by: a value for each criterion.
struct SortValue {
  std::int64_t number = 0;  // nanoseconds or octets
  std::string text;
};
struct SortRow {
  std::uint32_t position = 0;  // in the view: what decides in the end
  store::Uid uid = 0;
  std::vector<SortValue> values;
};
/// `message` may be null when needs_header() says no.
SortRow sort_row(const SortProgram& program, Collation collation, std::uint32_t position,
                 const store::MessageInfo& info, MessageView* message);
/// The order of two messages; never says that two different ones are equal.
bool sorts_before(const SortProgram& program, const SortRow& a, const SortRow& b);

/// The sent date (RFC 5256 section 2.2): that of the Date field in UTC, as far as it can be read,
/// else the internal date.
net::Time sent_date(MessageView& message, const store::MessageInfo& info);

}  // namespace mailscope::imap
