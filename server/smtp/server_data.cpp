// The end of data (RFC 5321 section 4.1.1.4): is this a message that can be taken, what is added to
// its header, and who is responsible for it from here on.
#include <algorithm>

#include "server/mail/date.hpp"
#include "server/smtp/priority_field.hpp"
#include "server/smtp/server.hpp"

namespace mailscope::smtp {

using trace::Kind;

namespace {

/// What the server must know of a header.
struct HeaderFacts {
  std::size_t received = 0;  // Received fields
  bool has_date = false;
  bool has_message_id = false;
  std::string message_id;     // with angle brackets, or empty
  bool has_priority = false;  // MT-Priority
};

bool is_field(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || !equal_nocase(line.substr(0, name.size()), name)) return false;
  // RFC 5322 section 4.5: old mail has spaces before the colon.
  const std::size_t colon = line.find_first_not_of(" \t", name.size());
  return colon != std::string_view::npos && line[colon] == ':';
}

/// One pass over the header section's lines; cheaper than a list of all fields, and every message
/// that comes in pays for it.
HeaderFacts scan_header(std::string_view content) {
  HeaderFacts facts;
  bool in_message_id = false;
  while (!content.empty()) {
    const std::size_t end = content.find("\r\n");
    const std::string_view line = content.substr(0, end);
    if (line.empty()) break;
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 2);
    const bool folded = line[0] == ' ' || line[0] == '\t';
    if (!folded) {
      in_message_id = false;
      const char first = static_cast<char>(line[0] | 0x20);
      if (first == 'r') {
        facts.received += is_field(line, "Received") ? 1 : 0;
      } else if (first == 'd') {
        facts.has_date = facts.has_date || is_field(line, "Date");
      } else if (first == 'm' && !facts.has_message_id) {
        facts.has_message_id = in_message_id = is_field(line, "Message-ID");
      }
      if (first == 'm') facts.has_priority |= is_field(line, kPriorityField);
    }
    if (in_message_id && facts.message_id.empty()) {
      const std::size_t open = line.find('<');
      const std::size_t close = open == std::string_view::npos ? open : line.find('>', open);
      if (close != std::string_view::npos) facts.message_id = line.substr(open, close - open + 1);
    }
  }
  return facts;
}

/// Protocol of the Received field (RFC 3848).
std::string_view with_protocol(const Envelope& envelope, bool lmtp) {
  if (!envelope.esmtp) return "SMTP";
  // RFC 6531 section 4.3: UTF8SMTP and UTF8LMTP where SMTPUTF8 was used.
  const std::size_t row = (lmtp ? 2u : 0u) + (envelope.asked.smtputf8 ? 1u : 0u);
  const std::size_t column = (envelope.tls ? 2u : 0u) + (envelope.account.empty() ? 0u : 1u);
  constexpr std::string_view names[4][4] = {{"ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA"},
                                            {"UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"},
                                            {"LMTP", "LMTPA", "LMTPS", "LMTPSA"},
                                            {"UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA"}};
  return names[row][column];
}

}  // namespace

std::string ServerEngine::received_field() const {
  std::string out;
  out.reserve(320);
  out.append("Received: from ").append(envelope_.helo).append(" (");
  out.append(envelope_.client.literal()).append(")\r\n\tby ").append(options_.hostname);
  out.append(" with ").append(with_protocol(envelope_, options_.role == Role::lmtp));
  out.append(" id ").append(envelope_.queue_id);
  // RFC 5321 section 7.2: naming one of several recipients would tell the others about blind
  // copies.
  if (envelope_.recipients.size() == 1) {
    out.append("\r\n\tfor <").append(envelope_.recipients[0].mailbox.to_string()).append(">");
  }
  // RFC 6710 section 4.1: the priority at which the message was taken. Registered clauses stand
  // behind those of RFC 5321 section 4.4.
  if (envelope_.asked.priority) {
    out.append("\r\n\tpriority ").append(std::to_string(*envelope_.asked.priority));
  }
  // RFC 8314 section 4.3: the clause "tls" with the cipher suite.
  if (tls_)
    out.append("\r\n\ttls ").append(tls_->cipher).append(" (").append(tls_->version).append(")");
  out.append(";\r\n\t").append(mail::format_date(now_)).append("\r\n");
  return out;
}

/// Why the content that has arrived cannot be taken, or nothing.
std::optional<Reply> ServerEngine::content_problem(std::size_t received_fields) const {
  const auto at = [this] { return " at octet " + std::to_string(content_.problem_at()); };
  switch (content_.problem()) {
    case DataReader::Problem::none:
      break;
    case DataReader::Problem::bare_cr:
      // RFC 5321 section 2.3.8, section 4.1.1.4: nothing but CR LF . CR LF ends a message, and
      // hosts that disagree about it can be made to take forged messages. So such content goes no
      // further.
      return Reply{550, {5, 6, 11}, "Message refused: CR without LF" + at()};
    case DataReader::Problem::bare_lf:
      return Reply{550, {5, 6, 11}, "Message refused: LF without CR" + at()};
    case DataReader::Problem::nul:
      return Reply{554, {5, 6, 0}, "Message refused: NUL" + at()};
    case DataReader::Problem::line_too_long:
      return Reply{554,
                   {5, 6, 0},
                   "Message refused: a line of more than " +
                       std::to_string(options_.limits.text_line) + " octets"};
    case DataReader::Problem::too_big:
      return Reply{
          552,
          {5, 3, 4},
          "Message too big: at most " + std::to_string(options_.limits.message) + " octets"};
  }
  // RFC 5321 section 6.3.
  if (received_fields >= options_.limits.received) {
    return Reply{554, {5, 4, 6}, "Too many Received fields: this message goes round in circles"};
  }
  return std::nullopt;
}

