#include "viz/model/transcript.hpp"

#include "sim/story/wire.hpp"
#include "viz/model/details.hpp"

namespace mailscope::viz {
namespace {

using trace::EventId;
using trace::Kind;

constexpr std::size_t kMaxReplyLines = 8;  // of an EHLO or LIST reply; the rest is counted

struct VerbNote {
  std::string_view verb;
  std::string_view note;
};
constexpr VerbNote kNotes[] = {
    {"EHLO", "who I am"},      {"STARTTLS", "please encrypt"}, {"AUTH", "log in"},
    {"MAIL", "return path"},   {"RCPT", "who gets it"},        {"QUIT", "done"},
    {"LOGIN", "log in"},       {"SELECT", "open a mailbox"},   {"FETCH", "get parts"},
    {"IDLE", "wait for news"}, {"USER", "whose mailbox"},      {"PASS", "password"},
    {"RETR", "get a message"}, {"DELE", "mark as deleted"},    {"LOGOUT", "done"},
};

std::string note_for(const Lesson& lesson, EventId id, bool encrypted) {
  const std::string_view verb = lesson.log().text(id, "verb");
  if (verb == "EHLO" && encrypted) return "again, encrypted";
  for (const VerbNote& row : kNotes) {
    if (row.verb == verb) return std::string(row.note);
  }
  return {};
}

std::string thousands(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), " ");
  }
  return digits;
}

void add_content(const Lesson& lesson, EventId id, std::vector<TranscriptLine>& out) {
  using Speaker = TranscriptLine::Speaker;
  const auto header = header_of(lesson, lesson.message_on_the_wire(id));
  for (const char* name : {"From", "To", "Subject"}) {
    const std::string value = header.find(name);
    if (!value.empty())
      out.push_back({Speaker::client, std::string(name) + ": " + value, {}, id, false});
  }
  if (!out.empty()) out.back().note = thousands(lesson.log().number(id, "octets")) + " octets";
  out.push_back({Speaker::client, ".", "a single dot ends it", id, false});
}

void add_event(const Lesson& lesson, EventId id, bool& encrypted,
               std::vector<TranscriptLine>& out) {
  using Speaker = TranscriptLine::Speaker;
  const trace::Log& log = lesson.log();
  switch (log.at(id).kind) {
    case Kind::tls_established: {
      if (encrypted) return;
      encrypted = true;
      std::string text = story::tls_name(log.text(id, "version"));
      for (const char* field : {"group", "certificate"}) {
        std::string value(log.text(id, field));
        if (value.starts_with("CN=")) value.erase(0, 3);
        if (!value.empty()) text += (field[0] == 'c' ? " \u00b7 certificate " : " \u00b7 ") + value;
      }
      out.push_back({Speaker::band, text, {}, id, false});
      return;
    }
    case Kind::tls_failed:
      out.push_back(
          {Speaker::band, "TLS failed: " + std::string(log.text(id, "reason")), {}, id, true});
      return;
    case Kind::smtp_data: {
      std::vector<TranscriptLine> content;
      add_content(lesson, id, content);
      out.insert(out.end(), content.begin(), content.end());
      return;
    }
    default:
      break;
  }
  const auto lines = story::wire_lines(log, id);
  const bool command = story::is_command(log.at(id).kind);
  const bool failure = log.at(id).kind == Kind::smtp_reply && log.number(id, "code") >= 400;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == kMaxReplyLines && lines.size() > kMaxReplyLines + 1) {
      out.push_back({Speaker::server,
                     "and " + std::to_string(lines.size() - i) + " more lines",
                     {},
                     id,
                     failure});
      break;
    }
    out.push_back({command ? Speaker::client : Speaker::server, lines[i],
                   i == 0 && command ? note_for(lesson, id, encrypted) : "", id, failure});
  }
}

}  // namespace

Transcript transcript(const Lesson& lesson, trace::ConnectionId connection, EventId until,
                      EventId current, bool show_next) {
  Transcript out;
  bool encrypted = false;
  bool found = false;
  for (const EventId id : lesson.wire(connection)) {
    if (id > until) {
      if (!show_next) break;
      out.next_first = out.lines.size();
      add_event(lesson, id, encrypted, out.lines);
      if (!found) out.current_first = out.current_last = out.next_first;
      return out;
    }
    const std::size_t before = out.lines.size();
    add_event(lesson, id, encrypted, out.lines);
    // The step's own event, or the last one of the connection when the step is something else.
    if (id <= current || !found) {
      out.current_first = before;
      out.current_last = out.lines.size();
      found = true;
    }
  }
  out.next_first = out.lines.size();
  return out;
}

}  // namespace mailscope::viz
