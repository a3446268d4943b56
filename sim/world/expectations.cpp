#include "sim/world/expectations.hpp"

#include <algorithm>
#include <set>

#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "sim/scenario/units.hpp"
#include "sim/world/event_match.hpp"
#include "sim/world/world.hpp"

namespace mailscope::world {
namespace {

constexpr std::size_t kMaxRelated = 8;  // events shown with a failure
constexpr std::size_t kMaxShownMessages = 5;

/// A message as an expectation looks at it.
struct Seen {
  std::string octets;
  std::vector<std::string> flags;
};

std::vector<std::string> flag_names(const store::Flags& flags) {
  std::vector<std::string> names = flags.keywords;
  constexpr std::pair<std::uint8_t, const char*> system[] = {{store::kSeen, "\\Seen"},
                                                             {store::kAnswered, "\\Answered"},
                                                             {store::kFlagged, "\\Flagged"},
                                                             {store::kDeleted, "\\Deleted"},
                                                             {store::kDraft, "\\Draft"}};
  for (const auto& [bit, name] : system)
    if ((flags.system & bit) != 0) names.emplace_back(name);
  return names;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Text of all text parts, decoded to UTF-8, line ends as LF.
void gather_text(const mail::Part& part, std::string_view message, std::string& out) {
  for (const mail::Part& child : part.parts) gather_text(child, message, out);
  if (!part.parts.empty() || part.type != "text") return;
  std::string charset = "us-ascii";
  for (const auto& [name, value] : part.parameters)
    if (name == "charset") charset = value;
  const std::string octets = mail::decode_body(part, message);
  const std::string utf8 = mail::to_utf8(octets, charset).value_or(octets);
  std::copy_if(utf8.begin(), utf8.end(), std::back_inserter(out), [](char c) { return c != '\r'; });
}

const mail::Part* find_part(const mail::Part& part, std::string_view type,
                            std::string_view subtype) {
  if (part.type == type && part.subtype == subtype) return &part;
  for (const mail::Part& child : part.parts)
    if (const mail::Part* found = find_part(child, type, subtype)) return found;
  return nullptr;
}

/// One recipient's block of message/delivery-status fits (RFC 3464 section 2.3).
bool fits_dsn(const mail::Part& root, std::string_view message, const scenario::DsnMatch& match) {
  const mail::Part* status = find_part(root, "message", "delivery-status");
  if (status == nullptr) return false;
  const std::string body = mail::decode_body(*status, message);
  std::string_view rest = body;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\r\n\r\n"), rest.find("\n\n"));
    const std::string_view block = rest.substr(0, end);
    const mail::Header header = mail::parse_header(block);
    const bool fits =
        (match.action.empty() || header.text("Action") == match.action) &&
        (match.status.empty() || header.text("Status").starts_with(match.status)) &&
        (match.recipient.empty() || contains(header.text("Final-Recipient"), match.recipient));
    if (fits && header.find("Final-Recipient") != nullptr) return true;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end);
    rest.remove_prefix(std::min(rest.find_first_not_of("\r\n"), rest.size()));
  }
  return false;
}

bool fits(const Seen& seen, const scenario::MessageMatch& match) {
  const mail::Part root = mail::parse_message(seen.octets);
  auto field = [&root](const char* name) { return mail::decode_words(root.header.text(name)); };
  if (!contains(field("From"), match.from) || !contains(field("To"), match.to) ||
      !contains(field("Subject"), match.subject))
    return false;
  for (const std::string& flag : match.flags) {
    if (std::find(seen.flags.begin(), seen.flags.end(), flag) == seen.flags.end()) return false;
  }
  if (!match.text.empty()) {
    std::string text;
    gather_text(root, seen.octets, text);
    if (!contains(text, match.text)) return false;
  }
  return !match.dsn || fits_dsn(root, seen.octets, *match.dsn);
}

std::string describe_message(const scenario::MessageMatch& match) {
  std::string text;
  auto add = [&text](std::string_view what, const std::string& value) {
    if (!value.empty())
      text += (text.empty() ? " with " : ", ") + std::string(what) + " \"" + value + "\"";
  };
  add("from", match.from);
  add("to", match.to);
  add("subject", match.subject);
  add("text", match.text);
  for (const auto& flag : match.flags) add("flag", flag);
  if (match.dsn) {
    text += text.empty() ? " that is a notification" : ", a notification";
    add("action", match.dsn->action);
    add("status", match.dsn->status);
    add("recipient", match.dsn->recipient);
  }
  return "a message" + text;
}

std::string list(const std::vector<Seen>& messages) {
  std::string text =
      messages.size() == 1 ? "1 message" : std::to_string(messages.size()) + " messages";
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (i == kMaxShownMessages) return text + ", ...";
    const mail::Header header = mail::parse_header(messages[i].octets);
    text += (i == 0 ? ": " : ", ");
    text += "\"" + mail::decode_words(header.text("Subject")) + "\" from " +
            mail::decode_words(header.text("From"));
  }
  return text;
}

