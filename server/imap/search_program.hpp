// SEARCH's keys as a tree (RFC 3501 section 6.4.4):
//
//   UNSEEN OR FROM "bob" SUBJECT "lunch" NOT DELETED
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "server/imap/capabilities.hpp"
#include "server/imap/collation.hpp"
#include "server/imap/cursor.hpp"
#include "server/imap/sequence_set.hpp"
#include "server/net/time.hpp"

namespace mailscope::imap {

struct SearchKey {
  enum class Kind : std::uint8_t {
    all_of,
    any_of,
    negation,  // `keys`
    everything,
    sequence,
    uid,  // `set`
    flag,
    no_flag,  // `flag`: bit of store::Flag
    keyword,
    no_keyword,  // `text`
    recent,
    fresh,
    old,  // fresh: NEW
    before,
    on,
    since,    // `day` of INTERNALDATE
    older,    // `seconds`, then `instant`
    younger,  // the same
    modseq,   // `modseq`
    saved_before,
    saved_on,
    saved_since,  // `day` of SAVEDATE
    email_id,
    thread_id,  // `text`
    larger,
    smaller,  // `number` of octets
    sent_before,
    sent_on,
    sent_since,  // `day` of Date:
    header,      // `field`, `text`
    body,
    text,  // `text`
  };
  Kind kind = Kind::everything;
  std::vector<SearchKey> keys;
  SequenceSet set;
  std::uint8_t flag = 0;
  std::uint64_t number = 0;
  std::uint32_t seconds = 0;
  std::uint64_t modseq = 0;
  net::Time instant{};  // what `seconds` means, once it is known when the search runs
  std::chrono::sys_days day;
  std::string field;
  std::string text;  // as sent; UTF-8 (US-ASCII is part of it)
};

struct SearchProgram {
  SearchKey root;  // all_of
  bool charset_given = false;
  bool charset_known = true;
  Collation collation = Collation::unicode_casemap;  // by which texts are found
  bool by_number = false;                            // some key is a set of message numbers
  Uses uses;
};

/// "[CHARSET name] key...": what stands behind SEARCH and its space.
bool parse_search(Cursor& cursor, SearchProgram& out);
/// "charset key...": what stands at the end of SORT and THREAD (RFC 5256 section 5).
bool parse_search_with_charset(Cursor& cursor, SearchProgram& out);

}  // namespace mailscope::imap
