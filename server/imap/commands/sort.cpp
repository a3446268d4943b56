// SORT (RFC 5256), with the results of ESEARCH in that order (ESORT, RFC 5267 section 3).
//
//   C: a SORT (SUBJECT REVERSE DATE) UTF-8 SINCE 1-Feb-1994
//   S: * SORT 5 3 4 1 2
//   S: a OK Sorted
//   C: b UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED
//   S: * ESEARCH (TAG "b") UID ALL 23765,23764,23763
//   S: b OK Sorted
#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/header_pass.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/progress.hpp"
#include "server/imap/search_return.hpp"
#include "server/imap/search_run.hpp"
#include "server/imap/sort_program.hpp"

namespace mailscope::imap {
namespace {

class Sort final : public Ongoing {
 public:
  Sort(Session& session, SearchReturn wanted, SortProgram order, SearchProgram program,
       Numbering numbering)
      : wanted_(std::move(wanted)),
        order_(std::move(order)),
        collation_(session.collation()),
        by_modseq_((program.uses.enables() & kCondstore) != 0),
        by_number_(program.by_number),
        run_(session, *session.view(), settled(session, std::move(program))),
        numbering_(numbering) {}

  /// The results are to be kept up to date.
  void keep(SearchContext context) { context_ = std::move(context); }

  bool busy() const override { return true; }

  std::optional<Reply> on_room(Session& session) override {
    if (!pass_) {
      if (!run_.step()) {
        progress_.tell(session, run_.looked_at(), run_.to_look_at());
        return std::nullopt;
      }
      std::vector<std::uint32_t> positions;
      for (const SearchHit& hit : run_.hits()) positions.push_back(hit.position);
      rows_.reserve(positions.size());
      pass_.emplace(session.store(), *session.view(), std::move(positions), needs_header(order_));
    }
    const bool done = pass_->step(
        [this](std::uint32_t position, const store::MessageInfo& info, MessageView& message) {
          rows_.push_back(sort_row(order_, collation_, position, info, &message));
        });
    if (!done) {
      progress_.tell(session, run_.to_look_at(), run_.to_look_at());
      return std::nullopt;
    }
    std::sort(rows_.begin(), rows_.end(),
              [this](const SortRow& a, const SortRow& b) { return sorts_before(order_, a, b); });
    answer(session);
    if (context_) session.contexts().offer(session, std::move(*context_), std::move(rows_));
    Reply reply = ok("Sorted");
    reply.keeps_numbers = by_number_;
    return reply;
  }

 private:
  void answer(Session& session) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(rows_.size());
    for (const SortRow& row : rows_)
      numbers.push_back(numbering_ == Numbering::uid ? row.uid : row.position + 1);
    const std::vector<SearchHit> hits = hits_in_order();
    if (wanted_.has(SearchReturn::save)) save(session, hits);
    ResponseWriter& out = session.out();
    if (wanted_.given) {
      SearchResult result;
      result.numbers = numbers;  // RFC 5267 section 3.1: MIN and MAX are the ends of this order
      if (by_modseq_) result.modseq = modseq_of_result(wanted_, hits);
      write_esearch(out, session.tag(), numbering_, wanted_, result);
      return;
    }
    out.begin("*").text("SORT");
    for (const std::uint32_t number : numbers) out.text(" ").number(number);
    // RFC 7162 section 3.1.9.
    if (by_modseq_ && !numbers.empty())
      out.text(" (MODSEQ ").number(modseq_of_result({}, hits)).text(")");
    out.end();
  }

  std::vector<SearchHit> hits_in_order() const {
    std::vector<SearchHit> hits;
    hits.reserve(rows_.size());
    const auto& found = run_.hits();  // rising by position
    for (const SortRow& row : rows_) {
      const auto at = std::lower_bound(
          found.begin(), found.end(), row.position,
          [](const SearchHit& hit, std::uint32_t position) { return hit.position < position; });
      hits.push_back(*at);
    }
    return hits;
  }

  // RFC 5267 section 3: as in SEARCH.
  void save(Session& session, const std::vector<SearchHit>& hits) {
    std::vector<store::Uid> uids;
    for (const SearchHit& hit : saved_hits(wanted_, hits))
      uids.push_back(session.view()->uid_at(hit.position));
    std::sort(uids.begin(), uids.end());
    session.save_result(std::move(uids));
  }

  SearchReturn wanted_;
  SortProgram order_;
  Collation collation_;
  bool by_modseq_;
  bool by_number_;
  SearchRun run_;
  Numbering numbering_;
  Progress progress_;
  std::optional<HeaderPass> pass_;
  std::vector<SortRow> rows_;
  std::optional<SearchContext> context_;
};

}  // namespace

Outcome run_sort(Session& session, Cursor& arguments, Numbering numbering) {
  SearchReturn wanted;
  SortProgram order;
  SearchProgram program;
  if (!arguments.space() || !parse_search_return(arguments, wanted, SearchUse::sort) ||
      !parse_sort_program(arguments, session.offers("SORT=DISPLAY"), order) || !arguments.space() ||
      !parse_search_with_charset(arguments, program) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (auto reply = session.unusable(wanted.uses)) return std::move(*reply);
  if (auto reply = session.unusable(program.uses)) return std::move(*reply);
  if (auto reply = session.unsearchable(program)) return std::move(*reply);
  session.enable(program.uses.enables());
  if (!program.charset_known) return bad_charset();
  std::optional<SearchContext> context;
  if (wanted.has(SearchReturn::update)) {
    if (session.contexts().knows(session.tag())) return bad("Tag reuse");
    context = SearchContext{session.tag(), numbering,           settled(session, program),
                            order,         session.collation(), wanted.attributes};
  }
  auto sort = std::make_unique<Sort>(session, std::move(wanted), std::move(order),
                                     std::move(program), numbering);
  if (context) sort->keep(std::move(*context));
  if (auto reply = sort->on_room(session)) return std::move(*reply);
  return sort;
}

}  // namespace mailscope::imap
