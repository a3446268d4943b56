// A search program at work on the selected mailbox, a slice of it at a time: SEARCH and whatever
// else begins with a search (SORT, THREAD).
#pragma once

#include <optional>
#include <vector>

#include "server/imap/search_match.hpp"
#include "server/imap/search_return.hpp"
#include "server/imap/session.hpp"
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {

struct SearchHit {
  std::uint32_t position;  // in the view
  store::ModSeq modseq;
};

/// Settles what depends on the session: "$", which is nothing where another mailbox than the
/// `selected` one is searched, and what is relative to now.
SearchProgram settled(const Session& session, SearchProgram program, bool selected = true);

class SearchRun {
 public:
  /// The view must stay as it is until the run is done. `program`: settled.
  SearchRun(Session& session, const MailboxView& view, SearchProgram program);
  /// Does one slice; true when all messages have been looked at.
  bool step();
  /// Rising by position, once done.
  const std::vector<SearchHit>& hits() const { return hits_; }
  /// How far it has come, for those who wait (RFC 9585).
  std::uint32_t looked_at() const { return looked_at_; }
  std::uint32_t to_look_at() const { return total_; }

 private:
  struct Row {
    std::uint32_t position;
    store::MessageInfo info;
  };
  SearchedMessage searched(std::uint32_t position, const store::MessageInfo& info) const;
  std::vector<PositionRange> candidates();
  bool may_match(store::Uid uid) const;
  void look_at_headers();
  bool look_at_facts(std::uint32_t position, const store::MessageInfo& info);
  bool look_at_octets();

  Session& session_;
  SearchProgram program_;
  const MailboxView& view_;
  SearchMatcher matcher_;
  std::optional<std::vector<store::Uid>> listed_;  // by the store's index: no others can match
  std::vector<PositionRange> candidates_;          // among these are they
  ViewScan scan_;
  std::vector<Row> undecided_;  // need their octets
  std::size_t next_ = 0;        // of undecided_
  std::size_t slice_messages_ = 0;
  std::size_t slice_octets_ = 0;
  std::vector<SearchHit> hits_;
  std::uint32_t looked_at_ = 0;
  std::uint32_t total_ = 0;
};

/// The mod-sequence that goes with a result (RFC 7162 section 3.1.5): the highest of the messages
/// that the answer names.
store::ModSeq modseq_of_result(const SearchReturn& wanted, std::span<const SearchHit> hits);
/// Which of the hits SAVE keeps (RFC 5182 section 2.1, RFC 9394 section 3.2): all, unless only the
/// ends or a page were asked for; those rising by position. `hits`: in the order of the answer.
std::vector<SearchHit> saved_hits(const SearchReturn& wanted, std::span<const SearchHit> hits);

}  // namespace mailscope::imap
