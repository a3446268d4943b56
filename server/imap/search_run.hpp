// A search program at work on the selected mailbox, a slice of it at a time: SEARCH and whatever
// else begins with a search (SORT, THREAD).
#pragma once

#include <optional>
#include <vector>

#include "server/imap/search_match.hpp"
#include "server/imap/session.hpp"
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {

struct SearchHit {
  std::uint32_t position;  // in the view
  store::ModSeq modseq;
};

class SearchRun {
 public:
  /// The selected mailbox must stay selected, and its view as it is, until the run is done.
  SearchRun(Session& session, SearchProgram program);
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
  bool look_at_facts(std::uint32_t position, const store::MessageInfo& info);
  bool look_at_octets();

  Session& session_;
  SearchProgram program_;
  const MailboxView& view_;
  SearchMatcher matcher_;
  std::vector<PositionRange> candidates_;
  ViewScan scan_;
  std::vector<Row> undecided_;  // need their octets
  std::size_t next_ = 0;        // of undecided_
  std::size_t slice_messages_ = 0;
  std::size_t slice_octets_ = 0;
  std::vector<SearchHit> hits_;
  std::uint32_t looked_at_ = 0;
  std::uint32_t total_ = 0;
};

}  // namespace mailscope::imap
