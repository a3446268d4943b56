// SEARCH (RFC 3501 section 6.4.4), answered with SEARCH or ESEARCH (RFC 4731).
//
//   C: a UID SEARCH CHARSET UTF-8 UNSEEN SUBJECT {6}
//   C: Grüße
//   S: * SEARCH 2 84 882
//   S: a OK Searched
#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/progress.hpp"
#include "server/imap/search_return.hpp"
#include "server/imap/search_run.hpp"

namespace mailscope::imap {
namespace {

class Search final : public Ongoing {
 public:
  Search(Session& session, SearchReturn wanted, SearchProgram program, Numbering numbering)
      : wanted_(std::move(wanted)),
        by_modseq_((program.uses.enables() & kCondstore) != 0),
        by_number_(program.by_number),
        run_(session, *session.view(), settled(session, std::move(program))),
        numbering_(numbering) {}

  bool busy() const override { return true; }

  /// The results are to be kept up to date.
  void keep(SearchContext context) { context_ = std::move(context); }

  std::optional<Reply> on_room(Session& session) override {
    if (!run_.step()) {
      progress_.tell(session, run_.looked_at(), run_.to_look_at());
      return std::nullopt;
    }
    answer(session);
    if (context_) {
      std::vector<SortRow> results;
      for (const SearchHit& hit : run_.hits())
        results.push_back({hit.position, session.view()->uid_at(hit.position), {}});
      session.contexts().offer(session, std::move(*context_), std::move(results));
    }
    Reply reply = ok("Searched");
    // RFC 7162 section 3.2.10.2: also UID SEARCH holds back what changes the numbers it speaks in.
    reply.keeps_numbers = by_number_;
    return reply;
  }

 private:
  void answer(Session& session) {
    const MailboxView& view = *session.view();
    if (wanted_.has(SearchReturn::save)) save(session);
    std::vector<std::uint32_t> numbers;
    numbers.reserve(run_.hits().size());
    for (const SearchHit& hit : run_.hits()) {
      numbers.push_back(numbering_ == Numbering::uid ? view.uid_at(hit.position)
                                                     : hit.position + 1);
    }
    ResponseWriter& out = session.out();
    // RFC 9051 section 6.4.4: IMAP4rev2 knows no SEARCH response.
    if (wanted_.given || session.style().rev2()) {
      if (wanted_.options == 0) wanted_.options = SearchReturn::all;
      SearchResult result;
      result.numbers = numbers;
      if (by_modseq_) result.modseq = modseq_of_result(wanted_, run_.hits());
      write_esearch(out, session.tag(), numbering_, wanted_, result);
      return;
    }
    out.begin("*").text("SEARCH");
    for (const std::uint32_t number : numbers) out.text(" ").number(number);
    if (by_modseq_ && !numbers.empty()) {
      out.text(" (MODSEQ ").number(modseq_of_result({}, run_.hits())).text(")");
    }
    out.end();
  }

  void save(Session& session) {
    std::vector<store::Uid> uids;
    for (const SearchHit& hit : saved_hits(wanted_, run_.hits()))
      uids.push_back(session.view()->uid_at(hit.position));
    session.save_result(std::move(uids));
  }

  SearchReturn wanted_;
  bool by_modseq_;
  bool by_number_;
  SearchRun run_;
  Progress progress_;
  std::optional<SearchContext> context_;
  Numbering numbering_;
};

}  // namespace

Outcome run_search(Session& session, Cursor& arguments, Numbering numbering) {
  SearchReturn wanted;
  SearchProgram program;
  if (!arguments.space() || !parse_search_return(arguments, wanted) ||
      !parse_search(arguments, program) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (auto reply = session.unusable(wanted.uses)) return std::move(*reply);
  if (auto reply = session.unusable(program.uses)) return std::move(*reply);
  if (auto reply = session.unsearchable(program)) return std::move(*reply);
  session.enable(program.uses.enables());
  if (!program.charset_known) {
    // RFC 5182 section 2.1: a search that fails leaves nothing saved.
    if (wanted.has(SearchReturn::save)) session.save_result({});
    return bad_charset();
  }
  std::optional<SearchContext> context;
  if (wanted.has(SearchReturn::update)) {
    if (session.contexts().knows(session.tag())) return bad("Tag reuse");
    context = SearchContext{session.tag(),       numbering,        settled(session, program), {},
                            session.collation(), wanted.attributes};
  }
  auto search = std::make_unique<Search>(session, std::move(wanted), std::move(program), numbering);
  if (context) search->keep(std::move(*context));
  if (auto reply = search->on_room(session)) return std::move(*reply);
  return search;
}

}  // namespace mailscope::imap