/// Content that is too big is read to its end, so that the client hears why; but not for ever.
bool ServerEngine::too_much_content() {
  if (content_.octets() / options_.limits.drained <= options_.limits.message) return false;
  limit_reached("message_octets", options_.limits.message);
  hang_up({552, {5, 3, 4}, "Message too big"}, "message too big");
  return true;
}

/// RFC 6758 section 3.1: without MT-PRIORITY at MAIL the field says it.
void ServerEngine::take_header_priority() {
  if (envelope_.asked.priority || !offered(Extension::mt_priority)) return;
  const auto asked = header_priority(content_.content());
  if (!asked) return;
  const int granted = granted_priority(*asked);
  if (granted != *asked) accepted_ = priority_changed(granted);
  envelope_.asked.priority = granted;
}

void ServerEngine::end_of_data() {
  trace::Sink& sink = tracer_.sink();
  HeaderFacts facts = scan_header(content_.content());
  accepted_ = {};
  if (facts.has_priority) take_header_priority();
  envelope_.queue_id = handler_.new_queue_id();
  std::string added;
  if (is_submission()) {
    // RFC 6409 section 8: a submission server completes the header.
    if (!facts.has_date) added += "Date: " + mail::format_date(now_) + "\r\n";
    if (!facts.has_message_id) {
      facts.message_id = "<" + envelope_.queue_id + "." + std::to_string(net::unix_seconds(now_)) +
                         "@" + options_.hostname + ">";
      added += "Message-ID: " + facts.message_id + "\r\n";
    }
  }
  envelope_.message_id = std::move(facts.message_id);
  envelope_.message = sink.message(envelope_.message_id);
  envelope_.tls = tls_.has_value();
  tracer_.set_message(envelope_.message);
  tracer_.record_cause(Kind::smtp_data, {content_.octets()});
  if (const auto deviation = switches_.at_command(".")) {
    // With LMTP the chosen reply is each recipient's (RFC 2033 section 4.2).
    if (deviation->act == policy::Switch::Act::reply)
      return message_answered(Answer::reply(parse_reply_line(deviation->reply)));
    if (deviated(*deviation)) return;
  }
  if (const auto problem = content_problem(facts.received)) {
    if (problem->code == 552) limit_reached("message_octets", options_.limits.message);
    if (problem->status == EnhancedStatus{5, 4, 6}) limit_reached("received", facts.received);
    return message_answered(Answer::reply(*problem));
  }
  added.insert(0, received_field());
  std::string content = content_.take();
  content.insert(0, added);
  if (options_.role == Role::lmtp) {
    return delivery_answered(handler_.on_delivery(*this, envelope_, std::move(content)));
  }
  settle(Pending::message, handler_.on_message(*this, envelope_, std::move(content)));
}

/// RFC 2033 section 4.2: a reply for each recipient that was accepted, in order.
void ServerEngine::delivery_answered(const std::vector<Answer>& answers) {
  const std::vector<Recipient> recipients = envelope_.recipients;
  for (std::size_t i = 0; i < recipients.size() && state_ != State::closed; ++i) {
    const Answer answer = i < answers.size() ? answers[i] : Answer::accept();
    const std::string address = "<" + recipients[i].mailbox.to_string() + "> ";
    if (answer.kind == Answer::Kind::reply) {
      Reply told = answer.text;
      told.text.insert(0, address);
      reply(told);
    } else {
      reply({250, {2, 1, 5}, address + "delivered as " + envelope_.queue_id});
    }
  }
  if (state_ != State::closed) reset_transaction();
}

void ServerEngine::message_answered(const Answer& answer) {
  if (answer.kind == Answer::Kind::reply && answer.text.code == 421) {
    return hang_up(answer.text, "refused at the end of data");
  }
  if (options_.role == Role::lmtp) {
    return delivery_answered(std::vector<Answer>(envelope_.recipients.size(), answer));
  }
  if (answer.kind == Answer::Kind::reply) {
    reply(answer.text);
  } else if (accepted_.code != 0) {
    accepted_.text += "; accepted as " + envelope_.queue_id;
    reply(accepted_);
  } else {
    reply({250, {2, 6, 0}, "Accepted as " + envelope_.queue_id});
  }
  if (state_ != State::closed) reset_transaction();
}

}  // namespace mailscope::smtp
