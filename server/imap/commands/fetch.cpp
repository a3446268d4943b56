// FETCH (RFC 3501 section 6.4.5), produced bit by bit as the output drains.
//
//   C: a FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
//   S: * 2 FETCH (FLAGS (\Seen) BODY[HEADER.FIELDS (DATE FROM)] {87}
//   S: ...
//   S: a OK Fetched
#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/fetch_modifiers.hpp"
#include "server/imap/fetch_writer.hpp"
#include "server/imap/view_scan.hpp"
#include "server/mail/downgrade.hpp"

namespace mailscope::imap {
namespace {

class Fetch final : public Ongoing {
 public:
  Fetch(const Session& session, FetchRequest request, std::vector<PositionRange> ranges,
        Numbering numbering)
      : request_(std::move(request)),
        tells_flags_(request_.has("FLAGS")),
        scan_(std::move(ranges)),
        numbering_(numbering),
        ascii_only_(session.takes_ascii_headers_only()),
        tells_size_(request_.has("RFC822.SIZE")) {}

  std::optional<Reply> on_room(Session& session) override {
    while (session.has_room()) {
      if (next_ < batch_.size()) {
        write_message(session, batch_[next_++]);
      } else if (scan_.done()) {
        return done(session);
      } else if (request_.needs_body || request_.sets_seen) {
        fill_batch(session);
      } else if (request_.needs_octets) {
        write_headers(session);
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
    const auto write = [&](std::uint32_t position, const store::MessageInfo& info) {
      if (put_off(position, info)) return false;
      fetched.number = position + 1;
      fetched.info = &info;
      fetched.recent = style.recent() && view.is_recent(info.uid);
      if (tells_flags_) session.announce_keywords(info.flags);
      write_fetch(session.out(), style, request_, fetched);
      return session.has_room();
    };
    if (request_.needs_facts)
      scan_.run(session.store(), view, write);
    else
      scan_.run_flags(session.store(), view, write);
  }

  void write_headers(Session& session) {
    const MailboxView& view = *session.view();
    FetchedMessage fetched;
    fetched.session = &session;
    const ResponseStyle style = session.style();
    scan_.run_headers(
        session.store(), view,
        [&](std::uint32_t position, const store::MessageInfo& info, std::string_view header) {
          if (put_off(position, info)) return false;
          MessageView stored(header);
          MessageView message(header);
          std::optional<std::string> older;
          fetched.stored = nullptr;
          if (ascii_only_ && info.utf8_headers && (older = mail::downgrade_message(header))) {
            message = MessageView(std::string_view(*older));
            fetched.stored = &stored;
          }
          fetched.number = position + 1;
          fetched.info = &info;
          fetched.recent = style.recent() && view.is_recent(info.uid);
          fetched.message = &message;
          if (shows_surrogate(request_, fetched)) downgraded_.push_back(info.uid);
          if (tells_flags_) session.announce_keywords(info.flags);
          write_fetch(session.out(), style, request_, fetched);
          return session.has_room();
        });
  }

  // The size of what older clients get needs the whole message, which cannot be had while the store
  // is being scanned.
  bool put_off(std::uint32_t position, const store::MessageInfo& info) {
    if (!ascii_only_ || !tells_size_ || !info.utf8_headers) return false;
    batch_.assign(1, {position + 1, info});
    next_ = 0;
    return true;
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
    if (request_.sets_seen && !view.read_only() && (row.info.flags.system & store::kSeen) == 0 &&
        session.access().rights(view.id()).has(Right::seen)) {
      const auto before = session.store().mailbox(view.id());
      const auto changed = session.store().change_flags(view.id(), {row.info.uid},
                                                        store::FlagChange::add, {store::kSeen, {}});
      if (!changed.empty()) {
        row.info = changed.front();
        // Somebody else may have set it meanwhile, together with others' flags.
        if (before && row.info.modseq > before->highest_modseq)
          view.told_all(before->highest_modseq, row.info.modseq);
        else
          view.told(row.info.uid, row.info.modseq);
        seen_.push_back(row.info.uid);
        // RFC 3501 section 6.4.5: the new flags belong into this response.
        fetched.flags_too = true;
      }
    }
    const store::Body shown = ascii_only_ ? session.surrogates().of(row.info, body) : body;
    MessageView stored(body);
    MessageView message(shown);
    if (shown != body) fetched.stored = &stored;
    fetched.number = row.number;
    fetched.info = &row.info;
    fetched.recent = session.style().recent() && view.is_recent(row.info.uid);
    fetched.message = &message;
    if (shows_surrogate(request_, fetched)) downgraded_.push_back(row.info.uid);
    if (tells_flags_ || fetched.flags_too) session.announce_keywords(row.info.flags);
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
    // RFC 6858 section 3: whoever debugs wants to know that these are not the messages themselves.
    return ok("Fetched", downgraded_.empty() ? "" : "DOWNGRADED " + format_set(downgraded_));
  }

  FetchRequest request_;
  bool tells_flags_;
  ViewScan scan_;
  Numbering numbering_;
  bool ascii_only_;  // no UTF-8 in headers
  bool tells_size_;
  std::vector<store::Uid> downgraded_;
  std::uint32_t missing_ = 0;
  std::vector<Row> batch_;
  std::size_t next_ = 0;
  std::vector<store::Uid> seen_;
  std::optional<Reply> problem_;  // what could not be had of some message
};

// RFC 7162 section 3.2.6, RFC 9394 section 3.3.
std::optional<Reply> misplaced(const Session& session, const FetchModifiers& modifiers,
                               Numbering numbering) {
  if (modifiers.vanished) {
    if (!session.style().qresync()) return bad("ENABLE QRESYNC comes before VANISHED");
    if (numbering != Numbering::uid || !modifiers.changed_since)
      return bad("VANISHED goes with UID FETCH and CHANGEDSINCE");
  }
  if (modifiers.partial && numbering != Numbering::uid) return bad("PARTIAL goes with UID FETCH");
  return std::nullopt;
}

// The messages of a page.
std::vector<PositionRange> page(const std::vector<PositionRange>& all, const ResultRange& range) {
  std::size_t size = 0;
  for (const PositionRange& r : all) size += r.last - r.first + 1;
  auto [skip, take] = cut(range, size);
  std::vector<PositionRange> out;
  for (const PositionRange& r : all) {
    const std::size_t here = r.last - r.first + 1;
    if (skip >= here) {
      skip -= here;
      continue;
    }
    if (take == 0) break;
    const auto first = static_cast<std::uint32_t>(r.first + skip);
    const std::size_t count = std::min(take, here - skip);
    out.push_back({first, static_cast<std::uint32_t>(first + count - 1)});
    skip = 0;
    take -= count;
  }
  return out;
}

// Those of them that have changed; what is gone is told at once.
std::vector<PositionRange> changed_since(Session& session, const SequenceSet& set,
                                         const std::vector<PositionRange>& among,
                                         const FetchModifiers& modifiers) {
  const MailboxView& view = *session.view();
  const store::Changes changes = session.store().changes(view.id(), *modifiers.changed_since);
  if (modifiers.vanished) {
    const auto asked = set.saved ? ranges_of(session.saved_result()) : resolve(set, 0xffffffff);
    std::vector<store::Uid> vanished;
    for (const store::Uid uid : changes.vanished) {
      // What the client has still a number for is told later, as news.
      if (contains(asked, uid) && !view.position_of(uid)) vanished.push_back(uid);
    }
    if (!vanished.empty()) session.out().line("*", "VANISHED (EARLIER) " + format_set(vanished));
  }
  std::vector<PositionRange> out;
  auto range = among.begin();
  for (const store::MessageInfo& message : changes.changed) {
    const auto position = view.position_of(message.uid);
    if (!position) continue;
    while (range != among.end() && range->last < *position) ++range;
    if (range == among.end()) break;
    if (*position < range->first) continue;
    if (!out.empty() && out.back().last + 1 == *position)
      out.back().last = *position;
    else
      out.push_back({*position, *position});
  }
  return out;
}

}  // namespace

Outcome run_fetch(Session& session, Cursor& arguments, Numbering numbering) {
  SequenceSet set;
  FetchRequest request;
  FetchModifiers modifiers;
  if (!arguments.space() || !parse_sequence_set(arguments, set) || !arguments.space() ||
      !parse_fetch_items(arguments, request) || !parse_fetch_modifiers(arguments, modifiers) ||
      !arguments.end()) {
    return syntax_error(arguments);
  }
  request.uses.add(modifiers.uses);
  if (auto reply = session.unusable(request.uses)) return std::move(*reply);
  if (auto reply = misplaced(session, modifiers, numbering)) return std::move(*reply);
  auto found = positions(session, set, numbering);
  if (auto* problem = std::get_if<Reply>(&found)) return std::move(*problem);
  // RFC 3501 section 6.4.8: UID FETCH answers with the UID, asked for or not.
  if (numbering == Numbering::uid && !request.has("UID") && !session.style().uid_only())
    request.add("UID", true);
  session.enable(request.uses.enables());
  auto& wanted = std::get<std::vector<PositionRange>>(found);
  if (modifiers.partial) wanted = page(wanted, *modifiers.partial);
  if (modifiers.changed_since) {
    // RFC 7162 section 3.1.4.1: the mod-sequence comes along.
    if (!request.has("MODSEQ")) request.add("MODSEQ");
    wanted = changed_since(session, set, wanted, modifiers);
  }
  return std::make_unique<Fetch>(session, std::move(request), std::move(wanted), numbering);
}

}  // namespace mailscope::imap
