// Content in chunks (RFC 3030): BDAT says how many octets follow at once, so that no end has to be
// looked for and no dots stuffed.
//
//   C: BDAT 86 LAST
//   C: (86 octets, no dot behind them)
//   S: 250 2.6.0 Accepted as 7Q2K
//
// The octets come whether the command is refused or not: they are read away before the refusal is
// told, and never taken for commands.
#include <algorithm>

#include "server/smtp/server.hpp"

namespace mailscope::smtp {

/// Why a chunk cannot be taken in this state, or nothing.
std::optional<Reply> ServerEngine::chunk_problem() const {
  switch (state_) {
    case State::rcpt:
    case State::chunks:
      return std::nullopt;
    case State::mail:
      return Reply{554, {5, 5, 1}, "No valid recipients"};
    case State::refused:
      return Reply{503, {5, 5, 1}, "No service here, only QUIT"};
    case State::greeted:
      return Reply{503, {5, 5, 1}, "Send EHLO first"};
    default:
      return Reply{503, {5, 5, 1}, "Send MAIL and RCPT first"};
  }
}

/// `answered`: the reply was given already, and the chunk is only to be read away.
void ServerEngine::bdat(std::string_view argument, bool answered) {
  const auto parsed = parse_chunk(argument);
  const auto problem = chunk_problem();
  if (!parsed) {
    // Nothing says how much would follow.
    if (answered) return;
    return refuse(problem ? *problem : Reply{501, {5, 5, 4}, "Syntax: BDAT octets [LAST]"});
  }
  // RFC 2033 section 4.3: an answer for each recipient, so none where there is none.
  const bool nobody = options_.role == Role::lmtp && parsed->last && state_ == State::mail;
  chunk_ = {parsed->octets, parsed->octets, parsed->last, answered || nobody,
            nobody,         problem,        state_};
  if (!answered && !problem && state_ == State::rcpt) {
    begin_content(envelope_.asked.body == Body::binary ? DataReader::Form::binary
                                                       : DataReader::Form::text);
  }
  content_since_ = now_;
  state_ = State::chunk;
  if (chunk_.left / options_.limits.drained > options_.limits.message) {
    limit_reached("message_octets", options_.limits.message);
    return hang_up({552, {5, 3, 4}, "Message too big"}, "message too big");
  }
  if (chunk_.left == 0) chunk_done();
}

void ServerEngine::take_chunk(std::string_view& input) {
  std::string_view piece =
      input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_.left, input.size())));
  input.remove_prefix(piece.size());
  chunk_.left -= piece.size();
  if (!chunk_.answered && !chunk_.refusal) content_.feed(piece);
  if (chunk_.left == 0) chunk_done();
}

void ServerEngine::chunk_done() {
  const bool in_transaction =
      chunk_.back == State::rcpt || chunk_.back == State::chunks || chunk_.unanswerable;
  state_ = chunk_.back;
  if (chunk_.answered || chunk_.refusal) {
    // RFC 3030 section 2: after a failure the message is lost; only RSET or MAIL go on from here.
    if (in_transaction) reset_transaction();
    if (!chunk_.answered) refuse(*chunk_.refusal);
    return;
  }
  if (content_.problem() == DataReader::Problem::too_big) {
    limit_reached("message_octets", options_.limits.message);
    const Reply too_big{
        552,
        {5, 3, 4},
        "Message too big: at most " + std::to_string(options_.limits.message) + " octets"};
    if (chunk_.last) return message_answered(Answer::reply(too_big));
    reset_transaction();
    return reply(too_big);
  }
  if (!chunk_.last) {
    state_ = State::chunks;
    return reply({250, {2, 0, 0}, std::to_string(chunk_.size) + " octets received"});
  }
  content_.end();
  end_of_data();
}

}  // namespace mailscope::smtp
