// FETCH's data items (RFC 3501 section 6.4.5) as values:
//
//   (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (From To)]<0.1024>)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/cursor.hpp"

namespace mailscope::imap {

/// What stands between the brackets of BODY[...].
struct Section {
  enum class What : std::uint8_t { whole, header, header_fields, header_fields_not, text, mime };
  std::vector<std::uint32_t> part;  // "1.2"; empty: the message
  What what = What::whole;
  std::vector<std::string> fields;  // of HEADER.FIELDS
};

struct Partial {
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

struct FetchItem {
  enum class Kind : std::uint8_t {
    flags,
    internal_date,
    size,
    uid,       // facts the store knows
    envelope,  // the header
    body,
    body_structure,
    section,
    rfc822,
    rfc822_header,
    rfc822_text,  // the message
  };
  Kind kind = Kind::flags;
  Section section;                 // of `section`
  std::optional<Partial> partial;  // of `section`
  std::string label;               // of `section`: "BODY[1.2]<0>", as the response names it
};

struct FetchRequest {
  std::vector<FetchItem> items;
  bool needs_octets = false;  // something besides the store's facts
  bool sets_seen = false;     // some item sets \Seen (RFC 3501 section 6.4.5)
};

/// A macro, one item, or a list of items in parentheses.
bool parse_fetch_items(Cursor& cursor, FetchRequest& out);
/// "HEADER.FIELDS (From)" without brackets; also writes its canonical form into `label`.
bool parse_section(Cursor& cursor, Section& out, std::string& label);

}  // namespace mailscope::imap
