// THREAD (RFC 5256) by ORDEREDSUBJECT, REFERENCES and REFS (draft-ietf-morg-inthread).
//
//   C: a THREAD REFERENCES UTF-8 SINCE 5-MAR-2000
//   S: * THREAD (166)(167)(172)((170)(179))(188 (184)(189))(205 206 207)
//   S: a OK Threaded
#include <algorithm>

#include "server/imap/base_subject.hpp"
#include "server/imap/collation.hpp"
#include "server/imap/commands/commands.hpp"
#include "server/imap/header_pass.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/message_ids.hpp"
#include "server/imap/progress.hpp"
#include "server/imap/search_run.hpp"
#include "server/imap/sort_program.hpp"
#include "server/imap/threading.hpp"

namespace mailscope::imap {
namespace {

struct Algorithm {
  std::string_view name;
  std::string_view capability;
  ThreadTree (*thread)(const std::vector<ThreadedMessage>& messages);
  bool subjects, references;  // what it reads of a header
};
constexpr Algorithm kAlgorithms[] = {
    {"ORDEREDSUBJECT", "THREAD=ORDEREDSUBJECT", thread_by_subject, true, false},
    {"REFERENCES", "THREAD=REFERENCES", thread_by_references, true, true},
    {"REFS", "THREAD=REFS", thread_by_refs, false, true},
};

ThreadedMessage threaded(const Algorithm& algorithm, Collation collation,
                         const store::MessageInfo& info, MessageView& view) {
  ThreadedMessage message;
  message.sent = sent_date(view, info);
  message.arrived = info.internal_date;
  const mail::Header& header = view.header();
  if (algorithm.subjects) {
    if (const mail::Field* field = header.find("Subject")) {
      const BaseSubject subject = base_subject(field->value);
      message.subject = sorting_key(collation, subject.text);
      message.reply_or_forward = subject.reply_or_forward;
    }
  }
  if (algorithm.references) {
    if (const mail::Field* field = header.find("Message-ID"))
      message.message_id = first_message_id(field->value);
    if (const mail::Field* field = header.find("References"))
      message.references = message_ids(field->value, kMaxReferences);
    const mail::Field* parent = header.find("In-Reply-To");
    if (message.references.empty() && parent != nullptr) {
      std::string id = first_message_id(parent->value);
      if (!id.empty()) message.references.push_back(std::move(id));
    }
  }
  return message;
}

class Thread final : public Ongoing {
 public:
  Thread(Session& session, const Algorithm& algorithm, SearchProgram program, Numbering numbering)
      : algorithm_(algorithm),
        collation_(session.collation()),
        by_number_(program.by_number),
        run_(session, *session.view(), settled(session, std::move(program))),
        numbering_(numbering) {}

  bool busy() const override { return true; }

  std::optional<Reply> on_room(Session& session) override {
    if (!pass_) {
      if (!run_.step()) {
        progress_.tell(session, run_.looked_at(), run_.to_look_at());
        return std::nullopt;
      }
      std::vector<std::uint32_t> positions;
      for (const SearchHit& hit : run_.hits()) positions.push_back(hit.position);
      messages_.reserve(positions.size());
      pass_.emplace(session.store(), *session.view(), std::move(positions), true);
    }
    const bool done = pass_->step(
        [this](std::uint32_t position, const store::MessageInfo& info, MessageView& view) {
          messages_.push_back(threaded(algorithm_, collation_, info, view));
          messages_.back().number = numbering_ == Numbering::uid ? info.uid : position + 1;
        });
    if (!done) {
      progress_.tell(session, run_.to_look_at(), run_.to_look_at());
      return std::nullopt;
    }
    const std::string threads = format_threads(algorithm_.thread(messages_));
    session.out().line("*", threads.empty() ? "THREAD" : "THREAD " + threads);
    Reply reply = ok("Threaded");
    reply.keeps_numbers = by_number_;
    return reply;
  }

 private:
  const Algorithm& algorithm_;
  Collation collation_;
  bool by_number_;
  SearchRun run_;
  Numbering numbering_;
  Progress progress_;
  std::optional<HeaderPass> pass_;
  std::vector<ThreadedMessage> messages_;
};

const Algorithm* parse_algorithm(const Session& session, Cursor& cursor) {
  for (const Algorithm& known : kAlgorithms) {
    if (session.offers(known.capability) && cursor.word(known.name)) return &known;
  }
  cursor.expected("a threading algorithm");
  return nullptr;
}

}  // namespace

Outcome run_thread(Session& session, Cursor& arguments, Numbering numbering) {
  SearchProgram program;
  if (std::none_of(std::begin(kAlgorithms), std::end(kAlgorithms),
                   [&](const Algorithm& known) { return session.offers(known.capability); }))
    return bad("Unknown command");
  if (!arguments.space()) return syntax_error(arguments);
  const Algorithm* algorithm = parse_algorithm(session, arguments);
  if (algorithm == nullptr || !arguments.space() ||
      !parse_search_with_charset(arguments, program) || !arguments.end()) {
    return syntax_error(arguments);
  }
  if (auto reply = session.unusable(program.uses)) return std::move(*reply);
  if (auto reply = session.unsearchable(program)) return std::move(*reply);
  session.enable(program.uses.enables());
  if (!program.charset_known) return bad_charset();
  auto thread = std::make_unique<Thread>(session, *algorithm, std::move(program), numbering);
  if (auto reply = thread->on_room(session)) return std::move(*reply);
  return thread;
}

}  // namespace mailscope::imap
