// FETCH's data items (RFC 3501 section 6.4.5) as values:
//
//   (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (From To)]<0.1024>)
//
// Each item is a row of the table in fetch_table.cpp, which says how its arguments are read and how
// its value is written; an extension adds a row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/imap/capabilities.hpp"
#include "server/imap/cursor.hpp"

namespace mailscope::imap {

class ResponseWriter;
struct FetchedMessage;

/// What stands between the brackets of BODY[...].
struct Section {
  enum class What : std::uint8_t { whole, header, header_fields, header_fields_not, text, mime };
  std::vector<std::uint32_t> part;  // "1.2"; empty: the message
  What what = What::whole;
  std::vector<std::string> fields;  // of HEADER.FIELDS
};

struct Partial {
  std::uint64_t offset = 0;  // RFC 9051 section 9 has 63 bits for both
  std::uint64_t count = 0;
};

struct FetchItem;

/// A row of the table of items.
struct FetchItemKind {
  enum Trait : std::uint8_t {
    octets = 1,  // the message itself is needed, not only the store's facts
    seen = 2,    // sets \Seen (RFC 3501 section 6.4.5)
    header = 4,  // the header section is needed, and nothing behind it
    facts = 8,   // the store's facts are needed, not only UID, modseq and flags
  };
  std::string_view name;        // as in the command; one that ends in "[" is followed by a section
  std::string_view capability;  // what it belongs to; empty: the base protocol
  std::uint8_t traits;
  /// Writes the item's name and value.
  void (*write)(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);
  /// Reads what follows the name; null: nothing does.
  bool (*parse)(Cursor& cursor, FetchItem& item) = nullptr;
  EnabledSet enables = 0;  // asking for it turns this on
};

struct FetchItem {
  const FetchItemKind* kind = nullptr;
  Section section;                 // of the items with a section
  std::optional<Partial> partial;  // of the same
  std::string label;               // of the same: "BODY[1.2]<0>", as the response names it
};

struct FetchRequest {
  std::vector<FetchItem> items;
  Uses uses;
  bool needs_facts = false;   // something besides UID, modseq and flags
  bool needs_octets = false;  // something besides the store's facts
  bool needs_body = false;    // something behind the header section
  bool sets_seen = false;     // some item sets \Seen
  bool has(std::string_view name) const;
  /// Adds an item without arguments.
  void add(std::string_view name, bool in_front = false);
  /// Adds those items of `other` that are not here.
  void add(const FetchRequest& other);
};

std::span<const FetchItemKind> fetch_item_kinds();
/// A macro, one item, or a list of items in parentheses.
bool parse_fetch_items(Cursor& cursor, FetchRequest& out);
/// "HEADER.FIELDS (From)" without brackets; also writes its canonical form into `label`.
bool parse_section(Cursor& cursor, Section& out, std::string& label);
/// "1.2" or nothing.
bool parse_part_numbers(Cursor& cursor, Section& out, std::string& label);
/// "<0.1024>" or nothing; the label gets "<0>".
bool parse_partial(Cursor& cursor, FetchItem& item);

}  // namespace mailscope::imap
