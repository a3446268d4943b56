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

  std::optional<Reply> on_room(Session& session) override {
    if (!run_ && !next(session)) return ok("Searched");
    if (!run_->step()) return std::nullopt;
    answer(session);
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
    run_.emplace(session, view, settled(session, program_));
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
    write_esearch(session.out(), session.tag(), Numbering::uid, wanted_, result);
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
};

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
  if (!program.charset_known) return bad_charset();
  const bool selected =
      filters.empty() || std::any_of(filters.begin(), filters.end(),
                                     [](const MailboxFilter& f) { return f.is_selected(); });
  const bool others = std::any_of(filters.begin(), filters.end(),
                                  [](const MailboxFilter& f) { return !f.is_selected(); });
  if (selected && session.view() == nullptr) return bad("Select a mailbox first");
  // They are for the selected mailbox alone, and SEARCH has them.
  if (wanted.has(SearchReturn::save) || wanted.has(SearchReturn::update))
    return bad("SAVE and UPDATE go with SEARCH only");
  if (wanted.options == 0) wanted.options = SearchReturn::all;
  std::vector<store::MailboxInfo> mailboxes;
  if (others) mailboxes = sources(session, filters);
  if (mailboxes.size() > kMaxSearchedMailboxes)
    return no("At most " + std::to_string(kMaxSearchedMailboxes) + " mailboxes at a time", "LIMIT");
  return std::make_unique<MultiSearch>(std::move(wanted), std::move(program), std::move(mailboxes),
                                       selected);
}

}  // namespace mailscope::imap
