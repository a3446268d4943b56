// The short texts that movers carry.
#include <algorithm>

#include "sim/story/story.hpp"
#include "sim/story/wire.hpp"

namespace mailscope::story {
namespace {

using trace::EventId;
using trace::Kind;
using trace::Log;

constexpr std::size_t kMaxRecords = 3;  // a label is one short line

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const std::size_t end = line.find_first_of(" \t");
    if (end != 0) out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return out;
}

std::string_view without_dot(std::string_view name) {
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  return name;
}

std::string first_label(std::string_view name) {
  name = without_dot(name);
  // "mx1.globex.example" -> "mx1"; short names and addresses stay whole.
  const bool is_address = name.find_first_not_of("0123456789.:abcdef") == std::string_view::npos;
  const std::size_t dot = name.find('.');
  if (is_address || dot == std::string_view::npos ||
      name.find('.', dot + 1) == std::string_view::npos) {
    return std::string(name);
  }
  return std::string(name.substr(0, dot));
}

std::string compact_record(std::string_view line) {
  std::vector<std::string_view> parts = fields_of(line);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i] == "IN") {
      parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      break;
    }
  }
  std::string out;
  for (const std::string_view part : parts) {
    if (!out.empty()) out += ' ';
    out += part.find('"') != std::string_view::npos ? std::string(part) : first_label(part);
  }
  return out;
}

std::string response_label(const World& world, const Log& log, EventId id) {
  const std::string_view rcode = log.text(id, "rcode");
  if (rcode != "NOERROR" && !rcode.empty()) return std::string(rcode);
  const std::string_view answer = log.text(id, "answer");
  if (!answer.empty()) return compact_records(answer);
  const auto lines = split_lines(log.text(id, "authority"));
  if (lines.empty()) return "no such record";
  const auto parts = fields_of(lines.front());
  static_cast<void>(world);
  // A referral names servers; an empty answer carries the zone's SOA (RFC 2308 section 2.2).
  if (std::ranges::find(parts, "NS") == parts.end()) return "no such record";
  return "ask " + std::string(without_dot(parts.back()));
}

std::string question(const Log& log, EventId id) {
  return std::string(log.text(id, "type")) + " " + std::string(log.text(id, "name")) + "?";
}

}  // namespace

std::string tls_name(std::string_view version) {
  return version.starts_with("TLSv") ? "TLS " + std::string(version.substr(4))
                                     : std::string(version);
}

std::string compact_records(std::string_view records) {
  std::string out;
  std::size_t count = 0;
  const auto lines = split_lines(records);
  for (const std::string_view line : lines) {
    if (count == kMaxRecords) return out + " +" + std::to_string(lines.size() - count);
    out += (count++ == 0 ? "" : ", ") + compact_record(line);
  }
  return out;
}

std::string label(const World& world, const Log& log, EventId id) {
  const Kind kind = log.at(id).kind;
  switch (kind) {
    case Kind::smtp_command:
    case Kind::pop3_command:
    case Kind::sieve_command:
      return std::string(log.text(id, "line"));
    case Kind::smtp_reply:
    case Kind::pop3_reply:
    case Kind::sieve_reply:
    case Kind::imap_command:
    case Kind::imap_response: {
      const auto lines = wire_lines(log, id);
      return lines.empty() ? std::string() : lines.back();
    }
    case Kind::smtp_data:
      return "message, " + std::to_string(log.number(id, "octets")) + " octets";
    case Kind::smtp_connected:
    case Kind::pop3_connected:
    case Kind::sieve_connected:
    case Kind::imap_connected:
      return "connected";
    case Kind::smtp_attempt:
      return "try " + first_label(log.text(id, "server"));
    case Kind::smtp_outcome:
      return std::string(log.text(id, "result"));
    case Kind::transport_open:
      return "TCP connect";
    case Kind::transport_segment:
      return std::string(log.text(id, "flags")) + " " + std::to_string(log.number(id, "octets"));
    case Kind::transport_retransmit:
      if (log.number(id, "octets") == 0)
        return log.number(id, "seq") == 0 ? "SYN again" : "FIN again";
      return "again, " + std::to_string(log.number(id, "octets")) + " octets";
    case Kind::transport_datagram:
      return "UDP " + std::to_string(log.number(id, "octets"));
    case Kind::transport_closed:
      return "closed: " + std::string(log.text(id, "reason"));
    case Kind::tls_hello:
      return "TLS ClientHello";
    case Kind::tls_established:
      return tls_name(log.text(id, "version"));
    case Kind::tls_failed:
      return "TLS failed";
    case Kind::dns_lookup:
    case Kind::dns_query:
      return question(log, id);
    case Kind::dns_response:
      return response_label(world, log, id);
    case Kind::dns_cache_hit:
      return "cached";
    case Kind::dns_timeout:
      return "no answer";
    case Kind::dns_result: {
      const std::string answer = compact_records(log.text(id, "answer"));
      return answer.empty() ? std::string(log.text(id, "outcome")) : answer;
    }
    case Kind::mail_accepted:
      return "kept as " + std::string(log.text(id, "queue_id"));
    case Kind::mail_deferred:
      return "next try in " + std::to_string(log.number(id, "next_s")) + " s";
    case Kind::mail_failed:
      return "given up";
    case Kind::mail_bounced:
      return "report to sender";
    case Kind::mail_expanded:
      return "to " + std::string(log.text(id, "to"));
    case Kind::mail_discarded:
      return "dropped";
    case Kind::mail_waits:
      return "waits for its turn";
    case Kind::store_appended:
      return "stored, UID " + std::to_string(log.number(id, "uid"));
    case Kind::store_flags:
      return std::string(log.text(id, "change"));
    case Kind::store_expunged:
      return "expunged";
    case Kind::store_copied:
      return "to " + std::string(log.text(id, "to"));
    case Kind::store_mailbox:
      return std::string(log.text(id, "mailbox"));
    case Kind::store_refused:
      return "refused";
    case Kind::sieve_run:
      return std::string(log.text(id, "actions"));
    case Kind::sieve_failed:
      return "script failed";
    case Kind::sieve_answer:
      return log.text(id, "reason").empty() ? "answered" : "not answered";
    case Kind::policy_auth:
      return std::string(log.text(id, "user")) + (log.number(id, "ok") != 0 ? " ok" : " refused");
    case Kind::policy_recipient:
      return std::string(log.text(id, "address")) + ": " + std::string(log.text(id, "verdict"));
    case Kind::policy_proxy:
      return log.text(id, "client").empty() ? "no PROXY header"
                                            : "for " + std::string(log.text(id, "client"));
    case Kind::policy_limit:
      return std::string(log.text(id, "limit"));
    case Kind::lesson_act:
      return std::string(log.text(id, "verb"));
    case Kind::lesson_note: {
      const auto lines = split_lines(log.text(id, "text"));
      return lines.empty() ? std::string() : std::string(lines.front());
    }
    case Kind::lesson_fault:
      return std::string(log.text(id, "fault"));
    case Kind::link_lost:
      return "lost";
    case Kind::link_host:
    case Kind::link_state:
      return log.number(id, "up") != 0 ? "up" : "down";
    default:
      return std::string(trace::info(kind).name);
  }
}

}  // namespace mailscope::story