/// Events that explain what became of mail, the last ones.
std::vector<trace::EventId> telling_events(const trace::Log& log) {
  std::vector<trace::EventId> found;
  for (trace::EventId id = log.size(); id > 0 && found.size() < kMaxRelated; --id) {
    const trace::Kind kind = log.at(id).kind;
    const trace::Layer layer = trace::info(kind).layer;
    const bool telling = layer == trace::Layer::mail || layer == trace::Layer::store ||
                         (kind == trace::Kind::smtp_reply && log.number(id, "code") >= 400) ||
                         kind == trace::Kind::smtp_outcome || kind == trace::Kind::tls_failed ||
                         kind == trace::Kind::lesson_fault || kind == trace::Kind::lesson_act ||
                         (kind == trace::Kind::dns_result && log.text(id, "outcome") != "ok");
    if (telling) found.push_back(id);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

class Checker {
 public:
  Checker(World& world, Verdict& verdict) : world_(world), verdict_(verdict) {}

  void operator()(const scenario::ExpectMailbox& expected) {
    std::vector<Seen> messages;
    std::string where =
        expected.account + "/" + (expected.device.empty() ? expected.mailbox : expected.device);
    if (expected.device.empty()) {
      const auto mailbox = world_.store().mailbox(expected.account, expected.mailbox);
      if (!mailbox) {
        verdict_.expected = "a mailbox " + where;
        verdict_.found = "there is none of that name";
        return;
      }
      world_.store().scan(mailbox->id, {}, [&](const store::MessageInfo& info) {
        messages.push_back({*world_.store().body(mailbox->id, info.uid), flag_names(info.flags)});
        return true;
      });
    } else {
      for (const HeldMessage& held : device(expected).held())
        messages.push_back({held.octets, held.flags});
    }
    auto any = [&](const scenario::MessageMatch& match) {
      return std::any_of(messages.begin(), messages.end(),
                         [&](const Seen& seen) { return fits(seen, match); });
    };
    verdict_.holds = true;
    if (expected.count)
      part(*expected.count == static_cast<int>(messages.size()),
           count_text(*expected.count) + " in " + where);
    if (expected.has) part(any(*expected.has), describe_message(*expected.has) + " in " + where);
    if (expected.has_not)
      part(!any(*expected.has_not), "not " + describe_message(*expected.has_not) + " in " + where);
    if (!verdict_.holds) verdict_.found = list(messages);
  }

  void operator()(const scenario::ExpectQueue& expected) {
    host::MailHost* host = world_.mail_host(expected.host);
    verdict_.expected = count_text(expected.count) + " in the queue of " + expected.host;
    if (host == nullptr || host->queue() == nullptr) {
      verdict_.found = expected.host + (host == nullptr ? " is no mail host" : " is down");
      return;
    }
    const auto count = static_cast<int>(host->queue()->entries().size());
    verdict_.holds = count == expected.count;
    verdict_.found = count_text(count);
  }

  void operator()(const scenario::ExpectEvents& expected) {
    if (expected.never)
      never(expected.sequence);
    else
      in_order(expected.sequence);
  }

 private:
  static std::string count_text(int count) {
    return count == 1 ? "1 message" : std::to_string(count) + " messages";
  }

  Device& device(const scenario::ExpectMailbox& expected) {
    const scenario::Scenario& scenario = world_.scenario();
    const scenario::Domain& domain =
        *scenario.find_domain(expected.account.substr(expected.account.find('@') + 1));
    const scenario::User& user = *scenario.find_user(expected.account);
    const auto found = std::find_if(user.devices.begin(), user.devices.end(),
                                    [&](const auto& d) { return d.name == expected.device; });
    return *world_.device(device_host(domain, user, *found));
  }

  void part(bool holds, const std::string& text) {
    verdict_.expected += (verdict_.expected.empty() ? "" : "; ") + text;
    verdict_.holds = verdict_.holds && holds;
  }

  void never(const std::vector<scenario::EventMatch>& sequence) {
    verdict_.holds = true;
    for (const auto& match : sequence) {
      verdict_.expected += (verdict_.expected.empty() ? "never " : ", nor ") + describe(match);
      for (trace::EventId id = 1; id <= world_.log().size() && verdict_.holds; ++id) {
        if (!matches(match, world_.log(), id, world_.start())) continue;
        verdict_.holds = false;
        verdict_.found = "event " + std::to_string(id);
        verdict_.related.push_back(id);
      }
    }
  }

  /// Candidates for each place in the sequence, each with a candidate before it that it may follow.
  void in_order(const std::vector<scenario::EventMatch>& sequence) {
    const trace::Log& log = world_.log();
    std::set<trace::EventId> before;
    std::size_t place = 0;
    for (const auto& match : sequence) {
      verdict_.expected += (place == 0 ? "" : ", then ") + describe(match);
      std::set<trace::EventId> found;
      for (trace::EventId id = place == 0 ? 1 : *before.begin() + 1; id <= log.size(); ++id) {
        if (!matches(match, log, id, world_.start())) continue;
        if (match.caused && !follows(log, id, before)) continue;
        found.insert(id);
      }
      if (found.empty()) {
        verdict_.found = place == 0 ? "no such event"
                                    : "nothing that fits number " + std::to_string(place + 1) +
                                          ", " + describe(match);
        if (!before.empty()) verdict_.related.push_back(*before.begin());
        return;
      }
      before = std::move(found);
      ++place;
    }
    verdict_.holds = true;
  }

  static bool follows(const trace::Log& log, trace::EventId id,
                      const std::set<trace::EventId>& before) {
    for (trace::EventId cause = log.at(id).cause; cause != 0; cause = log.at(cause).cause) {
      if (before.contains(cause)) return true;
    }
    return false;
  }

  World& world_;
  Verdict& verdict_;
};

}  // namespace

Verdict check(const scenario::Expectation& expectation, World& world) {
  Verdict verdict;
  verdict.place = expectation.place;
  std::visit(Checker(world, verdict), expectation.kind);
  if (expectation.by) verdict.expected += " by " + scenario::format_duration(*expectation.by);
  if (!verdict.holds && verdict.related.empty()) verdict.related = telling_events(world.log());
  return verdict;
}

}  // namespace mailscope::world
