// What SEARCH (and its like: SORT, THREAD, MULTISEARCH) is to give back (RFC 4731, RFC 5182, RFC
// 9394), and the ESEARCH response:
//
//   C: a UID SEARCH RETURN (MIN COUNT) UNSEEN
//   S: * ESEARCH (TAG "a") UID MIN 7 COUNT 3
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/imap/capabilities.hpp"
#include "server/imap/command_table.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/fetch_items.hpp"
#include "server/imap/response_writer.hpp"

namespace mailscope::imap {

/// "1:100" from the first result, "-1:-100" from the last (RFC 9394 section 3.1).
struct ResultRange {
  std::uint32_t first = 1;  // first <= last
  std::uint32_t last = 1;
  bool from_end = false;
  bool turned = false;  // the client has written the last one first
};
bool parse_result_range(Cursor& cursor, ResultRange& out);
/// Of `size` results: offset of the first and number of those in the range.
std::pair<std::size_t, std::size_t> cut(const ResultRange& range, std::size_t size);
/// "1:100" or "-1:-100".
std::string to_string(const ResultRange& range);

struct SearchReturn {
  enum Option : std::uint16_t {
    min = 1,
    max = 2,
    all = 4,
    count = 8,
    save = 16,
    partial = 32,
    context = 64,  // a hint (RFC 5267 section 4.2): every search here may be repeated
    update = 128
  };
  bool given = false;         // RETURN (...) was there, whatever was in it
  std::uint16_t options = 0;  // bits of Option
  ResultRange range;          // of PARTIAL
  FetchRequest attributes;    // of UPDATE: what to send of new messages (RFC 5465 section 7)
  Uses uses;
  bool has(Option option) const { return (options & option) != 0; }
};

/// The command whose results are meant: options of SORT belong to other extensions.
enum class SearchUse : std::uint8_t { search, sort };
/// "RETURN (...) " or nothing.
bool parse_search_return(Cursor& cursor, SearchReturn& out, SearchUse use = SearchUse::search);

struct SearchResult {
  std::span<const std::uint32_t> numbers;  // in the order of the answer
  bool rising = true;                      // so that MIN and MAX are its ends
  std::string_view mailbox;                // of MULTISEARCH (RFC 7377 section 2.1), or empty
  std::uint32_t uid_validity = 0;          // with it
  std::uint64_t modseq = 0;                // 0: not told (RFC 7162 section 3.1.5)
};

/// The whole ESEARCH line for what `wanted` asks; nothing when only SAVE was asked for.
void write_esearch(ResponseWriter& out, std::string_view tag, Numbering numbering,
                   const SearchReturn& wanted, const SearchResult& result);

}  // namespace mailscope::imap
