#include "sim/story/wire.hpp"

namespace mailscope::story {
namespace {

using trace::EventId;
using trace::Kind;
using trace::Layer;
using trace::Log;

// How far back a reply looks for its command when no cause says it: a pipelined group is shorter.
constexpr EventId kLookBack = 4000;

bool answers_to(Kind kind) {
  return is_command(kind) || kind == Kind::smtp_connected || kind == Kind::pop3_connected ||
         kind == Kind::imap_connected || kind == Kind::sieve_connected;
}

bool starts_with_code(std::string_view line, std::int64_t code) {
  return line.substr(0, 3) == std::to_string(code) &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

std::vector<std::string> smtp_lines(const Log& log, EventId id) {
  const std::int64_t code = log.number(id, "code");
  const std::string_view enhanced = log.text(id, "enhanced");
  const auto lines = split_lines(log.text(id, "text"));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (starts_with_code(lines[i], code)) {
      out.emplace_back(lines[i]);
      continue;
    }
    std::string line = std::to_string(code) + (i + 1 < lines.size() ? "-" : " ");
    if (!enhanced.empty() && lines[i].substr(0, enhanced.size()) != enhanced) {
      line += std::string(enhanced) + " ";
    }
    out.push_back(line + std::string(lines[i]));
  }
  if (out.empty())
    out.push_back(std::to_string(code) + (enhanced.empty() ? "" : " " + std::string(enhanced)));
  return out;
}

}  // namespace

bool is_command(Kind kind) {
  return kind == Kind::smtp_command || kind == Kind::smtp_data || kind == Kind::pop3_command ||
         kind == Kind::imap_command || kind == Kind::sieve_command;
}

bool is_reply(Kind kind) {
  return kind == Kind::smtp_reply || kind == Kind::pop3_reply || kind == Kind::imap_response ||
         kind == Kind::sieve_reply;
}

trace::HostId client_of(const Log& log, EventId id) {
  const trace::Event& event = log.at(id);
  const EventId stop = id > kLookBack ? id - kLookBack : 0;
  for (EventId i = id; i > stop; --i) {
    const trace::Event& earlier = log.at(i);
    if (earlier.connection != event.connection) continue;
    if (earlier.kind == Kind::transport_open) return earlier.host;
    if (answers_to(earlier.kind)) return earlier.peer;
  }
  return 0;
}

EventId content_of(const Log& log, EventId accepted) {
  constexpr int kSteps = 8;  // decisions and deliveries between the content and its acceptance
  EventId id = log.at(accepted).cause;
  for (int i = 0; i < kSteps && id != 0; ++i, id = log.at(id).cause) {
    const trace::Event& event = log.at(id);
    if (event.kind == Kind::smtp_data) return id;
    const Layer layer = trace::info(event.kind).layer;
    const bool passing = layer == Layer::policy || layer == Layer::store || layer == Layer::dns ||
                         event.kind == Kind::mail_delivered;
    if (!passing) return 0;
  }
  return 0;
}

Ends ends(const Log& log, EventId id) {
  const trace::Event& event = log.at(id);
  // Wire events of the mail protocols are recorded where the server stands.
  if (is_command(event.kind)) return {event.peer, event.host};
  if (is_reply(event.kind)) return {event.host, event.peer};
  if (event.kind == Kind::tls_hello || event.kind == Kind::tls_established ||
      event.kind == Kind::tls_failed) {
    // Recorded at either end: the hello goes to the server, what it brings comes back.
    const trace::HostId client = client_of(log, id);
    const trace::HostId other = client == event.host ? event.peer : event.host;
    if (client == 0) return {event.host, event.peer};
    return event.kind == Kind::tls_hello ? Ends{client, other} : Ends{other, client};
  }
  switch (event.kind) {
    case Kind::smtp_connected:
    case Kind::pop3_connected:
    case Kind::sieve_connected:
    case Kind::imap_connected:
      return {event.peer, event.host};
    case Kind::transport_open:
    case Kind::transport_segment:
    case Kind::transport_retransmit:
    case Kind::transport_datagram:
    case Kind::dns_query:
    case Kind::dns_response:
    case Kind::link_lost:
      return {event.host, event.peer};
    case Kind::dns_lookup:
      return {event.host, event.peer};
    case Kind::dns_result:
      return {event.peer, event.host};
    default:
      return {event.host, 0};
  }
}

EventId answered(const Log& log, EventId reply) {
  const trace::Event& event = log.at(reply);
  const EventId cause = event.cause;
  if (cause != 0 && log.at(cause).connection == event.connection && answers_to(log.at(cause).kind))
    return cause;
  const EventId stop = reply > kLookBack ? reply - kLookBack : 0;
  for (EventId id = reply - 1; id > stop; --id) {
    const trace::Event& earlier = log.at(id);
    if (earlier.connection == event.connection && answers_to(earlier.kind)) return id;
  }
  return 0;
}

std::string_view verb_answered(const Log& log, EventId reply) {
  const EventId id = answered(log, reply);
  if (id == 0) return {};
  switch (log.at(id).kind) {
    case Kind::smtp_data:
      return "DOT";
    case Kind::smtp_connected:
    case Kind::pop3_connected:
    case Kind::sieve_connected:
    case Kind::imap_connected:
      return "CONNECT";
    default:
      return log.text(id, "verb");
  }
}

std::vector<std::string> wire_lines(const Log& log, EventId id) {
  switch (log.at(id).kind) {
    case Kind::smtp_command:
    case Kind::pop3_command:
    case Kind::sieve_command:
      return {std::string(log.text(id, "line"))};
    case Kind::imap_command: {
      const std::string_view tag = log.text(id, "tag");
      const std::string_view line = log.text(id, "line");
      if (line.substr(0, tag.size()) == tag && line.size() > tag.size() &&
          line[tag.size()] == ' ') {
        return {std::string(line)};
      }
      return {std::string(tag) + " " + std::string(line)};
    }
    case Kind::smtp_reply:
      return smtp_lines(log, id);
    case Kind::pop3_reply: {
      const std::string_view text = log.text(id, "text");
      if (text.substr(0, 3) == "+OK" || text.substr(0, 4) == "-ERR" || text.substr(0, 2) == "+ ") {
        return {std::string(text)};
      }
      return {(log.number(id, "ok") != 0 ? "+OK " : "-ERR ") + std::string(text)};
    }
    case Kind::sieve_reply: {
      std::vector<std::string> lines;
      for (const std::string_view line : split_lines(log.text(id, "text")))
        lines.emplace_back(line);
      return lines;
    }
    case Kind::imap_response: {
      const std::string_view tag = log.text(id, "tag");
      const std::string_view text = log.text(id, "text");
      if (text.substr(0, tag.size() + 1) == std::string(tag) + " ") return {std::string(text)};
      return {std::string(tag) + " " + std::string(text)};
    }
    default:
      return {};
  }
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace mailscope::story
