// ESEARCH, a search in several mailboxes (MULTISEARCH, RFC 7377).
//
//   C: a ESEARCH IN (mailboxes "folder1" subtree "folder2") UNSEEN
//   S: * ESEARCH (TAG "a" MAILBOX folder1 UIDVALIDITY 1) UID ALL 4001,4003,4005
//   S: * ESEARCH (TAG "a" MAILBOX folder2/banana UIDVALIDITY 503) UID ALL 3002,4004
//   S: a OK Searched
#include <algorithm>

#include "server/imap/access.hpp"
#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/mailbox_filter.hpp"
#include "server/imap/progress.hpp"
#include "server/imap/search_return.hpp"
#include "server/imap/search_run.hpp"

namespace mailscope::imap {
namespace {

// esearch-source-opts = "IN" SP "(" filter *(SP filter) ")"
bool parse_sources(Cursor& cursor, std::vector<MailboxFilter>& out) {
  Cursor in = cursor;
  if (!in.word("IN") || !in.space() || in.peek() != '(') return true;
  cursor = in;
  cursor.skip(1);
  do {
    if (out.size() >= kMaxNotifyGroups) return cursor.expected("fewer filters before this,");
    if (!parse_mailbox_filter(cursor, FilterUse::esearch, kMaxNotifyNames, out.emplace_back()))
      return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')') && cursor.space();
}

// The mailboxes that are meant, each once; what may not be read is passed over (section 2.2).
std::vector<store::MailboxInfo> sources(const Session& session,
                                        const std::vector<MailboxFilter>& filters) {
  const Access access = session.access();
  const auto subscriptions = session.store().subscriptions(session.account());
  std::vector<store::MailboxInfo> found;
  std::vector<store::MailboxInfo> all = access.visible();
  // A mailbox that is named need not be listable.
  for (const MailboxFilter& filter : filters) {
    for (const std::string& name : filter.names) {
      auto info = access.find(name);
      const auto same = [&](const store::MailboxInfo& other) { return other.id == info->id; };
      if (info && std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(*info));
    }
  }
  for (store::MailboxInfo& info : all) {
    const bool own = access.locate(info.name).own;
    const bool subscribed =
        std::binary_search(subscriptions.begin(), subscriptions.end(), info.name);
    const bool wanted =
        std::any_of(filters.begin(), filters.end(), [&](const MailboxFilter& filter) {
          return filter_matches(filter, info.name, own, subscribed);
        });
    if (wanted && access.rights(info.id).has(Right::read)) found.push_back(std::move(info));
  }
  return found;
}

class MultiSearch final : public Ongoing {
 public:
  MultiSearch(SearchReturn wanted, SearchProgram program, std::vector<store::MailboxInfo> mailboxes,
              bool selected)
      : wanted_(std::move(wanted)),
        program_(std::move(program)),
        mailboxes_(std::move(mailboxes)),
        selected_(selected) {}

  bool busy() const override { return true; }

  /// The results in the selected mailbox are to be kept up to date.
  void keep(SearchContext context) { context_ = std::move(context); }

  std::optional<Reply> on_room(Session& session) override {
    if (!run_ && !next(session)) {
      // Section 2.2: there are updates of the selected mailbox only, and it was not searched.
      if (context_) SearchContexts::refuse(session, context_->tag);
      return ok("Searched");
    }
    if (!run_->step()) {
      progress_.tell(session, at_, mailboxes_.size());
      return std::nullopt;
    }
    answer(session);
    if (view_ == session.view()) keep_results(session);
    run_.reset();
    return std::nullopt;
  }

 private:
  // Opens the next mailbox; false: that was the last.
  bool next(Session& session) {
    own_view_.reset();
    if (selected_) {
      selected_ = false;
      const auto info = session.store().mailbox(session.view()->id());
      if (info) return begin(session, session.mailbox_name(), *session.view());
    }
    while (at_ < mailboxes_.size()) {
      const store::MailboxInfo& candidate = mailboxes_[at_++];
      const auto info = session.store().mailbox(candidate.id);
      if (!info || (session.view() != nullptr && searched_selected_ &&
                    session.view()->id() == candidate.id)) {
        continue;
      }
      own_view_.emplace(session.store(), *info, true);
      return begin(session, candidate.name, *own_view_);
    }
    return false;
  }

  bool begin(Session& session, std::string name, const MailboxView& view) {
    searched_selected_ = searched_selected_ || &view == session.view();
    name_ = std::move(name);
    view_ = &view;
    run_.emplace(session, view, settled(session, program_, &view == session.view()));
    return true;
  }

