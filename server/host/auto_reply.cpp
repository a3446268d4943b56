#include "server/host/auto_reply.hpp"

#include <algorithm>
#include <array>

#include "server/mail/builder.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/strings.hpp"

namespace mailscope::host {
namespace {

constexpr std::size_t kMaxReferences = 900;  // octets; a line of a header has 998
constexpr std::size_t kMaxSubject = 400;     // octets of a subject that is repeated

/// RFC 5230 section 4.6: local parts of programs, "*" for any beginning or end.
constexpr auto kPrograms = std::to_array<std::string_view>(
    {"mailer-daemon", "listserv", "majordomo", "no-reply", "noreply", "do-not-reply", "donotreply",
     "bounce", "bounces", "owner-*", "*-request", "*-owner", "*-bounces", "bounce-*", "bounces-*",
     "*-noreply", "bounces+*"});

bool is_program(std::string_view local) {
  const std::string name = mail::lower(local);
  return std::ranges::any_of(kPrograms, [&](std::string_view pattern) {
    if (pattern.front() == '*') return name.ends_with(pattern.substr(1));
    if (pattern.back() == '*') return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return name == pattern;
  });
}

/// Fields of mailing lists (RFC 2369, RFC 2919).
constexpr auto kListFields =
    std::to_array<std::string_view>({"List-Id", "List-Help", "List-Subscribe", "List-Unsubscribe",
                                     "List-Post", "List-Owner", "List-Archive"});

/// RFC 5230 section 4.5.
constexpr auto kRecipientFields =
    std::to_array<std::string_view>({"To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"});

bool is_personal(const mail::Header& header, const std::vector<std::string>& own) {
  return std::ranges::any_of(recipients_of(header), [&](const mail::Mailbox& each) {
    const std::string address = each.to_string();
    return std::ranges::any_of(
        own, [&](const std::string& other) { return mail::iequals(other, address); });
  });
}

/// A field of Microsoft's ([MS-OXCMAIL]) that programs put on what they send: a list of the kinds
/// of answers that are unwelcome.
bool asks_for_silence(const mail::Header& header) {
  const std::string value = header.text("X-Auto-Response-Suppress");
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view word = mail::trim(rest.substr(0, end));
    for (const std::string_view kind : {"All", "OOF", "AutoReply"}) {
      if (mail::iequals(word, kind)) return true;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

/// What stands behind the comments that a value begins with.
std::string_view behind_comments(std::string_view value) {
  std::size_t depth = 0, at = 0;
  for (; at < value.size(); ++at) {
    if (value[at] == '(')
      ++depth;
    else if (value[at] == ')' && depth > 0)
      --depth;
    else if (value[at] == '\\')
      ++at;
    else if (depth == 0 && value[at] != ' ' && value[at] != '\t')
      break;
  }
  return value.substr(std::min(at, value.size()));
}

bool is_identifier(std::string_view text) {
  return text.size() > 2 && text.size() < kMaxReferences && text.front() == '<' &&
         text.back() == '>' && text.find_first_of(" \t") == std::string_view::npos &&
         mail::all_ascii(text);
}

/// RFC 5322 section 3.6.4: what the message refers to, and itself; the oldest go first.
std::string references(const mail::Header& header, const std::string& id) {
  std::string before = header.text("References");
  if (before.empty()) before = header.text("In-Reply-To");
  std::vector<std::string> words;
  for (std::size_t at = 0; at < before.size();) {
    const std::size_t end = std::min(before.find_first_of(" \t", at), before.size());
    const std::string word = before.substr(at, end - at);
    if (is_identifier(word)) words.push_back(word);
    at = end + 1;
  }
  words.push_back(id);
  std::string out;
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    if (out.size() + word->size() + 1 > kMaxReferences) break;
    out = *word + (out.empty() ? "" : " ") + out;
  }
  return out;
}

std::string subject_of(const Answer& answer) {
  // RFC 5230 section 4.3: encoded words that a script has stay encoded words.
  if (!answer.vacation.subject.empty()) return mail::decode_words(answer.vacation.subject);
  std::string subject = mail::decode_words(answer.header.text("Subject"));
  if (subject.empty()) return "Automated reply";
  return "Auto: " + mail::repair_utf8(sieve::cut_utf8(subject, kMaxSubject));
}

/// The entity of a ":mime" reason in place of the body (RFC 5230 section 4.4): of its header only
/// the fields of MIME.
std::string with_entity(const std::string& message, std::string_view entity) {
  constexpr std::string_view kVersion = "MIME-Version: 1.0\r\n";
  std::string out = message.substr(0, message.rfind(kVersion) + kVersion.size());
  const mail::Header header = mail::parse_header(entity);
  for (const mail::Field& field : header.fields) {
    if (mail::lower(field.name).starts_with("content-")) out += field.whole;
  }
  const std::size_t end = entity.starts_with("\r\n") ? 0 : entity.find("\r\n\r\n");
  if (end == std::string_view::npos) return out + "\r\n";
  out += "\r\n";
  out += entity.substr(end + (end == 0 ? 2 : 4));
  return out;
}

}  // namespace

std::vector<mail::Mailbox> recipients_of(const mail::Header& header) {
  std::vector<mail::Mailbox> found;
  for (const std::string_view name : kRecipientFields) {
    for (const mail::Field* field : header.all(name)) {
      for (mail::HeaderAddress& each : mail::parse_address_list(field->value)) {
        if (each.kind != mail::HeaderAddress::Kind::mailbox) continue;
        found.push_back({std::move(each.local), std::move(each.domain)});
      }
    }
  }
  return found;
}

bool sent_automatically(const mail::Header& header) {
  const std::string submitted = header.text("Auto-Submitted");
  const std::string_view value = behind_comments(submitted);
  const std::string_view word = mail::trim(value.substr(0, value.find_first_of(";( \t")));
  return !word.empty() && !mail::iequals(word, "no");
}

std::string_view why_no_answer(const mail::Header& header, const mail::Mailbox& sender,
                               const std::vector<std::string>& own) {
  // RFC 3834 section 2, RFC 5230 section 4.5 and section 4.6.
  if (sender.null()) return "it has no return path";
  if (is_program(sender.local)) return "its sender is a program";
  const std::string address = sender.to_string();
  if (std::ranges::any_of(own, [&](const auto& each) { return mail::iequals(each, address); }))
    return "the sender is the recipient";
  if (sent_automatically(header)) return "it was sent automatically";
  const std::string precedence = header.text("Precedence");
  for (const std::string_view each : {"bulk", "list", "junk"}) {
    if (mail::iequals(precedence, each)) return "it went to many";
  }
  if (asks_for_silence(header)) return "it asks for no automatic answer";
  for (const std::string_view name : kListFields) {
    if (header.find(name) != nullptr) return "it came from a mailing list";
  }
  if (!is_personal(header, own)) return "it is not addressed to the recipient";
  return {};
}

std::string build_answer(const Answer& answer) {
  const sieve::Vacation& vacation = answer.vacation;
  mail::Draft draft;
  std::vector<std::string> from = vacation.from;
  for (std::string& each : from) each = mail::decode_words(each);
  draft.from = from.empty() ? answer.from : from.front();
  if (from.size() > 1) {
    draft.more_from.assign(from.begin() + 1, from.end());
    // RFC 5322 section 3.6.2: of several authors one has sent it.
    draft.extra.emplace_back("Sender", answer.from);
  }
  draft.to = {answer.to.to_string()};
  draft.subject = subject_of(answer);
  draft.text = vacation.mime ? std::string() : vacation.reason;
  draft.message_id = answer.message_id;
  draft.date = answer.now;
  const std::string id = answer.header.text("Message-ID");
  if (is_identifier(id)) {
    draft.in_reply_to = id;
    draft.extra.emplace_back("References", references(answer.header, id));
  }
  // RFC 3834 section 5: nobody should answer this automatically.
  draft.extra.emplace_back("Auto-Submitted", "auto-replied");
  const std::string message = mail::build_message(draft, answer.message_id);
  return vacation.mime ? with_entity(message, mail::crlf_lines(vacation.reason)) : message;
}

}  // namespace mailscope::host
