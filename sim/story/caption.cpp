#include "sim/story/caption.hpp"

#include <algorithm>
#include <optional>

#include "sim/story/story.hpp"
#include "sim/story/wire.hpp"

namespace mailscope::story {
namespace {

using trace::EventId;
using trace::Kind;
using trace::Layer;
using trace::Log;

const Entry* find_entry(Kind kind, std::string_view variant) {
  const auto rows = catalogue();
  const auto it = std::ranges::find_if(
      rows, [&](const Entry& e) { return e.kind == kind && e.variant == variant; });
  return it == rows.end() ? nullptr : &*it;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// What kind of DNS server the far end is: "root", "tld", "auth" or "resolver".
std::string dns_role(const World& world, trace::HostId id) {
  const Host* host = world.host(id);
  if (host == nullptr) return "";
  if (host->has("dns-root")) return "root";
  if (host->has("dns-tld")) return "tld";
  if (host->has("dns-auth")) return "auth";
  return host->has("resolver") ? "resolver" : "";
}

/// What a lookup is for, seen from its name and type.
std::string dns_purpose(std::string_view name, std::string_view type) {
  if (type == "TXT" && name.find("_dmarc.") == 0) return "DMARC";
  if (type == "TXT" && name.find("._domainkey.") != std::string_view::npos) return "DKIM";
  return std::string(type);
}

std::string response_shape(const Log& log, EventId id) {
  const std::string_view rcode = log.text(id, "rcode");
  if (rcode == "NXDOMAIN") return "nxdomain";
  if (rcode == "SERVFAIL" || rcode == "REFUSED") return "servfail";
  if (!log.text(id, "answer").empty()) return "answer";
  return log.text(id, "authority").find(" NS ") != std::string_view::npos ||
                 log.text(id, "authority").find("\tNS\t") != std::string_view::npos
             ? "referral"
             : "nodata";
}

bool encrypted_before(const Log& log, EventId id) {
  const auto connection = log.at(id).connection;
  for (EventId i = id; i-- > 1;) {
    const trace::Event& event = log.at(i);
    if (event.connection != connection) continue;
    if (event.kind == Kind::tls_established) return true;
    if (event.kind == Kind::transport_open) return false;
  }
  return false;
}

bool is_submission(const Log& log, EventId id) {
  const auto connection = log.at(id).connection;
  for (EventId i = id; i-- > 1;) {
    const trace::Event& event = log.at(i);
    if (event.connection == connection && event.kind == Kind::smtp_connected) {
      return log.text(i, "role") != "mx";
    }
  }
  return false;
}

void reply_variants(const Log& log, EventId id, std::vector<std::string>& out) {
  const std::string code = std::to_string(log.number(id, "code"));
  const std::string verb = upper(verb_answered(log, id));
  const bool submission = is_submission(log, id);
  if (submission && verb == "DOT") out.push_back("submission.DOT." + code.substr(0, 1));
  out.push_back(verb + "." + code);
  out.push_back(verb + "." + code.substr(0, 1));
  out.push_back(code);
  out.push_back(code.substr(0, 1));
}

std::string imap_condition(const Log& log, EventId id) {
  const std::string_view text = log.text(id, "text");
  const std::string line = wire_lines(log, id).front();
  for (const std::string_view word : {"OK", "NO", "BAD", "BYE", "PREAUTH"}) {
    if (text.substr(0, word.size()) == word ||
        line.find(" " + std::string(word) + " ") != std::string::npos) {
      return std::string(word);
    }
  }
  for (const std::string_view word :
       {"EXISTS", "EXPUNGE", "FETCH", "LIST", "FLAGS", "SEARCH", "STATUS", "CAPABILITY"}) {
    if (line.find(word) != std::string::npos) return std::string(word);
  }
  return {};
}

std::optional<std::string> special(const World& world, const Log& log, EventId id,
                                   std::string_view key) {
  const trace::Event& event = log.at(id);
  const bool wire = is_command(event.kind) || is_reply(event.kind) ||
                    event.kind == Kind::smtp_connected || event.kind == Kind::pop3_connected ||
                    event.kind == Kind::imap_connected || event.kind == Kind::sieve_connected;
  trace::HostId client = wire ? event.peer : event.host;
  trace::HostId server = wire ? event.host : event.peer;
  if (event.kind == Kind::tls_hello || event.kind == Kind::tls_established) {
    const Ends where = ends(log, id);
    client = event.kind == Kind::tls_hello ? where.from : where.to;
    server = event.kind == Kind::tls_hello ? where.to : where.from;
  }
  if (key == "host") return world.name(event.host);
  if (key == "peer") return world.name(event.peer);
  if (key == "client") return world.name(client);
  if (key == "server") return world.name(server);
  if (key == "host_org") return world.organisation(event.host);
  if (key == "client_org") return world.organisation(client);
  if (key == "server_org") return world.organisation(server);
  if (key == "path") {
    const std::string_view line = log.text(id, "line");
    const std::size_t open = line.find('<'), close = line.find('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close <= open + 1)
      return "nobody";
    return std::string(line.substr(open + 1, close - open - 1));
  }
  if (key == "first_line") {
    const auto lines = wire_lines(log, id);
    return lines.empty() ? std::string() : lines.back();
  }
  // An author's note holds a bold line, a supporting line and a citation.
  if (event.kind == Kind::lesson_note && (key == "say" || key == "more")) {
    const auto lines = split_lines(log.text(id, "text"));
    const std::size_t at = key == "say" ? 0 : 1;
    return at < lines.size() ? std::string(lines[at]) : std::string();
  }
  if (key == "short_answer") return compact_records(log.text(id, "answer"));
  return std::nullopt;
}

std::string fill(const World& world, const Log& log, EventId id, std::string_view pattern) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    const std::string_view key = pattern.substr(open + 1, close - open - 1);
    if (const auto value = special(world, log, id, key)) {
      out += *value;
    } else {
      const auto fields = trace::info(log.at(id).kind).fields;
      const auto field = std::ranges::find(fields, key, &trace::FieldInfo::name);
      const bool number = field != fields.end() && field->type == trace::FieldType::integer;
      out += number ? std::to_string(log.number(id, key)) : std::string(log.text(id, key));
    }
    pattern.remove_prefix(close + 1);
  }
  // A sentence that opens with "the resolver" gets its capital; host names keep their small
  // letters.
  return out.starts_with("the ") ? capitalised(out) : out;
}

}  // namespace

std::vector<std::string> variants(const World& world, const Log& log, EventId id) {
  const trace::Event& event = log.at(id);
  std::vector<std::string> out;
  switch (event.kind) {
    case Kind::smtp_command: {
      const std::string verb = upper(log.text(id, "verb"));
      if ((verb == "EHLO" || verb == "HELO") && encrypted_before(log, id))
        out.push_back(verb + ".tls");
      if (verb == "MAIL" && log.text(id, "line").find("<>") != std::string_view::npos)
        out.push_back("MAIL.null");
      out.push_back(verb);
      break;
    }
    case Kind::smtp_data:
      if (is_submission(log, id)) out.emplace_back("submission");
      break;
    case Kind::smtp_reply:
      reply_variants(log, id, out);
      break;
    case Kind::smtp_connected:
      out.emplace_back(log.text(id, "role"));
      break;
    case Kind::smtp_outcome:
      out.emplace_back(log.text(id, "result"));
      break;
    case Kind::pop3_command:
    case Kind::sieve_command:
    case Kind::imap_command:
      out.push_back(upper(log.text(id, "verb")));
      break;
    case Kind::pop3_reply:
    case Kind::sieve_reply: {
      const std::string ok = log.number(id, "ok") != 0 ? "OK" : "ERR";
      out.push_back(upper(verb_answered(log, id)) + "." + ok);
      out.push_back(ok);
      break;
    }
    case Kind::imap_response: {
      const std::string_view tag = log.text(id, "tag");
      const std::string condition = imap_condition(log, id);
      if (tag == "+") {
        out.emplace_back("+");
      } else if (tag == "*") {
        if (verb_answered(log, id) == "CONNECT") out.emplace_back("CONNECT");
        out.push_back("*" + condition);
        out.emplace_back("*");
      } else {
        out.push_back(upper(verb_answered(log, id)) + "." + condition);
        out.push_back(condition);
      }
      break;
    }
    case Kind::dns_lookup:
      out.push_back(dns_purpose(log.text(id, "name"), log.text(id, "type")));
      break;
    case Kind::dns_query:
      out.push_back(dns_role(world, event.peer));
      break;
    case Kind::dns_response:
      out.push_back(dns_role(world, event.host) + "." + response_shape(log, id));
      out.push_back(response_shape(log, id));
      break;
    case Kind::dns_result: {
      const std::string purpose = dns_purpose(log.text(id, "name"), log.text(id, "type"));
      out.push_back(purpose + "." + std::string(log.text(id, "outcome")));
      out.emplace_back(log.text(id, "outcome"));
      break;
    }
    case Kind::tls_established:
      // The server verifies nobody: only the client's side can tell.
      if (log.number(id, "verified") == 0 && !log.text(id, "problem").empty())
        out.emplace_back("unverified");
      break;
    case Kind::sieve_answer:
      out.emplace_back(log.text(id, "reason").empty() ? "sent" : "silent");
      break;
    case Kind::policy_auth:
      out.emplace_back(log.number(id, "ok") != 0 ? "ok" : "refused");
      break;
    case Kind::mail_waits:
      out.emplace_back(log.text(id, "why"));
      break;
    case Kind::policy_recipient:
      out.emplace_back(log.text(id, "verdict"));
      break;
    case Kind::policy_proxy:
      if (!log.text(id, "client").empty()) out.emplace_back("told");
      break;
    case Kind::link_host:
    case Kind::link_state:
      out.emplace_back(log.number(id, "up") != 0 ? "up" : "down");
      break;
    case Kind::lesson_fault:
      out.emplace_back(log.number(id, "on") != 0 ? "on" : "off");
      break;
    case Kind::lesson_act:
      out.emplace_back(log.text(id, "verb"));
      break;
    case Kind::lesson_expect:
      out.emplace_back(log.number(id, "holds") != 0 ? "holds" : "fails");
      break;
    default:
      break;
  }
  return out;
}

Caption caption(const World& world, const Log& log, EventId id) {
  const Kind kind = log.at(id).kind;
  const Entry* entry = nullptr;
  for (const std::string& variant : variants(world, log, id)) {
    entry = find_entry(kind, variant);
    if (entry != nullptr) break;
  }
  if (entry == nullptr) entry = find_entry(kind, "");
  if (entry == nullptr) return {std::string(trace::info(kind).text), {}, {}};
  std::string rfc(entry->rfc);
  if (kind == Kind::lesson_note) {
    const auto lines = split_lines(log.text(id, "text"));
    if (lines.size() > 2) rfc = lines[2];
  }
  return {fill(world, log, id, entry->bold), fill(world, log, id, entry->support), rfc};
}

}  // namespace mailscope::story
