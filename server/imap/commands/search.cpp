// SEARCH (RFC 3501 section 6.4.4).
//
//   C: a UID SEARCH CHARSET UTF-8 UNSEEN SUBJECT {6}
//   C: Grüße
//   S: * SEARCH 2 84 882
//   S: a OK Searched
#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/search_match.hpp"
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {
namespace {

class Search {
 public:
  Search(Session& session, const SearchKey& root, Numbering numbering)
      : session_(session), view_(*session.view()), matcher_(root, view_), numbering_(numbering) {}

  std::vector<std::uint32_t> run() {
    ViewScan scan(matcher_.candidates());
    while (!scan.done()) {
      scan.run(session_.store(), view_,
               [this](std::uint32_t position, const store::MessageInfo& info) {
                 look_at_facts(position, info);
                 return undecided_.size() < kFetchBatch;
               });
      look_at_octets();
    }
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  struct Row {
    std::uint32_t position;
    store::MessageInfo info;
  };

  SearchedMessage searched(std::uint32_t position, const store::MessageInfo& info) const {
    return {position + 1, &info, view_.is_recent(info.uid), {}};
  }
  void found(std::uint32_t position, const store::MessageInfo& info) {
    found_.push_back(numbering_ == Numbering::uid ? info.uid : position + 1);
  }
  void look_at_facts(std::uint32_t position, const store::MessageInfo& info) {
    const auto decided = matcher_.decide(searched(position, info));
    if (!decided)
      undecided_.push_back({position, info});
    else if (*decided)
      found(position, info);
  }
  // The store is not asked for octets while it is being scanned.
  void look_at_octets() {
    for (const Row& row : undecided_) {
      std::optional<MessageView> message;
      SearchedMessage one = searched(row.position, row.info);
      one.open = [&]() -> MessageView* {
        if (!message) {
          auto body = session_.store().body(view_.id(), row.info.uid);
          if (!body) return nullptr;
          message.emplace(std::move(body));
        }
        return &*message;
      };
      if (matcher_.matches(one)) found(row.position, row.info);
    }
    undecided_.clear();
  }

  Session& session_;
  const MailboxView& view_;
  SearchMatcher matcher_;
  Numbering numbering_;
  std::vector<Row> undecided_;
  std::vector<std::uint32_t> found_;
};

}  // namespace

Outcome run_search(Session& session, Cursor& arguments, Numbering numbering) {
  SearchProgram program;
  if (!arguments.space() || !parse_search(arguments, program) || !arguments.end())
    return syntax_error(arguments);
  if (!program.charset_known) {
    return no("Search strings may be in UTF-8 or US-ASCII", "BADCHARSET (UTF-8 US-ASCII)");
  }
  const std::vector<std::uint32_t> found = Search(session, program.root, numbering).run();
  auto& out = session.out().begin("*").text("SEARCH");
  for (const std::uint32_t number : found) out.text(" ").number(number);
  out.end();
  return ok("Searched");
}

}  // namespace mailscope::imap
