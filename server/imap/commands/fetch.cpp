// FETCH (RFC 3501 section 6.4.5), produced bit by bit as the output drains.
//
//   C: a FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
//   S: * 2 FETCH (FLAGS (\Seen) BODY[HEADER.FIELDS (DATE FROM)] {87}
//   S: ...
//   S: a OK Fetched
#include "server/imap/commands/commands.hpp"
#include "server/imap/fetch_writer.hpp"
#include "server/imap/view_scan.hpp"

namespace mailscope::imap {
namespace {

class Fetch final : public Ongoing {
 public:
  Fetch(FetchRequest request, std::vector<PositionRange> ranges, Numbering numbering)
      : request_(std::move(request)), scan_(std::move(ranges)), numbering_(numbering) {}

  std::optional<Reply> on_room(Session& session) override {
    while (session.has_room()) {
      if (next_ < batch_.size()) {
        write_message(session, batch_[next_++]);
      } else if (scan_.done()) {
        return done(session);
      } else if (request_.needs_octets) {
        fill_batch(session);
      } else {
        write_facts(session);
      }
    }
    return std::nullopt;
  }

 private:
  void write_facts(Session& session) {
    const MailboxView& view = *session.view();
    FetchedMessage fetched;
    fetched.session = &session;
    const ResponseStyle style = session.style();
    scan_.run(session.store(), view, [&](std::uint32_t position, const store::MessageInfo& info) {
      fetched.number = position + 1;
      fetched.info = &info;
      fetched.recent = view.is_recent(info.uid);
      write_fetch(session.out(), style, request_, fetched);
      return session.has_room();
    });
  }

  // The store must not be changed or asked for octets while it is being scanned, so facts are read
  // for a few messages at a time.
  void fill_batch(Session& session) {
    batch_.clear();
    next_ = 0;
    scan_.run(session.store(), *session.view(),
              [&](std::uint32_t position, const store::MessageInfo& info) {
                batch_.push_back({position + 1, info});
                return batch_.size() < kFetchBatch;
              });
  }

  struct Row {
    std::uint32_t number;
    store::MessageInfo info;
  };

  void write_message(Session& session, Row& row) {
    MailboxView& view = *session.view();
    const store::Body body = session.store().body(view.id(), row.info.uid);
    if (!body) {
      ++missing_;
      return;
    }
    FetchedMessage fetched;
    fetched.session = &session;
    if (request_.sets_seen && !view.read_only() && (row.info.flags.system & store::kSeen) == 0) {
      const auto changed = session.store().change_flags(view.id(), {row.info.uid},
                                                        store::FlagChange::add, {store::kSeen, {}});
      if (!changed.empty()) {
        row.info = changed.front();
        view.told(row.info.uid, row.info.modseq);
        seen_.push_back(row.info.uid);
        // RFC 3501 section 6.4.5: the new flags belong into this response.
        fetched.flags_too = !request_.has("FLAGS");
      }
    }
    MessageView message(body);
    fetched.number = row.number;
    fetched.info = &row.info;
    fetched.recent = view.is_recent(row.info.uid);
    fetched.message = &message;
    write_fetch(session.out(), session.style(), request_, fetched);
    if (fetched.problem) problem_ = std::move(fetched.problem);
  }

  Reply done(Session& session) {
    if (!seen_.empty()) {
      session.tracer().record(trace::Kind::store_flags, {session.account(), session.mailbox_name(),
                                                         format_set(seen_), "+FLAGS (\\Seen)"});
    }
    if (problem_) return std::move(*problem_);
    // RFC 2180 section 4.1: somebody else has expunged messages that this client still numbers.
    if (missing_ + scan_.missing() > 0 && numbering_ == Numbering::sequence)
      return no("Some of the messages are gone", "EXPUNGEISSUED");
    return ok("Fetched");
  }

  FetchRequest request_;
  ViewScan scan_;
  Numbering numbering_;
  std::uint32_t missing_ = 0;
  std::vector<Row> batch_;
  std::size_t next_ = 0;
  std::vector<store::Uid> seen_;
  std::optional<Reply> problem_;  // what could not be had of some message
};

}  // namespace

Outcome run_fetch(Session& session, Cursor& arguments, Numbering numbering) {
  SequenceSet set;
  FetchRequest request;
  if (!arguments.space() || !parse_sequence_set(arguments, set) || !arguments.space() ||
      !parse_fetch_items(arguments, request) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);
  auto found = positions(session, set, numbering);
  if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
  // RFC 3501 section 6.4.8: UID FETCH answers with the UID, asked for or not.
  if (numbering == Numbering::uid && !request.has("UID")) request.add("UID", true);
  return std::make_unique<Fetch>(std::move(request),
                                 std::move(std::get<std::vector<PositionRange>>(found)), numbering);
}

}  // namespace mailscope::imap