  // Section 2.1: nothing is said of a mailbox without matches.
  void answer(Session& session) {
    std::vector<std::uint32_t> uids;
    for (const SearchHit& hit : run_->hits()) uids.push_back(view_->uid_at(hit.position));
    if (uids.empty()) return;
    SearchResult result;
    result.numbers = uids;
    result.mailbox = name_;
    result.uid_validity = view_->uid_validity();
    if ((program_.uses.enables() & kCondstore) != 0)
      result.modseq = modseq_of_result(wanted_, run_->hits());
    write_esearch(session.out(), session.tag(), Numbering::uid, wanted_, result);
  }

  // What SAVE and UPDATE ask for.
  void keep_results(Session& session) {
    const auto uid_of = [this](const SearchHit& hit) { return view_->uid_at(hit.position); };
    if (wanted_.has(SearchReturn::save)) {
      std::vector<store::Uid> uids;
      for (const SearchHit& hit : saved_hits(wanted_, run_->hits())) uids.push_back(uid_of(hit));
      session.save_result(std::move(uids));
    }
    if (!context_) return;
    std::vector<SortRow> rows;
    for (const SearchHit& hit : run_->hits()) rows.push_back({hit.position, uid_of(hit), {}});
    session.contexts().offer(session, *std::exchange(context_, std::nullopt), std::move(rows));
  }

  SearchReturn wanted_;
  SearchProgram program_;
  std::vector<store::MailboxInfo> mailboxes_;
  bool selected_;  // still to be searched
  bool searched_selected_ = false;
  std::size_t at_ = 0;
  std::optional<MailboxView> own_view_;
  const MailboxView* view_ = nullptr;
  std::string name_;
  std::optional<SearchRun> run_;
  std::optional<SearchContext> context_;
  Progress progress_;
};

bool names_selected(const MailboxFilter& filter) {
  return filter.is_selected();
}

// RFC 7377 section 2.2: what SAVE and UPDATE need.
std::optional<Reply> misplaced(Session& session, const SearchReturn& wanted, bool others) {
  if (wanted.has(SearchReturn::save) && others)
    return bad("SAVE goes with a search of the selected mailbox alone");
  if (!wanted.has(SearchReturn::update)) return std::nullopt;
  if (session.view() == nullptr) return bad("UPDATE goes with a selected mailbox");
  if (session.contexts().knows(session.tag())) return bad("Tag reuse");
  return std::nullopt;
}

}  // namespace

Outcome run_esearch(Session& session, Cursor& arguments, Numbering) {
  std::vector<MailboxFilter> filters;
  SearchReturn wanted;
  SearchProgram program;
  if (!arguments.space() || !parse_sources(arguments, filters) ||
      !parse_search_return(arguments, wanted, SearchUse::search) ||
      !parse_search(arguments, program) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (auto reply = session.unusable(wanted.uses)) return std::move(*reply);
  if (auto reply = session.unusable(program.uses)) return std::move(*reply);
  if (auto reply = session.unsearchable(program)) return std::move(*reply);
  bool selected = filters.empty() || std::any_of(filters.begin(), filters.end(), names_selected);
  const bool others = !std::all_of(filters.begin(), filters.end(), names_selected);
  if (selected && session.view() == nullptr) return bad("Select a mailbox first");
  if (auto reply = misplaced(session, wanted, others)) return std::move(*reply);
  session.enable(program.uses.enables());
  if (!program.charset_known) {
    if (wanted.has(SearchReturn::save)) session.save_result({});
    return bad_charset();
  }
  if (wanted.options == 0) wanted.options = SearchReturn::all;
  std::vector<store::MailboxInfo> mailboxes;
  if (others) mailboxes = sources(session, filters);
  if (mailboxes.size() > kMaxSearchedMailboxes)
    return no("At most " + std::to_string(kMaxSearchedMailboxes) + " mailboxes at a time", "LIMIT");
  std::optional<SearchContext> context;
  if (wanted.has(SearchReturn::update)) {
    // However it was named, updates are of the client's picture of it.
    const store::MailboxId id = session.view()->id();
    selected = selected || std::any_of(mailboxes.begin(), mailboxes.end(),
                                       [id](const store::MailboxInfo& m) { return m.id == id; });
    context = SearchContext{.tag = session.tag(),
                            .numbering = Numbering::uid,
                            .program = settled(session, program),
                            .order = {},
                            .collation = session.collation(),
                            .attributes = wanted.attributes,
                            .by_esearch = true};
  }
  auto search = std::make_unique<MultiSearch>(std::move(wanted), std::move(program),
                                              std::move(mailboxes), selected);
  if (context) search->keep(std::move(*context));
  return search;
}

}  // namespace mailscope::imap
