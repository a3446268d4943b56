// Searches that a client wants to be kept informed of (CONTEXT=SEARCH and CONTEXT=SORT, RFC 5267):
//
//   C: b UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk
//   S: * ESEARCH (TAG "b") UID COUNT 74
//   S: b OK Searched
//   S: * 23762 FETCH (FLAGS (\Deleted $Junk))
//   S: * ESEARCH (TAG "b") UID ADDTO (0 32768)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/command_table.hpp"
#include "server/imap/fetch_items.hpp"
#include "server/imap/search_match.hpp"
#include "server/imap/sort_program.hpp"

namespace mailscope::imap {

class Session;

/// One search with UPDATE.
struct SearchContext {
  std::string tag;
  Numbering numbering = Numbering::sequence;
  SearchProgram program;
  SortProgram order;  // empty: in the order of the mailbox
  Collation collation = Collation::unicode_casemap;
  FetchRequest attributes;  // of new messages, sent with them (RFC 5465 section 7)
  bool by_esearch = false;  // its responses name the mailbox (RFC 7377 section 2.1)
};

/// Those of a session, on its selected mailbox.
class SearchContexts {
 public:
  SearchContexts();
  ~SearchContexts();
  bool empty() const { return entries_.empty(); }
  bool knows(std::string_view tag) const;
  /// False when there are too many (NOUPDATE), or too many results to keep.
  bool has_room_for(const SearchContext& context, std::size_t results) const;
  /// `results`: what the search has found, in its order; of a sorted one with what it is sorted by.
  void add(Session& session, SearchContext context, std::vector<SortRow> results);
  /// The same where there is room; else refuses.
  void offer(Session& session, SearchContext context, std::vector<SortRow> results);
  /// Tells the client that there will be no updates (RFC 5267 section 4.3.1).
  static void refuse(Session& session, const std::string& tag);
  /// CANCELUPDATE; false: there is no such context.
  bool cancel(std::string_view tag);
  void clear();

  /// Before EXPUNGE is sent: UIDs and numbers of what will be gone, numbers as they still are.
  void expunging(Session& session, const std::vector<store::Uid>& uids,
                 const std::vector<std::uint32_t>& numbers);
  /// Behind EXISTS and FETCH: looks again at what has changed since the last time ...
  void look(Session& session);
  /// ... adds what is to be sent of a message that has come into a context ...
  void add_attributes(store::Uid uid, FetchRequest& request) const;
  /// ... and tells what has come and gone.
  void tell(Session& session);

 private:
  struct Entry;
  void look_at(Session& session, Entry& entry, const std::vector<store::MessageInfo>& changed);
  std::vector<std::unique_ptr<Entry>> entries_;
  store::ModSeq known_ = 0;
};

}  // namespace mailscope::imap
